//! What is kept sealed in the database: AES-256-GCM under a key that is made from the platform's key file, which no backup
//! holds. Bound to the row it belongs to, so that one person's secret is nothing in another's row.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::keys::{Key, Keys};
use crate::platform::error::{Error, Result};
use crate::platform::sql::Id;

const NONCE_BYTES: usize = 12;

/// Seals `plain` for the row `owner`: `KID:BASE64(nonce, ciphertext)`.
///
/// # Errors
/// Internal, where there is no key.
pub fn seal(keys: &Keys, owner: Id, plain: &[u8]) -> Result<String> {
    let key = keys.signing().ok_or_else(|| Error::internal("no key to seal with"))?;
    let nonce: [u8; NONCE_BYTES] = rand::random();
    let aad = owner.to_string();
    let payload = Payload { msg: plain, aad: aad.as_bytes() };
    let sealed =
        cipher(key)?.encrypt(&Nonce::from(nonce), payload).map_err(|_| Error::internal("cannot seal"))?;
    Ok(format!("{}:{}", key.kid, STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat())))
}

/// Opens what was sealed for the row `owner`; none where its key is gone or it was altered.
pub fn open(keys: &Keys, owner: Id, sealed: &str) -> Option<Vec<u8>> {
    let (kid, text) = sealed.split_once(':')?;
    let bytes = STANDARD_NO_PAD.decode(text).ok()?;
    let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES)?;
    let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
    let aad = owner.to_string();
    let payload = Payload { msg: sealed, aad: aad.as_bytes() };
    cipher(keys.find(kid)?).ok()?.decrypt(&Nonce::from(nonce), payload).ok()
}

/// True where it is sealed with the key that signs today.
pub fn is_current(keys: &Keys, sealed: &str) -> bool {
    let kid = sealed.split_once(':').map(|(kid, _)| kid);
    kid.is_some() && kid == keys.signing().map(|key| key.kid.as_str())
}

fn cipher(key: &Key) -> Result<Aes256Gcm> {
    Aes256Gcm::new_from_slice(&key.seals).map_err(|_| Error::internal("a key of the wrong length"))
}
