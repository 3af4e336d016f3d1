//! The offices of what is bought and sold: organisations, products, listings.

/// Organisations, their delivery addresses and the distributors they name.
pub mod party;

/// Products: the master data.
pub mod catalogue;

/// Listings: prices and marks.
pub mod listing;

use jicai_accounts as accounts;
use jicai_platform::{self as platform, insert_many, keyset, on_db, save, text_enum, versioned};
use jicai_rules::{self as rules, values};
