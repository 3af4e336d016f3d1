//! `award --vary KEY=V1,V2,…`: the same lots under several values of a parameter, one CSV row a value.

use std::io::{BufRead, BufReader, Read, Write};

use csv::{Terminator, WriterBuilder};

use super::{Failure, Tally};
use crate::rules::award::Trial;
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

/// Computes every lot under every value; memory does not grow with the number of lots.
pub(super) fn run(
    input: impl Read,
    output: &mut impl Write,
    policy: &Policy,
    vary: &str,
) -> Result<Tally, Failure> {
    let wrong = |what: String| Failure::Vary(vary.to_owned(), what);
    let (key, values) = vary.split_once('=').ok_or_else(|| wrong("expected KEY=VALUE,VALUE".to_owned()))?;
    let mut trial = Trial::new(key, values, policy).map_err(|error| wrong(error.to_string()))?;
    let mut input = BufReader::with_capacity(128 * 1024, input);
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(Failure::Input)? == 0 {
            break;
        }
        trial.add(number, &line, policy);
    }
    write(output, &trial)?;
    Ok(Tally { errors: trial.results().any(|(_, totals)| totals.errors > 0) })
}

fn write(output: &mut impl Write, trial: &Trial) -> Result<(), Failure> {
    let mut writer = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(output);
    let failed = |error: csv::Error| Failure::Output(std::io::Error::other(error));
    let ratio = |value: Option<Dec>| value.map(|value| value.to_fixed(4)).unwrap_or_default();
    writer.write_record(COLUMNS).map_err(failed)?;
    for (variant, of) in trial.results() {
        let counts = [of.lots, of.errors, of.without_winner, of.winners, of.revived].map(|n| n.to_string());
        let named = [variant.key.clone(), variant.value.clone()];
        let row = named.into_iter().chain(counts).chain([ratio(of.demand_kept()), ratio(of.mean_cut())]);
        writer.write_record(row).map_err(failed)?;
    }
    writer.flush().map_err(Failure::Output)
}
