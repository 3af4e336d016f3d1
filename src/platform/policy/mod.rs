//! Which version of the province's rules is in force on a legal day, and the record of every version that was ever used.
//!
//! Versions ship with the program, or are brought by one officer and confirmed by a second ([`proposal`]). A version takes
//! effect on its legal day on every instance: each looks for confirmed versions every few seconds, and nothing is confirmed
//! for a day that is nearer than that.

mod chinese;
pub mod proposal;
pub mod withdraw;
mod words;

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::{Map, Value};

pub use chinese::complaints;
pub use words::{group, label, shown};

use super::db::{Db, Tx, Work};
use super::error::{Error, Refusal, Result};
use super::schema::policy_version;
use crate::rules::canonical::canonical;
use crate::rules::policy::{Policy, PolicyError};
use crate::rules::profiles::Library;
use proposal::Proposal;

/// How often an instance looks for versions that were confirmed on another and of which it was not told.
const LOOK: Duration = Duration::from_secs(30);

/// All versions of the province's profile. Cheap to clone; all clones see a version that is added.
#[derive(Clone)]
pub struct Policies {
    held: Arc<RwLock<Held>>,
    profile: Arc<str>,
}

struct Held {
    /// What ships, and what was confirmed.
    library: Library,
    /// Those of the province.
    versions: BTreeMap<NaiveDate, Arc<Policy>>,
}

impl Held {
    fn new(library: Library, profile: &str) -> Result<Self, PolicyError> {
        let mut versions = BTreeMap::new();
        for (name, from) in library.versions() {
            if name == profile {
                versions.insert(from, Arc::new(library.named(&format!("{name}@{from}"))?));
            }
        }
        if versions.is_empty() {
            return Err(PolicyError::Unknown(profile.to_owned()));
        }
        Ok(Self { library, versions })
    }
}

impl Policies {
    /// Every version of `profile` in the library.
    ///
    /// # Errors
    /// What is wrong with a file, or that there is no such profile.
    pub fn load(library: Library, profile: &str) -> Result<Self, PolicyError> {
        let held = Held::new(library, profile)?;
        Ok(Self { held: Arc::new(RwLock::new(held)), profile: profile.into() })
    }

    /// The profile that ships with the program.
    ///
    /// # Errors
    /// None in a tested build.
    pub fn shipped() -> Result<Self, PolicyError> {
        Self::load(Library::shipped()?, "default")
    }

    /// Takes in what was confirmed since; every instance does so when it starts and every few seconds.
    ///
    /// # Errors
    /// Of the database; a confirmed version that this program reads otherwise than when it was confirmed.
    pub async fn refresh(&self, db: &Db) -> Result<()> {
        let (confirmed, kept) =
            db.read(|conn| Ok((proposal::confirmed(conn)?, proposal::kept(conn)?))).await?;
        let mut library = Library::shipped()?;
        for row in confirmed {
            add(&mut library, &row, kept.get(&row.digest).map(String::as_str))?;
        }
        let held = Held::new(library, &self.profile)?;
        *self.held.write().unwrap_or_else(std::sync::PoisonError::into_inner) = held;
        Ok(())
    }

    /// Refreshes for ever; the caller ends it.
    pub async fn watch(self, db: Db) {
        let mut announced = db.announced(Work::Rules);
        loop {
            tokio::select! {
                () = announced.heard() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
            announced.looking();
            if let Err(error) = self.refresh(&db).await {
                tracing::error!(%error, "the confirmed versions of the rules could not be read");
            }
        }
    }

    fn with<T>(&self, look: impl FnOnce(&Held) -> T) -> T {
        look(&self.held.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// The name of the province's profile.
    pub fn profile(&self) -> &str {
        &self.profile
    }

    /// Everything that ships or was confirmed, of all profiles.
    pub fn library(&self) -> Library {
        self.with(|held| held.library.clone())
    }

    /// The province's versions, the earliest first.
    pub fn versions(&self) -> Vec<(NaiveDate, Arc<Policy>)> {
        self.with(|held| held.versions.iter().map(|(day, policy)| (*day, policy.clone())).collect())
    }

    /// The version before the one of that day.
    pub fn before(&self, day: NaiveDate) -> Option<Arc<Policy>> {
        self.with(|held| held.versions.range(..day).next_back().map(|(_, policy)| policy.clone()))
    }

    /// The version in force on `day`: the latest not after it.
    ///
    /// # Errors
    /// 422 `POLICY_NOT_IN_FORCE` for a day before the first version.
    pub fn in_force(&self, day: NaiveDate) -> Result<Arc<Policy>> {
        let latest = self.with(|held| held.versions.range(..=day).next_back().map(|(_, p)| p.clone()));
        latest.ok_or_else(|| {
            let detail = format!("规则“{}”在 {day} 尚未生效，请核对日期或补充规则文件。", self.profile);
            Refusal::new(422, "POLICY_NOT_IN_FORCE", detail).into()
        })
    }
}

/// Adds a confirmed version, unless the program ships the very same by now; `kept` is what it said when it was confirmed.
fn add(library: &mut Library, row: &Proposal, kept: Option<&str>) -> Result<()> {
    let name = row.version_name();
    if library.text(&name).is_none() {
        library.add(&name, &row.text)?;
    }
    let policy = library.named(&name)?;
    match policy.digest() == row.digest || kept.is_some_and(|kept| only_grew(kept, &policy)) {
        true => Ok(()),
        false => Err(edited(&name).into()),
    }
}

/// Whether a version says what it said when it was kept, and more only in parameters that a later program brought.
fn only_grew(kept: &str, policy: &Policy) -> bool {
    let kept: Option<Map<String, Value>> = serde_json::from_str(kept).ok();
    let same = |(key, entry): (&String, &Value)| policy.entry(key).is_some_and(|now| now.to_json() == *entry);
    kept.is_some_and(|kept| kept.iter().all(same))
}

fn edited(name: &str) -> Refusal {
    let detail = format!("规则文件 {name} 在启用后被改动；请恢复原文件，修改内容另立新的生效日期。");
    Refusal::new(409, "POLICY_EDITED", detail)
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
    let before: Option<String> = policy_version::table
        .filter(policy_version::name.eq(name))
        .filter(policy_version::effective_from.eq(effective_from))
        .select(policy_version::content)
        .first(tx.conn)
        .optional()?;
    match before {
        None => {}
        Some(kept) if only_grew(&kept, policy) => return Ok(()),
        Some(_) => return Err(edited(&policy.name).into()),
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
