//! So many at once for each key; whoever comes then waits for a while.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Turns by key. Cheap to clone; of a key that nobody uses nothing is kept.
#[derive(Clone)]
pub struct Turns<K> {
    most: usize,
    kept: Arc<Mutex<HashMap<K, Arc<Semaphore>>>>,
}

impl<K: Hash + Eq> Turns<K> {
    /// At most so many at once for one key.
    pub fn new(most: usize) -> Self {
        Self { most, kept: Arc::default() }
    }

    /// A turn, until it is dropped; none where it did not come within `wait`.
    pub async fn take(&self, key: K, wait: Duration) -> Option<OwnedSemaphorePermit> {
        let turns = {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            // A permit and whoever waits for one hold the semaphore, too.
            kept.retain(|_, turns| Arc::strong_count(turns) > 1);
            kept.entry(key).or_insert_with(|| Arc::new(Semaphore::new(self.most))).clone()
        };
        tokio::time::timeout(wait, turns.acquire_owned()).await.ok()?.ok()
    }
}
