//! `agreed-volume`: the agreed volume of each hospital line (VOL-1, HN-5).

use serde::ser::{Serialize, Serializer};

use super::lines::{Form, Rule, write_json};
use crate::rules::explain::Steps;
use crate::rules::json::{Object, RowError};
use crate::rules::money::{Dec, Round};
use crate::rules::policy::{Policy, PolicyError};
use crate::rules::volume::{RatioTable, VolumeClass, agreed, rounding, tell_total};

pub(super) const FORM: Form = Form { key: "lot", prepare };

const CLASSES: &[(&str, VolumeClass)] = &[
    ("ordinary", VolumeClass::Ordinary),
    ("restricted", VolumeClass::Restricted),
    ("key_monitored", VolumeClass::KeyMonitored),
];
const ROUNDINGS: &[(&str, Round)] = &[("up", Round::Up), ("down", Round::Down)];

fn prepare(policy: &Policy) -> Result<Rule, PolicyError> {
    let (table, rounding) = (RatioTable::from_policy(policy)?, rounding(policy)?);
    Ok(Box::new(move |object, out, steps| compute(object, out, steps, &table, rounding)))
}

#[derive(serde::Serialize)]
struct Out<'a> {
    lot: &'a str,
    ratio: &'a Dec,
    lines: Vec<OutLine<'a>>,
    total: Whole,
}

#[derive(serde::Serialize)]
struct OutLine<'a> {
    hospital: &'a str,
    agreed: Whole,
}

/// A whole number of any length, written as a JSON number.
struct Whole(Dec);

impl Serialize for Whole {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let digits = serde_json::value::RawValue::from_string(self.0.to_string());
        digits.map_err(serde::ser::Error::custom)?.serialize(to)
    }
}

struct Line {
    hospital: String,
    approved: Dec,
}

fn compute(
    object: &Object<'_>,
    out: &mut Vec<u8>,
    steps: &mut Steps,
    table: &RatioTable,
    default_rounding: Round,
) -> Result<(), RowError> {
    let lot = object.text("lot")?;
    let class = object.opt_word("class", CLASSES)?.unwrap_or(VolumeClass::Ordinary);
    let winners = object.opt_whole("winners", 0, i64::MAX)?;
    let ratio = match not_negative(object, "ratio")? {
        Some(ratio) => ratio,
        None => by_table(object, winners, class, table)?,
    };
    let rounding = object.opt_word("rounding", ROUNDINGS)?.unwrap_or(default_rounding);
    object.need("lines")?;
    let lines = object.objects("lines", line)?.unwrap_or_default();
    let agreed: Vec<_> = lines.iter().map(|line| agreed(&line.approved, &ratio, rounding, steps)).collect();
    let total: Dec = agreed.iter().sum();
    let approved: Dec = lines.iter().map(|line| &line.approved).sum();
    tell_total(&approved, &ratio, &total, steps);
    let lines = lines.iter().zip(agreed);
    let lines = lines.map(|(line, agreed)| OutLine { hospital: &line.hospital, agreed: Whole(agreed) });
    write_json(out, &Out { lot, ratio: &ratio, lines: lines.collect(), total: Whole(total) })
}

/// Open: with a given `ratio` the number of winners is not looked at; a hospital may stand in several lines.
fn by_table(
    object: &Object<'_>,
    winners: Option<i64>,
    class: VolumeClass,
    table: &RatioTable,
) -> Result<Dec, RowError> {
    let found = object.need("winners")?;
    let ratio = winners.and_then(|winners| table.ratio(class, winners));
    ratio.cloned().ok_or_else(|| RowError::bad("winners", found, "a whole number from 1"))
}

fn line(line: &Object<'_>) -> Result<Line, RowError> {
    let hospital = line.text("hospital")?.to_owned();
    line.need("approved")?;
    Ok(Line { hospital, approved: not_negative(line, "approved")?.unwrap_or_default() })
}

fn not_negative(object: &Object<'_>, name: &str) -> Result<Option<Dec>, RowError> {
    match object.opt_dec(name)? {
        Some(value) if value.is_negative() => {
            Err(RowError::new("BAD_VALUE", name, format!("is {value}, expected a number from 0")))
        }
        value => Ok(value),
    }
}
