//! Is the instance alive, is it ready, and may it start at all?

use chrono::Duration;
use diesel::prelude::*;
use serde::Serialize;

use super::clock::{self, Clock};
use super::config::Config;
use super::db::Db;
use super::error::{Error, Result};
use super::sql::{AnyConn, Time};

/// How far the clocks of an instance and its database may be apart.
const MOST_SKEW_MS: i64 = 1000;

/// Answer of `/readyz`.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Health {
    /// `ok` or `unavailable`.
    pub status: &'static str,
}

/// `/healthz`: the process answers.
pub fn alive() -> Health {
    Health { status: "ok" }
}

/// `/readyz`: the database keeps what is written and answers to reading. An error means 503.
pub async fn ready(db: &Db) -> Result<Health> {
    db.probe().await?;
    Ok(alive())
}

#[derive(QueryableByName)]
struct Instant {
    #[diesel(sql_type = diesel::sql_types::Timestamp)]
    at: Time,
}

/// What the database's server takes for now. The embedded database lives on this machine and has no clock of its own.
fn database_now(conn: &mut AnyConn) -> Result<Option<Time>> {
    match conn {
        AnyConn::Sqlite(_) => Ok(None),
        AnyConn::Pg(c) => {
            // The one place that asks the server for the time: to compare it with ours.
            let row: Instant =
                diesel::sql_query("SELECT clock_timestamp() AT TIME ZONE 'UTC' AS at").get_result(c)?;
            Ok(Some(row.at))
        }
    }
}

/// How far this machine's clock is before the database's, as little as that can be said: the question itself takes time.
async fn ahead(db: &Db, clock: &Clock) -> Result<Option<Duration>> {
    let own = clock.clone();
    let (before, server, after) = db
        .read(move |conn| {
            let before = own.now();
            let server = database_now(conn)?;
            Ok((before, server, own.now()))
        })
        .await?;
    Ok(server.map(|server| match (before.0 - server.0, after.0 - server.0) {
        (least, _) if least > Duration::zero() => least,
        (_, most) if most < Duration::zero() => most,
        _ => Duration::zero(),
    }))
}

/// Refuses to start an instance whose clock is more than a second from the database's: leases and deadlines would be judged by
/// two times.
pub async fn check_clock(db: &Db, clock: &Clock) -> Result<()> {
    let ahead = ahead(db, clock).await?.unwrap_or_default();
    if ahead.num_milliseconds().abs() <= MOST_SKEW_MS {
        return Ok(());
    }
    Err(Error::internal(format!(
        "本机时钟（{}）与数据库服务器时钟（{}）相差超过 1 秒，平台拒绝启动；请先校准两台机器的时间（例如启用 NTP）",
        clock.now().rfc3339(),
        clock.now().plus(-ahead).rfc3339()
    )))
}

/// Tells the log and the figures of a running instance whose clock went astray.
pub async fn watch_clock(db: &Db, clock: &Clock) -> Result<()> {
    let Some(ahead) = ahead(db, clock).await? else { return Ok(()) };
    let millis = i32::try_from(ahead.num_milliseconds()).unwrap_or(i32::MAX);
    metrics::gauge!("jicai_clock_ahead_milliseconds").set(f64::from(millis));
    if i64::from(millis).abs() > MOST_SKEW_MS {
        tracing::error!(millis, "this machine's clock and the database's are more than a second apart");
    }
    Ok(())
}

/// Refuses to serve the public with a procedure's clock that was moved.
pub async fn check_legal_clock(db: &Db, config: &Config) -> Result<()> {
    if !config.is_production() {
        return Ok(());
    }
    let offset = db.read(clock::legal_offset).await?;
    if offset.is_zero() {
        return Ok(());
    }
    Err(Error::internal(
        "该数据库的法定时间曾被调整（用于演示或培训），不能用于正式环境；请为正式环境新建数据库，或把 platform.environment 改为 training",
    ))
}
