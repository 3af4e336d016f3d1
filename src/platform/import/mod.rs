//! Imports: a sheet that becomes rows of an office, for every kind of sheet alike.
//!
//! - **Run**: checking → ready → loading → applying → done; each of them → failed; ready → dropped.
//! - [`check`] reads the file row by row, holds each row against the kind's own rules and against the database, and stages
//!   it. Nothing counts until somebody looked at what was found and confirmed it; rows with faults never count.
//! - [`load`] takes the good rows: first those that are new, unseen under the run's key (chunk by chunk, in order, so that an
//!   import that was killed goes on where it stopped); then one short write publishes them all; then what was known before
//!   is changed, each change with its entry in the audit. From the publication on the import is complete in the sense of a
//!   log: anyone who takes it up again carries out the rest, and a row that is carried out twice changes nothing.
//!
//! An office describes a kind of sheet by a [`Spec`]; the rooms left of it lend the loader.

mod bundles;
pub mod check;
mod end;
pub mod heads;
mod letters;
pub mod load;
pub mod preview;
mod reading;
mod run;
pub mod shape;
pub mod sheets;
mod source;

use std::time::Duration;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use end::sweep;
pub use run::{Run, RunState, find, of_file, recent, touched_since};
pub use shape::Shape;
pub use source::Source;

use super::audit::made::MadeSource;
use super::db::Tx;
use super::error::Result;
use super::policy::Policies;
use super::sql::{AnyConn, Id};

/// Bytes of a file that comes through the portal or the API.
pub const LIMIT: usize = 20 * 1024 * 1024;

/// A column of a kind of sheet.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its head in our template.
    pub head: &'static str,
    /// Other heads that mean the same.
    pub aliases: &'static [&'static str],
    /// Whether a sheet without it is refused.
    pub needed: bool,
    /// What may be chosen; empty for anything.
    pub choices: &'static [&'static str],
    /// Width in the template, in characters.
    pub width: u16,
    /// What its cells are.
    pub shape: Shape,
}

impl Column {
    /// A column that may be missing.
    pub const fn new(head: &'static str, width: u16) -> Self {
        Self { head, aliases: &[], needed: false, choices: &[], width, shape: Shape::Text }
    }

    /// A column of prices, whole numbers or days.
    #[must_use]
    pub const fn of_shape(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }

    /// A column that must be there.
    #[must_use]
    pub const fn needed(mut self) -> Self {
        self.needed = true;
        self
    }

    /// With other heads.
    #[must_use]
    pub const fn or(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// With a list to choose from.
    #[must_use]
    pub const fn of(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }
}

/// One row of a sheet, its cells in the order of the kind's columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cells {
    /// The row as Excel counts.
    #[serde(rename = "n")]
    pub number: u32,
    #[serde(rename = "c")]
    cells: Vec<String>,
}

impl Cells {
    /// A row.
    pub fn new(number: u32, cells: Vec<String>) -> Self {
        Self { number, cells }
    }

    /// All of them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut String> {
        self.cells.iter_mut()
    }

    /// What stands in a column; empty for nothing and for 无.
    pub fn get(&self, column: usize) -> &str {
        match self.raw(column) {
            "无" | "/" | "-" | "—" | "NULL" => "",
            text => text,
        }
    }

    /// What stands in a column, as it stands there.
    pub fn raw(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    /// As [`Self::get`]; none for nothing.
    pub fn some(&self, column: usize) -> Option<String> {
        Some(self.get(column).to_owned()).filter(|text| !text.is_empty())
    }
}

/// What is wrong with a row: columns, from 0, and Chinese sentences that say what to do.
pub type Faults = Vec<(usize, String)>;

/// What a row would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Something new.
    #[serde(rename = "a")]
    Add,
    /// Something known, differently.
    #[serde(rename = "c")]
    Change,
    /// Nothing: it stands there already.
    #[serde(rename = "s")]
    Same,
}

/// A row held against the database.
#[derive(Debug, Clone)]
pub struct Compared {
    /// What it would do.
    pub verdict: Verdict,
    /// What the database says against it.
    pub faults: Faults,
    /// What somebody is to look at before it is confirmed.
    pub questions: Faults,
}

impl Compared {
    /// Without faults.
    pub fn fine(verdict: Verdict) -> Self {
        Self { verdict, faults: Vec::new(), questions: Vec::new() }
    }

    /// With one fault.
    pub fn fault(column: usize, sentence: impl Into<String>) -> Self {
        Self::faults(vec![(column, sentence.into())])
    }

    /// With faults.
    pub fn faults(faults: Faults) -> Self {
        Self { verdict: Verdict::Same, faults, questions: Vec::new() }
    }
}

/// What the rows of one bundle together say of each of them.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// Why it cannot be taken.
    pub faults: Faults,
    /// What somebody is to look at before it is confirmed.
    pub questions: Faults,
}

/// A staged row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Staged {
    /// Its cells.
    #[serde(flatten)]
    pub cells: Cells,
    /// What it would do.
    #[serde(rename = "v")]
    pub verdict: Verdict,
    /// What is wrong with it.
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Faults,
    /// What somebody is to look at before it is confirmed.
    #[serde(rename = "q", default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Faults,
}

impl Staged {
    /// Whether it is taken.
    pub fn is_good(&self) -> bool {
        self.faults.is_empty()
    }
}

/// What rows are held against beside the database.
#[derive(Clone)]
pub struct Basis {
    /// The legal day.
    pub today: NaiveDate,
    /// The province's rules.
    pub policies: Policies,
}

/// Holds rows against the database; one answer a row.
pub type Compare = fn(&mut AnyConn, &Basis, &[Cells]) -> Result<Vec<Compared>>;
/// Puts new rows under a run's key.
pub type Insert = fn(&mut AnyConn, &Run, &[Cells]) -> Result<()>;
/// Carries rows out.
pub type Apply = fn(&mut Tx, &Policies, &Run, &[Cells]) -> Result<()>;
/// What each row belongs to.
pub type Bundle = fn(&mut AnyConn, &[Cells]) -> Result<Vec<Option<u128>>>;
/// Holds whole bundles against every rule by which they are taken; one answer a row.
pub type Judge = fn(&mut AnyConn, &Basis, &[Vec<Cells>]) -> Result<Vec<Vec<Judged>>>;
/// Takes some of a run's rows behind a key and answers the last.
pub type Follow = fn(&mut AnyConn, &Run, Option<Id>) -> Result<Option<Id>>;

/// What stands now in the cells of rows that change something; none for a row that is not known.
pub type Now = fn(&mut AnyConn, &[Cells]) -> Result<Vec<Option<Vec<String>>>>;

/// A kind of sheet: what an office says about it.
pub struct Spec {
    /// The word of the API and the command line.
    pub kind: &'static str,
    /// For people.
    pub title: &'static str,
    /// What it is for, in one line.
    pub purpose: &'static str,
    /// The columns.
    pub columns: &'static [Column],
    /// What is wrong with a row by itself.
    pub check: fn(&Cells) -> Faults,
    /// What a row is about; of several rows of one file about the same none is taken. Empty: nothing to compare.
    pub key: fn(&Cells) -> String,
    /// The column that holds the key, to be marked.
    pub key_column: usize,
    /// Holds at most 500 rows against the database; one answer a row.
    pub compare: Compare,
    /// What stands now where a row changes something, for the preview. None where the office cannot say.
    pub now: Option<Now>,
    /// Puts new rows under the run's key, unseen; in `db.write_unaudited`. None where every row is a change.
    pub insert: Option<Insert>,
    /// The tables that new rows stand in: what was made is known by its digest from the publication on.
    pub makes: &'static [MadeSource],
    /// Makes everything exist that was put under the run's key, with its entry in the audit.
    pub publish: fn(&mut Tx, &Run, i64) -> Result<()>,
    /// Carries out rows that change something known; each change with its entry in the audit.
    pub apply: Apply,
    /// Rows that only together make sense, such as the packs of one group; they are judged together, and come to `apply` together.
    /// None: any rows.
    pub bundle: Option<(Bundle, Judge)>,
    /// Follows the publication, such as the search: takes some of the run's rows behind a key and answers the last; none at the
    /// end.
    pub follow: Option<Follow>,
    /// Takes away some rows under the run's key that were never published; answers how many.
    pub discard: fn(&mut AnyConn, Id) -> Result<usize>,
}

/// What the loader works with.
#[derive(Clone)]
pub struct Loader {
    /// Every kind of sheet.
    pub specs: Vec<&'static Spec>,
    /// The province's rules.
    pub policies: Policies,
    /// How long it waits between two writes. The writer of a process serves everybody in turn; only another process on the same
    /// SQLite file needs a gap to get in.
    pub gap: Duration,
}

impl Loader {
    /// The kind of that name.
    pub fn spec(&self, kind: &str) -> Option<&'static Spec> {
        self.specs.iter().find(|spec| spec.kind == kind).copied()
    }
}
