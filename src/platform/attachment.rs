//! What people handed in with something: an application, a claim, a report. The content is kept once by its hash
//! ([`super::files`]); a row here says for what it came, under which name, and whose it is.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::audit::Audited;
use super::db::{Db, Tx};
use super::error::{Refusal, Result};
use super::files;
use super::http::upload::Kept;
use super::http::{operation, reply};
use super::schema::{attachment, organisation};
use super::sql::{AnyConn, Id, Time};
use super::who::guard::{AnyUser, Guard, ProvinceOfficer};
use super::who::{Principal, Region};

/// One file that was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, Queryable, Selectable, Insertable)]
#[diesel(table_name = attachment)]
pub struct Attachment {
    /// Key.
    pub id: Id,
    /// The organisation whose it is; none while there is no such organisation yet.
    pub owner_id: Option<Id>,
    /// Table of what it was handed in for.
    pub subject_type: String,
    /// Key of what it was handed in for.
    pub subject_id: Id,
    /// What its content is known by.
    pub sha256: String,
    /// Its name.
    pub name: String,
    /// What it is, by its content.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// Who handed it in, where it was a person with an account.
    pub created_by: Option<Id>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
}

impl Audited for Attachment {
    const TYPE: &'static str = "attachment";
    fn id(&self) -> Id {
        self.id
    }
}

/// Attaches kept files to what they were handed in for; part of the office's write.
///
/// # Errors
/// 404 where a file did not come in whole; 422 `FILES_FULL`.
pub fn attach(
    tx: &mut Tx,
    kept: &[Kept],
    owner: Option<Id>,
    subject_type: &str,
    subject_id: Id,
) -> Result<Vec<Attachment>> {
    if let Some(owner) = owner {
        check_room(tx, owner, kept.iter().map(|kept| kept.file.size).sum())?;
    }
    let mut attached = Vec::new();
    for Kept { name, file } in kept {
        files::whole(tx.conn, &file.sha256)?;
        let row = Attachment {
            id: Id::new(),
            owner_id: owner,
            subject_type: subject_type.into(),
            subject_id,
            sha256: file.sha256.clone(),
            name: name.clone(),
            media_type: file.media_type.clone(),
            size: file.size,
            created_by: tx.actor.user,
            created_at: tx.now(),
        };
        diesel::insert_into(attachment::table).values(&row).execute(tx.conn)?;
        tx.record("attachment.add", None, Some(&row), None)?;
        attached.push(row);
    }
    Ok(attached)
}

/// Bytes of files that one organisation may have kept.
pub const MOST_OF_ONE: i64 = 4 * 1024 * 1024 * 1024;

fn check_room(tx: &mut Tx, owner: Id, coming: i64) -> Result<()> {
    let bytes = diesel::dsl::sql::<diesel::sql_types::BigInt>("CAST(COALESCE(SUM(size), 0) AS BIGINT)");
    let there: i64 =
        attachment::table.filter(attachment::owner_id.eq(owner)).select(bytes).get_result(tx.conn)?;
    if there.saturating_add(coming) <= MOST_OF_ONE {
        return Ok(());
    }
    let most = MOST_OF_ONE / 1024 / 1024 / 1024;
    let detail = format!("贵单位在平台上的文件合计已满 {most} GiB，请联系省级采购机构清理后再上传。");
    Err(Refusal::new(422, "FILES_FULL", detail).into())
}

/// What was handed in for something, the oldest first. The caller has found out that the reader may see it.
pub fn of_subject(conn: &mut AnyConn, subject_type: &str, subject_id: Id) -> Result<Vec<Attachment>> {
    Ok(attachment::table
        .filter(attachment::subject_type.eq(subject_type))
        .filter(attachment::subject_id.eq(subject_id))
        .order((attachment::created_at, attachment::id))
        .select(Attachment::as_select())
        .load(conn)?)
}

/// As [`of_subject`], for several things of one type, by the thing.
pub fn of_subjects(
    conn: &mut AnyConn,
    subject_type: &str,
    subjects: &[Id],
) -> Result<BTreeMap<Id, Vec<Attachment>>> {
    let all: Vec<Attachment> = attachment::table
        .filter(attachment::subject_type.eq(subject_type))
        .filter(attachment::subject_id.eq_any(subjects))
        .order((attachment::created_at, attachment::id))
        .select(Attachment::as_select())
        .load(conn)?;
    let mut by_subject: BTreeMap<Id, Vec<Attachment>> = BTreeMap::new();
    for file in all {
        by_subject.entry(file.subject_id).or_default().push(file);
    }
    Ok(by_subject)
}

/// What belongs to an organisation, the oldest first. The caller has found out that the reader may see it.
pub fn of_owner(conn: &mut AnyConn, owner: Id) -> Result<Vec<Attachment>> {
    Ok(attachment::table
        .filter(attachment::owner_id.eq(owner))
        .filter(attachment::subject_type.eq_any(OF_ORGANISATIONS))
        .order((attachment::created_at, attachment::id))
        .select(Attachment::as_select())
        .load(conn)?)
}

/// What organisations hand in about themselves, and the directory shows to whoever looks after them.
const OF_ORGANISATIONS: [&str; 2] = ["organisation", "registration"];

/// A file that the reader may see: their organisation's; what organisations of their region handed in about themselves, for an
/// authority; or any for officers of the agency and the provincial bureau.
///
/// # Errors
/// 404, also for another organisation's.
pub fn readable(conn: &mut AnyConn, who: &Principal, id: Id) -> Result<Attachment> {
    let mut query =
        attachment::table.filter(attachment::id.eq(id)).select(Attachment::as_select()).into_boxed();
    if !ProvinceOfficer::is(who) {
        let own = attachment::owner_id.eq(who.organisation);
        query = match Region::of(conn, who)? {
            None => query.filter(own),
            Some(region) => {
                let within = organisation::table.filter(region.within()).select(organisation::id.nullable());
                let about = attachment::subject_type.eq_any(OF_ORGANISATIONS);
                query.filter(own.or(attachment::owner_id.eq_any(within).and(about)))
            }
        };
    }
    query.get_result(conn).optional()?.ok_or_else(|| Refusal::not_found("文件").into())
}

/// The answer that a browser saves and never shows: whatever the content is, it runs nowhere.
///
/// # Errors
/// 404 where it is not there whole.
pub async fn download(db: &Db, row: &Attachment) -> Result<HttpResponse> {
    let (_, bytes) = files::content(db, &row.sha256).await?;
    Ok(reply::download(&row.name, &row.media_type, bytes))
}

/// A file that was handed in, at the portal (`/files/{id}`) and at the API.
///
/// # Errors
/// 404, also for another organisation's.
#[operation(responses(
    (status = 200, description = "The file, as an attachment"),
    (status = 404, description = "NOT_FOUND"),
))]
pub async fn file(who: AnyUser, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    let (who, id) = (who.0, *id);
    let row = db.read(move |c| readable(c, &who, id)).await?;
    download(&db, &row).await
}
