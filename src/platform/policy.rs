//! Which version of the province's rules is in force on a legal day, and the record of every version that was ever used.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::{Map, Value};

use super::db::Tx;
use super::error::{Error, Refusal, Result};
use super::schema::policy_version;
use crate::rules::canonical::canonical;
use crate::rules::policy::{Library, Policy, PolicyError};

/// All versions of the province's profile, read once. Cheap to clone.
#[derive(Clone)]
pub struct Policies {
    versions: Arc<BTreeMap<NaiveDate, Arc<Policy>>>,
    profile: Arc<str>,
}

impl Policies {
    /// Every version of `profile` in the library.
    ///
    /// # Errors
    /// What is wrong with a file, or that there is no such profile.
    pub fn load(library: &Library, profile: &str) -> Result<Self, PolicyError> {
        let mut versions = BTreeMap::new();
        for (name, from) in library.versions() {
            if name == profile {
                versions.insert(from, Arc::new(library.named(&format!("{name}@{from}"))?));
            }
        }
        if versions.is_empty() {
            return Err(PolicyError::Unknown(profile.to_owned()));
        }
        Ok(Self { versions: Arc::new(versions), profile: profile.into() })
    }

    /// The profile that ships with the program.
    ///
    /// # Errors
    /// None in a tested build.
    pub fn shipped() -> Result<Self, PolicyError> {
        Self::load(&Library::shipped()?, "default")
    }

    /// The version in force on `day`: the latest not after it.
    ///
    /// # Errors
    /// 422 `POLICY_NOT_IN_FORCE` for a day before the first version.
    pub fn in_force(&self, day: NaiveDate) -> Result<Arc<Policy>> {
        let latest = self.versions.range(..=day).next_back().map(|(_, policy)| policy.clone());
        latest.ok_or_else(|| {
            let detail = format!("规则“{}”在 {day} 尚未生效，请核对日期或补充规则文件。", self.profile);
            Refusal::new(422, "POLICY_NOT_IN_FORCE", detail).into()
        })
    }
}

/// A mistake of ours in the use of a policy, or a file that says nonsense.
impl From<PolicyError> for Error {
    fn from(error: PolicyError) -> Self {
        Self::internal(error)
    }
}

/// Keeps the version under its digest on first use, so that a decision can always be recomputed under the law it was made by.
///
/// # Errors
/// 409 `POLICY_EDITED` where the same version was used before with other content: a change of law is a new version.
pub fn keep(tx: &mut Tx, policy: &Policy) -> Result<()> {
    let known: i64 = policy_version::table.find(policy.digest()).count().get_result(tx.conn)?;
    if known > 0 {
        return Ok(());
    }
    let (name, from) =
        policy.name.rsplit_once('@').ok_or_else(|| Error::internal("a policy without a day"))?;
    let effective_from: NaiveDate = from.parse().map_err(Error::internal)?;
    let same: i64 = policy_version::table
        .filter(policy_version::name.eq(name))
        .filter(policy_version::effective_from.eq(effective_from))
        .count()
        .get_result(tx.conn)?;
    if same > 0 {
        let detail =
            format!("规则文件 {} 在启用后被改动；请恢复原文件，修改内容另立新的生效日期。", policy.name);
        return Err(Refusal::new(409, "POLICY_EDITED", detail).into());
    }
    let values: Map<String, Value> =
        policy.entries().map(|(key, entry)| (key.to_owned(), entry.to_json())).collect();
    diesel::insert_into(policy_version::table)
        .values((
            policy_version::digest.eq(policy.digest()),
            policy_version::name.eq(name),
            policy_version::effective_from.eq(effective_from),
            policy_version::content.eq(canonical(&Value::Object(values)).map_err(Error::internal)?),
            policy_version::kept_at.eq(tx.now()),
        ))
        .execute(tx.conn)?;
    Ok(())
}
