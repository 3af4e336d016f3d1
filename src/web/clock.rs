//! The procedure's time is moved forward, in demo and training.

use chrono::Datelike;

use crate::platform::db::{Actor, Db};
use crate::platform::error::{Refusal, Result};
use crate::platform::http::day;
use crate::platform::sql::{Id, Time};
use crate::platform::{clock, idempotency};

/// Moves the procedure's time forward to `to`, in demo and training; returns the time it is then.
///
/// # Errors
/// 422 `CLOCK_FORWARD_ONLY`, or naming `to` where its day is one that nobody may give.
pub async fn advance(db: &Db, actor: &Actor, to: Time, key: idempotency::Key) -> Result<Time> {
    if !day::YEARS.contains(&to.day().year()) {
        let (first, last) = (day::YEARS.start(), day::YEARS.end());
        return Err(
            Refusal::field("/to", format!("法定时间应在 {first} 年至 {last} 年之间，请核对年份")).into()
        );
    }
    db.write(actor, move |tx| {
        idempotency::run(tx, &key, |tx| {
            let (now, before) = (tx.now(), tx.legal_now()?);
            if to <= before {
                return Err(clock::forward_only().into());
            }
            clock::set_legal(tx.conn, now, to)?;
            let content = serde_json::json!({ "from": before, "to": to });
            tx.note("clock.advance", "setting", Id(uuid::Uuid::nil()), &content)?;
            Ok((200, content))
        })?;
        Ok(to)
    })
    .await
}
