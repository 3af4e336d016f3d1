//! What somebody typed into a long form and has not sent yet: saved by the page now and then, per person and form, so that a
//! closed window or an ended session loses nothing. Never a secret.

use chrono::Duration;
use diesel::prelude::*;

use super::form::{Form, KEY_FIELD, TOKEN_FIELD};
use crate::db::Db;
use crate::error::{Error, Refusal, Result};
use crate::on_db;
use crate::schema::kept_form;
use crate::sql::{AnyConn, Id, Time};

/// Days that a form is kept.
pub const KEPT_DAYS: i64 = 30;
/// Forms that are kept for one person; one more is refused, for the oldest may be the one that is missed.
const MOST: i64 = 50;
/// Longest content, bytes.
const LONGEST: usize = 256 * 1024;

/// A kept form.
#[derive(Debug, Clone, Queryable)]
pub struct Kept {
    /// Which form, and which of several of the same kind.
    pub key: String,
    /// The fields, URL-encoded.
    pub content: String,
    /// When it was saved.
    pub saved_at: Time,
}

impl Kept {
    /// The fields as they were typed.
    pub fn form(&self) -> Form {
        Form::parse(self.content.as_bytes())
    }
}

/// Keeps what stands in a form, in place of what was kept under the same key.
///
/// # Errors
/// 409 `FORMS_FULL` where too many are kept already; 413 for a form that is too long; of the database.
pub async fn save(db: &Db, user: Id, key: &str, form: &Form, at: Time) -> Result<()> {
    let fields = form.fields().iter().filter(|(name, _)| name != TOKEN_FIELD && name != KEY_FIELD);
    keep(db, user, key, &fields.cloned().collect::<Vec<_>>(), at).await
}

/// As [`save`], whatever the fields are.
///
/// # Errors
/// As [`save`].
pub async fn keep(db: &Db, user: Id, key: &str, fields: &[(String, String)], at: Time) -> Result<()> {
    let content = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields.iter().map(|(name, value)| (name, value)))
        .finish();
    if content.len() > LONGEST {
        return Err(Refusal::new(413, "TOO_LARGE", "表单内容过长，草稿没有保存。请分成几张填写。").into());
    }
    let key = key.to_owned();
    db.write_unaudited("form.keep", move |c| replace(c, user, &key, &content, at)).await
}

fn replace(conn: &mut AnyConn, user: Id, key: &str, content: &str, at: Time) -> Result<()> {
    use kept_form::dsl;
    let others = dsl::kept_form.filter(dsl::user_id.eq(user)).filter(dsl::key.ne(key));
    let others: i64 = others.count().get_result(conn)?;
    if others >= MOST {
        let detail =
            format!("您已有 {MOST} 张没有提交的表单，这一张没有保存。请先在首页提交或删除其中几张。");
        return Err(Refusal::new(409, "FORMS_FULL", detail).into());
    }
    on_db!(&mut *conn, c => diesel::insert_into(dsl::kept_form)
        .values((dsl::user_id.eq(user), dsl::key.eq(key), dsl::content.eq(content), dsl::saved_at.eq(at)))
        .on_conflict((dsl::user_id, dsl::key))
        .do_update()
        .set((dsl::content.eq(content), dsl::saved_at.eq(at)))
        .execute(c))?;
    Ok(())
}

/// What is kept under a key.
pub fn find(conn: &mut AnyConn, user: Id, key: &str) -> Result<Option<Kept>> {
    let all = (kept_form::key, kept_form::content, kept_form::saved_at);
    Ok(kept_form::table.find((user, key)).select(all).get_result(conn).optional()?)
}

/// What is kept under keys that begin so, the latest first.
pub fn starting(conn: &mut AnyConn, user: Id, prefix: &str) -> Result<Vec<Kept>> {
    let all: Vec<Kept> = kept_form::table
        .filter(kept_form::user_id.eq(user))
        .order((kept_form::saved_at.desc(), kept_form::key))
        .select((kept_form::key, kept_form::content, kept_form::saved_at))
        .load(conn)?;
    Ok(all.into_iter().filter(|kept| kept.key.starts_with(prefix)).collect())
}

/// Drops what is kept under a key, after the form was sent or given up; inside `db.write_unaudited`.
pub fn drop_form(conn: &mut AnyConn, user: Id, key: &str) -> Result<()> {
    diesel::delete(kept_form::table.find((user, key))).execute(conn)?;
    Ok(())
}

/// Drops what nobody came back to; for the nightly job. Returns how many.
pub async fn sweep(db: &Db, now: Time) -> Result<usize> {
    let before = now.plus(Duration::days(-KEPT_DAYS));
    db.write_unaudited("form.sweep", move |c| {
        diesel::delete(kept_form::table.filter(kept_form::saved_at.lt(before)))
            .execute(c)
            .map_err(Error::from)
    })
    .await
}
