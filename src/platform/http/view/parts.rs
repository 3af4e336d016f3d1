//! Small parts that many pages share.

use super::{Field, Link, Tone};

/// The risk mark of a listing (INJ-4.1), shown as a word with a colour.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RiskMark {
    /// Not marked.
    #[default]
    None,
    /// 黄标: more than 1.8 and at most 3 times the lowest conversion result.
    Yellow,
    /// 红标: more than 3 times.
    Red,
}

impl RiskMark {
    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "无标识",
            Self::Yellow => "黄标",
            Self::Red => "红标",
        }
    }

    /// The class in `theme.css`.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::None => "risk-none",
            Self::Yellow => "risk-yellow",
            Self::Red => "risk-red",
        }
    }
}

/// A state in one word.
#[derive(Clone, Debug, Default)]
pub struct Badge {
    /// The word, 「待确认」.
    pub text: String,
    /// Its colour.
    pub tone: Tone,
}

impl Badge {
    /// A badge.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into() }
    }
}

/// A term and what it is; a line of a definition list.
#[derive(Clone, Debug, Default)]
pub struct Pair {
    /// The term.
    pub term: String,
    /// What it is.
    pub text: String,
}

impl Pair {
    /// A line.
    pub fn new(term: impl Into<String>, text: impl Into<String>) -> Self {
        Self { term: term.into(), text: text.into() }
    }
}

/// The answer to 「为什么」.
#[derive(Clone, Debug, Default)]
pub struct Why {
    /// What is explained, for the window's title: 「注射用头孢曲松钠 挂网价」.
    pub about: String,
    /// The result in one sentence.
    pub result: String,
    /// The steps, one a line.
    pub steps: Vec<Step>,
    /// The documents, each with number and title.
    pub basis: Vec<String>,
    /// The rules it was decided under, `default@2024-07-08`.
    pub policy: String,
    /// How to compute it again without the platform.
    pub recheck: Option<Recheck>,
    /// Where the page came from, for readers without script.
    pub back: Option<Link>,
}

/// One step of an explanation.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// The sum worked out.
    pub text: String,
    /// The clause's id, `INJ-2.1`.
    pub clause: String,
}

/// 「自行验算」: the input for `jicai rule` and the command that takes it.
#[derive(Clone, Debug, Default)]
pub struct Recheck {
    /// The command line.
    pub command: String,
    /// The input, one JSON object.
    pub json: String,
}

/// One thing that happened.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// When, `2024-08-05 09:12`.
    pub when: String,
    /// Who, with the organisation.
    pub who: String,
    /// What.
    pub what: String,
    /// The reason or remark. Empty: none.
    pub note: String,
    /// Its colour.
    pub tone: Tone,
}

/// Something that waits for the reader.
#[derive(Clone, Debug, Default)]
pub struct Todo {
    /// What is to be done, 「确认订单」.
    pub what: String,
    /// What it is about.
    pub about: String,
    /// Until when, `2024-08-07 09:12`. Empty: no date.
    pub due: String,
    /// How long that is from now, 「还剩 5 小时」. Empty: not said.
    pub left: String,
    /// Its colour: `Wrong` when late, `Hint` when it is due today.
    pub tone: Tone,
    /// Where it is done.
    pub href: String,
    /// Things that wait behind this line beyond the one: of a line that says how many more there are.
    pub further: i64,
}

/// A number that tells how things stand.
#[derive(Clone, Debug, Default)]
pub struct Figure {
    /// What it counts.
    pub label: String,
    /// The number.
    pub value: String,
    /// Its unit.
    pub unit: String,
    /// One short line under it. Empty: none.
    pub note: String,
    /// The list behind it.
    pub href: Option<String>,
}

/// A piece of news.
#[derive(Clone, Debug, Default)]
pub struct News {
    /// Its day, `2024-08-04`.
    pub date: String,
    /// Its title and address.
    pub link: Link,
}

/// An act that asks once: what it does and what follows, in numbers. Works without script.
#[derive(Clone, Debug, Default)]
pub struct Confirm {
    /// The address that takes the POST.
    pub action: String,
    /// What both buttons say, 「撤销订单」.
    pub label: String,
    /// What follows, in numbers: 「将撤销 3 个品种、合计 1,234.50 元；撤销后不能恢复。」
    pub consequence: String,
    /// What has to be given with it, for example a reason.
    pub fields: Vec<Field>,
    /// Hidden fields, such as the version and the idempotency key.
    pub hidden: Vec<(String, String)>,
    /// True if it takes something away; the button is then red.
    pub danger: bool,
    /// True if it opens at once, because a field was wrong.
    pub open: bool,
}

/// Long work on its way.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// What is done.
    pub title: String,
    /// How many of `total` are done.
    pub done: u64,
    /// How many there are; 0 while that is not known.
    pub total: u64,
    /// Where it stands, in one sentence.
    pub detail: String,
    /// Its state.
    pub state: Badge,
    /// The address to ask again; none when the work has ended.
    pub again: Option<String>,
    /// Where the result is.
    pub result: Option<Link>,
}
