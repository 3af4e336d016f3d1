//! The parameters of an address. What is not understood is refused by its name: a filter that is passed over would widen the
//! answer in silence.

use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::{Ready, ready};
use serde::de::DeserializeOwned;

use super::{json, number};
use crate::error::{Error, FieldError, Refusal, Result};

/// The parameters that a handler reads. Others are refused by the route ([`only`]), which knows those of all arguments.
#[derive(Debug, Clone, Default)]
pub struct Query<T>(pub T);

impl<T> Query<T> {
    /// The parameters themselves.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Query<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.query_string()).map(Self))
    }
}

fn read<T: DeserializeOwned>(query: &str) -> Result<T> {
    let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let pointer = json::pointer(error.path());
        let message = error.inner().to_string();
        let pointer = json::complete(pointer, &message);
        let detail = json::in_words(&message);
        refused(vec![FieldError { pointer, detail }])
    })
}

/// Refuses parameters that are not among the known ones.
///
/// # Errors
/// 400 naming each of them, with the known names.
pub fn only(query: &str, known: &[String]) -> Result<()> {
    let foreign = |name: &str| !known.iter().any(|one| one == name);
    let names = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name);
    let wrong: Vec<FieldError> =
        names.filter(|name| foreign(name)).map(|name| unknown(&name, known)).collect();
    if wrong.is_empty() { Ok(()) } else { Err(refused(wrong)) }
}

/// What is said of a parameter that nobody knows.
pub fn unknown(name: &str, known: &[impl AsRef<str>]) -> FieldError {
    let shown = number::shown(name);
    let all = known.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("、");
    let detail = match known.is_empty() {
        true => format!("该地址不接受查询参数，收到 {shown}，请去掉"),
        false => format!("没有名为 {shown} 的查询参数，请核对名称；可用的有 {all}"),
    };
    FieldError { pointer: format!("/{}", name.replace('~', "~0").replace('/', "~1")), detail }
}

fn refused(errors: Vec<FieldError>) -> Error {
    let detail = errors.iter().map(|e| e.detail.as_str()).collect::<Vec<_>>().join("；");
    Refusal { errors, ..Refusal::unreadable(format!("{detail}。")) }.into()
}
