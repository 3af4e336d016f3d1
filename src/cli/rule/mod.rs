//! `jicai rule NAME`: the law on a file. The formats are a public contract; independent programs are compared
//! with them.

mod agreed_volume;
mod award;
mod codes;
mod credit;
mod due_date;
mod injection_listing;
mod injection_price;
mod lines;
mod payment_standard;
mod price_ratio;
pub mod records;
mod regions;
mod sink;
mod table;
mod vary;
mod volume_check;

use std::fs;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::rules::policy::{Policy, PolicyError};
use crate::rules::profiles::Library;

/// Every rule by its name; a new one is one file and one line.
const RULES: &[(&str, Form)] = &[
    ("injection-price", Form::Table(injection_price::FORM)),
    ("injection-listing", Form::Lines(injection_listing::FORM)),
    ("award", Form::Lines(award::FORM)),
    ("regions", Form::Lines(regions::FORM)),
    ("volume-check", Form::Table(volume_check::FORM)),
    ("agreed-volume", Form::Lines(agreed_volume::FORM)),
    ("credit", Form::Lines(credit::FORM)),
    ("due-date", Form::Lines(due_date::FORM)),
    ("payment-standard", Form::Lines(payment_standard::FORM)),
    ("price-ratio", Form::Table(price_ratio::FORM)),
    ("codes", Form::Table(codes::FORM)),
];

/// How a rule's input and output look.
enum Form {
    /// CSV to CSV: columns are added.
    Table(table::Form),
    /// JSON Lines to JSON Lines: one object becomes one object.
    Lines(lines::Form),
}

/// The arguments of `jicai rule`.
#[derive(clap::Args)]
pub struct Args {
    /// The rule, such as injection-price
    name: String,
    /// The input file; standard input if it is - or missing
    input: Option<PathBuf>,
    /// Write to this file, which appears only when it is complete
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A policy file, or the name of a profile that ships with the program (default: default)
    #[arg(long, value_name = "FILE.toml")]
    policy: Option<PathBuf>,
    /// Add the steps of each result: clause, Chinese sentence, values
    #[arg(long)]
    explain: bool,
    /// For award: compute all lots under each value and print winners, demand kept and mean cut as CSV
    #[arg(long, value_name = "SECTION.MEMBER=VALUE,…")]
    vary: Option<String>,
}

/// What became of the rows.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    /// At least one row carries an error.
    errors: bool,
}

/// Why nothing was computed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("there is no rule {0}; the rules are: {1}")]
    UnknownRule(String, String),
    #[error("the policy {0} cannot be read: {1}")]
    PolicyUnreadable(PathBuf, io::Error),
    #[error("the policy cannot be used:\n{0}")]
    Policy(#[from] PolicyError),
    #[error("--vary {0} cannot be used: {1}")]
    Vary(String, String),
    #[error("the input cannot be read: {0}")]
    Input(io::Error),
    #[error("the header cannot be used: {0}")]
    Header(String),
    #[error("the output cannot be written: {0}")]
    Output(io::Error),
}

/// Runs one rule: 0 every row computed, 1 some rows carry an error, 2 nothing computed.
pub fn run(args: &Args) -> ExitCode {
    match compute(args) {
        Ok(Tally { errors: false }) => ExitCode::SUCCESS,
        Ok(Tally { errors: true }) => ExitCode::from(1),
        Err(failure) => {
            eprintln!("jicai rule {}: {failure}", args.name);
            ExitCode::from(2)
        }
    }
}

/// The names of all rules.
pub fn names() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(name, _)| *name)
}

/// Runs a rule on bytes that are at hand, with steps; whether every row was computed.
///
/// # Errors
/// Why nothing was computed.
pub fn over(
    name: &str,
    input: &[u8],
    output: &mut impl Write,
    policy: &Policy,
    vary: Option<&str>,
) -> Result<bool, String> {
    let input = without_bom(Box::new(input)).map_err(|error| error.to_string())?;
    let tally = form(name).and_then(|form| match (form, vary) {
        (_, Some(vary)) => vary::run(input, output, policy, vary),
        (Form::Table(form), None) => form.run(input, output, policy, true),
        (Form::Lines(form), None) => form.run(input, output, policy, true),
    });
    tally.map(|tally| !tally.errors).map_err(|failure| failure.to_string())
}

fn form(name: &str) -> Result<&'static Form, Failure> {
    let form = RULES.iter().find(|(known, _)| *known == name).map(|(_, form)| form);
    form.ok_or_else(|| {
        let names: Vec<_> = names().collect();
        Failure::UnknownRule(name.to_owned(), names.join(", "))
    })
}

fn compute(args: &Args) -> Result<Tally, Failure> {
    let form = form(&args.name)?;
    let policy = policy(args.policy.as_deref())?;
    let input = without_bom(input(args.input.as_deref())?).map_err(Failure::Input)?;
    let mut sink = sink::Sink::open(args.output.as_deref()).map_err(Failure::Output)?;
    let tally = match (form, &args.vary) {
        (_, Some(vary)) if args.name != "award" => {
            Err(Failure::Vary(vary.clone(), "it is an option of award only".to_owned()))
        }
        (_, Some(vary)) => vary::run(input, &mut sink, &policy, vary),
        (Form::Table(form), None) => form.run(input, &mut sink, &policy, args.explain),
        (Form::Lines(form), None) => form.run(input, &mut sink, &policy, args.explain),
    }?;
    sink.finish().map_err(Failure::Output)?;
    Ok(tally)
}

/// The profile: a file, or the name of one that ships; without either the newest `default`.
fn policy(named: Option<&Path>) -> Result<Policy, Failure> {
    let library = Library::shipped()?;
    let Some(path) = named else { return Ok(library.named("default")?) };
    match fs::read_to_string(path) {
        Ok(text) => Ok(library.read(&path.display().to_string(), &text)?),
        Err(error) => library
            .named(&path.to_string_lossy())
            .map_err(|_| Failure::PolicyUnreadable(path.to_owned(), error)),
    }
}

fn input(path: Option<&Path>) -> Result<Box<dyn Read>, Failure> {
    match path {
        Some(path) if path != Path::new("-") => {
            let named =
                |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
            Ok(Box::new(File::open(path).map_err(|error| Failure::Input(named(error)))?))
        }
        _ => Ok(Box::new(io::stdin().lock())),
    }
}

/// The input behind a byte-order mark, if there is one.
fn without_bom<'a>(mut input: Box<dyn Read + 'a>) -> io::Result<impl Read + 'a> {
    const BOM: &[u8] = b"\xef\xbb\xbf";
    let mut start = Vec::with_capacity(BOM.len());
    input.by_ref().take(3).read_to_end(&mut start)?;
    if start == BOM {
        start.clear();
    }
    Ok(io::Cursor::new(start).chain(input))
}
