//! What a row asks for, in the form in which it is compared.

use super::looks::{flat, is_unit};
use super::row::Row;
use crate::listing::named::Named;
use crate::platform::input::{folded, half_width};
use crate::rules::strength;

/// Ways of reading one name at most.
const NAMES: usize = 8;

/// What a row asks for.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// Codes as they are kept.
    pub codes: Vec<String>,
    /// What the name may be, folded, the whole of it first.
    pub names: Vec<String>,
    /// The same as it was written.
    pub written: Vec<String>,
    /// The normalised content.
    pub content: Option<String>,
    /// The strength as it was written.
    strength: String,
    /// Units in the pack.
    pack: Option<i64>,
    /// The enterprise, folded.
    maker: String,
    /// Code or name, for sentences.
    pub shown: String,
}

impl Asked {
    pub fn of(row: &Row) -> Self {
        let (name, tail) = without_strength(&row.name);
        let strength = if row.strength.is_empty() { tail } else { row.strength.as_str() };
        let shown = if row.name.is_empty() { row.codes.first() } else { Some(&row.name) };
        let written = written(&row.name, name);
        let mut names: Vec<String> = written.iter().map(|name| folded(name)).collect();
        names.dedup();
        Self {
            codes: row.codes.clone(),
            names,
            written,
            content: content(strength),
            strength: strength.to_owned(),
            pack: pack(strength),
            maker: folded(&row.maker),
            shown: shown.cloned().unwrap_or_default(),
        }
    }

    /// Whether a product has one of the codes for approval number or standard code.
    pub fn has_number(&self, named: &Named) -> bool {
        let standard = named.standard_code.as_deref();
        self.codes.iter().any(|code| named.approval_no.ends_with(code.as_str()) || standard == Some(code))
    }

    /// Whether the name does not speak against the product that a code names.
    pub fn agrees(&self, named: &Named) -> bool {
        let own = [Some(folded(&named.generic_name)), named.trade_name.as_deref().map(folded)];
        let alike = |name: &String| {
            own.iter().flatten().any(|own| own.contains(name.as_str()) || name.contains(own.as_str()))
        };
        self.names.is_empty() || self.names.iter().any(alike)
    }

    /// The products that fit best, and what of the row fits none of them.
    pub fn narrowed<'a>(&self, from: Vec<&'a Named>) -> (Vec<&'a Named>, Option<String>) {
        let (mut left, mut missed) = (from, Vec::new());
        if left.is_empty() {
            return (left, None);
        }
        if !self.strength.is_empty() {
            let holds = self.content.as_ref().map(|content| {
                let exactly = fitting(&left, |of| of.content_key.as_ref() == Some(content));
                // A list may leave the volume out: 0.1g for 2ml:0.1g.
                let ending = format!(":{content}");
                let or =
                    || fitting(&left, |of| of.content_key.as_ref().is_some_and(|key| key.ends_with(&ending)));
                if exactly.is_empty() { or() } else { exactly }
            });
            match holds.filter(|holds| !holds.is_empty()) {
                Some(holds) => left = holds,
                None => missed.push(format!("没有规格为“{}”的", self.strength)),
            }
        }
        if let Some(pack) = self.pack {
            let holds = fitting(&left, |of| of.pack_qty == pack);
            left = if holds.is_empty() { left } else { holds };
        }
        if !self.maker.is_empty() {
            let made = fitting(&left, |of| self.is_made_by(of));
            match made.is_empty() {
                true => missed.push("没有所填生产企业的".to_owned()),
                false => left = made,
            }
        }
        let why = (!missed.is_empty()).then(|| format!("“{}”{}药品，请核对", self.shown, missed.join("、")));
        (left, why)
    }

    fn is_made_by(&self, named: &Named) -> bool {
        let names = [named.maker.as_deref(), named.maker_name.as_deref(), Some(named.brand.as_str())];
        let alike = |name: &str| {
            let name = folded(name);
            !name.is_empty() && (name.contains(&self.maker) || self.maker.contains(&name))
        };
        names.into_iter().flatten().any(alike)
    }
}

fn fitting<'a>(from: &[&'a Named], fits: impl Fn(&Named) -> bool) -> Vec<&'a Named> {
    from.iter().copied().filter(|named| fits(named)).collect()
}

/// The whole, what stands before and within brackets, and each of several words; with brackets of either width.
fn written(whole: &str, without_strength: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut push = |text: &str| {
        for text in [text.trim().to_owned(), half_width(text.trim())] {
            if !text.is_empty() && !all.contains(&text) && all.len() < NAMES {
                all.push(text);
            }
        }
    };
    push(whole);
    push(without_strength);
    if let Some((before, rest)) = whole.split_once(['(', '（']) {
        push(before);
        push(rest.split([')', '）']).next().unwrap_or_default());
    }
    whole.split_whitespace().for_each(push);
    all
}

/// A name, and the strength that is written on to it: `注射用头孢曲松钠1.0g`.
fn without_strength(name: &str) -> (&str, &str) {
    let digits = name.char_indices().filter(|(_, c)| c.is_ascii_digit());
    for (at, _) in digits {
        let (before, tail) = name.split_at(at);
        let begins = before.chars().next_back().is_some_and(|c| !c.is_ascii_alphanumeric() && c != '.');
        if begins && content(tail).is_some() {
            return (before.trim_end_matches(['(', '（', ' ']), tail);
        }
    }
    (name, "")
}

/// The normalised content of a strength, with or without a pack behind it.
fn content(strength: &str) -> Option<String> {
    let first = strength.split_whitespace().next()?;
    let read = strength::parse(strength).or_else(|_| strength::parse(first)).ok()?;
    Some(read.key())
}

/// Units in the pack that a strength names: `0.25g*24粒`.
fn pack(strength: &str) -> Option<i64> {
    let flat = flat(strength);
    let chars: Vec<char> = flat.chars().collect();
    let unit = |at: usize| chars.get(at).is_some_and(|c| is_unit(&c.to_string()));
    let end = (1..chars.len()).find(|at| unit(*at) && chars.get(at - 1).is_some_and(char::is_ascii_digit))?;
    let digits: String = chars.iter().take(end).rev().take_while(|c| c.is_ascii_digit()).collect();
    digits.chars().rev().collect::<String>().parse().ok()
}
