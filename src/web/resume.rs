//! What was typed before a session ended: kept for its person, given back after the next log-in, sent on by a press. Never a
//! form with a password in it; files have to be chosen again.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::http::form::{Form, KEY_FIELD, TOKEN_FIELD};
use crate::platform::http::kept::{self, Kept};
use crate::platform::http::page::{self, Page};
use crate::platform::http::view::{Confirm, Frame, Todo, Tone};
use crate::platform::http::{Upload, act};
use crate::platform::office::Desk;
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::who::Principal;
use crate::platform::who::guard::AnyUser;

/// What such forms are kept under.
const KEPT: &str = "ended:";
/// The field of the address that the form was sent to.
const TO: &str = "resume-to";
/// The field that names a file that was chosen.
const FILE: &str = "resume-file";
/// The field of a form that takes files.
const WITH_FILES: &str = "resume-with-files";
/// The field of a form that is sent on.
pub const RESUMED: &str = "resumed";

/// Keeps what was sent to `path`; none where nothing was typed, or a password.
///
/// # Errors
/// Of the database.
pub async fn keep(
    db: &Db,
    user: Id,
    path: &str,
    form: &Form,
    upload: Option<&Upload>,
    now: Time,
) -> Result<Option<Id>> {
    let own = [TOKEN_FIELD, KEY_FIELD, "version", "act", RESUMED];
    let typed = form.fields().iter().any(|(name, value)| !own.contains(&name.as_str()) && !value.is_empty());
    let secret = |name: &str| name.contains("password") || name.contains("secret");
    if !typed || path.starts_with("/account") || form.fields().iter().any(|(name, _)| secret(name)) {
        return Ok(None);
    }
    let mut fields = vec![(TO.to_owned(), path.to_owned())];
    if let Some(upload) = upload {
        fields.push((WITH_FILES.into(), "true".into()));
        fields.extend(upload.file_fields().into_iter().map(|name| (FILE.to_owned(), name.to_owned())));
    }
    let rest = form.fields().iter().filter(|(name, _)| name != TOKEN_FIELD && name != RESUMED);
    fields.extend(rest.cloned());
    let id = Id::new();
    kept::keep(db, user, &format!("{KEPT}{id}"), &fields, now).await?;
    Ok(Some(id))
}

/// Drops a kept form after it was sent on with success.
///
/// # Errors
/// Of the database.
pub async fn done(db: &Db, user: Id, id: Id) -> Result<()> {
    db.write_unaudited("form.drop", move |conn| kept::drop_form(conn, user, &format!("{KEPT}{id}"))).await
}

/// Forms that wait to be sent on, on their person's start page.
pub fn desk(conn: &mut AnyConn, who: &Principal, now: Time) -> Result<Desk> {
    let ahead = now.0 - who.received_at.0;
    let todo = |kept: &Kept| Todo {
        what: "继续办理".into(),
        about: format!("登录过期前填写的内容，{} 保存", kept.saved_at.plus(ahead).minute()),
        href: format!("/resume/{}", kept.key.trim_start_matches(KEPT)),
        tone: Tone::Waiting,
        ..Todo::default()
    };
    let todos = kept::starting(conn, who.user, KEPT)?.iter().map(todo).collect();
    Ok(Desk { todos, ..Desk::default() })
}

/// What was typed, and the button that sends it on.
#[derive(Debug, Template)]
#[template(path = "resume.html")]
struct ResumePage {
    frame: Frame,
    /// What was typed, in the order of the form.
    typed: Vec<String>,
    /// Where it is sent.
    action: String,
    /// All of it.
    hidden: Vec<(String, String)>,
    /// Whether the form takes files.
    with_files: bool,
    /// The fields in which files were chosen.
    files: Vec<String>,
    /// Throws it away.
    give_up: Confirm,
}

/// `GET /resume/{id}`.
///
/// # Errors
/// 404 for what is gone, or another person's.
pub async fn show(who: AnyUser, db: Data<Db>, id: Path<Id>, page: Page) -> Result<HttpResponse> {
    let (user, key) = (who.user, format!("{KEPT}{id}"));
    let kept = db.read(move |conn| kept::find(conn, user, &key)).await?;
    let form = kept.ok_or_else(|| Refusal::not_found("保存的内容"))?.form();
    let own = [TO, FILE, WITH_FILES];
    let mut hidden: Vec<(String, String)> =
        form.fields().iter().filter(|(name, _)| !own.contains(&name.as_str())).cloned().collect();
    let quiet = [KEY_FIELD, "version", "act"];
    let typed = hidden.iter().filter(|(name, value)| {
        !quiet.contains(&name.as_str()) && !value.trim().is_empty() && value.parse::<Id>().is_err()
    });
    let typed = typed.map(|(_, value)| value.clone()).collect();
    hidden.push((RESUMED.into(), id.to_string()));
    page::html(&ResumePage {
        frame: page.frame,
        typed,
        action: form.value(TO).to_owned(),
        hidden,
        with_files: !form.value(WITH_FILES).is_empty(),
        files: form.values(FILE).map(ToOwned::to_owned).collect(),
        give_up: Confirm {
            action: format!("/resume/{id}/drop"),
            label: "放弃这些内容".into(),
            consequence: "将删除登录过期前填写的内容，删除后不能恢复。".into(),
            danger: true,
            ..Confirm::default()
        },
    })
}

/// `POST /resume/{id}/drop`.
///
/// # Errors
/// Of the database.
pub async fn give_up(who: AnyUser, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    done(&db, who.user, *id).await?;
    act::done("/", "保存的内容已删除。")
}
