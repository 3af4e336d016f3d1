//! Random secrets that are handed out once and kept as a hash.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::error::{Error, Result};

/// 256 random bits, 43 characters that need no escaping anywhere.
pub fn fresh() -> String {
    let bytes: [u8; 32] = rand::random();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What is kept of a secret: SHA-256, hex. Enough for 256 random bits; never for a password.
pub fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// A secret made from another one: the same each time, and nobody's guess without the key.
///
/// # Errors
/// Internal, where the key is of no use.
pub fn derived(key: &[u8], from: &str) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(Error::internal)?;
    mac.update(from.as_bytes());
    Ok(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// Compares without telling by the time it takes where two texts differ.
pub fn equal(one: &str, two: &str) -> bool {
    subtle::ConstantTimeEq::ct_eq(one.as_bytes(), two.as_bytes()).into()
}
