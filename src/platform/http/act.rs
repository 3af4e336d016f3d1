//! How a form is answered: with a page that says what was done, or with the form again, what was typed and what is wrong.
//!
//! ```ignore
//! act::answer(
//!     &request,
//!     notices::publish(&db, &who, form.value("title"), form.value("body")),
//!     async |row| act::done(&format!("/announcements/{}", row.id), "公告已发布。"),
//!     async |page, no| Ok(blank(page, &form, &no.errors)),
//! )
//! .await
//! ```

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::flash::with_flash;
use super::page::{self, Page};
use super::reply;
use super::view::Tone;
use crate::error::{Error, Refusal, Result};

/// Carries out `act`. What is done with its value is the answer; where something typed is wrong (422), the page that `again`
/// makes.
///
/// # Errors
/// Every other refusal; of the database.
pub async fn answer<T, P: Template>(
    request: &HttpRequest,
    act: impl Future<Output = Result<T>>,
    done: impl AsyncFnOnce(T) -> Result<HttpResponse>,
    again: impl AsyncFnOnce(Page, Refusal) -> Result<P>,
) -> Result<HttpResponse> {
    answer_on(&[422], request, act, done, again).await
}

/// As [`answer`], with the page again for each of these statuses.
///
/// # Errors
/// Every other refusal; of the database.
pub async fn answer_on<T, P: Template>(
    statuses: &[u16],
    request: &HttpRequest,
    act: impl Future<Output = Result<T>>,
    done: impl AsyncFnOnce(T) -> Result<HttpResponse>,
    again: impl AsyncFnOnce(Page, Refusal) -> Result<P>,
) -> Result<HttpResponse> {
    match act.await {
        Ok(value) => done(value).await,
        Err(Error::Refused(no)) if statuses.contains(&no.status) => {
            let page = Page { frame: page::frame(request).await? };
            // 401 would make a browser ask for a password of its own.
            let status = if no.status == 401 { 422 } else { no.status };
            page::html_with(status, &again(page, *no).await?)
        }
        Err(other) => Err(other),
    }
}

/// On to a page that says what was done.
///
/// # Errors
/// None; the answer of a handler.
pub fn done(to: &str, words: impl Into<String>) -> Result<HttpResponse> {
    Ok(with_flash(reply::see_other(to), Tone::Done, words, None))
}

/// Makes refusals of a kind 422 with one wrong field, such as a name that is taken; those that name fields keep them.
///
/// # Errors
/// As `outcome`.
pub fn at_field<T>(pointer: &str, kind: impl FnOnce(&Refusal) -> bool, outcome: Result<T>) -> Result<T> {
    match outcome {
        Err(Error::Refused(no)) if kind(&no) => match no.errors.is_empty() {
            true => Err(Refusal::field(pointer, no.detail).into()),
            false => Err(Refusal { status: 422, ..*no }.into()),
        },
        other => other,
    }
}
