//! Consumables inside a hospital: SD-6, SD-7, SD-11, SD-12, SD-17, SD-18.

use chrono::{Datelike, NaiveDate};

use super::calendar::{CalendarError, months_after};
use super::explain::Steps;
use super::money::Dec;
use super::policy::{Key, Kind};
use crate::values;

/// The parameters of the hospital's consumables.
pub const KEYS: &[Key] = &[
    Key { name: "sd.dept_experts_min", kind: FEW },
    Key { name: "sd.panel_min", kind: FEW },
    Key { name: "sd.majority", kind: Kind::Word(&["half", "strict"]) },
    Key { name: "sd.temp_months", kind: FEW },
    Key { name: "sd.temp_repeats", kind: FEW },
    Key { name: "sd.offline_register_workdays", kind: FEW },
    Key { name: "sd.record_years", kind: FEW },
];

const FEW: Kind = Kind::Whole { min: 1, max: 100 };

/// Whether a department's proposal passes: at least `min` experts, all agree, all sign. SD-6.
pub fn proposal_passes(experts: usize, agree: usize, signed: usize, min: i64, steps: &mut Steps) -> bool {
    let passes = i64::try_from(experts).is_ok_and(|n| n >= min) && agree == experts && signed == experts;
    steps.add("SD-6", || {
        let word = if passes { "通过" } else { "不通过" };
        let text = format!("专家 {experts} 名（不少于 {min} 名），同意 {agree} 名，签字 {signed} 名，须全部同意并签字：{word}");
        (text, values! { "experts" => experts, "agree" => agree, "signed" => signed })
    });
    passes
}

/// Whether a panel admits an item: at least `min` experts, and half of them or more agree; under a strict
/// majority more than half. SD-7.
pub fn panel_admits(experts: usize, agree: usize, min: i64, strict: bool, steps: &mut Steps) -> bool {
    let enough = i64::try_from(experts).is_ok_and(|n| n >= min) && agree <= experts;
    let against = experts.saturating_sub(agree);
    let admits = enough && if strict { agree > against } else { agree >= against };
    steps.add("SD-7", || {
        let need = if strict { "超过一半" } else { "一半及以上" };
        let word = if admits { "通过" } else { "不通过" };
        let text = format!("专家 {experts} 名（不少于 {min} 名），同意 {agree} 名，须{need}同意：{word}");
        (text, values! { "experts" => experts, "agree" => agree })
    });
    admits
}

/// Whether the temporary purchase on `day` starts the evaluation for admission: it is at least the
/// `repeats`-th of the item in its calendar year; `earlier` are the days of those before. SD-11.
///
/// Open: "repeatedly" is read as from the second time on.
pub fn starts_evaluation(day: NaiveDate, earlier: &[NaiveDate], repeats: i64, steps: &mut Steps) -> bool {
    let this_year = earlier.iter().filter(|before| before.year() == day.year()).count();
    let starts = i64::try_from(this_year).is_ok_and(|before| before + 1 >= repeats);
    steps.add("SD-11", || {
        let (nth, word) = (this_year + 1, if starts { "须启动遴选" } else { "不需启动遴选" });
        let text = format!("{day} 是本年第 {nth} 次临时采购，自第 {repeats} 次起算重复：{word}");
        (text, values! { "nth" => nth, "repeats" => repeats })
    });
    starts
}

/// Until when a temporary entry must be decided. SD-12.
pub fn decide_by(entered: NaiveDate, months: u32, steps: &mut Steps) -> Result<NaiveDate, CalendarError> {
    let last = months_after(entered, months)?;
    steps.add("SD-12", || {
        (format!("{entered} 列入临时目录，{months} 个月内（至 {last}）作出决定"), values! { "last" => last })
    });
    Ok(last)
}

/// How long the record of an acceptance is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Up to and including this day.
    Until(NaiveDate),
    Forever,
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// Use ended on that day.
    Used(NaiveDate),
    /// Not used; its life ends on that day.
    Unused(NaiveDate),
    Implant,
}

/// How long the record of an item's acceptance is kept: implants for ever, others `years` after the end of their
/// use or life. SD-17.
pub fn keep_record(item: Item, years: u32, steps: &mut Steps) -> Result<Keep, CalendarError> {
    let (event, day) = match item {
        Item::Implant => {
            steps.add("SD-17", || ("植入性耗材的验收记录永久保存".to_owned(), values! {}));
            return Ok(Keep::Forever);
        }
        Item::Used(day) => ("使用终止", day),
        Item::Unused(day) => ("有效期满", day),
    };
    let last = months_after(day, years.saturating_mul(12))?;
    steps.add("SD-17", || {
        (format!("{day} {event}，验收记录再保存 {years} 年，至 {last}"), values! { "last" => last })
    });
    Ok(Keep::Until(last))
}

/// Pieces of one item in stock that expire together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Last day on which it may be used.
    pub expires: NaiveDate,
    pub pieces: Dec,
}

/// From which batches `wanted` pieces are issued: shortest remaining life first, never from what has expired;
/// (position, pieces) each. What stock cannot give is left out. SD-18.
pub fn pick(batches: &[Batch], wanted: &Dec, today: NaiveDate) -> Vec<(usize, Dec)> {
    let mut usable: Vec<_> = batches.iter().enumerate().filter(|(_, batch)| batch.expires >= today).collect();
    usable.sort_by_key(|(at, batch)| (batch.expires, *at));
    let mut left = wanted.clone();
    let mut picked = Vec::new();
    for (at, batch) in usable {
        let take = left.clone().min(batch.pieces.clone());
        if take.is_positive() {
            left = &left - &take;
            picked.push((at, take));
        }
    }
    picked
}
