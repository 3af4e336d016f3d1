//! `jicai demo`: an invented province, ready to log in. Made once; a second start goes on where the first one stopped.

mod listings;
mod orders;
mod people;
mod products;
mod province;
mod registrations;
mod ties;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use diesel::prelude::*;
use serde_json::json;

use super::common::{end, runtime, say, words};
use super::instance;
use crate::accounts::keys::Keys;
use crate::accounts::password::{Cost, Passwords};
use crate::platform::clock::{self, Clock};
use crate::platform::config::Config;
use crate::platform::db::{Actor, Db, Limits, migrate};
use crate::platform::error::{Error, Result};
use crate::platform::http::Site;
use crate::platform::http::site::Origin;
use crate::platform::http::view::Foot;
use crate::platform::loading;
use crate::platform::policy::Policies;
use crate::platform::schema::{organisation, setting};
use crate::platform::sql::{Id, Target, Time};

/// The arguments of `jicai demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Throw away what was done before and start again
    #[arg(long)]
    fresh: bool,
    /// Directory of the demonstration's data
    #[arg(long, default_value = "jicai-demo")]
    dir: PathBuf,
    /// Port on this machine
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// An empty PostgreSQL database to use in place of the embedded one: postgres://…
    #[arg(long, conflicts_with = "fresh")]
    database: Option<String>,
}

/// Set when everything has been made; a demonstration that was interrupted before is made again.
const COMPLETE: &str = "demo.complete";

/// Runs it.
pub fn run(args: &Args) -> ExitCode {
    end("demo", demo(args))
}

fn demo(args: &Args) -> Result<(), String> {
    let target = target(args)?;
    let config = config(args, &target)?;
    instance::observe(&config)?;
    Keys::load_or_create(&config.keys.file)?;
    runtime()?.block_on(async {
        loading::set(true);
        let db = open(args, &target, &Clock::default()).await?;
        loading::set(false);
        let ready = |address| {
            say(&format!("演示平台已启动：http://{address}\n"));
            for (who, login, _) in accounts() {
                say(&format!("  {login:<18} {who}"));
            }
            say(&format!(
                "\n所有账号的密码都是 {}。数据保存在 {}，按 Ctrl+C 停止。",
                people::PASSWORD,
                args.dir.display()
            ));
        };
        instance::run(&config, db, site(), ready, instance::signal()).await
    })
}

/// Configuration of the demonstration: nothing of it is read from the environment.
fn config(args: &Args, target: &Target) -> Result<Config, String> {
    let url = match target {
        Target::Postgres(url) => url.clone(),
        Target::Sqlite(path) => format!("sqlite:{}", path.display()),
    };
    let text = toml::toml! {
        [log]
        level = "warn"
        format = "text"
        [metrics]
        bind = ""
        [audit]
        daily_mail = false
    };
    let variables = [
        ("DATABASE_URL", url),
        ("JICAI_SERVER_BIND", format!("127.0.0.1:{}", args.port)),
        ("JICAI_PLATFORM_PUBLIC_URL", format!("http://127.0.0.1:{}", args.port)),
        ("JICAI_KEYS_FILE", args.dir.join("demo.key").display().to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    Config::from_parts(Some(&text.to_string()), &variables).map_err(|problems| problems.to_string())
}

fn site() -> Site {
    Site {
        notice: "演示环境：单位、人员、价格均为虚构，操作不产生效力".into(),
        foot: Foot {
            sponsor: "某省医疗保障局（演示）".into(),
            telephone: "12393（演示，不接听）".into(),
            filing: String::new(),
        },
        origin: Origin::Loopback,
        clock_page: Some("/demo/clock".into()),
        demo_accounts: accounts(),
        ..Site::default()
    }
}

/// Whom a visitor may log in as: who, account, password.
fn accounts() -> Vec<(String, String, String)> {
    [
        ("采购机构经办一", "officer1"),
        ("采购机构经办二", "officer2"),
        ("采购机构管理员", "agency-admin"),
        ("澜州市第一人民医院采购一", "hospital1a"),
        ("澜州市第一人民医院采购二", "hospital1b"),
        ("澜州市第一人民医院管理员", "hospital1-admin"),
        ("生产企业业务员（澜培）", "enterprise24a"),
        ("生产企业挂网申报员（澜培）", "enterprise24b"),
        ("生产企业订单配送员（澜培）", "enterprise24c"),
        ("生产企业管理员（澜培）", "enterprise24-admin"),
        ("配送企业业务员", "distributor1a"),
    ]
    .map(|(who, login)| (who.to_owned(), login.to_owned(), people::PASSWORD.to_owned()))
    .to_vec()
}

fn target(args: &Args) -> Result<Target, String> {
    std::fs::create_dir_all(&args.dir).map_err(|e| {
        format!("无法在 {} 建立目录（{e}）；请用 --dir 指定一个可以写入的目录", args.dir.display())
    })?;
    match &args.database {
        Some(url) => Target::parse(url),
        None => Ok(Target::Sqlite(args.dir.join("demo.sqlite"))),
    }
}

/// Opens the demonstration's database; makes it where there is none, or none that was finished.
async fn open(args: &Args, target: &Target, clock: &Clock) -> Result<Db, String> {
    if args.fresh {
        remove(target)?;
    }
    for attempt in 0..2 {
        migrate::run(target)?;
        let db = Db::open(target, Limits::default())?;
        match state(&db).await.map_err(words)? {
            State::Complete => return Ok(db),
            State::Empty => {
                say("正在准备演示数据，约需十几秒……");
                seed(&db, clock).await.map_err(|e| format!("演示数据未能建立：{}", words(e)))?;
                return Ok(db);
            }
            State::Foreign if matches!(target, Target::Postgres(_)) || attempt > 0 => break,
            // Interrupted while it was being made.
            State::Foreign => {
                drop(db);
                remove(target)?;
            }
        }
    }
    Err("这个数据库里已有其他数据，不能用于演示；请指定一个空的数据库".into())
}

enum State {
    Empty,
    Complete,
    Foreign,
}

async fn state(db: &Db) -> Result<State> {
    db.read(|c| {
        let complete: i64 = setting::table.filter(setting::key.eq(COMPLETE)).count().get_result(c)?;
        let anybody: i64 = organisation::table.count().get_result(c)?;
        Ok(match (complete, anybody) {
            (0, 0) => State::Empty,
            (0, _) => State::Foreign,
            _ => State::Complete,
        })
    })
    .await
}

fn remove(target: &Target) -> Result<(), String> {
    let Target::Sqlite(path) = target else { return Ok(()) };
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        match std::fs::remove_file(Path::new(&name)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(format!("无法删除 {}：{e}", Path::new(&name).display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The demonstration's first legal instant: 2024-08-05 09:00 in Shanghai.
fn first_instant() -> Result<Time> {
    Time::parse("2024-08-05T09:00:00+08:00").ok_or_else(|| Error::internal("first instant"))
}

async fn seed(db: &Db, clock: &Clock) -> Result<()> {
    let passwords = Passwords::new(Cost::Real)?;
    set_clock(db, clock).await?;
    let people = people::seed(db, &passwords, clock.now()).await?;
    ties::seed(db, &people, clock).await?;
    let policies = Policies::shipped().map_err(Error::internal)?;
    listings::seed(db, &people, &policies, clock).await?;
    orders::seed(db, &people, &policies, clock).await?;
    registrations::seed(db, &people, clock).await?;
    let actor = Actor::system("演示数据", clock.now());
    db.write(&actor, |tx| {
        diesel::insert_into(setting::table)
            .values((setting::key.eq(COMPLETE), setting::value.eq("yes")))
            .execute(tx.conn)?;
        tx.note("demo.complete", "setting", Id::new(), &json!({ "key": COMPLETE }))
    })
    .await
}

async fn set_clock(db: &Db, clock: &Clock) -> Result<()> {
    let now = clock.now();
    let legal = first_instant()?;
    db.write(&Actor::system("演示数据", now), move |tx| {
        clock::set_legal(tx.conn, now, legal)?;
        tx.legal_moved();
        tx.note("legal_clock.set", "setting", Id::new(), &json!({ "legal": legal }))
    })
    .await
}
