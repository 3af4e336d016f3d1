//! The run's row and its book-keeping.

use chrono::Duration;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::audit::Audited;
use crate::error::{Error, Refusal, Result};
use crate::schema::import_run;
use crate::sql::{AnyConn, Id, Time};
use crate::{keyset, text_enum};

/// Seconds without a sign of life after which somebody else may take a run up.
pub const LEASE_SECONDS: i64 = 10;

text_enum! {
    /// How far an import is.
    pub enum RunState {
        /// The file is being read and held against the rules.
        Checking = "checking" | "正在检查" [Waiting],
        /// Somebody is to look at what was found.
        Ready = "ready" | "待确认" [Waiting],
        /// New rows are put in, unseen.
        Loading = "loading" | "正在导入" [Waiting],
        /// Published; what was known before is being changed.
        Applying = "applying" | "正在更新" [Waiting],
        /// Everything is carried out.
        Done = "done" | "已完成" [Done],
        /// It ended before the publication; nothing of it counts.
        Failed = "failed" | "未完成" [Wrong],
        /// Given up by a person.
        Dropped = "dropped" | "已放弃" [Plain],
    }
}

impl RunState {
    /// True while the platform works on it.
    pub fn is_busy(self) -> bool {
        matches!(self, Self::Checking | Self::Loading | Self::Applying)
    }
}

/// An import.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = import_run, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Run {
    /// Key; that of its job, its staged rows and its batch.
    pub id: Id,
    /// The kind of sheet.
    pub kind: String,
    /// The file's name.
    pub file_name: String,
    /// The file's SHA-256.
    pub sha256: String,
    /// How far it is.
    pub state: RunState,
    /// Rows in the file.
    pub total: i64,
    /// Rows with faults.
    pub bad: i64,
    /// Rows that are new.
    pub added: i64,
    /// Rows that change something known.
    pub changed: i64,
    /// Rows that say what is known.
    pub same: i64,
    /// Good rows that could not be carried out in the end.
    pub refused: i64,
    /// The last staged row that this step is done with.
    pub done: i64,
    /// The file's own heads by column, JSON.
    #[serde(skip)]
    pub heads: String,
    /// What of the file was read and what was not, JSON of a [`super::Source`].
    #[serde(skip)]
    pub source: String,
    /// Why it failed.
    pub error: Option<String>,
    /// Who handed it in.
    #[serde(skip)]
    pub created_by: Option<Id>,
    /// That person's name.
    pub created_name: String,
    /// Who confirmed it.
    #[serde(skip)]
    pub confirmed_by: Option<Id>,
    /// That person's name.
    pub confirmed_name: Option<String>,
    /// When it was handed in.
    pub created_at: Time,
    /// Its last sign of life.
    #[serde(skip)]
    pub touched_at: Time,
    /// When it ended.
    pub finished_at: Option<Time>,
}

impl Audited for Run {
    const TYPE: &'static str = "import_run";
    fn id(&self) -> Id {
        self.id
    }
}

impl Run {
    /// A run that begins.
    pub fn begin(id: Id, kind: &str, file_name: &str, sha256: String, now: Time) -> Self {
        Self {
            id,
            kind: kind.into(),
            file_name: file_name.into(),
            sha256,
            state: RunState::Checking,
            total: 0,
            bad: 0,
            added: 0,
            changed: 0,
            same: 0,
            refused: 0,
            done: 0,
            heads: "[]".into(),
            source: "{}".into(),
            error: None,
            created_by: None,
            created_name: String::new(),
            confirmed_by: None,
            confirmed_name: None,
            created_at: now,
            touched_at: now,
            finished_at: None,
        }
    }

    /// The key of what a row becomes; `part` tells its several rows apart. Keys of one run ascend with its rows, so that a large
    /// import writes at the end of every index over keys instead of all over it.
    pub fn key_of(&self, row: u32, part: u8) -> Id {
        let mut bytes = *self.id.0.as_bytes();
        let tail = row.to_be_bytes().into_iter().chain([part, 0, 0]);
        bytes.iter_mut().skip(9).zip(tail).for_each(|(to, from)| *to = from);
        Id(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// What of the file was read and what was not.
    pub fn source(&self) -> Result<super::Source> {
        serde_json::from_str(&self.source).map_err(Error::internal)
    }

    /// Rows that would be taken.
    pub fn good(&self) -> i64 {
        self.total - self.bad
    }

    /// True where somebody works on it, or did a moment ago.
    pub fn is_alive(&self, now: Time) -> bool {
        self.state.is_busy() && self.touched_at.plus(Duration::seconds(LEASE_SECONDS)) > now
    }
}

/// A run by its key.
pub fn find(conn: &mut AnyConn, id: Id) -> Result<Run> {
    let found = import_run::table.find(id).select(Run::as_select()).first(conn).optional()?;
    found.ok_or_else(|| Refusal::not_found("导入").into())
}

/// Runs, the latest first, behind a key.
pub fn recent(conn: &mut AnyConn, after: Option<(Time, Id)>, limit: i64) -> Result<Vec<Run>> {
    let query = import_run::table.limit(limit).select(Run::as_select()).into_boxed();
    let query = keyset!(query, after, import_run::created_at => desc, import_run::id => desc);
    Ok(query.load(conn)?)
}

/// The latest run of a kind with the same file that did not fail; it may still be checked.
pub fn of_file(conn: &mut AnyConn, kind: &str, sha256: &str) -> Result<Option<Run>> {
    Ok(import_run::table
        .filter(import_run::kind.eq(kind))
        .filter(import_run::sha256.eq(sha256))
        .filter(import_run::state.ne_all([RunState::Failed, RunState::Dropped]))
        .order((import_run::created_at.desc(), import_run::id.desc()))
        .select(Run::as_select())
        .first(conn)
        .optional()?)
}

/// Runs in the middle of their loading other than `but`.
pub(super) fn loading(conn: &mut AnyConn, but: Id) -> Result<Vec<Run>> {
    Ok(import_run::table
        .filter(import_run::state.eq_any([RunState::Loading, RunState::Applying]))
        .filter(import_run::id.ne(but))
        .select(Run::as_select())
        .load(conn)?)
}

/// True where anything was confirmed since a run was checked: its verdicts may no longer hold.
pub fn touched_since(conn: &mut AnyConn, run: &Run) -> Result<bool> {
    let later: i64 = import_run::table
        .filter(import_run::id.ne(run.id))
        .filter(import_run::state.eq_any([RunState::Loading, RunState::Applying, RunState::Done]))
        .filter(import_run::touched_at.gt(run.touched_at))
        .count()
        .get_result(conn)?;
    Ok(later > 0)
}
