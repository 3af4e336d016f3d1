//! `jicai calendar`: which days are worked, and a new notice on holidays in an officer's name. A second officer confirms it on
//! the page 放假安排, as with one that was typed there.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use diesel::prelude::*;

use super::common::{ConfigArgs, end, open, runtime, say, words};
use crate::platform::calendar::notice::{self, NewNotice};
use crate::platform::calendar::{self, Days};
use crate::platform::clock::Clock;
use crate::platform::error::{Refusal, Result as Outcome};
use crate::platform::schema::{app_user, organisation};
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::who::guard::{Guard, ProvinceOfficer};
use crate::platform::who::{Kinds, OrgKind, Post, Principal};
use crate::rules::calendar::Notice;

/// The arguments of `jicai calendar`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Say which notices count and until when due days are settled
    Show(Show),
    /// Bring a notice; it counts once a second officer has confirmed it on the page 放假安排
    Propose(Propose),
}

#[derive(clap::Args)]
struct Show {
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(clap::Args)]
struct Propose {
    /// The notice, written as the files in config/holidays
    #[arg(value_name = "FILE.toml")]
    file: PathBuf,
    /// Login of the officer in whose name it is brought
    #[arg(long, value_name = "LOGIN")]
    by: String,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Runs it.
pub fn run(args: &Args) -> ExitCode {
    match &args.act {
        Act::Show(show) => end("calendar show", show.run()),
        Act::Propose(propose) => end("calendar propose", propose.run()),
    }
}

impl Show {
    fn run(&self) -> Result<(), String> {
        let db = open(&self.config.load()?)?;
        let calendar = runtime()?.block_on(db.read(calendar::current)).map_err(words)?;
        for notice in calendar.notices() {
            let year = notice.year.map_or_else(|| "个别日子".to_owned(), |year| format!("{year} 年"));
            say(&format!("{}，{} 印发，安排{year}", notice.number, notice.issued));
        }
        let until = calendar.settled_until().map(|day| day.to_string()).unwrap_or_default();
        say(&format!("工作日已确定到 {until}，此后的到期日为暂定。"));
        Ok(())
    }
}

impl Propose {
    fn run(&self) -> Result<(), String> {
        let new = read(&self.file)?;
        let db = open(&self.config.load()?)?;
        let (login, now) = (self.by.clone(), Clock::default().now());
        let row = runtime()?.block_on(async {
            let who = db.read(move |conn| officer(conn, &login, now)).await?;
            notice::propose(&db, &who, new, None).await
        });
        let row = row.map_err(words)?;
        say(&format!("{} 已提交，请另一位经办人在“放假安排”页面确认。", row.number));
        Ok(())
    }
}

fn read(path: &Path) -> Result<NewNotice, String> {
    let label = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|e| format!("无法读取 {label}（{e}）"))?;
    let notice = Notice::read(&label, &text).map_err(|error| error.to_string())?;
    Ok(NewNotice {
        days_off: Days(notice.of_kind(false).collect()),
        days_worked: Days(notice.of_kind(true).collect()),
        number: notice.number,
        issued: notice.issued,
        arranges: notice.year,
    })
}

/// An officer who may bring a notice on the page too.
fn officer(conn: &mut AnyConn, login: &str, now: Time) -> Outcome<Principal> {
    type Found = (Id, Post, String, Id);
    let user: Option<Found> = app_user::table
        .filter(app_user::login.eq(login).and(app_user::state.eq("active")))
        .select((app_user::id, app_user::function, app_user::display_name, app_user::organisation_id))
        .first(conn)
        .optional()?;
    let unknown = || Refusal::field("/by", format!("没有可以录入放假安排的经办人 {login}，请核对登录名"));
    let (user, post, name, organisation) = user.ok_or_else(unknown)?;
    let (kind, other_kinds, organisation_name): (OrgKind, Kinds, String) = organisation::table
        .find(organisation)
        .select((organisation::kind, organisation::other_kinds, organisation::name))
        .first(conn)?;
    let (request_id, received_at) = (None, now);
    let who = Principal {
        user,
        organisation,
        kind,
        other_kinds,
        post,
        name,
        organisation_name,
        request_id,
        received_at,
    };
    if ProvinceOfficer::is(&who) { Ok(who) } else { Err(unknown().into()) }
}
