//! The same request sent twice has one effect and one answer.
//!
//! The key is scoped to user, method and address, and claimed by an insert in the same write as the effect, together with the
//! answer. Of two twins at the same time one loses the insert, runs again and finds the other's answer. Only answers of
//! success are kept, for seven days.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::Duration;
use diesel::prelude::*;
use futures_util::future::{Ready, ready};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::db::{Db, Tx};
use super::error::{Error, Refusal, Result};
use super::http::body;
use super::http::form::{Form, KEY_FIELD, TOKEN_FIELD};
use super::schema::{idempotency, idempotency_answer};
use super::sql::{Id, Time};
use super::who::guard;
use crate::on_db;
use crate::rules::canonical::canonical;

/// Days that an answer is kept.
pub const KEPT_DAYS: i64 = 7;
/// Longest key.
const LONGEST: usize = 100;
/// Name of the header at the API.
const HEADER: &str = "idempotency-key";

/// Whose request this is, and what it says. An extractor: header `Idempotency-Key` at the API, hidden field
/// `idempotency_key` in forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Who sent it.
    pub user: Id,
    /// Its method.
    pub method: String,
    /// The address it was sent to.
    pub route: String,
    /// What the sender called it.
    pub key: String,
    /// SHA-256 of the canonical body, hex.
    pub body_sha256: String,
}

impl FromRequest for Key {
    type Error = Error;
    type Future = Ready<Result<Self>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(from_request(request))
    }
}

impl Key {
    /// Where it is kept: keys that resemble one another lie far apart in the index, so that writers do not meet.
    fn place(&self) -> Id {
        let mut hasher = Sha256::new();
        for part in [self.user.0.as_bytes().as_slice(), self.method.as_bytes(), self.route.as_bytes()] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        hasher.update(self.key.as_bytes());
        let mut id = [0; 16];
        id.iter_mut().zip(hasher.finalize()).for_each(|(to, from)| *to = from);
        Id(uuid::Uuid::from_bytes(id))
    }
}

fn from_request(request: &HttpRequest) -> Result<Key> {
    let visitor = guard::visitor(request)?;
    let who = visitor.principal.ok_or_else(|| Refusal::new(401, "LOGIN_REQUIRED", "请先登录。"))?;
    let received = body::received(request)?;
    let is_form = body::media_type(request) == "application/x-www-form-urlencoded";
    let form = if is_form { Form::parse(&received.body) } else { Form::default() };
    let header = request.headers().get(HEADER).and_then(|v| v.to_str().ok());
    let key = header.unwrap_or_else(|| form.value(KEY_FIELD)).trim().trim_matches('"');
    check(key, is_form)?;
    let body_sha256 = if is_form { hash_form(&form) } else { hash_json(&received.body) };
    let (method, route) = (request.method().to_string(), request.path().to_owned());
    Ok(Key { user: who.user, method, route, key: key.to_owned(), body_sha256 })
}

/// People at the portal see a page, not a header.
fn check(key: &str, is_form: bool) -> Result<()> {
    let fits = key.len() <= LONGEST && key.bytes().all(|b| b.is_ascii_graphic());
    let (code, detail) = match (key.is_empty(), is_form) {
        (false, _) if fits => return Ok(()),
        (true, false) => (
            "IDEMPOTENCY_KEY_MISSING",
            "请在请求头 Idempotency-Key 中给出一个随机值；同一请求重发时用同一个值，就不会重复办理。".into(),
        ),
        (false, false) => (
            "IDEMPOTENCY_KEY_UNREADABLE",
            format!("Idempotency-Key 应为 1 至 {LONGEST} 个可见的 ASCII 字符，例如一个 UUID。"),
        ),
        (missing, true) => {
            let code = if missing { "IDEMPOTENCY_KEY_MISSING" } else { "IDEMPOTENCY_KEY_UNREADABLE" };
            (code, "页面内容不完整，没有提交。请返回上一页，刷新后重新填写提交。".into())
        }
    };
    Err(Refusal::new(400, code, detail).into())
}

/// Blanks and the order of members make no difference; a body that is no canonical JSON counts byte by byte.
fn hash_json(body: &[u8]) -> String {
    let text = serde_json::from_slice::<Value>(body).ok().and_then(|v| canonical(&v).ok());
    match text {
        // A number beyond 53 bits reads as its neighbour, so the bytes decide together with the canonical text.
        Some(text) if !has_long_number(body) => hex::encode(Sha256::digest(text.as_bytes())),
        _ => hex::encode(Sha256::digest(body)),
    }
}

/// True where more than 15 digits stand together, outside what a float keeps apart.
fn has_long_number(body: &[u8]) -> bool {
    body.split(|b| !b.is_ascii_digit() && *b != b'.').any(|run| run.len() > 15)
}

fn hash_form(form: &Form) -> String {
    let mut hasher = Sha256::new();
    for (name, value) in form.fields().iter().filter(|(n, _)| n != TOKEN_FIELD && n != KEY_FIELD) {
        for part in [name, value] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
    }
    hex::encode(hasher.finalize())
}

/// The answer of a request, fresh or repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// HTTP status, 2xx.
    pub status: u16,
    /// The body.
    pub body: Value,
    /// True where the effect happened at an earlier request.
    pub repeated: bool,
}

impl Answer {
    /// The version in the body, for the ETag.
    pub fn version(&self) -> i64 {
        self.body.get("version").and_then(Value::as_i64).unwrap_or(0)
    }
}

/// Runs `effect` unless it ran already, and keeps its answer with it.
///
/// An effect that answers no success but keeps something all the same, leaves an entry in the audit and its key free; one that
/// keeps nothing is an error.
///
/// # Errors
/// 422 `IDEMPOTENCY_KEY_REUSED`; whatever `effect` refuses, which keeps nothing.
pub fn run(tx: &mut Tx, key: &Key, effect: impl FnOnce(&mut Tx) -> Result<(u16, Value)>) -> Result<Answer> {
    let id = key.place();
    if !claim(tx, key, id)? {
        return kept(tx, key, id);
    }
    let (status, body) = effect(tx)?;
    if (200..300).contains(&status) {
        let answer = serde_json::to_string(&body).map_err(Error::internal)?;
        on_db!(&mut *tx.conn, c => diesel::insert_into(idempotency_answer::table)
            .values((
                idempotency_answer::id.eq(id),
                idempotency_answer::status.eq(i32::from(status)),
                idempotency_answer::answer.eq(&answer),
                idempotency_answer::created_at.eq(tx.actor.received_at),
            ))
            .execute(c))?;
    } else {
        diesel::delete(idempotency::table.find(id)).execute(tx.conn)?;
    }
    Ok(Answer { status, body, repeated: false })
}

/// True for the first request with this key. It inserts and never looks first: on PostgreSQL many who look for a place and
/// fill it later cannot be put in an order, and all but one of them would have to run again.
fn claim(tx: &mut Tx, key: &Key, id: Id) -> Result<bool> {
    let claimed = on_db!(&mut *tx.conn, c => diesel::insert_into(idempotency::table)
        .values((
            idempotency::id.eq(id),
            idempotency::user_id.eq(key.user),
            idempotency::method.eq(&key.method),
            idempotency::route.eq(&key.route),
            idempotency::key.eq(&key.key),
            idempotency::body_hash.eq(&key.body_sha256),
            idempotency::created_at.eq(tx.actor.received_at),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(claimed == 1)
}

/// As [`run`]; without a key the effect simply runs.
///
/// # Errors
/// As [`run`].
pub fn run_if(
    tx: &mut Tx,
    key: Option<&Key>,
    effect: impl FnOnce(&mut Tx) -> Result<(u16, Value)>,
) -> Result<Answer> {
    match key {
        Some(key) => run(tx, key, effect),
        None => effect(tx).map(|(status, body)| Answer { status, body, repeated: false }),
    }
}

fn kept(tx: &mut Tx, key: &Key, id: Id) -> Result<Answer> {
    let body_hash: String = idempotency::table.find(id).select(idempotency::body_hash).get_result(tx.conn)?;
    if body_hash != key.body_sha256 {
        let detail = match key.route.starts_with("/api/") {
            false => "本页已经提交过，内容与这次不同，这次没有提交。请重新打开页面填写。",
            true => "这个 Idempotency-Key 已用于内容不同的请求。若是新的办理，请换一个新的值。",
        };
        return Err(Refusal::new(422, "IDEMPOTENCY_KEY_REUSED", detail).into());
    }
    let (status, answer): (i32, String) = idempotency_answer::table
        .find(id)
        .select((idempotency_answer::status, idempotency_answer::answer))
        .get_result(tx.conn)?;
    let status = u16::try_from(status).map_err(Error::internal)?;
    let body = serde_json::from_str(&answer).map_err(Error::internal)?;
    Ok(Answer { status, body, repeated: true })
}

/// Drops answers that are older than seven days; for the nightly job. Returns how many.
///
/// # Errors
/// Of the database.
pub async fn sweep(db: &Db, now: Time) -> Result<usize> {
    let before = now.plus(Duration::days(-KEPT_DAYS));
    db.keep("idempotency.sweep", move |c| {
        let old = idempotency_answer::table.filter(idempotency_answer::created_at.lt(before));
        diesel::delete(old).execute(c)?;
        diesel::delete(idempotency::table.filter(idempotency::created_at.lt(before)))
            .execute(c)
            .map_err(Error::from)
    })
    .await
}
