//! Normalised strength (含量与装量): what stands behind the many ways in which a specification is written. Two writings of
//! one content have one [`Strength::key`]; what cannot be read for sure is refused with a reason, never guessed, because a
//! wrong group changes a price and a wrong split costs an officer one look.

mod join;
mod lex;

use std::fmt;

use super::money::Dec;
use lex::Token;

/// Longest specification that is looked at, in characters.
const LONGEST: usize = 300;

/// What an amount counts, each in its one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// mg.
    Mass,
    /// ml.
    Volume,
    /// IU: 单位, 国际单位, U.
    Activity,
    /// Anti-Xa units of heparins.
    AntiXa,
    /// mmol.
    Substance,
    /// mEq.
    Equivalent,
    /// MBq.
    Radioactivity,
    /// Colony-forming units.
    Organisms,
    /// Percent without a volume.
    Percent,
}

impl Measure {
    fn unit(self) -> &'static str {
        match self {
            Self::Mass => "mg",
            Self::Volume => "ml",
            Self::Activity => "IU",
            Self::AntiXa => "AXaIU",
            Self::Substance => "mmol",
            Self::Equivalent => "mEq",
            Self::Radioactivity => "MBq",
            Self::Organisms => "CFU",
            Self::Percent => "%",
        }
    }
}

/// An exact amount in its measure's one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// How much; positive.
    pub value: Dec,
    /// Of what.
    pub measure: Measure,
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.value, self.measure.unit())
    }
}

/// What one smallest unit holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strength {
    /// The active contents in the order written; empty where only a fill is said.
    pub content: Vec<Amount>,
    /// Fill volume, or fill mass of a percentage.
    pub fill: Option<Amount>,
    /// Where the contents are said for so much and the fill is not known.
    pub per: Option<Amount>,
    /// The parts of a kit; then nothing else is set.
    pub kit: Vec<Strength>,
}

impl Strength {
    /// One writing for all that mean the same: `2ml:100mg`, `50mg+12.5mg`, `10mg/1ml`, `{500mg}{2ml}`.
    pub fn key(&self) -> String {
        if !self.kit.is_empty() {
            return self.kit.iter().map(|part| format!("{{{}}}", part.key())).collect();
        }
        let content = self.content.iter().map(ToString::to_string).collect::<Vec<_>>().join("+");
        match (&self.fill, &self.per) {
            (Some(fill), _) if content.is_empty() => fill.to_string(),
            (Some(fill), _) => format!("{fill}:{content}"),
            (None, Some(per)) => format!("{content}/{per}"),
            (None, None) => content,
        }
    }
}

/// Why a specification could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Nothing stands there, or only 无 or a dash.
    Empty,
    /// Longer than any specification.
    TooLong,
    /// No amount of anything: names, sizes or pieces only.
    NoAmount,
    /// A number without a unit, or with one that is not known.
    UnknownUnit(String),
    /// A zero.
    NotPositive,
    /// Two statements that do not agree, such as a percentage and a content.
    Inconsistent(String),
    /// More than one reading.
    Ambiguous(String),
}

impl Unreadable {
    /// For programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "EMPTY",
            Self::TooLong => "TOO_LONG",
            Self::NoAmount => "NO_AMOUNT",
            Self::UnknownUnit(_) => "UNKNOWN_UNIT",
            Self::NotPositive => "NOT_POSITIVE",
            Self::Inconsistent(_) => "INCONSISTENT",
            Self::Ambiguous(_) => "AMBIGUOUS",
        }
    }

    /// For the officer's work list.
    pub fn chinese(&self) -> String {
        match self {
            Self::Empty => "没有填写规格".into(),
            Self::TooLong => format!("规格超过 {LONGEST} 个字"),
            Self::NoAmount => "规格里没有含量或装量，只有名称、个数或尺寸".into(),
            Self::UnknownUnit(text) => format!("“{text}”的单位无法识别"),
            Self::NotPositive => "含量或装量为 0".into(),
            Self::Inconsistent(text) => format!("“{text}”前后所写的含量不一致"),
            Self::Ambiguous(text) => format!("“{text}”可以有不止一种理解"),
        }
    }
}

/// Reads a specification as it is registered.
///
/// INJ-3.1 (同含量装量), INJ-4.1 (comparable strength)
/// Open: names of substances and 以…计 do not enter the key, for the generic name and the brand stand beside it in every group.
/// Open: 单位, U and IU are one unit; anti-Xa units (AXaIU) are another.
/// Open: `10mg/ml` says a concentration without a fill and differs from `1ml:10mg`, which says both.
pub fn parse(text: &str) -> Result<Strength, Unreadable> {
    if text.chars().count() > LONGEST {
        return Err(Unreadable::TooLong);
    }
    let plain = lex::plain(text);
    if plain.is_empty() || ["无", "-", "/", "--", "—", "暂无", "未知"].contains(&plain.as_str()) {
        return Err(Unreadable::Empty);
    }
    join::strength(&lex::tokens(&plain)?)
}

/// As [`parse`], with the fill volume from a field of its own; both may say it, but must then agree.
///
/// INJ-3.1
pub fn parse_with_fill(strength: &str, fill_volume: Option<&str>) -> Result<Strength, Unreadable> {
    let Some(volume) = fill_volume.filter(|text| !lex::plain(text).is_empty()) else {
        return parse(strength);
    };
    let fill = match parse(volume)? {
        Strength { content, fill: Some(fill), per: None, .. } if content.is_empty() => fill,
        Strength { mut content, fill: None, per: None, .. } if content.len() == 1 => content.remove(0),
        _ => return Err(Unreadable::Ambiguous(volume.to_owned())),
    };
    let mut read = match parse(strength) {
        Err(Unreadable::Empty) => return Ok(Strength { fill: Some(fill), ..Strength::default() }),
        other => other?,
    };
    match &read.fill {
        _ if !read.kit.is_empty() || read.per.is_some() => Err(Unreadable::Ambiguous(strength.to_owned())),
        Some(said) if *said != fill => Err(Unreadable::Inconsistent(format!("{strength} {volume}"))),
        _ => {
            read.fill = Some(fill);
            Ok(read)
        }
    }
}
