//! The offices of buying and selling: orders, what officers watch, what the public sees.

/// Orders of hospitals.
pub mod order;

/// What officers watch.
pub mod supervision;

/// What the public sees.
pub mod publication;

use jicai_accounts as accounts;
use jicai_goods::{catalogue, listing, party};
use jicai_platform::{self as platform, keyset, on_db, save, text_enum, versioned};
use jicai_rules as rules;
