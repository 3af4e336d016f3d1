//! Queries of applications.

use diesel::prelude::*;

use super::links::APPLICATION;
use super::model::{Registration, RegistrationState};
use crate::accounts::link;
use crate::keyset;
use crate::platform::error::{Refusal, Result};
use crate::platform::input::search_words;
use crate::platform::schema::{organisation, registration};
use crate::platform::sql::like::contains;
use crate::platform::sql::{AnyConn, Id, Question, Time};

/// The application that an applicant's link belongs to.
///
/// # Errors
/// 404 `LINK_UNKNOWN`, 409 `LINK_EXPIRED`.
pub fn by_key(conn: &mut AnyConn, key: &str, now: Time) -> Result<Registration> {
    let link = link::look(conn, APPLICATION, key, now)?;
    let found =
        registration::table.find(link.subject_id).select(Registration::as_select()).first(conn).optional()?;
    found.ok_or_else(|| Refusal::not_found("登记申请").into())
}

/// An application that was submitted at least once, by its key.
pub fn submitted(conn: &mut AnyConn, id: Id) -> Result<Registration> {
    let found = registration::table
        .filter(registration::id.eq(id))
        .filter(registration::submitted_at.is_not_null())
        .select(Registration::as_select())
        .first(conn)
        .optional()?;
    found.ok_or_else(|| Refusal::not_found("登记申请").into())
}

/// What stands in the way of a credit code: an organisation.
pub fn code_is_taken(conn: &mut AnyConn, code: &str) -> Result<Option<String>> {
    let there: i64 =
        organisation::table.filter(organisation::credit_code.eq(code)).count().get_result(conn)?;
    Ok((there > 0).then(|| {
        format!("统一社会信用代码 {code} 已在平台登记，不能重复登记。如需账号，请联系本单位管理员开通")
    }))
}

/// The numbers of other applications with the same credit code that officers have before them, a few of them.
pub fn same_code(conn: &mut AnyConn, row: &Registration) -> Result<Vec<String>> {
    let running = [RegistrationState::Submitted, RegistrationState::Returned, RegistrationState::Reviewed];
    Ok(registration::table
        .filter(registration::credit_code.eq(&row.credit_code))
        .filter(registration::state.eq_any(running))
        .filter(registration::id.ne(row.id))
        .order((registration::submitted_at, registration::id))
        .limit(5)
        .select(registration::number)
        .load(conn)?)
}

/// The last row of a page: when it was submitted, its key.
pub type Ended = (Time, Id);

/// Submitted applications, the newest first; in one state, or with `words` in the name, the number or the credit code.
pub fn list(
    conn: &mut AnyConn,
    state: Option<RegistrationState>,
    words: &str,
    after: Option<Ended>,
    limit: i64,
) -> Result<Vec<Registration>> {
    let mut query = registration::table
        .filter(registration::submitted_at.is_not_null())
        .select(Registration::as_select())
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(registration::state.eq(state));
    }
    for word in search_words(words)? {
        query = query.filter(
            contains("registration.name", &word)
                .or(contains("registration.number", &word))
                .or(contains("registration.credit_code", &word)),
        );
    }
    let query = keyset!(query, after, registration::submitted_at => desc, registration::id => desc);
    Ok(query.limit(limit).load(conn)?)
}

/// How many are in a state.
pub fn count(state: RegistrationState) -> Question {
    Box::new(registration::table.filter(registration::state.eq(state)).count())
}

/// How many wait for this officer: the second to review one is not the first.
pub fn waiting(officer: Id) -> Question {
    let submitted = registration::state.eq(RegistrationState::Submitted);
    let by_others = registration::reviewer_id.is_null().or(registration::reviewer_id.ne(officer));
    let reviewed = registration::state.eq(RegistrationState::Reviewed).and(by_others);
    Box::new(registration::table.filter(submitted.or(reviewed)).count())
}
