//! Who confirmed an import need not wait for its end: a letter tells it.

use diesel::prelude::*;

use super::run::{Run, RunState};
use crate::db::Tx;
use crate::error::Result;
use crate::letter;
use crate::outbox::{self, Topic};
use crate::schema::app_user;

letter! {
    /// Tells somebody that an import has ended.
    pub struct ImportEnded {
        /// Who confirmed it.
        name: String,
        /// The file.
        file: String,
        /// What kind of sheet it is.
        kind: String,
        /// When it was handed in.
        when: String,
        /// How it ended.
        state: String,
        /// What came of it, a sentence.
        result: String,
    }
    "mail/import_ended/subject.txt", "mail/import_ended/body.txt", "mail/import_ended/body.html"
}

/// Tells whoever confirmed a run how it ended. `kind` is the sheet's title. Nobody is told of one that was confirmed by command or
/// never confirmed: its person looks at it.
pub(super) fn ended(tx: &mut Tx, run: &Run, kind: &str) -> Result<()> {
    let Some(user) = run.confirmed_by else { return Ok(()) };
    let email: String = app_user::table.find(user).select(app_user::email).first(tx.conn)?;
    let letter = ImportEnded {
        name: run.confirmed_name.clone().unwrap_or_default(),
        file: run.file_name.clone(),
        kind: kind.into(),
        when: run.created_at.minute(),
        state: run.state.label().into(),
        result: result(run),
    };
    outbox::notify_one(tx, user, &email, &letter.letter(format!("/imports/{}", run.id))?.about(Topic::Work))
}

fn result(run: &Run) -> String {
    if run.state == RunState::Failed {
        return run.error.clone().unwrap_or_default();
    }
    let (added, changed, left) = (run.added, run.changed, run.bad + run.refused);
    let taken = format!("新增 {added} 行，更新 {changed} 行");
    match left {
        0 => format!("{taken}，全部行均已办理。"),
        _ => format!("{taken}；有 {left} 行未能办理，原因见结果页。"),
    }
}
