//! Queries of the directory. A city's bureau sees its city, a county's its county.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::keyset;
use crate::party::contact;
use crate::party::model::{OrgState, Organisation};
use crate::party::own::Own;
use crate::platform::attachment;
use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::http::sorting::Sort;
use crate::platform::input::search_words;
use crate::platform::schema::organisation;
use crate::platform::sql::like::contains;
use crate::platform::sql::{AnyConn, Id, MultiBackend, Time};
use crate::platform::who::{OrgKind, Principal, Region};

/// What the list is narrowed to, and how it is sorted.
#[derive(Debug, Clone, Default)]
pub struct OrganisationFilter {
    /// Only what is this, first or among others.
    pub kind: Option<OrgKind>,
    /// Only in this state.
    pub state: Option<OrgState>,
    /// Only of this city.
    pub city: String,
    /// Part of the name or of the credit code.
    pub q: String,
    /// The order; by name where nothing is said.
    pub sort: Option<Sort<SortKey>>,
}

crate::text_enum! {
    /// What organisations are sorted by.
    pub enum SortKey {
        /// The name.
        Name = "name",
        /// When it was registered.
        Time = "time",
    }
}

/// How organisations stand where nothing is said.
pub const BY_NAME: Sort<SortKey> = Sort { by: SortKey::Name, down: false };

/// The last row of a page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ended {
    name: String,
    at: Time,
    id: Id,
}

impl Ended {
    /// Of that row.
    pub fn of(row: &Organisation) -> Self {
        Self { name: row.name.clone(), at: row.created_at, id: row.id }
    }
}

type Query<'a> = organisation::BoxedQuery<'a, MultiBackend>;

/// The organisations that somebody may look up.
fn in_scope<'a>(conn: &mut AnyConn, who: &Principal) -> Result<Query<'a>> {
    match Region::of(conn, who)? {
        Some(region) => Ok(organisation::table.filter(region.within()).into_boxed()),
        None => Err(Refusal::new(403, "FORBIDDEN", "单位名录由采购机构和医保部门查阅。").into()),
    }
}

fn narrowed<'a>(mut query: Query<'a>, filter: &OrganisationFilter) -> Result<Query<'a>> {
    if let Some(kind) = filter.kind {
        let among = organisation::other_kinds.like(format!("%{kind}%"));
        query = query.filter(organisation::kind.eq(kind).or(among));
    }
    if let Some(state) = filter.state {
        query = query.filter(organisation::state.eq(state));
    }
    if !filter.city.is_empty() {
        query = query.filter(organisation::city.eq(filter.city.clone()));
    }
    for word in search_words(&filter.q)? {
        let name = contains("organisation.name", &word);
        query = query.filter(name.or(contains("organisation.credit_code", &word)));
    }
    Ok(query)
}

fn sorted<'a>(query: Query<'a>, sort: Sort<SortKey>, after: Option<Ended>) -> Query<'a> {
    use organisation::{created_at, id, name};
    match sort.by {
        SortKey::Name => keyset!(query, after.map(|e| (e.name, e.id)), down: sort.down, name, id),
        SortKey::Time => keyset!(query, after.map(|e| (e.at, e.id)), down: sort.down, created_at, id),
    }
}

/// At most `limit` organisations behind `after`.
///
/// # Errors
/// 403.
pub async fn list(
    db: &Db,
    who: &Principal,
    filter: OrganisationFilter,
    after: Option<Ended>,
    limit: i64,
) -> Result<Vec<Organisation>> {
    let who = who.clone();
    db.read(move |c| {
        let query = narrowed(in_scope(c, &who)?, &filter)?;
        Ok(sorted(query, filter.sort.unwrap_or(BY_NAME), after)
            .select(Organisation::as_select())
            .limit(limit)
            .load(c)?)
    })
    .await
}

/// All of them up to `most`, for a sheet, and how many there are.
///
/// # Errors
/// 403.
pub async fn all(
    db: &Db,
    who: &Principal,
    filter: OrganisationFilter,
    most: i64,
) -> Result<(Vec<Organisation>, i64)> {
    let all = {
        let (who, filter) = (who.clone(), filter.clone());
        db.read(move |c| Ok(narrowed(in_scope(c, &who)?, &filter)?.count().get_result(c)?)).await?
    };
    Ok((list(db, who, filter, None, most).await?, all))
}

/// One organisation with what it handed in.
///
/// # Errors
/// 403; 404, also for one of another region.
pub async fn show(db: &Db, who: &Principal, id: Id) -> Result<Own> {
    let who = who.clone();
    db.read(move |c| {
        let found = in_scope(c, &who)?
            .filter(organisation::id.eq(id))
            .select(Organisation::as_select())
            .first(c)
            .optional()?;
        let found = found.ok_or_else(|| Refusal::not_found("单位"))?;
        let (files, contact) = (attachment::of_owner(c, found.id)?, contact::of(c, found.id)?);
        Ok(Own { organisation: found, files, contact })
    })
    .await
}
