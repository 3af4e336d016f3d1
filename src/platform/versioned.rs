//! A row with a version: what one person changes is not lost to another who read it earlier.
//!
//! An operation reads: load → [`fresh`], [`in_state`] → the row's own act → [`save!`](crate::save) → letters, feed.

use super::error::{Refusal, Result};

/// A row that counts how often it was saved.
pub trait Versioned {
    /// What people call it, such as 订单.
    const NOUN: &'static str;
    /// 1 for a new row; one more each time it is saved.
    fn version(&self) -> i64;
}

/// What people call rows with a version: `versioned!(Announcement, "公告")`.
#[macro_export]
macro_rules! versioned {
    ($row:ty, $noun:literal) => {
        impl $crate::versioned::Versioned for $row {
            const NOUN: &'static str = $noun;
            fn version(&self) -> i64 {
                self.version
            }
        }
    };
}

/// The row is still as the caller read it.
///
/// # Errors
/// 409 `STALE_VERSION`.
pub fn fresh<T: Versioned>(row: &T, version: i64) -> Result<()> {
    if row.version() == version { Ok(()) } else { Err(Refusal::stale(T::NOUN).into()) }
}

/// The row's state allows the act.
///
/// # Errors
/// 409 `WRONG_STATE` in these words.
pub fn in_state<D: Into<String>>(allowed: bool, detail: impl FnOnce() -> D) -> Result<()> {
    if allowed { Ok(()) } else { Err(Refusal::wrong_state(detail()).into()) }
}

/// Puts `after` in the place of `before`, of the next version, unless somebody else has saved the row meanwhile (409
/// `STALE_VERSION`): `save!(tx, announcement, &before, &mut after, "announcement.withdraw", Some(&reason))?` with the entry in
/// the audit; `save!(tx, purchase_order, &before.order, &mut after.order)?` where more than the row is recorded; and
/// `save!(tx, mi_code by code, …)` where the key is not called `id`.
///
/// The row derives `AsChangeset` with `treat_none_as_null`, so that its update has one text and is prepared once.
#[macro_export]
macro_rules! save {
    ($tx:expr, $table:ident by $key:ident, $before:expr, $after:expr) => {{
        use diesel::prelude::*;
        let (tx, before, after) = (&mut *$tx, $before, $after);
        after.version = before.version + 1;
        let same = $table::table.find(&before.$key).filter($table::version.eq(before.version));
        let saved = $crate::db::Prepared(diesel::update(same).set(&*after)).execute(&mut *tx.conn);
        $crate::versioned::replaced(&*after, saved)
    }};
    ($tx:expr, $table:ident by $key:ident, $before:expr, $after:expr, $action:expr, $reason:expr) => {{
        let (before, after) = ($before, $after);
        $crate::save!($tx, $table by $key, before, &mut *after)
            .and_then(|()| $tx.record($action, Some(before), Some(&*after), $reason))
    }};
    ($tx:expr, $table:ident, $($rest:expr),+) => {
        $crate::save!($tx, $table by id, $($rest),+)
    };
}

/// Whether the update of [`save!`](crate::save) found the version that it was made for.
#[doc(hidden)]
pub fn replaced<T: Versioned>(_: &T, rows: diesel::QueryResult<usize>) -> Result<()> {
    match rows? {
        0 => Err(Refusal::stale(T::NOUN).into()),
        _ => Ok(()),
    }
}
