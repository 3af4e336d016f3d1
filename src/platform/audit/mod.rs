//! The audit: every write that changes rows appends who, when, what (before and after) and why.
//!
//! An entry's leaf hash is the SHA-256 of its canonical JSON; a job seals entries into a chain of blocks
//! ([`seal`]), and [`verify`] names whatever was altered, removed or added by hand afterwards. An entry is written once and
//! never again: what waits for a block and which block holds what stand in tables of their own.

mod contents;
pub mod finding;
pub mod head;
pub mod history;
pub mod made;
pub mod rows;
pub mod seal;
pub mod verify;

use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub use head::{Head, head};
pub use made::Row;
pub use rows::RowSource;

use super::db::{Together, Tx};
use super::error::{Error, Result};
use super::schema::{audit_entry, audit_unsealed};
use super::sql::{AnyConn, Id, Time};
use crate::rules::canonical::{canonical, canonical_of, of_texts};

/// A row, or a row with its parts, whose every change is recorded whole.
pub trait Audited: Serialize {
    /// The table's name.
    const TYPE: &'static str;
    /// The row's key.
    fn id(&self) -> Id;
}

/// One entry as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entry, treat_none_as_default_value = false)]
pub struct Entry {
    /// Key.
    pub id: Id,
    /// Real time of the act.
    pub at: Time,
    /// The procedure's time, where it differs from real time.
    pub legal_at: Option<Time>,
    /// Who, where it was a person.
    pub actor_user: Option<Id>,
    /// For which organisation.
    pub actor_org: Option<Id>,
    /// The name as it was then.
    pub actor_name: String,
    /// What was done, such as `order.submit`.
    pub action: String,
    /// Table of the row.
    pub object_type: String,
    /// Key of the row.
    pub object_id: Id,
    /// The row before, canonical JSON.
    pub before: Option<String>,
    /// The row after, canonical JSON.
    pub after: Option<String>,
    /// Why, in words.
    pub reason: Option<String>,
    /// Request id, as in the log.
    pub request_id: Option<String>,
    /// SHA-256 of all of the above, hex.
    pub leaf_hash: String,
}

impl Entry {
    /// The hash that belongs to the entry's content.
    pub fn computed_leaf(&self) -> String {
        let key = |id: Option<Id>| id.map(|id| id.to_string());
        let (id, object_id) = (self.id.to_string(), self.object_id.to_string());
        let (user, org) = (key(self.actor_user), key(self.actor_org));
        let (at, legal_at) = (self.at.rfc3339(), self.legal_at.map(Time::rfc3339));
        let text = of_texts([
            ("id", Some(&id)),
            ("at", Some(&at)),
            ("legal_at", legal_at.as_deref()),
            ("actor_user", user.as_deref()),
            ("actor_org", org.as_deref()),
            ("actor_name", Some(&self.actor_name)),
            ("action", Some(&self.action)),
            ("object_type", Some(&self.object_type)),
            ("object_id", Some(&object_id)),
            ("before", self.before.as_deref()),
            ("after", self.after.as_deref()),
            ("reason", self.reason.as_deref()),
            ("request_id", self.request_id.as_deref()),
        ]);
        hex::encode(Sha256::digest(text.as_bytes()))
    }
}

impl Tx<'_> {
    /// Records that `before` became `after`. One of the two is given at least.
    pub fn record<T: Audited>(
        &mut self,
        action: &str,
        before: Option<&T>,
        after: Option<&T>,
        reason: Option<&str>,
    ) -> Result<()> {
        let Some(id) = after.or(before).map(T::id) else {
            return Err(Error::internal("an audit entry without a row"));
        };
        let text = |row: Option<&T>| row.map(canonical_of).transpose().map_err(Error::internal);
        let (before, after) = (text(before)?, text(after)?);
        self.append(action, T::TYPE, id, before, after, reason)
    }

    /// Records an act that is not the change of one row, such as the publication of an import with its count and hash. It is
    /// kept as `{"note": content}`, so that nobody takes it for the row itself.
    pub fn note(&mut self, action: &str, object_type: &str, object_id: Id, content: &Value) -> Result<()> {
        let after = canonical(&json!({ "note": content })).map_err(Error::internal)?;
        self.append(action, object_type, object_id, None, Some(after), None)
    }

    fn append(
        &mut self,
        action: &str,
        object_type: &str,
        object_id: Id,
        before: Option<String>,
        after: Option<String>,
        reason: Option<&str>,
    ) -> Result<()> {
        let at = self.now();
        let legal_at = Some(self.legal_now()?).filter(|legal| *legal != at);
        let mut entry = Entry {
            id: Id::new(),
            at,
            legal_at,
            actor_user: self.actor.user,
            actor_org: self.actor.organisation,
            actor_name: self.actor.name.clone(),
            action: action.into(),
            object_type: object_type.into(),
            object_id,
            before,
            after,
            reason: reason.map(Into::into),
            request_id: self.actor.request_id.clone(),
            leaf_hash: String::new(),
        };
        entry.leaf_hash = entry.computed_leaf();
        let waits = (
            audit_unsealed::at.eq(at),
            audit_unsealed::id.eq(entry.id),
            audit_unsealed::leaf_hash.eq(&entry.leaf_hash),
        );
        let waits = diesel::insert_into(audit_unsealed::table).values(waits);
        let entry = diesel::insert_into(audit_entry::table).values(&entry);
        match &mut *self.conn {
            AnyConn::Pg(c) => Together(entry, waits).execute(c)?,
            AnyConn::Sqlite(c) => {
                entry.execute(c)?;
                waits.execute(c)?
            }
        };
        self.audited += 1;
        Ok(())
    }
}
