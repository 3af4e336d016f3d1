//! What the pages of the parameters show.

use askama::Template;

use crate::platform::http::view::{Badge, Confirm, Field, FieldError, Frame, Link, Pair};
use crate::platform::policy::{group, label, shown};
use crate::rules::policy::{Basis, Change, Entry, Policy};

/// A version with where each number comes from.
#[derive(Debug, Template)]
#[template(path = "policy/show.html")]
pub struct PolicyPage {
    /// The frame.
    pub frame: Frame,
    /// 「政策参数」, or the version's name.
    pub title: String,
    /// The way to bring a new version; none for who may only look.
    pub propose: Option<Link>,
    /// Which version it is.
    pub facts: Vec<Pair>,
    /// All versions and what waits, the newest first.
    pub versions: Vec<VersionRow>,
    /// The version before; empty for the first.
    pub compared: String,
    /// What differs from it.
    pub changes: Vec<ChangeRow>,
    /// All parameters by subject.
    pub groups: Vec<(String, Vec<ParameterRow>)>,
}

/// A version in the list.
#[derive(Clone, Debug, Default)]
pub struct VersionRow {
    /// Its name.
    pub name: String,
    /// From which day.
    pub from: String,
    /// 现行, 待生效, 待确认, …
    pub state: Badge,
    /// Who brought and who confirmed it.
    pub who: String,
    /// Its page.
    pub href: String,
}

/// A parameter of a version.
#[derive(Clone, Debug, Default)]
pub struct ParameterRow {
    /// What it is called.
    pub label: String,
    /// Its key in the file.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Its clause.
    pub clause: String,
    /// Where it is from.
    pub source: String,
    /// On what it rests.
    pub basis: String,
}

/// A parameter that differs.
#[derive(Clone, Debug, Default)]
pub struct ChangeRow {
    /// As it was.
    pub old: String,
    /// As it is.
    pub new: ParameterRow,
}

/// The form for a new version.
#[derive(Debug, Template)]
#[template(path = "policy/propose.html")]
pub struct ProposePage {
    /// The frame.
    pub frame: Frame,
    /// What was wrong.
    pub errors: Vec<FieldError>,
    /// Day, reason, text, file.
    pub fields: Vec<Field>,
    /// The version before; empty until the text was checked.
    pub compared: String,
    /// What would differ.
    pub changes: Vec<ChangeRow>,
}

/// A proposed version.
#[derive(Debug, Template)]
#[template(path = "policy/proposal.html")]
pub struct ProposalPage {
    /// The frame.
    pub frame: Frame,
    /// Its name.
    pub title: String,
    /// How far it is.
    pub state: Badge,
    /// Who, when, why.
    pub facts: Vec<Pair>,
    /// What the reader should know before acting. Empty: nothing.
    pub hint: String,
    /// The version before.
    pub compared: String,
    /// What differs from it.
    pub changes: Vec<ChangeRow>,
    /// The file.
    pub text: String,
    /// What may be done.
    pub acts: Vec<Confirm>,
}

fn basis(of: Basis) -> &'static str {
    match of {
        Basis::Document => "文件规定",
        Basis::Public => "公开资料",
        Basis::Choice => "自行设定",
    }
}

impl ParameterRow {
    fn of(key: &str, entry: &Entry) -> Self {
        Self {
            label: label(key).to_owned(),
            key: key.to_owned(),
            value: shown(key, &entry.value),
            clause: entry.clause.clone(),
            source: entry.source.clone(),
            basis: basis(entry.basis).to_owned(),
        }
    }
}

/// All parameters of a version by subject, in the order of the subjects' first keys.
pub fn groups(policy: &Policy) -> Vec<(String, Vec<ParameterRow>)> {
    let mut groups: Vec<(String, Vec<ParameterRow>)> = Vec::new();
    for (key, entry) in policy.entries() {
        let (name, row) = (group(key), ParameterRow::of(key, entry));
        match groups.iter_mut().find(|(known, _)| known == name) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((name.to_owned(), vec![row])),
        }
    }
    groups
}

/// What differs, for people.
pub fn changes(of: &[Change<'_>]) -> Vec<ChangeRow> {
    let row = |change: &Change<'_>| ChangeRow {
        old: shown(change.key, &change.old.value),
        new: ParameterRow::of(change.key, change.new),
    };
    of.iter().map(row).collect()
}
