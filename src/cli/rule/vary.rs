//! `award --vary KEY=V1,V2,…`: the same lots under several values of a parameter, one CSV row a value.

use std::io::{BufRead, BufReader, Read, Write};

use csv::{Terminator, WriterBuilder};

use super::{Failure, Tally};
use crate::rules::award::{Lot, Policy as AwardPolicy, Totals, Variant};
use crate::rules::json::{Json, RowError};
use crate::rules::money::Dec;
use crate::rules::policy::Policy;

const COLUMNS: [&str; 9] = [
    "parameter",
    "value",
    "lots",
    "errors",
    "lots_without_winner",
    "winners",
    "revived",
    "demand_kept",
    "mean_cut",
];

/// Reads `selection.max_ratio=1.5,1.8`; values that hold commas themselves are separated by semicolons.
fn variants(vary: &str, policy: &Policy) -> Result<Vec<Variant>, Failure> {
    let wrong = |what: String| Failure::Vary(vary.to_owned(), what);
    let (key, values) = vary.split_once('=').ok_or_else(|| wrong("expected KEY=VALUE,VALUE".to_owned()))?;
    let separator = if values.contains([';', '[']) { ';' } else { ',' };
    let read = |value: &str| Variant::read(key.trim(), value.trim(), policy);
    values.split(separator).map(read).collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))
}

/// Computes every lot under every value; memory does not grow with the number of lots.
pub(super) fn run(
    input: impl Read,
    output: &mut impl Write,
    policy: &Policy,
    vary: &str,
) -> Result<Tally, Failure> {
    let variants = variants(vary, policy)?;
    let mut totals = vec![Totals::default(); variants.len()];
    let mut input = BufReader::with_capacity(128 * 1024, input);
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(Failure::Input)? == 0 {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match read(&line, policy) {
            Err(_) => totals.iter_mut().for_each(Totals::add_unreadable),
            Ok((lot, stated)) => {
                for (variant, totals) in variants.iter().zip(&mut totals) {
                    // The count of errors stands in the output.
                    let _ = totals.add(&lot, &variant.of(&stated));
                }
            }
        }
    }
    write(output, &variants, &totals)?;
    Ok(Tally { errors: totals.iter().any(|totals| totals.errors > 0) })
}

fn read(line: &[u8], policy: &Policy) -> Result<(Lot, AwardPolicy), RowError> {
    let unreadable = |what: String| RowError::new("NOT_JSON", "", what);
    let text = std::str::from_utf8(line).map_err(|error| unreadable(error.to_string()))?;
    let json = Json::parse(text).map_err(unreadable)?;
    let object = json.as_object().ok_or_else(|| unreadable("no object".to_owned()))?;
    Ok((Lot::read(object)?, AwardPolicy::read(object.opt_object("policy")?, policy)?))
}

fn write(output: &mut impl Write, variants: &[Variant], totals: &[Totals]) -> Result<(), Failure> {
    let mut writer = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(output);
    let failed = |error: csv::Error| Failure::Output(std::io::Error::other(error));
    let ratio = |value: Option<Dec>| value.map(|value| value.to_fixed(4)).unwrap_or_default();
    writer.write_record(COLUMNS).map_err(failed)?;
    for (variant, of) in variants.iter().zip(totals) {
        let counts = [of.lots, of.errors, of.without_winner, of.winners, of.revived].map(|n| n.to_string());
        let named = [variant.key.clone(), variant.value.clone()];
        let row = named.into_iter().chain(counts).chain([ratio(of.demand_kept()), ratio(of.mean_cut())]);
        writer.write_record(row).map_err(failed)?;
    }
    writer.flush().map_err(Failure::Output)
}
