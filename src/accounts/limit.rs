//! A limit by address on log-ins and resets: anyone who tries one password on many names meets it. The memory is bounded: two
//! generations of a fixed number of addresses; when the younger is full the elder is forgotten.
//!
//! Each address may fail [`BURST`] times at once and then once in [`SECONDS_EACH`] seconds. A success is given back, so that a
//! hospital behind one address can begin its day.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use crate::platform::error::{Refusal, Result};
use crate::platform::sql::Time;

/// Failures at once.
pub const BURST: i64 = 60;
/// Seconds after which one more is allowed.
pub const SECONDS_EACH: i64 = 5;
/// Addresses of one generation; each is some 40 bytes.
const MOST: usize = 20_000;

/// When an address will have its full allowance again, in seconds of the epoch; the distance from now is what it used.
type Full = i64;

#[derive(Default)]
struct Generations {
    young: HashMap<IpAddr, Full>,
    old: HashMap<IpAddr, Full>,
}

/// The limit of this instance. Cheap to clone.
#[derive(Clone, Default)]
pub struct AddressLimit(Arc<Mutex<Generations>>);

impl AddressLimit {
    /// Takes one try of an address.
    ///
    /// # Errors
    /// 429 `TOO_MANY_TRIES` with `retry_after` in seconds.
    pub fn take(&self, address: IpAddr, now: Time) -> Result<()> {
        let now = now.0.and_utc().timestamp();
        let mut kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let full = kept.find(address).max(now) + SECONDS_EACH;
        let over = full - now - BURST * SECONDS_EACH;
        if over > 0 {
            let minutes = (over + 59) / 60;
            let detail = format!("您所在网络的尝试过于频繁，请在 {minutes} 分钟后再试。");
            return Err(Refusal::new(429, "TOO_MANY_TRIES", detail).with("retry_after", over).into());
        }
        kept.keep(address, full);
        Ok(())
    }

    /// Gives a try back, after a success.
    pub fn give_back(&self, address: IpAddr) {
        let mut kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let full = kept.find(address) - SECONDS_EACH;
        kept.keep(address, full);
    }

    /// Addresses that are remembered.
    pub fn remembered(&self) -> usize {
        let kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.young.len() + kept.old.len()
    }
}

impl Generations {
    fn find(&self, address: IpAddr) -> Full {
        self.young.get(&address).or_else(|| self.old.get(&address)).copied().unwrap_or(0)
    }

    fn keep(&mut self, address: IpAddr, full: Full) {
        if self.young.len() >= MOST && !self.young.contains_key(&address) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(address, full);
    }
}
