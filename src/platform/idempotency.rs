//! The same request sent twice has one effect and one answer.
//!
//! The key is scoped to user, method and address, and claimed by an insert in the same write as the effect, together with the
//! answer. Of two twins at the same time one loses the insert, runs again and finds the other's answer. Only answers of
//! success are kept, for seven days. An answer that may be long keeps the key and the version of what it shows ([`once`]),
//! and is told again for a repeated request.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use chrono::Duration;
use diesel::prelude::*;
use futures_util::future::{Ready, ready};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::db::{Db, Prepared, Tx};
use super::error::{Error, Refusal, Result};
use super::http::body;
use super::http::form::{Form, KEY_FIELD, TOKEN_FIELD};
use super::http::upload::Upload;
use super::schema::idempotency;
use super::sql::{Id, Time};
use super::who::guard;
use crate::on_db;

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
    /// SHA-256 of the body as it was sent, hex.
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
    let upload = request.extensions().get::<Upload>().cloned();
    let is_page = !request.path().starts_with("/api/");
    let is_form =
        body::media_type(request) == "application/x-www-form-urlencoded" || (upload.is_some() && is_page);
    let form = match &upload {
        Some(upload) => upload.form.clone(),
        None if is_form => Form::parse(&received.body),
        None => Form::default(),
    };
    let header = request.headers().get(HEADER).and_then(|v| v.to_str().ok());
    let key = header.unwrap_or_else(|| form.value(KEY_FIELD)).trim().trim_matches('"');
    check(key, is_form)?;
    let body_sha256 = match (is_form, upload) {
        (true, upload) => hash_form(&form, upload.as_ref()),
        (false, _) => hex::encode(Sha256::digest(&received.body)),
    };
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

/// Fields and files: how a browser divides them differs each time.
fn hash_form(form: &Form, upload: Option<&Upload>) -> String {
    let mut hasher = Sha256::new();
    let mut add = |part: &[u8]| {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    };
    for (name, value) in form.fields().iter().filter(|(n, _)| n != TOKEN_FIELD && n != KEY_FIELD) {
        add(name.as_bytes());
        add(value.as_bytes());
    }
    for field in upload.map(Upload::file_fields).unwrap_or_default() {
        for file in upload.into_iter().flat_map(|upload| upload.files(field)) {
            add(field.as_bytes());
            add(&file.bytes);
        }
    }
    hex::encode(hasher.finalize())
}

/// The answer of a request, fresh or repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<T = Value> {
    /// HTTP status, 2xx.
    pub status: u16,
    /// The body.
    pub body: T,
    /// True where the effect happened at an earlier request.
    pub repeated: bool,
}

impl Answer {
    /// The version in the body, for the ETag.
    pub fn version(&self) -> i64 {
        self.body.get("version").and_then(Value::as_i64).unwrap_or(0)
    }
}

/// What became of a request whose answer is told again each time.
#[derive(Debug)]
pub enum Once<T> {
    /// The effect has just happened.
    Now(T),
    /// It happened at an earlier request: what was kept of its answer.
    Before(Answer<Made>),
}

/// What is kept of an answer that is told again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// What was made or changed.
    pub id: Id,
    /// Its version then.
    pub version: i64,
}

/// Runs `effect` unless it ran already, and keeps its answer with it.
///
/// # Errors
/// 422 `IDEMPOTENCY_KEY_REUSED`; whatever `effect` refuses, which keeps nothing.
pub fn run(tx: &mut Tx, key: &Key, effect: impl FnOnce(&mut Tx) -> Result<(u16, Value)>) -> Result<Answer> {
    if !claim(tx, key, None)? {
        return kept(tx, key);
    }
    let (status, body) = effect(tx)?;
    let text = serde_json::to_string(&body).map_err(Error::internal)?;
    let answer = (idempotency::status.eq(i32::from(status)), idempotency::answer.eq(text));
    let own = idempotency::table.find(key.place());
    on_db!(&mut *tx.conn, c => Prepared(diesel::update(own).set(answer)).execute(c))?;
    Ok(Answer { status, body, repeated: false })
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

/// As [`run_if`], where it is known before what `effect` makes: kept by the insert that claims the key.
///
/// # Errors
/// As [`run`].
pub fn once<T>(
    tx: &mut Tx,
    key: Option<&Key>,
    (status, made): (u16, Made),
    effect: impl FnOnce(&mut Tx) -> Result<T>,
) -> Result<Once<T>> {
    if let Some(key) = key {
        let text = serde_json::to_string(&made).map_err(Error::internal)?;
        if !claim(tx, key, Some((status, &text)))? {
            let Answer { status, body, repeated } = kept(tx, key)?;
            let body = serde_json::from_value(body).map_err(Error::internal)?;
            return Ok(Once::Before(Answer { status, body, repeated }));
        }
    }
    effect(tx).map(Once::Now)
}

/// Lets a key be used again, for an effect that keeps something and is no success all the same.
///
/// # Errors
/// Of the database.
pub fn release(tx: &mut Tx, key: &Key) -> Result<()> {
    diesel::delete(idempotency::table.find(key.place())).execute(tx.conn)?;
    Ok(())
}

/// True for the first request with this key. It inserts and never looks first: on PostgreSQL many who look for a place and
/// fill it later cannot be put in an order, and all but one of them would have to run again.
fn claim(tx: &mut Tx, key: &Key, answer: Option<(u16, &str)>) -> Result<bool> {
    let claimed = on_db!(&mut *tx.conn, c => diesel::insert_into(idempotency::table)
        .values((
            idempotency::id.eq(key.place()),
            idempotency::user_id.eq(key.user),
            idempotency::method.eq(&key.method),
            idempotency::route.eq(&key.route),
            idempotency::key.eq(&key.key),
            idempotency::body_hash.eq(&key.body_sha256),
            idempotency::created_at.eq(tx.actor.received_at),
            idempotency::status.eq(answer.map(|(status, _)| i32::from(status))),
            idempotency::answer.eq(answer.map(|(_, text)| text)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(claimed == 1)
}

fn kept(tx: &mut Tx, key: &Key) -> Result<Answer> {
    type Row = (String, Option<i32>, Option<String>);
    let (body_hash, status, answer): Row = idempotency::table
        .find(key.place())
        .select((idempotency::body_hash, idempotency::status, idempotency::answer))
        .get_result(tx.conn)?;
    if body_hash != key.body_sha256 {
        let detail = match key.route.starts_with("/api/") {
            false => "本页已经提交过，内容与这次不同，这次没有提交。请重新打开页面填写。",
            true => "这个 Idempotency-Key 已用于内容不同的请求。若是新的办理，请换一个新的值。",
        };
        return Err(Refusal::new(422, "IDEMPOTENCY_KEY_REUSED", detail).into());
    }
    let unanswered = || Error::internal("a request that was kept without its answer");
    let status = u16::try_from(status.ok_or_else(unanswered)?).map_err(Error::internal)?;
    let body = serde_json::from_str(&answer.ok_or_else(unanswered)?).map_err(Error::internal)?;
    Ok(Answer { status, body, repeated: true })
}

/// Drops answers that are older than seven days; for the nightly job. Returns how many.
///
/// # Errors
/// Of the database.
pub async fn sweep(db: &Db, now: Time) -> Result<usize> {
    let before = now.plus(Duration::days(-KEPT_DAYS));
    db.write_unaudited("idempotency.sweep", move |c| {
        diesel::delete(idempotency::table.filter(idempotency::created_at.lt(before)))
            .execute(c)
            .map_err(Error::from)
    })
    .await
}
