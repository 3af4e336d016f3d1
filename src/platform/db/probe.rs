//! Does the database keep what is written? A full disk and a server that only reads answer to every question all the same.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use tokio::sync::Mutex;

use super::Db;
use crate::error::{Error, Result};
use crate::on_db;
use crate::schema::setting;
use crate::sql::{AnyConn, Id};

/// What the probe's one row is kept under.
const KEY: &str = "health.probe";
/// However many ask: the database is asked once in this time.
const LASTS: Duration = Duration::from_secs(1);

/// When it was tried last, and how that ended.
pub(super) type Probed = Arc<Mutex<Option<(Instant, bool)>>>;

impl Db {
    /// Writes a row of its own and reads it again; for a second all who ask are told the same.
    ///
    /// # Errors
    /// Of the database; `Unreachable` where that was a moment ago.
    pub async fn probe(&self) -> Result<()> {
        let mut last = self.probed.lock().await;
        if let Some((at, kept)) = *last
            && at.elapsed() < LASTS
        {
            return if kept { Ok(()) } else { Err(Error::Unreachable) };
        }
        let ended = self.try_probe().await;
        *last = Some((Instant::now(), ended.is_ok()));
        ended
    }

    async fn try_probe(&self) -> Result<()> {
        let word = Id::new().to_string();
        let put = word.clone();
        self.write_unaudited("health.probe", move |conn| write(conn, &put)).await?;
        let kept = self.read(|conn| {
            Ok(setting::table.find(KEY).select(setting::value).first::<String>(conn).optional()?)
        });
        // Another instance may have written between the two.
        kept.await?.map(drop).ok_or_else(|| Error::internal("the probe was not kept"))
    }
}

fn write(conn: &mut AnyConn, word: &str) -> Result<()> {
    on_db!(conn, c => diesel::insert_into(setting::table)
        .values((setting::key.eq(KEY), setting::value.eq(word)))
        .on_conflict(setting::key)
        .do_update()
        .set(setting::value.eq(word))
        .execute(c))?;
    Ok(())
}
