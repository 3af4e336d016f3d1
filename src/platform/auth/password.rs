//! Passwords: Argon2id off the async threads, at the same cost whether the account exists or not.

use std::sync::{Arc, OnceLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::platform::error::{Error, FieldError, Refusal, Result};

/// Fewest characters of a password. There are no rules about kinds of characters: length is what helps.
pub const MIN_CHARS: usize = 12;
/// Most characters, so that nobody makes the platform hash a book.
pub const MAX_CHARS: usize = 128;

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
        self.in_turn(move |inner| match stored {
            Some(stored) => inner.verify(&password, &stored),
            None => inner.verify(&password, &inner.dummy()?).map(|_| false),
        })
        .await
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
        Ok(self.argon2().hash_password(password.as_bytes()).map_err(Error::internal)?.to_string())
    }

    fn verify(&self, password: &str, stored: &str) -> Result<bool> {
        let parsed = PasswordHash::new(stored).map_err(Error::internal)?;
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

/// What guessers try first, lower case. Everything shorter than [`MIN_CHARS`] is out already.
const DENIED: &[&str] = &[
    "password1234",
    "password12345",
    "password123456",
    "passw0rd1234",
    "p@ssw0rd1234",
    "p@ssword1234",
    "123456789012",
    "1234567890123",
    "12345678901234",
    "123456789abc",
    "1234567890ab",
    "1234567890qwe",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwertyuiopas",
    "qwertyuiop[]",
    "1qaz2wsx3edc",
    "1q2w3e4r5t6y",
    "qwer1234asdf",
    "qazwsxedcrfv",
    "zaq12wsxcde3",
    "asdfghjkl123",
    "abcdefghijkl",
    "abcdefg12345",
    "abc123456789",
    "a12345678901",
    "administrator",
    "administrator1",
    "admin1234567",
    "admin@123456",
    "administrator123",
    "letmein12345",
    "iloveyou1234",
    "woaini123456",
    "woaini520131",
    "woaini1314520",
    "welcome12345",
    "changeme1234",
    "changemeplease",
    "hospital1234",
    "yiyuan123456",
    "yaopin123456",
    "jicai1234567",
    "caigou123456",
    "yibao1234567",
];

/// Checks a password that somebody wants to use, at the member `pointer`.
///
/// # Errors
/// 422 with a sentence that says what is wrong; the password itself is never repeated.
pub fn check(pointer: &str, login: &str, password: &str) -> Result<()> {
    let chars = password.chars().count();
    let lower = password.to_lowercase();
    let problem = if chars < MIN_CHARS {
        format!("密码至少 {MIN_CHARS} 个字符，您填的有 {chars} 个。可以用几个不相干的词连成一句。")
    } else if chars > MAX_CHARS {
        format!("密码至多 {MAX_CHARS} 个字符，您填的有 {chars} 个。")
    } else if DENIED.contains(&lower.as_str()) || is_monotonous(&lower) {
        "这个密码太常见，容易被猜中，请换一个。".into()
    } else if login.chars().count() >= 4 && lower.contains(&login.to_lowercase()) {
        "密码中不能含有登录名，请换一个。".into()
    } else {
        return Ok(());
    };
    Err(Refusal::invalid(vec![FieldError { pointer: pointer.into(), detail: problem }]).into())
}

/// Fewer than four different characters, such as `aaaaaaaaaaaa` or `121212121212`.
fn is_monotonous(password: &str) -> bool {
    let mut seen: Vec<char> = password.chars().collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len() < 4
}
