//! The platform's own signature: ECDSA over P-256 with SHA-256. Anyone who has the public key, which stands on a public page, can
//! check with ordinary tools that a document came from this platform and was not altered since.
//!
//! The private half stands in the key file, in a line `sign BASE64`. Every public half that was ever used is kept in the
//! database, so that old signatures can still be checked after the key has changed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use p256::SecretKey;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey as Private, VerifyingKey};
use p256::pkcs8::{EncodePublicKey, LineEnding};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::sql::{AnyConn, Time};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::on_db;
use crate::schema::setting;

/// What the settings of public keys begin with.
const KEPT: &str = "signing.key.";

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// SHA-256 over the key as a SubjectPublicKeyInfo, hex.
    pub fingerprint: String,
    /// The same as PEM.
    pub pem: String,
    /// Since when it is used; none for one that was not yet kept.
    pub since: Option<Time>,
}

/// The key that signs.
#[derive(Clone)]
pub struct SigningKey {
    private: Private,
    /// Its public half.
    pub public: PublicKey,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.public.fingerprint)
    }
}

impl SigningKey {
    /// From the 32 bytes of the key file, in base64; none where they are no key.
    pub fn read(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.trim()).ok()?;
        let secret = SecretKey::from_slice(&bytes).ok()?;
        let private = Private::from(secret);
        let public = public(private.verifying_key())?;
        Some(Self { private, public })
    }

    /// Fresh bytes for the key file, in base64.
    pub fn fresh() -> String {
        loop {
            let bytes: [u8; 32] = rand::random();
            let text = STANDARD.encode(bytes);
            if Self::read(&text).is_some() {
                return text;
            }
        }
    }

    /// The signature as DER, as `openssl dgst -verify` takes it. The same document has the same signature.
    ///
    /// # Errors
    /// Internal, where the library refuses.
    pub fn sign(&self, document: &[u8]) -> Result<Vec<u8>> {
        let signature: DerSignature = self.private.try_sign(document).map_err(Error::internal)?;
        Ok(signature.as_bytes().to_vec())
    }
}

fn public(key: &VerifyingKey) -> Option<PublicKey> {
    let der = key.to_public_key_der().ok()?;
    let pem = key.to_public_key_pem(LineEnding::LF).ok()?;
    Some(PublicKey { fingerprint: hex::encode(Sha256::digest(der.as_bytes())), pem, since: None })
}

/// Keeps the public half, where it is not kept yet.
///
/// # Errors
/// Of the database.
pub async fn keep(db: &Db, key: &PublicKey, now: Time) -> Result<()> {
    let row = PublicKey { since: Some(now), ..key.clone() };
    let value = serde_json::to_string(&row).map_err(Error::internal)?;
    let name = format!("{KEPT}{}", key.fingerprint);
    db.write_unaudited("signing.keep", move |conn| {
        let row = (setting::key.eq(&name), setting::value.eq(&value));
        on_db!(conn, c => diesel::insert_into(setting::table)
            .values(row).on_conflict(setting::key).do_nothing().execute(c)?);
        Ok(())
    })
    .await
}

/// Every public key that was ever used, the latest first.
pub fn kept(conn: &mut AnyConn) -> Result<Vec<PublicKey>> {
    let values: Vec<String> =
        setting::table.filter(setting::key.like(format!("{KEPT}%"))).select(setting::value).load(conn)?;
    let mut all: Vec<PublicKey> =
        values.iter().map(|v| serde_json::from_str(v).map_err(Error::internal)).collect::<Result<_>>()?;
    all.sort_by_key(|key| std::cmp::Reverse(key.since));
    Ok(all)
}
