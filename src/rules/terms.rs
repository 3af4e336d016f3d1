//! From when and until when a listing may be had: SN-3, SN-7, SN-10, SN-13.

use chrono::NaiveDate;

use super::calendar::{CalendarError, months_after, months_before};
use super::policy::{Key, Kind};

/// The parameters of terms.
pub const KEYS: &[Key] = &[
    Key { name: "sn.exclusion_lookback_years", kind: YEARS },
    Key { name: "sn.fraud_ban_years", kind: YEARS },
    Key { name: "sn.penalty_refusal_ban_years", kind: YEARS },
    Key { name: "sn.no_trade_years", kind: YEARS },
    Key { name: "sn.no_trade_ban_months", kind: Kind::Whole { min: 1, max: 1_200 } },
];

const YEARS: Kind = Kind::Whole { min: 1, max: 100 };

/// Whether a penalty or a failed sampling of `penalty` still excludes an application of `applied`: within
/// `years` back, the same calendar day included. SN-3.
pub fn still_excludes(penalty: NaiveDate, applied: NaiveDate, years: u32) -> Result<bool, CalendarError> {
    Ok(penalty >= months_before(applied, years.saturating_mul(12))?)
}

/// The last day on which a product whose listing was revoked or cancelled on `from` may not apply.
/// SN-7, SN-10, SN-13.
pub fn barred_until(from: NaiveDate, months: u32) -> Result<NaiveDate, CalendarError> {
    months_after(from, months)
}

/// The day on which a listing without trade is cancelled: `years` after the last accepted delivery, or after the
/// listing if there was none. SN-10.
///
/// Open: an actual transaction is an accepted delivery, not a mere order; a new listing's clock starts with it.
pub fn cancelled_on(
    listed: NaiveDate,
    last_trade: Option<NaiveDate>,
    years: u32,
) -> Result<NaiveDate, CalendarError> {
    months_after(last_trade.map_or(listed, |trade| trade.max(listed)), years.saturating_mul(12))
}
