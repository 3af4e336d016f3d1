//! Large bodies. Little of one is held while it comes in: the rest waits in a file that has no name. Only what came whole is
//! read back, and all that is read back at one time keeps within a budget of bytes. From one address a few come in at once.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Refusal, Result};
use crate::turns::Turns;

/// Bytes of one body that are held in memory while it comes in.
pub const HELD: usize = 256 * 1024;
/// Bytes that all large bodies may take at one time once they are there.
const BUDGET: usize = 192 * 1024 * 1024;
/// Copies of a body that exist at once while its form is taken apart.
const COPIES: usize = 3;
/// Large bodies from one address at once.
const AT_ONCE: usize = 4;
/// How long one waits for its turn.
const WAIT: Duration = Duration::from_secs(10);
/// Seconds after which somebody may come again.
const AGAIN_SECONDS: i64 = 10;

/// Where large bodies come in. Cheap to clone.
#[derive(Clone)]
pub struct Lane {
    budget: Arc<Semaphore>,
    networks: Turns<IpAddr>,
}

impl Default for Lane {
    fn default() -> Self {
        Self { budget: Arc::new(Semaphore::new(BUDGET / 1024)), networks: Turns::new(AT_ONCE) }
    }
}

/// What a large body holds until its request ends.
#[derive(Debug)]
pub struct Held {
    _place: OwnedSemaphorePermit,
    _budget: OwnedSemaphorePermit,
}

/// A body that comes in.
pub(super) struct Spool {
    file: File,
    place: OwnedSemaphorePermit,
    budget: Arc<Semaphore>,
}

impl Lane {
    /// Makes room for a large body, after those that come in from the same address.
    pub(super) async fn enter(&self, network: IpAddr) -> Result<Spool> {
        let place = self.networks.take(network, WAIT).await.ok_or_else(too_many)?;
        let file = tokio::task::spawn_blocking(tempfile::tempfile).await.map_err(Error::internal)?;
        let file = file.map_err(|cause| full(&cause))?;
        Ok(Spool { file, place, budget: self.budget.clone() })
    }
}

impl Spool {
    /// Puts a part away.
    pub(super) async fn put(mut self, part: Bytes) -> Result<Self> {
        tokio::task::spawn_blocking(move || {
            self.file.write_all(&part).map_err(|cause| full(&cause))?;
            Ok(self)
        })
        .await
        .map_err(Error::internal)?
    }

    /// Reads all of it back, once there is room for `count` bytes.
    pub(super) async fn back(self, count: usize) -> Result<(Bytes, Held)> {
        let kibibytes = u32::try_from(count * COPIES / 1024 + 1).map_err(Error::internal)?;
        let budget = tokio::time::timeout(WAIT, self.budget.acquire_many_owned(kibibytes)).await;
        let budget = budget.map_err(|_| too_many())?.map_err(Error::internal)?;
        let mut file = self.file;
        let body = tokio::task::spawn_blocking(move || {
            let mut whole = Vec::with_capacity(count);
            file.rewind().and_then(|()| file.read_to_end(&mut whole)).map(|_| whole)
        });
        let body = body.await.map_err(Error::internal)?.map_err(|cause| full(&cause))?;
        Ok((Bytes::from(body), Held { _place: self.place, _budget: budget }))
    }
}

fn too_many() -> Refusal {
    let detail = "当前上传的文件较多，请稍候再上传。";
    Refusal::new(503, "TOO_MANY_UPLOADS", detail).with("retry_after", AGAIN_SECONDS)
}

fn full(cause: &std::io::Error) -> Error {
    tracing::error!(%cause, "a body could not be put away among the temporary files");
    Error::Busy
}
