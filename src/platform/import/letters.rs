//! Who confirmed an import need not wait for its end: a letter tells it.

use askama::Template;
use diesel::prelude::*;

use super::run::{Run, RunState};
use crate::db::Tx;
use crate::error::Result;
use crate::outbox::{self, Letter, Topic};
use crate::schema::app_user;

/// Tells somebody that an import has ended.
#[derive(Template)]
#[template(path = "mail/import_ended.txt")]
struct ImportEnded<'a> {
    run: &'a Run,
    name: &'a str,
    kind: &'a str,
    result: String,
}

/// Tells the person who confirmed a run how it ended. `kind` is the sheet's title. Nobody is told of one that was confirmed by command or
/// never confirmed: its person looks at it.
pub(super) fn ended(tx: &mut Tx, run: &Run, kind: &str) -> Result<()> {
    let Some(user) = run.confirmed_by else { return Ok(()) };
    let email: String = app_user::table.find(user).select(app_user::email).first(tx.conn)?;
    let name = run.confirmed_name.as_deref().unwrap_or_default();
    let letter = ImportEnded { run, name, kind, result: result(run) };
    let letter = Letter::new(&letter, format!("/imports/{}", run.id))?.about(Topic::Work);
    outbox::notify_one(tx, user, &email, &letter)
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
