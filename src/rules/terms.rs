//! From when and until when a listing may be had: SN-3, SN-7, SN-10, SN-13.

use chrono::NaiveDate;

use super::calendar::{CalendarError, months_after, months_before};
use super::explain::Steps;
use super::policy::{Key, Kind};
use crate::values;

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
pub fn still_excludes(
    penalty: NaiveDate,
    applied: NaiveDate,
    years: u32,
    steps: &mut Steps,
) -> Result<bool, CalendarError> {
    let first = months_before(applied, years.saturating_mul(12))?;
    let excludes = penalty >= first;
    steps.add("SN-3", || {
        let word = if excludes { "在此期间，不得申请" } else { "早于此期间，不影响申请" };
        let text = format!("{applied} 申请，回溯 {years} 年至 {first}；{penalty} 的处罚或不合格{word}");
        (text, values! { "first" => first, "penalty" => penalty })
    });
    Ok(excludes)
}

/// The last day on which a product whose listing was revoked or cancelled on `from` may not apply.
/// SN-7, SN-10, SN-13.
pub fn barred_until(from: NaiveDate, months: u32, steps: &mut Steps) -> Result<NaiveDate, CalendarError> {
    let last = months_after(from, months)?;
    steps.add("SN-7", || {
        (format!("自 {from} 取消起 {months} 个月，{last} 及以前不得申请"), values! { "last" => last })
    });
    Ok(last)
}

/// The day on which a listing without trade is cancelled: `years` after the last accepted delivery, or after the
/// listing if there was none. SN-10.
///
/// Open: an actual transaction is an accepted delivery, not a mere order; a new listing's clock starts with it.
pub fn cancelled_on(
    listed: NaiveDate,
    last_trade: Option<NaiveDate>,
    years: u32,
    steps: &mut Steps,
) -> Result<NaiveDate, CalendarError> {
    let from = last_trade.map_or(listed, |trade| trade.max(listed));
    let day = months_after(from, years.saturating_mul(12))?;
    steps.add("SN-10", || {
        let event =
            if last_trade.is_some_and(|trade| trade >= listed) { "最后一次交易" } else { "挂网" };
        let text = format!("{from} {event}，此后连续 {years} 年没有交易，到 {day} 取消挂网");
        (text, values! { "from" => from, "day" => day })
    });
    Ok(day)
}
