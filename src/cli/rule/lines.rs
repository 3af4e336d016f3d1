//! JSON Lines to JSON Lines: one object a line becomes one object a line.

use std::io::{BufRead, BufReader, Read, Write};

use super::{Failure, Tally};
use crate::rules::explain::Steps;
use crate::rules::json::{Json, Object, RowError};
use crate::rules::policy::{Policy, PolicyError};

/// A rule that turns one object into another.
pub(super) struct Form {
    /// The member that names the object, given back with an error: `id`, `lot` or `enterprise`.
    pub key: &'static str,
    /// Takes what it needs out of the policy and returns the rule.
    pub prepare: fn(&Policy) -> Result<Rule, PolicyError>,
}

/// Computes one object: writes one JSON object (with [`write_json`]), or refuses.
pub(super) type Rule = Box<dyn FnMut(&Object<'_>, &mut Vec<u8>, &mut Steps) -> Result<(), RowError>>;

/// Writes a result.
pub(super) fn write_json(out: &mut Vec<u8>, value: &impl serde::Serialize) -> Result<(), RowError> {
    serde_json::to_writer(out, value).map_err(|error| RowError::new("NOT_JSON", "", error.to_string()))
}

impl Form {
    /// Reads all lines; memory does not grow with their number.
    pub fn run(
        &self,
        input: impl Read,
        output: &mut impl Write,
        policy: &Policy,
        explain: bool,
    ) -> Result<Tally, Failure> {
        let mut rule = (self.prepare)(policy)?;
        let mut input = BufReader::with_capacity(128 * 1024, input);
        let mut steps = if explain { Steps::on() } else { Steps::off() };
        let mut tally = Tally::default();
        let (mut line, mut out) = (Vec::new(), Vec::new());
        for number in 1_u64.. {
            line.clear();
            if input.read_until(b'\n', &mut line).map_err(Failure::Input)? == 0 {
                break;
            }
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            out.clear();
            tally.errors |= !self.line(&line, number, &mut rule, &mut out, &mut steps);
            out.push(b'\n');
            output.write_all(&out).map_err(Failure::Output)?;
        }
        Ok(tally)
    }

    /// Computes one line into `out`; whether it was computed.
    fn line(&self, line: &[u8], number: u64, rule: &mut Rule, out: &mut Vec<u8>, steps: &mut Steps) -> bool {
        let parsed = match std::str::from_utf8(line) {
            Ok(text) => Json::parse(text),
            Err(_) => Err("the line is not UTF-8".to_owned()),
        };
        let object = match parsed {
            Ok(Json::Object(object)) => object,
            Ok(other) => {
                return refuse_line(out, number, &format!("the line is {other}, expected an object"));
            }
            Err(what) => return refuse_line(out, number, &what),
        };
        let result = rule(&object, out, steps);
        let told = steps.take();
        match result {
            Ok(()) => {
                if steps.is_on() && out.pop() == Some(b'}') {
                    let comma = if out.len() > 1 { "," } else { "" };
                    out.extend(format!("{comma}\"steps\":{}}}", serde_json::json!(told)).bytes());
                }
                true
            }
            Err(error) => {
                out.clear();
                let given = object.raw(self.key).map_or_else(|| "null".to_owned(), Json::to_text);
                let error = serde_json::Value::String(error.to_string());
                out.extend(format!("{{\"{}\":{given},\"error\":{error}}}", self.key).bytes());
                false
            }
        }
    }
}

fn refuse_line(out: &mut Vec<u8>, number: u64, what: &str) -> bool {
    let error = RowError::new("NOT_JSON", "", what).to_string();
    out.extend(format!("{{\"line\":{number},\"error\":{}}}", serde_json::Value::String(error)).bytes());
    false
}
