//! The two clocks. [`Clock`] is real time; [`LegalClock`](legal_offset) is the procedure's time: real time plus an offset
//! that is kept in the database, one for all instances, forward only. There is no other `now()` in the program.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use chrono::{Duration, NaiveDate, Utc};
use diesel::prelude::*;

use super::error::{Error, Refusal, Result};
use super::schema::setting;
use super::sql::{AnyConn, Time};
use crate::on_db;

/// Real time: tokens, leases, back-off, audit, receipts.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Microseconds that a test put the clock forward; zero in every server.
    skew: Arc<AtomicI64>,
    /// Microseconds by which a test has the machine's clock jump, while no time passes.
    jump: Arc<AtomicI64>,
}

impl Clock {
    /// The instant now.
    pub fn now(&self) -> Time {
        // The one place in the program that asks the machine for the time.
        #[allow(clippy::disallowed_methods)]
        let real = Utc::now();
        let ahead = self.skew.load(Ordering::Relaxed).saturating_add(self.jump.load(Ordering::Relaxed));
        Time::from_utc(real).plus(Duration::microseconds(ahead))
    }

    /// The instant now by a clock that nobody sets once the program runs: what limits count by.
    pub fn steady(&self) -> Time {
        static BEGUN: LazyLock<(Time, Instant)> = LazyLock::new(|| (Clock::default().now(), Instant::now()));
        let (at, begun) = *BEGUN;
        let passed = Duration::from_std(begun.elapsed()).unwrap_or_default();
        at.plus(passed + Duration::microseconds(self.skew.load(Ordering::Relaxed)))
    }

    /// Puts this clock forward, for tests of expiry.
    pub fn advance(&self, by: Duration) {
        self.skew.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::Relaxed);
    }

    /// Sets it forward or back while no time passes, for tests of a machine whose clock was wrong.
    pub fn jump(&self, by: Duration) {
        self.jump.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::Relaxed);
    }
}

/// What the offset is kept under.
pub(super) const OFFSET_KEY: &str = "legal_clock.offset_seconds";

/// Seconds by which the procedure's time is ahead of real time (behind, where negative, as in the demo).
pub fn legal_offset(conn: &mut AnyConn) -> Result<Duration> {
    let value: Option<String> =
        on_db!(conn, c => setting::table.find(OFFSET_KEY).select(setting::value).get_result(c)).optional()?;
    offset_of(value)
}

/// The offset as it is kept; none is kept before the clock is set.
pub(super) fn offset_of(value: Option<String>) -> Result<Duration> {
    let seconds = match value {
        None => 0,
        Some(text) => text.parse().map_err(|_| Error::internal("setting legal_clock.offset_seconds"))?,
    };
    Duration::try_seconds(seconds).ok_or_else(|| Error::internal("setting legal_clock.offset_seconds"))
}

/// As [`legal_offset`], in seconds, to be asked beside other numbers.
pub const OFFSET_SECONDS: &str =
    "SELECT CAST(value AS BIGINT) FROM setting WHERE key = 'legal_clock.offset_seconds'";

/// The procedure's instant at the real instant `now`.
pub fn legal_now(conn: &mut AnyConn, now: Time) -> Result<Time> {
    Ok(now.plus(legal_offset(conn)?))
}

/// The procedure's day at the real instant `now`.
pub fn legal_day(conn: &mut AnyConn, now: Time) -> Result<NaiveDate> {
    Ok(legal_now(conn, now)?.day())
}

/// Sets the procedure's time at the real instant `now` to `legal`; only forward once it was set.
pub fn set_legal(conn: &mut AnyConn, now: Time, legal: Time) -> Result<()> {
    let seconds = (legal.0 - now.0).num_seconds();
    let is_set: i64 = setting::table.filter(setting::key.eq(OFFSET_KEY)).count().get_result(conn)?;
    if is_set > 0 {
        if seconds < legal_offset(conn)?.num_seconds() {
            return Err(forward_only().into());
        }
        diesel::update(setting::table.find(OFFSET_KEY))
            .set(setting::value.eq(seconds.to_string()))
            .execute(conn)?;
    } else {
        diesel::insert_into(setting::table)
            .values((setting::key.eq(OFFSET_KEY), setting::value.eq(seconds.to_string())))
            .execute(conn)?;
    }
    Ok(())
}

/// What somebody is told who turns the procedure's time back.
pub fn forward_only() -> Refusal {
    Refusal::new(422, "CLOCK_FORWARD_ONLY", "法定时间只能向前推进，请选择晚于当前法定时间的时刻。")
}
