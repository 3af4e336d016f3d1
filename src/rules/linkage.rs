//! Prices that follow others: SN-5, SN-6, SN-12, SN-13, HN-12, HN-13, JS-CR-6, JS-CR-9.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::calendar::{CalendarError, calendar_days_after};
use super::explain::Steps;
use super::money::{Dec, Round};
use super::policy::{Key, Kind, Policy, PolicyError};
use crate::values;

/// The parameters of linkage.
pub const KEYS: &[Key] = &[
    Key { name: "linkage.days", kind: Kind::Whole { min: 1, max: 365 } },
    Key { name: "linkage.lowest_listing", kind: Kind::Flag },
    Key { name: "sn.penalty_cut", kind: Kind::Decimal { min: "0", max: "1" } },
    Key { name: "sn.min_provinces", kind: Kind::Whole { min: 1, max: 31 } },
];

/// Which price appeared elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A selected price of a volume-based procurement: HN-12, SN-11.
    Selected,
    /// A listing price: SN-13.
    Listing,
}

/// What the province asks for when a lower price appears elsewhere (17.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duties {
    /// Calendar days from the formal publication, the last one in time.
    pub days: u64,
    /// Lower listing prices count too, not only selected ones (SN-13).
    pub lowest_listing: bool,
    /// The clause that the profile names.
    pub clause: String,
}

impl Duties {
    /// The duties of a profile.
    ///
    /// # Errors
    /// A value that is left to the tender.
    pub fn from_policy(policy: &Policy) -> Result<Self, PolicyError> {
        Ok(Duties {
            days: u64::try_from(policy.whole("linkage.days")?).unwrap_or_default(),
            lowest_listing: policy.flag("linkage.lowest_listing")?,
            clause: policy.first_clause("linkage.days").to_owned(),
        })
    }
}

/// The last day on which the enterprise may apply for the lower price, yuan; `None`: no duty, because the price is
/// not lower or the province does not look at such prices. HN-12, SN-11, SN-13.
///
/// # Errors
/// A day beyond the calendar.
pub fn apply_until(
    own: &Dec,
    elsewhere: &Dec,
    reference: Reference,
    published: NaiveDate,
    duties: &Duties,
    steps: &mut Steps,
) -> Result<Option<NaiveDate>, CalendarError> {
    let (word, counts, clause) = match reference {
        Reference::Selected => ("中选价", true, duties.clause.clone()),
        Reference::Listing => ("最低挂网价", duties.lowest_listing, "SN-13".to_owned()),
    };
    let last =
        if counts && elsewhere < own { Some(calendar_days_after(published, duties.days)?) } else { None };
    steps.add(clause, || {
        let text = match (counts, last) {
            (false, _) => format!("外省{word} {elsewhere} 元：本省不按{word}联动"),
            (true, None) => format!("外省{word} {elsewhere} 元不低于本省 {own} 元，无须联动"),
            (true, Some(last)) => {
                let days = duties.days;
                format!("外省{word} {elsewhere} 元低于本省 {own} 元，自 {published} 起 {days} 日内（至 {last}）申请联动")
            }
        };
        (text, values! { "own" => own, "elsewhere" => elsewhere })
    });
    Ok(last)
}

/// The price at which an undeclared product keeps its listing: the verified national lowest less `cut`, in yuan,
/// cut to the fen so that the cut is never less. SN-13.
pub fn penalty_price(lowest: &Dec, cut: &Dec, steps: &mut Steps) -> Dec {
    let factor = &Dec::from(1) - cut;
    let price = (lowest * &factor).rounded(2, Round::Down);
    steps.add("SN-13", || {
        let text = format!("核实后的全国最低挂网价 {lowest} 元 × {factor} = {price} 元（去尾到分）");
        (text, values! { "lowest" => lowest, "factor" => factor, "price" => price })
    });
    price
}

/// Whether, after the period without a continuation, the product must become a price-limited one: its last
/// selected price is higher than the national lowest listing price. SN-12.
pub fn must_move_to_limited(last_selected: &Dec, national_lowest: &Dec, steps: &mut Steps) -> bool {
    let must = last_selected > national_lowest;
    steps.add("SN-12", || {
        let word = if must { "高于" } else { "不高于" };
        let then = if must { "须申请调至限价挂网" } else { "不需调整" };
        let text =
            format!("上一轮中选价 {last_selected} 元{word}全国最低挂网价 {national_lowest} 元，{then}");
        (text, values! { "last_selected" => last_selected, "national_lowest" => national_lowest })
    });
    must
}

/// Whether a product selected elsewhere may be listed at its selected price: not above the national lowest
/// listing price nor the own lowest transaction price, where they exist. SN-5.
pub fn may_list_selected_elsewhere(
    price: &Dec,
    national_lowest: Option<&Dec>,
    own_lowest: Option<&Dec>,
    steps: &mut Steps,
) -> bool {
    let may = [national_lowest, own_lowest].into_iter().flatten().all(|limit| price <= limit);
    steps.add("SN-5", || {
        let shown =
            |limit: Option<&Dec>| limit.map_or_else(|| "没有".to_owned(), |limit| format!("{limit} 元"));
        let word =
            if may { "可以按中选价挂网" } else { "高于其中较低者，不能按中选价挂网" };
        let (national, own) = (shown(national_lowest), shown(own_lowest));
        let text = format!("中选价 {price} 元，全国最低挂网价 {national}，本省最低成交价 {own}：{word}");
        (text, values! { "price" => price })
    });
    may
}

/// Whether price-limited listings exist in enough different provinces; the own one does not count. SN-6.
pub fn enough_provinces(provinces: &[&str], own: &str, min: i64, steps: &mut Steps) -> bool {
    let others: BTreeSet<_> = provinces.iter().filter(|province| **province != own).collect();
    let enough = i64::try_from(others.len()).is_ok_and(|n| n >= min);
    steps.add("SN-6", || {
        let (count, word) = (others.len(), if enough { "可以申请" } else { "不能申请" });
        let text = format!("除本省外已在 {count} 个省限价挂网，须不少于 {min} 个：{word}");
        (text, values! { "provinces" => count, "min" => min })
    });
    enough
}

/// What a repaired listing may cost at most: the lowest of the other provinces; `None`: no other listing.
/// JS-CR-6.
pub fn repaired_listing_cap<'a>(others: &'a [Dec], steps: &mut Steps) -> Option<&'a Dec> {
    let lowest = others.iter().min();
    steps.add("JS-CR-6", || match lowest {
        Some(cap) => (format!("其他省挂网价中最低的是 {cap} 元，调整后不得高于它"), values! { "cap" => cap }),
        None => ("其他省没有挂网，没有可比的价格".to_owned(), values! {}),
    });
    lowest
}

/// What a repaired consumable of a volume-based procurement may cost at most, yuan: `multiple` times the highest
/// selected price of its class, and no more than any other province's listing. JS-CR-9.
pub fn repaired_consumable_cap(
    highest_selected: &Dec,
    multiple: &Dec,
    others: &[Dec],
    steps: &mut Steps,
) -> Dec {
    let by_multiple = highest_selected * multiple;
    let cap = others.iter().min().filter(|lowest| **lowest < by_multiple).cloned();
    let cap = cap.unwrap_or_else(|| by_multiple.clone());
    steps.add("JS-CR-9", || {
        let sum = format!("最高中选价 {highest_selected} 元 × {multiple} = {by_multiple} 元");
        let lowest = others.iter().min().map(|lowest| format!("，其他省最低挂网价 {lowest} 元"));
        (format!("{sum}{}，上限 {cap} 元", lowest.unwrap_or_default()), values! { "cap" => cap })
    });
    cap
}

/// The value of an agreed volume whose price was lowered when part of it had been executed, yuan. HN-12.
///
/// Open: executed is what was ordered before the new price took effect.
pub fn linked_value(agreed: &Dec, executed: &Dec, old: &Dec, new: &Dec, steps: &mut Steps) -> Dec {
    let left = if executed < agreed { agreed - executed } else { Dec::default() };
    let value = &(executed * old) + &(&left * new);
    steps.add("HN-12", || {
        let text = format!("已执行 {executed} × {old} 元 + 尚未执行 {left} × {new} 元 = {value} 元");
        (text, values! { "left" => left, "value" => value })
    });
    value
}

/// What a later product may cost to be listed like a selected one: the mean of the selected prices of its
/// functional group, cut to the fen, and no more than its own selected price elsewhere. HN-13.
///
/// Open: the mean is the simple one.
pub fn entry_cap(group: &[Dec], own_elsewhere: &[Dec], steps: &mut Steps) -> Option<Dec> {
    let mean =
        group.iter().sum::<Dec>().divided(&Dec::from(i64::try_from(group.len()).ok()?), 2, Round::Down)?;
    let cap = own_elsewhere.iter().min().filter(|own| **own < mean).cloned().unwrap_or_else(|| mean.clone());
    steps.add("HN-13", || {
        let own = own_elsewhere.iter().min().map(|own| format!("，本产品在外省最低中选价 {own} 元"));
        let text =
            format!("同组中选产品平均价 {mean} 元（去尾到分）{}，上限 {cap} 元", own.unwrap_or_default());
        (text, values! { "mean" => mean, "cap" => cap })
    });
    Some(cap)
}
