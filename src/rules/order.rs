//! Orders of hospitals: their number, the price of a day, the answer's deadline, what a mark asks for.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::calendar::{Beyond, Calendar, Due, DueKind};
use super::explain::Steps;
use super::injection::Mark;
use super::policy::{Key, Kind, Policy, PolicyError};

/// The parameters of an order.
pub const KEYS: &[Key] = &[
    Key { name: "order.response_hours", kind: Kind::Whole { min: 1, max: 720 } },
    Key { name: "jx.delivery_workdays", kind: Kind::Whole { min: 1, max: 60 } },
];

/// Letters and digits of an order's number: none that sounds or looks like another (no I, L, O, U).
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters between date and check character.
pub const SERIAL: usize = 6;

/// The number of an order of `day`: `240805-7K3QWX-4`. `serial` holds six values of 0 to 31; higher bits are passed over.
pub fn number(day: NaiveDate, serial: [u8; SERIAL]) -> String {
    let serial: String = serial.iter().map(|value| letter(value & 31)).collect();
    let body = format!("{}-{serial}", day.format("%y%m%d"));
    let check = letter(weighted(&body));
    format!("{body}-{check}")
}

/// The number as it is kept, from what was typed: lower case, O for 0, I and L for 1, blanks and dashes in any place. None if
/// the check character says that it is no number: one wrong character, or two in each other's place.
pub fn read_number(typed: &str) -> Option<String> {
    let mut plain = String::new();
    for c in typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '－' | '—')) {
        plain.push(match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        });
    }
    let all_known = plain.bytes().all(|c| ALPHABET.contains(&c));
    if plain.len() != 7 + SERIAL || !all_known || !plain.bytes().take(6).all(|c| c.is_ascii_digit()) {
        return None;
    }
    let (body, check) = plain.split_at(6 + SERIAL);
    let (day, serial) = body.split_at(6);
    (letter(weighted(body)).to_string() == check).then(|| format!("{day}-{serial}-{check}"))
}

fn letter(value: u8) -> char {
    ALPHABET.get(usize::from(value)).map_or('0', |letter| char::from(*letter))
}

/// Sum of the characters' values, each times a weight of its place, in the field of 32 elements. All weights differ from one
/// another and from that of the check character itself (1), so one wrong character changes the sum, and so does any
/// exchange of two different ones.
fn weighted(body: &str) -> u8 {
    let values = body.bytes().filter_map(|c| ALPHABET.iter().position(|known| *known == c));
    let mut weight = 1;
    values.fold(0, |sum, value| {
        weight = times(weight, 2);
        sum ^ times(weight, u8::try_from(value).unwrap_or_default())
    })
}

/// The product of two elements of GF(2⁵) with x⁵ + x² + 1, in which 2 generates all but 0.
fn times(a: u8, b: u8) -> u8 {
    let (mut product, mut shifted) = (0, a);
    for bit in 0..5 {
        if b >> bit & 1 == 1 {
            product ^= shifted;
        }
        shifted <<= 1;
        if shifted & 32 != 0 {
            shifted ^= 0b10_0101;
        }
    }
    product
}

/// The entry in force on `day`: the latest whose first day is not after it.
pub fn in_force<T>(entries: &[T], first_day: impl Fn(&T) -> NaiveDate, day: NaiveDate) -> Option<&T> {
    entries.iter().filter(|entry| first_day(entry) <= day).max_by_key(|entry| first_day(entry))
}

/// Until when the supplier answers an order of `submitted`.
///
/// JS-CR-1
pub fn respond_by(submitted: DateTime<Utc>, policy: &Policy) -> Result<DateTime<Utc>, PolicyError> {
    Ok(submitted + Duration::hours(policy.whole("order.response_hours")?))
}

/// Whether an answer is in time: the deadline itself is late.
///
/// JS-CR-1
pub fn answered_in_time(respond_by: DateTime<Utc>, received: DateTime<Utc>) -> bool {
    received < respond_by
}

/// Until which day an order of `ordered` is delivered. Nothing is refused because a year is not arranged yet: the day is
/// provisional then.
///
/// JX-12
pub fn deliver_by(ordered: NaiveDate, calendar: &Calendar, policy: &Policy) -> Result<Due, PolicyError> {
    let days = u64::try_from(policy.whole("jx.delivery_workdays")?).unwrap_or(1);
    let due = calendar.due(DueKind::WorkingDays, ordered, days, Beyond::Provisional, &mut Steps::off());
    due.map_err(|error| PolicyError::Invalid(vec![error.to_string()]))
}

/// What a mark asks of anyone who orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Nothing.
    Nothing,
    /// A hint; low-risk products are recommended.
    Hint,
    /// A warning; low-risk products have priority, ordering all the same needs a reason.
    Warning,
}

/// What a mark asks of anyone who orders. Red is no ban.
///
/// INJ-4.3
pub fn asks(mark: Mark) -> Asks {
    match mark {
        Mark::None => Asks::Nothing,
        Mark::Yellow => Asks::Hint,
        Mark::Red => Asks::Warning,
    }
}

/// Characters that the reason for a red product has.
pub const REASON: std::ops::RangeInclusive<usize> = 10..=500;
