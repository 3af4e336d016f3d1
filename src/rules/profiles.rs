//! Profiles and their versions: which one is in force on a day.

mod read;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::policy::{Entry, Policy, PolicyError};
use read::keys;

/// The profiles that ship with the program: file name without `.toml`, and text.
const SHIPPED: &[(&str, &str)] = &[
    ("default@2024-07-08", include_str!("../../config/policy/default@2024-07-08.toml")),
    ("henan@2024-08-01", include_str!("../../config/policy/henan@2024-08-01.toml")),
    ("jiangxi@2024-08-22", include_str!("../../config/policy/jiangxi@2024-08-22.toml")),
    ("round-3@2020-08-20", include_str!("../../config/policy/round-3@2020-08-20.toml")),
    ("shaanxi@2024-08-14", include_str!("../../config/policy/shaanxi@2024-08-14.toml")),
    ("shanghai@2024-08-07", include_str!("../../config/policy/shanghai@2024-08-07.toml")),
    ("shanghai@2024-08-27", include_str!("../../config/policy/shanghai@2024-08-27.toml")),
];

/// A profile that starts from another that starts from another: no honest one goes deeper.
const MAX_DEPTH: usize = 8;

/// One version of a profile: what is in the file, and the day it takes effect.
#[derive(Clone, Debug)]
struct Version {
    name: String,
    from: NaiveDate,
    text: String,
}

/// A set of profiles in their versions.
#[derive(Clone, Debug, Default)]
pub struct Library(Vec<Version>);

impl Library {
    /// The profiles that ship with the program.
    pub fn shipped() -> Result<Self, PolicyError> {
        let mut library = Library::default();
        for (name, text) in SHIPPED {
            library.add(name, text)?;
        }
        Ok(library)
    }

    /// Adds one version; `file` is its name `NAME@EFFECTIVE_FROM`, with or without `.toml`.
    pub fn add(&mut self, file: &str, text: &str) -> Result<(), PolicyError> {
        let wrong =
            || PolicyError::Invalid(vec![format!("{file}: a profile's file is called NAME@YYYY-MM-DD.toml")]);
        let (name, day) = file.trim_end_matches(".toml").split_once('@').ok_or_else(wrong)?;
        let from = day.parse().map_err(|_| wrong())?;
        if name.is_empty() || self.0.iter().any(|version| version.name == name && version.from == from) {
            return Err(PolicyError::Invalid(vec![format!("{file}: this version is there already")]));
        }
        self.0.push(Version { name: name.to_owned(), from, text: text.to_owned() });
        Ok(())
    }

    /// Every version as name and first day, in that order.
    pub fn versions(&self) -> Vec<(&str, NaiveDate)> {
        let mut all: Vec<_> = self.0.iter().map(|version| (version.name.as_str(), version.from)).collect();
        all.sort_unstable();
        all
    }

    /// The version of `name` in force on `day`: the latest not after it.
    pub fn in_force(&self, name: &str, day: NaiveDate) -> Result<Policy, PolicyError> {
        let versions = self.0.iter().filter(|version| version.name == name && version.from <= day);
        let latest = versions.max_by_key(|version| version.from);
        self.load(latest.ok_or_else(|| PolicyError::NotInForce(name.to_owned(), day))?)
    }

    /// `NAME@DAY` is that version, `NAME` the latest.
    pub fn named(&self, name: &str) -> Result<Policy, PolicyError> {
        self.load(self.find(name)?)
    }

    /// The file of a version, as it was written.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.find(name).ok().map(|version| version.text.as_str())
    }

    /// Reads a file that is not of the library but may start from one of its profiles.
    pub fn read(&self, label: &str, text: &str) -> Result<Policy, PolicyError> {
        self.whole(label, text)
    }

    fn find(&self, name: &str) -> Result<&Version, PolicyError> {
        let named = |version: &&Version| {
            name == version.name || name.split_once('@') == Some((&version.name, &version.from.to_string()))
        };
        let found = self.0.iter().filter(named).max_by_key(|version| version.from);
        found.ok_or_else(|| PolicyError::Unknown(name.to_owned()))
    }

    fn load(&self, version: &Version) -> Result<Policy, PolicyError> {
        self.whole(&format!("{}@{}", version.name, version.from), &version.text)
    }

    fn whole(&self, label: &str, text: &str) -> Result<Policy, PolicyError> {
        let entries = self.entries(label, text, 0)?;
        let missing: Vec<_> = keys()
            .filter(|key| !entries.contains_key(key.name))
            .map(|key| format!("{label}: missing key {}", key.name))
            .collect();
        match missing.is_empty() {
            true => Policy::new(label.to_owned(), entries),
            false => Err(PolicyError::Invalid(missing)),
        }
    }

    /// The values of a file over those of the profile it starts from.
    fn entries(
        &self,
        label: &str,
        text: &str,
        depth: usize,
    ) -> Result<BTreeMap<&'static str, Entry>, PolicyError> {
        if depth > MAX_DEPTH {
            return Err(PolicyError::Invalid(vec![format!("{label}: extends goes round in a circle")]));
        }
        let file = read::file(label, text)?;
        let mut entries = match &file.extends {
            None => BTreeMap::new(),
            Some(base) => {
                let version = self.find(base).map_err(|_| {
                    PolicyError::Invalid(vec![format!("{label}: extends names no known profile: {base}")])
                })?;
                self.entries(base, &version.text, depth + 1)?
            }
        };
        entries.extend(file.entries);
        Ok(entries)
    }
}
