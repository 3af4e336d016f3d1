//! Limits on tries: anyone who tries one password on many names meets that of the address. The memory is bounded: two
//! generations of a fixed number of keys; when the younger is full the elder is forgotten.
//!
//! Each key may fail so many times at once and then once in so many seconds. A success is given back, so that a hospital behind
//! one address can begin its day. Time is that of [`Clock::steady`](crate::platform::clock::Clock::steady): a machine's clock
//! that was wrong for a day locks nobody out.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::platform::error::{Refusal, Result};
use crate::platform::sql::{Id, Time};

/// Failures at once.
pub const BURST: i64 = 60;
/// Seconds after which one more is allowed.
pub const SECONDS_EACH: i64 = 5;
/// Keys of one generation; each is some 40 bytes.
const MOST: usize = 20_000;

/// When a key will have its full allowance again, in seconds of the epoch; the distance from now is what it used.
type Full = i64;

struct Generations<K> {
    young: HashMap<K, Full>,
    old: HashMap<K, Full>,
}

/// The limit of this instance on what is counted by `K`. Cheap to clone.
#[derive(Clone)]
pub struct Limit<K> {
    kept: Arc<Mutex<Generations<K>>>,
    burst: i64,
    seconds_each: i64,
}

/// A limit by address.
pub type AddressLimit = Limit<IpAddr>;

/// Those of this instance. People, systems and strangers draw on allowances of their own: a system with an old secret keeps
/// nobody of its hospital from logging in.
#[derive(Clone)]
pub struct Limits {
    /// Links in mails, by address.
    pub links: AddressLimit,
    /// Systems that nobody knows, by address.
    pub strangers: AddressLimit,
    /// Wrong secrets of a system, by the system.
    pub clients: Limit<Id>,
    /// Applications to take part, by address.
    pub applications: AddressLimit,
    /// Applications to take part from everywhere.
    pub all_applications: Limit<()>,
    /// Uploads of evidence by those who apply, by address.
    pub evidence: AddressLimit,
    /// Files of prices for the public, by address.
    pub exports: AddressLimit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            links: Limit::default(),
            strangers: Limit::default(),
            clients: Limit::default(),
            applications: Limit::of(20, 180),
            all_applications: Limit::of(300, 12),
            evidence: Limit::of(60, 10),
            exports: Limit::of(30, 20),
        }
    }
}

impl<K: Hash + Eq + Copy> Default for Limit<K> {
    fn default() -> Self {
        Self::of(BURST, SECONDS_EACH)
    }
}

impl<K: Hash + Eq + Copy> Limit<K> {
    /// So many at once, then one each so many seconds.
    pub fn of(burst: i64, seconds_each: i64) -> Self {
        let kept = Generations { young: HashMap::new(), old: HashMap::new() };
        Self { kept: Arc::new(Mutex::new(kept)), burst, seconds_each }
    }

    /// Takes one try of a key; the seconds after which it may try again, where it may not now.
    pub fn try_take(&self, key: K, now: Time) -> std::result::Result<(), i64> {
        let now = now.0.and_utc().timestamp();
        let mut kept = self.kept();
        let full = kept.find(key).unwrap_or(now).max(now) + self.seconds_each;
        let over = full - now - self.burst * self.seconds_each;
        if over > 0 {
            return Err(over);
        }
        kept.keep(key, full);
        Ok(())
    }

    /// As [`Self::try_take`], in words for people.
    ///
    /// # Errors
    /// 429 `TOO_MANY_TRIES` with `retry_after` in seconds.
    pub fn take(&self, key: K, now: Time) -> Result<()> {
        self.try_take(key, now).map_err(|over| {
            let detail = format!(
                "您所在网络的失败次数过多，请在 {}后再试；如仍不行，请联系本单位管理员，或请省级采购机构协助。",
                wait(over)
            );
            Refusal::new(429, "TOO_MANY_TRIES", detail).with("retry_after", over).into()
        })
    }

    /// Gives a try back, after a success.
    pub fn give_back(&self, key: K) {
        let mut kept = self.kept();
        if let Some(full) = kept.find(key) {
            kept.keep(key, full - self.seconds_each);
        }
    }

    /// Keys that are remembered.
    pub fn remembered(&self) -> usize {
        let kept = self.kept();
        kept.young.len() + kept.old.len()
    }

    fn kept(&self) -> MutexGuard<'_, Generations<K>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq + Copy> Generations<K> {
    fn find(&self, key: K) -> Option<Full> {
        self.young.get(&key).or_else(|| self.old.get(&key)).copied()
    }

    fn keep(&mut self, key: K, full: Full) {
        if self.young.len() >= MOST && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, full);
    }
}

/// How long that is, for people.
pub fn wait(seconds: i64) -> String {
    if seconds < 60 { format!("{seconds} 秒") } else { format!("{} 分钟", (seconds + 59) / 60) }
}
