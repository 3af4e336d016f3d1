//! Which error goes where.
//!
//! - A rule or the caller's input says no: [`Refusal`], built with one of its constructors. It reaches the client as
//!   `application/problem+json` or as a page, word for word, and undoes the write it came from.
//! - The database fails: [`Error::Database`], by the one `From`. The client gets a neutral 500; the cause goes to the log.
//! - The house is full: [`Error::Busy`], 503 with `Retry-After`.
//! - Its server is gone: [`Error::Unreachable`], 503 with `Retry-After`.
//! - Anything else that should not happen: [`Error::Internal`], with what a programmer needs to find it.

use serde::Serialize;
use serde_json::{Map, Value};

/// Result of every operation of the platform.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything an operation can fail with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A typed no, with words for the person who asked.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// The database refused or failed.
    #[error("database: {0}")]
    Database(#[from] diesel::result::Error),
    /// A queue is full or no connection came free in time.
    #[error("busy")]
    Busy,
    /// The database's server cannot be reached, or went away in the middle.
    #[error("unreachable")]
    Unreachable,
    /// A fault of the program or its surroundings.
    #[error("internal: {0}")]
    Internal(String),
}

/// What is wrong with one member of the request.
#[derive(Debug, Clone, Serialize, PartialEq, Eq, utoipa::ToSchema)]
pub struct FieldError {
    /// JSON pointer to the member, such as `/lines/0/quantity`.
    pub pointer: String,
    /// Chinese sentence that says what is expected and what was given.
    pub detail: String,
}

/// A refusal as programs read it (RFC 9457). Some carry more members, named where the operation is described.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// `urn:jicai:problem:` and the code in lower case.
    pub r#type: String,
    /// Short name of the status.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// For programs.
    pub code: String,
    /// What is wrong and what to do, for people.
    pub detail: String,
    /// The address that was asked.
    pub instance: String,
    /// As in the log.
    pub request_id: String,
    /// Every member that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<FieldError>>,
}

/// A refusal in the shape of RFC 9457.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Stable code, `UPPER_SNAKE`.
    pub code: &'static str,
    /// Chinese sentence: what happened, why, what to do.
    pub detail: String,
    /// Clause of the catalogue that says no, where one does.
    pub clause: Option<&'static str>,
    /// One entry for each member that is wrong.
    pub errors: Vec<FieldError>,
    /// Further members of the problem document.
    pub extra: Map<String, Value>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.status, self.code, self.detail)
    }
}

impl Refusal {
    /// A refusal with a status, a stable code and a Chinese sentence.
    pub fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), clause: None, errors: Vec::new(), extra: Map::new() }
    }

    /// 400: the request cannot be read.
    pub fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(400, "UNREADABLE", detail)
    }

    /// 404: there is none, or none that this organisation may see. `what` is the Chinese noun.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            404,
            "NOT_FOUND",
            format!("没有找到该{what}，可能已被删除，或不属于贵单位。请返回列表重新选择。"),
        )
    }

    /// 409: somebody else changed the row since it was read.
    pub fn stale(what: &str) -> Self {
        Self::new(409, "STALE_VERSION", format!("该{what}已被他人修改，请刷新后重新操作。"))
    }

    /// 409: the row's state does not allow the act.
    pub fn wrong_state(detail: impl Into<String>) -> Self {
        Self::new(409, "WRONG_STATE", detail)
    }

    /// 422: members of the request are wrong.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = errors.iter().map(|e| e.detail.as_str()).collect::<Vec<_>>().join("；");
        Self { errors, ..Self::new(422, "INVALID", detail) }
    }

    /// 422: one member of the request is wrong.
    pub fn field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { pointer: pointer.into(), detail: detail.into() }])
    }

    /// Names the clause that says no.
    pub fn clause(mut self, clause: &'static str) -> Self {
        self.clause = Some(clause);
        self
    }

    /// Adds a further member to the problem document.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(key.into(), value.into());
        self
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl Error {
    /// A fault with words for the log.
    pub fn internal(message: impl std::fmt::Display) -> Self {
        Self::Internal(message.to_string())
    }

    /// The same, or `slip` where it says that there is none: a missing row may be the sender's slip, a fault of ours never is.
    pub fn or_missing(self, slip: impl FnOnce() -> Refusal) -> Self {
        match self {
            Self::Refused(refusal) if refusal.status == 404 => slip().into(),
            other => other,
        }
    }

    /// True for a broken constraint of the schema, which undoes one statement and leaves the transaction usable on SQLite.
    pub fn is_constraint(&self) -> bool {
        use diesel::result::{DatabaseErrorKind as Kind, Error as Db};
        matches!(
            self,
            Self::Database(Db::DatabaseError(
                Kind::UniqueViolation
                    | Kind::ForeignKeyViolation
                    | Kind::NotNullViolation
                    | Kind::CheckViolation,
                _
            ))
        )
    }

    /// True where a unique key was taken already.
    pub fn is_unique_violation(&self) -> bool {
        use diesel::result::{DatabaseErrorKind as Kind, Error as Db};
        matches!(self, Self::Database(Db::DatabaseError(Kind::UniqueViolation, _)))
    }
}
