//! From characters to amounts and the signs between them.

use super::{Amount, Measure, Unreadable};
use crate::money::Dec;

/// What a specification is made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A number with its unit.
    Amount(Amount),
    /// A unit alone behind `/`: 10mg/ml.
    Unit(Amount),
    /// So many percent.
    Percent(Dec),
    /// A bare number: a part of a ratio, or nothing that we know.
    Number(Dec),
    /// Pieces: 24片, or 片 alone.
    Pieces,
    /// A length or an area.
    Size,
    /// 每…含; the amount is none for a piece.
    Each(Option<Amount>),
    /// What stands in parentheses, as it is written and read.
    Group(String, Result<Vec<Token>, Unreadable>),
    /// Words.
    Name(String),
    Plus,
    Colon,
    Slash,
    Comma,
    Semicolon,
    Times,
}

/// Half-width signs, no blanks.
pub(super) fn plain(text: &str) -> String {
    let sign = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '【' | '〔' => '(',
        '】' | '〕' => ')',
        '∶' | '﹕' => ':',
        '、' | '﹢' => '+',
        '×' | '✕' | '∗' => '*',
        '⁄' | '∕' => '/',
        '﹪' => '%',
        'µ' | 'μ' => 'u',
        other => other,
    };
    let marks = |c: &char| !c.is_whitespace() && !matches!(c, '\u{feff}' | '\u{200b}');
    let bracket = |c: char| match c {
        '[' => '(',
        ']' => ')',
        other => other,
    };
    text.chars().filter(marks).map(sign).map(bracket).collect()
}

/// Units, the longest first where one begins another; the factor is to the measure's one unit.
const UNITS: &[(&str, Measure, &str)] = &[
    ("axaiu", Measure::AntiXa, "1"),
    ("国际单位", Measure::Activity, "1"),
    ("抗xaiu", Measure::AntiXa, "1"),
    ("mmol", Measure::Substance, "1"),
    ("毫摩尔", Measure::Substance, "1"),
    ("umol", Measure::Substance, "0.001"),
    ("mol", Measure::Substance, "1000"),
    ("meq", Measure::Equivalent, "1"),
    ("mbq", Measure::Radioactivity, "1"),
    ("gbq", Measure::Radioactivity, "1000"),
    ("kbq", Measure::Radioactivity, "0.001"),
    ("mci", Measure::Radioactivity, "37"),
    ("cfu", Measure::Organisms, "1"),
    ("mcg", Measure::Mass, "0.001"),
    ("微克", Measure::Mass, "0.001"),
    ("毫克", Measure::Mass, "1"),
    ("千克", Measure::Mass, "1000000"),
    ("公斤", Measure::Mass, "1000000"),
    ("纳克", Measure::Mass, "0.000001"),
    ("微升", Measure::Volume, "0.001"),
    ("毫升", Measure::Volume, "1"),
    ("单位", Measure::Activity, "1"),
    ("kiu", Measure::Activity, "1000"),
    ("miu", Measure::Activity, "1000000"),
    ("ug", Measure::Mass, "0.001"),
    ("ng", Measure::Mass, "0.000001"),
    ("mg", Measure::Mass, "1"),
    ("kg", Measure::Mass, "1000000"),
    ("ul", Measure::Volume, "0.001"),
    ("ml", Measure::Volume, "1"),
    ("cc", Measure::Volume, "1"),
    ("iu", Measure::Activity, "1"),
    ("ku", Measure::Activity, "1000"),
    ("克", Measure::Mass, "1000"),
    ("升", Measure::Volume, "1000"),
    ("u", Measure::Activity, "1"),
    ("g", Measure::Mass, "1000"),
    ("l", Measure::Volume, "1000"),
];
const PIECES: &str = "片粒支瓶袋丸贴枚板盒喷揿吸套包只个张条帖枝管";
const SIZES: &[&str] = &["平方厘米", "平方毫米", "厘米", "毫米", "cm", "mm"];

/// What a unit word means.
enum Word {
    Unit(Measure, &'static str, usize),
    Pieces(usize),
    Size(usize),
}

/// The unit at the beginning of `rest`; a Latin one must end where its letters end.
fn word(rest: &[char]) -> Option<Word> {
    let starts = |unit: &str| {
        let n = unit.chars().count();
        let same = rest.len() >= n && unit.chars().zip(rest).all(|(u, c)| u == c.to_ascii_lowercase());
        let next = rest.get(n);
        let times = next.is_some_and(|c| c.eq_ignore_ascii_case(&'x'))
            && rest.get(n + 1).is_some_and(char::is_ascii_digit);
        let whole = !unit.is_ascii() || times || !next.is_some_and(char::is_ascii_alphabetic);
        (same && whole).then_some(n)
    };
    if let Some(n) = SIZES.iter().find_map(|size| starts(size)) {
        let power = rest.get(n).is_some_and(|c| matches!(c, '2' | '²'));
        return Some(Word::Size(n + usize::from(power)));
    }
    let unit = UNITS.iter().find_map(|(name, measure, factor)| Some((*measure, *factor, starts(name)?)));
    if let Some((measure, factor, n)) = unit {
        return Some(Word::Unit(measure, factor, n));
    }
    rest.first().filter(|c| PIECES.contains(**c)).map(|_| Word::Pieces(1))
}

fn amount(value: &Dec, measure: Measure, factor: &str) -> Amount {
    let factor = Dec::parse(factor).unwrap_or_else(|| Dec::from(1));
    Amount { value: value * &factor, measure }
}

/// Reads a plain text.
pub(super) fn tokens(plain: &str) -> Result<Vec<Token>, Unreadable> {
    let text: Vec<char> = plain.chars().collect();
    Lexer { text: &text, at: 0, found: Vec::new() }.run()
}

struct Lexer<'a> {
    text: &'a [char],
    at: usize,
    found: Vec<Token>,
}

impl Lexer<'_> {
    fn rest(&self) -> &[char] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn run(mut self) -> Result<Vec<Token>, Unreadable> {
        while let Some(&c) = self.text.get(self.at) {
            let sign = match c {
                '+' => Some(Token::Plus),
                ':' => Some(Token::Colon),
                '/' => Some(Token::Slash),
                ',' => Some(Token::Comma),
                ';' => Some(Token::Semicolon),
                '*' => Some(Token::Times),
                'x' | 'X' if self.is_times() => Some(Token::Times),
                _ => None,
            };
            match sign {
                Some(sign) => {
                    self.found.push(sign);
                    self.at += 1;
                }
                None if c == '(' => self.group()?,
                None if c == '每' && self.each() => {}
                None if c.is_ascii_digit() || c == '.' => self.number()?,
                None => self.name(),
            }
        }
        Ok(self.found)
    }

    /// `0.25gx24片`.
    fn is_times(&self) -> bool {
        let amount = matches!(self.found.last(), Some(Token::Amount(_) | Token::Pieces));
        amount && self.text.get(self.at + 1).is_some_and(char::is_ascii_digit)
    }

    fn group(&mut self) -> Result<(), Unreadable> {
        let mut depth = 0_usize;
        for (n, c) in self.rest().iter().enumerate() {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let inside: String = self.rest().iter().take(n).skip(1).collect();
                let read = tokens(&inside);
                self.found.push(Token::Group(inside, read));
                self.at += n + 1;
                return Ok(());
            }
        }
        Err(Unreadable::Ambiguous(self.rest().iter().collect()))
    }

    /// 每片含, 每毫升含, 每10ml中含; false where 每 is a part of a name.
    fn each(&mut self) -> bool {
        let after = self.text.get(self.at + 1..).unwrap_or_default();
        let digits = after.iter().take_while(|c| c.is_ascii_digit() || **c == '.').count();
        let said: String = after.iter().take(digits).collect();
        let number = if digits == 0 { Some(Dec::from(1)) } else { Dec::parse(&said) };
        let (Some(number), Some(word)) = (number, word(after.get(digits..).unwrap_or_default())) else {
            return false;
        };
        let (per, n) = match word {
            Word::Unit(measure, factor, n) => (Some(amount(&number, measure, factor)), n),
            Word::Pieces(n) => (None, n),
            Word::Size(_) => return false,
        };
        self.found.push(Token::Each(per));
        self.at += 1 + digits + n;
        true
    }

    fn number(&mut self) -> Result<(), Unreadable> {
        let start = self.at;
        let mut digits = String::new();
        while let Some(&c) = self.text.get(self.at) {
            let next = |n: usize| self.text.get(self.at + n).is_some_and(char::is_ascii_digit);
            match c {
                '0'..='9' | '.' => digits.push(c),
                // 1,200,000单位; a comma before anything but three digits divides two statements.
                ',' if next(1) && next(2) && next(3) && !next(4) && !digits.contains('.') => {}
                _ => break,
            }
            self.at += 1;
        }
        let mut value =
            Dec::parse(&digits).filter(|_| digits.len() <= 24).ok_or_else(|| self.unknown(start))?;
        for (sign, times) in [('万', 10_000), ('亿', 100_000_000)] {
            if self.text.get(self.at) == Some(&sign) {
                value = &value * &Dec::from(times);
                self.at += 1;
            }
        }
        if value.is_zero() {
            return Err(Unreadable::NotPositive);
        }
        if self.text.get(self.at) == Some(&'%') {
            self.at += 1;
            self.found.push(Token::Percent(value));
            return Ok(());
        }
        let (token, n) = match word(self.rest()) {
            Some(Word::Unit(measure, factor, n)) => (Token::Amount(amount(&value, measure, factor)), n),
            Some(Word::Pieces(n)) => (Token::Pieces, n),
            Some(Word::Size(n)) => (Token::Size, n),
            None if self.rest().first().is_some_and(|c| c.is_alphanumeric()) => {
                return Err(self.unknown(start));
            }
            None => (Token::Number(value), 0),
        };
        self.found.push(token);
        self.at += n;
        Ok(())
    }

    /// The number at `start` with what follows it, to be shown.
    fn unknown(&self, start: usize) -> Unreadable {
        let shown: String = self.text.iter().skip(start).take(self.at - start + 4).collect();
        Unreadable::UnknownUnit(shown)
    }

    fn name(&mut self) {
        if self.found.last() == Some(&Token::Slash)
            && let Some(word) = word(self.rest())
        {
            let (token, n) = match word {
                Word::Unit(measure, factor, n) => (Token::Unit(amount(&Dec::from(1), measure, factor)), n),
                Word::Pieces(n) => (Token::Pieces, n),
                Word::Size(n) => (Token::Size, n),
            };
            self.found.push(token);
            self.at += n;
            return;
        }
        let first = self.rest().first().copied();
        // A letter takes the digits behind it along: C15H17N7O5S3, B12.
        let latin = first.is_some_and(|c| c.is_ascii_alphabetic());
        let ends = |c: &char| "+:/,;*(".contains(*c) || (!latin && (c.is_ascii_digit() || *c == '每'));
        let n = self.rest().iter().skip(1).take_while(|c| !ends(c)).count() + 1;
        let name: String = self.rest().iter().take(n).collect();
        self.at += n;
        self.found.push(Token::Name(name));
    }
}
