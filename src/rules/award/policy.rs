//! The parameters of an award and the digest under which it is published.

use serde_json::{Value, json};

use crate::canonical::{self, NotCanonical};
use crate::money::Dec;
use crate::policy::{Key, Kind};

/// The effective policy of one award; every member has a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub units: Units,
    pub shortlist: Shortlist,
    pub entrusted: Entrusted,
    pub selection: Selection,
    pub revival: Revival,
}

/// Division into bidding units (HVC-3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Units {
    pub mode: UnitMode,
    /// Share of the demand that unit A covers, 0…1.
    pub share: Dec,
    /// Up to this number of valid bidders all are in unit A.
    pub all_in_a_up_to: i64,
    pub denominator: Denominator,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitMode {
    None,
    Ab,
}

/// Whose demand the share of unit A is taken of (HVC-3, ambiguity a).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denominator {
    Category,
    National,
}

/// Most bidders shortlisted, by number of bidders (NAT10-5, HVC-4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortlist {
    /// (number of bidders, most shortlisted), keys ascending.
    pub table: Vec<(i64, i64)>,
    pub count: Count,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    Valid,
    Quoted,
}

/// Bidders that entrust production (NAT10-5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entrusted {
    pub merge_same_factory: bool,
    /// From this number of entrusted bidders in a unit on, fewer are shortlisted…
    pub min: i64,
    /// …by this number.
    pub minus: i64,
}

/// The lines below which a shortlisted bid is selected (NAT10-3, NAT10-6, HVC-5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Multiple of the lowest shortlisted bid, at least 1.
    pub max_ratio: Dec,
    /// Yuan; a bid not above it always passes.
    pub floor_price: Option<Dec>,
    /// Cut against the ceiling that always passes, as a share.
    pub cut_protects: Option<Dec>,
}

/// Revival of bidders that were not selected (NAT10-4, HVC-7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revival {
    pub enabled: bool,
    pub eligible: Eligible,
    /// `None`: the tender has not stated it; an enabled revival cannot be computed then.
    pub cap: Option<Cap>,
    /// Multiple of the lowest bid for [`Cap::RatioOfLowest`], at least 1.
    pub ratio: Dec,
    /// RFC 3339, kept as written because it is part of the digest; `None`: no answer is late.
    pub deadline: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eligible {
    Shortlisted,
    Valid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    RatioOfLowest,
    HighestSelected,
}

/// Words of a policy file and the values that they stand for.
macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),* }) => {
        impl $type {
            /// Every word that is understood.
            pub const WORDS: &'static [&'static str] = &[$($word),*];
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}
words!(UnitMode { None = "none", Ab = "ab" });
words!(Denominator { Category = "category", National = "national" });
words!(Count { Valid = "valid", Quoted = "quoted" });
words!(Eligible { Shortlisted = "shortlisted", Valid = "valid" });
words!(Cap { RatioOfLowest = "ratio_of_lowest", HighestSelected = "highest_selected" });

impl Policy {
    /// The policy in the published shape: every member present, decimals as strings in shortest form.
    pub fn to_json(&self) -> Value {
        let text = |value: &Dec| value.to_string();
        let optional = |value: &Option<Dec>| value.as_ref().map(text);
        json!({
            "units": {
                "mode": self.units.mode.word(), "share": text(&self.units.share),
                "all_in_a_up_to": self.units.all_in_a_up_to, "denominator": self.units.denominator.word(),
            },
            "shortlist": { "table": self.shortlist.table, "count": self.shortlist.count.word() },
            "entrusted": {
                "merge_same_factory": self.entrusted.merge_same_factory,
                "min": self.entrusted.min, "minus": self.entrusted.minus,
            },
            "selection": {
                "max_ratio": text(&self.selection.max_ratio),
                "floor_price": optional(&self.selection.floor_price),
                "cut_protects": optional(&self.selection.cut_protects),
            },
            "revival": {
                "enabled": self.revival.enabled, "eligible": self.revival.eligible.word(),
                "cap": self.revival.cap.map(Cap::word), "ratio": text(&self.revival.ratio),
                "deadline": self.revival.deadline,
            },
        })
    }

    /// Lower-case hexadecimal SHA-256 of the policy, canonical by RFC 8785.
    pub fn digest(&self) -> Result<String, NotCanonical> {
        canonical::digest(&self.to_json())
    }
}

const MODE: Kind = Kind::Word(UnitMode::WORDS);
const CAP: Kind = Kind::Word(Cap::WORDS);
const RATIO: Kind = Kind::Decimal { min: "1", max: "1000" };
const PRICE: Kind = Kind::Decimal { min: "0", max: "100000000" };
const SHARE: Kind = Kind::Decimal { min: "0", max: "1" };
/// The largest whole number that a policy may state: RFC 8785 keeps it exactly.
pub(super) const MANY: i64 = 9_007_199_254_740_991;

/// The parameters of an award.
pub const KEYS: &[Key] = &[
    Key { name: "award.units.mode", kind: MODE },
    Key { name: "award.units.share", kind: SHARE },
    Key { name: "award.units.all_in_a_up_to", kind: Kind::Whole { min: 0, max: MANY } },
    Key { name: "award.units.denominator", kind: Kind::Word(Denominator::WORDS) },
    Key { name: "award.shortlist.table", kind: Kind::Steps },
    Key { name: "award.shortlist.count", kind: Kind::Word(Count::WORDS) },
    Key { name: "award.entrusted.merge_same_factory", kind: Kind::Flag },
    Key { name: "award.entrusted.min", kind: Kind::Whole { min: 1, max: MANY } },
    Key { name: "award.entrusted.minus", kind: Kind::Whole { min: 0, max: MANY } },
    Key { name: "award.selection.max_ratio", kind: Kind::OrTender(&RATIO) },
    Key { name: "award.selection.floor_price", kind: Kind::OrNone(&PRICE) },
    Key { name: "award.selection.cut_protects", kind: Kind::OrNone(&SHARE) },
    Key { name: "award.revival.enabled", kind: Kind::Flag },
    Key { name: "award.revival.eligible", kind: Kind::Word(Eligible::WORDS) },
    Key { name: "award.revival.cap", kind: Kind::OrTender(&CAP) },
    Key { name: "award.revival.ratio", kind: Kind::OrTender(&RATIO) },
    Key { name: "award.revival.deadline", kind: Kind::OrNone(&Kind::Moment) },
];
