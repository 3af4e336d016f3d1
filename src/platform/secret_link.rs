//! Addresses in the portal that a secret opens, and the same without the secret.

use super::secret;

/// Stands before the secret in an address.
const KEY: &str = "?key=";

/// Path of a page in the portal that a secret opens.
pub fn path(page: &str, secret: &str) -> String {
    format!("{page}{KEY}{secret}")
}

/// A path without its secret: in its place stands the hash, by which the link is found in the database. None where the path
/// carries no secret.
pub fn forget_secret(path: &str) -> Option<String> {
    let (page, secret) = path.split_once(KEY)?;
    Some(format!("{page}?key_sha256={}", secret::hash(secret)))
}
