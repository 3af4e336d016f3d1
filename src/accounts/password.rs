//! Passwords: Argon2id off the async threads, at the same cost whether the account exists or not.

use std::sync::{Arc, OnceLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::strength::{MAX_CHARS, normal};
use crate::platform::error::{Error, Result};

/// Longest text that is looked at: more than the longest password has in UTF-8. What is longer cannot be right.
const MAX_BYTES: usize = 4 * MAX_CHARS;

/// In place of a hash where somebody has no password yet; nothing belongs to it.
pub const NONE: &str = "!";

/// Hashes at once; each takes 19 MiB.
const AT_ONCE: usize = 2;
/// Log-ins that may wait for their turn; one more is answered 503.
const WAITING: usize = 64;

/// How much work a hash is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// 19 MiB, two passes: what OWASP recommends.
    Real,
    /// Next to nothing. Only for tests.
    Cheap,
}

/// Hashes and verifies passwords. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    inner: Arc<Inner>,
}

struct Inner {
    params: Params,
    turns: Semaphore,
    places: Semaphore,
    /// Verified in place of a hash when there is no such account.
    dummy: OnceLock<String>,
}

impl Passwords {
    /// A hasher of that cost.
    ///
    /// # Errors
    /// Where the parameters are refused, which no value of [`Cost`] gives.
    pub fn new(cost: Cost) -> Result<Self> {
        let params = match cost {
            Cost::Real => Params::new(19_456, 2, 1, None),
            Cost::Cheap => Params::new(8, 1, 1, None),
        };
        let inner = Inner {
            params: params.map_err(Error::internal)?,
            turns: Semaphore::new(AT_ONCE),
            places: Semaphore::new(AT_ONCE + WAITING),
            dummy: OnceLock::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Hashes a password into a PHC string.
    ///
    /// # Errors
    /// `BUSY` when too many wait.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.in_turn(move |inner| inner.hash(&password)).await
    }

    /// True where `password` belongs to `stored`. Without a stored hash it takes as long and is false.
    ///
    /// # Errors
    /// `BUSY` when too many wait; internal where the stored hash cannot be read.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool> {
        // A text of a megabyte costs no more than a short one.
        let stored = stored.filter(|hash| hash != NONE && password.len() <= MAX_BYTES);
        let password = if password.len() <= MAX_BYTES { password } else { String::new() };
        self.in_turn(move |inner| match stored {
            Some(stored) => inner.verify(&password, &stored),
            None => inner.verify(&password, &inner.dummy()?).map(|_| false),
        })
        .await
    }

    /// True where a stored hash was made at another cost than today's, and is to be made again at the next log-in.
    pub fn is_outdated(&self, stored: &str) -> bool {
        let params = PasswordHash::new(stored).ok().and_then(|hash| Params::try_from(&hash).ok());
        params.is_some_and(|params| {
            let costs = |p: &Params| (p.m_cost(), p.t_cost(), p.p_cost());
            costs(&params) != costs(&self.inner.params)
        })
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _place = self.inner.places.try_acquire().map_err(|_| Error::Busy)?;
        let _turn = self.inner.turns.acquire().await.map_err(Error::internal)?;
        let inner = self.inner.clone();
        tokio::task::spawn_blocking(move || work(&inner)).await.map_err(Error::internal)?
    }
}

impl Inner {
    fn argon2(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
    }

    fn hash(&self, password: &str) -> Result<String> {
        let password = normal(password);
        Ok(self.argon2().hash_password(password.as_bytes()).map_err(Error::internal)?.to_string())
    }

    fn verify(&self, password: &str, stored: &str) -> Result<bool> {
        let parsed = PasswordHash::new(stored).map_err(Error::internal)?;
        let password = normal(password);
        Ok(self.argon2().verify_password(password.as_bytes(), &parsed).is_ok())
    }

    fn dummy(&self) -> Result<String> {
        match self.dummy.get() {
            Some(hash) => Ok(hash.clone()),
            None => {
                let hash = self.hash("nobody has this password")?;
                Ok(self.dummy.get_or_init(|| hash).clone())
            }
        }
    }
}
