//! The platform's own signature: ECDSA over P-256 with SHA-256. Whoever has the public key, which stands on a public page, can
//! check with ordinary tools that a document came from this platform and was not altered since.
//!
//! The private half stands in the key file, in a line `sign BASE64`. Every public half that was ever used is kept in the
//! database, so that old signatures can still be checked after the key has changed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use p256::SecretKey;
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{DerSignature, Signature, SigningKey as Private, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::platform::clock::Time;
use crate::platform::db::{AnyConn, Db};
use crate::platform::error::{Error, Result};
use crate::platform::schema::setting;

/// What a public key of P-256 begins with as a SubjectPublicKeyInfo; the uncompressed point follows.
const SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
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
        let public = public(private.verifying_key());
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
        let signature: Signature = self.private.try_sign(document).map_err(Error::internal)?;
        Ok(signature.to_der().as_bytes().to_vec())
    }
}

fn public(key: &VerifyingKey) -> PublicKey {
    let mut der = SPKI.to_vec();
    der.extend_from_slice(key.to_encoded_point(false).as_bytes());
    let body = STANDARD.encode(&der);
    let mut lines = vec!["-----BEGIN PUBLIC KEY-----".to_owned()];
    let mut rest = body.as_str();
    while let Some((line, more)) = rest.split_at_checked(64) {
        lines.push(line.to_owned());
        rest = more;
    }
    lines.extend(
        [rest.to_owned(), "-----END PUBLIC KEY-----\n".to_owned()].into_iter().filter(|l| !l.is_empty()),
    );
    PublicKey { fingerprint: hex::encode(Sha256::digest(&der)), pem: lines.join("\n"), since: None }
}

impl PublicKey {
    /// Whether a signature is this key's over the document.
    pub fn verifies(&self, document: &[u8], signature: &[u8]) -> bool {
        let body: String = self.pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let der = STANDARD.decode(body).unwrap_or_default();
        let key = der.get(SPKI.len()..).and_then(|point| VerifyingKey::from_sec1_bytes(point).ok());
        let signature = DerSignature::from_bytes(signature).ok().and_then(|s| Signature::try_from(s).ok());
        key.zip(signature).is_some_and(|(key, signature)| key.verify(document, &signature).is_ok())
    }
}

/// Keeps the public half, where it is not kept yet.
///
/// # Errors
/// Of the database.
pub async fn keep(db: &Db, key: &PublicKey, now: Time) -> Result<()> {
    let row = PublicKey { since: Some(now), ..key.clone() };
    let value = serde_json::to_string(&row).map_err(Error::internal)?;
    let name = format!("{KEPT}{}", key.fingerprint);
    db.keep("signing.keep", move |conn| {
        let known: i64 = setting::table.find(&name).count().get_result(conn)?;
        if known == 0 {
            diesel::insert_into(setting::table)
                .values((setting::key.eq(&name), setting::value.eq(&value)))
                .execute(conn)?;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_one_key_and_one_document() {
        let (one, other) = (
            SigningKey::read(&SigningKey::fresh()).unwrap(),
            SigningKey::read(&SigningKey::fresh()).unwrap(),
        );
        let signature = one.sign("集采".as_bytes()).unwrap();
        assert_eq!(signature, one.sign("集采".as_bytes()).unwrap());
        assert!(one.public.verifies("集采".as_bytes(), &signature));
        assert!(!one.public.verifies("集采。".as_bytes(), &signature));
        assert!(!other.public.verifies("集采".as_bytes(), &signature));
        assert!(!one.public.verifies("集采".as_bytes(), b"no signature"));
    }

    /// RFC 6979, A.2.5: the public key of a published private key.
    #[test]
    fn the_public_half_is_the_published_one() {
        let private = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
        let key = SigningKey::read(&STANDARD.encode(hex::decode(private).unwrap())).unwrap();
        let point = "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6\
                     7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";
        let body: String = key.public.pem.lines().filter(|l| !l.starts_with("-----")).collect();
        assert_eq!(hex::encode_upper(&STANDARD.decode(body).unwrap()[26..]), point);
        let document = b"sample";
        // r and s of SHA-256, "sample".
        let published = "3046022100EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716\
                         022100F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
        assert_eq!(hex::encode_upper(key.sign(document).unwrap()), published);
    }
}
