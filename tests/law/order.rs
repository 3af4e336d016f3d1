//! Numbers of orders, and the price of a day.

use chrono::NaiveDate;
use jicai_rules::order::{ALPHABET, in_force, number, read_number};

fn some_numbers() -> impl Iterator<Item = String> {
    let day = NaiveDate::from_ymd_opt(2024, 8, 5).unwrap();
    let mut state = 1_u64;
    (0..50).map(move |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        number(day, std::array::from_fn(|n| (state >> (8 * n)) as u8))
    })
}

#[test]
fn a_number_is_read_as_it_is_said() {
    for number in some_numbers() {
        assert_eq!((number.len(), &number[..7]), (15, "240805-"));
        assert_eq!(read_number(&number), Some(number.clone()));
        assert_eq!(read_number(&number.to_lowercase().replace('-', " ")), Some(number.clone()));
        assert_eq!(read_number(&number.replace('0', "o").replace('1', "l")), Some(number));
    }
    for wrong in ["", "240805", "240805-7K3QWX", "24080A-7K3QWX-4", "240805-7K3QWU-4", "240805-7K3QW中-4"] {
        assert_eq!(read_number(wrong), None, "{wrong}");
    }
}

#[test]
fn one_wrong_or_two_exchanged_characters_are_caught() {
    for number in some_numbers() {
        let plain: Vec<u8> = number.bytes().filter(|c| *c != b'-').collect();
        let said = |bytes: &[u8]| read_number(std::str::from_utf8(bytes).unwrap());
        for place in 0..plain.len() {
            for other in ALPHABET.iter().filter(|c| **c != plain[place]) {
                let mut wrong = plain.clone();
                wrong[place] = *other;
                assert_eq!(said(&wrong), None, "{number} with {} at {place}", char::from(*other));
            }
            for second in place + 1..plain.len() {
                let mut wrong = plain.clone();
                wrong.swap(place, second);
                if wrong != plain {
                    assert_eq!(said(&wrong), None, "{number} with {place} and {second} exchanged");
                }
            }
        }
    }
}

#[test]
fn the_price_of_a_day_is_the_latest_not_after_it() {
    let day = |d| NaiveDate::from_ymd_opt(2024, 8, d).unwrap();
    let entries = [(day(5), "5.80"), (day(1), "6.00"), (day(20), "5.50")];
    let at = |d| in_force(&entries, |e| e.0, day(d)).map(|e| e.1);
    assert_eq!(
        (at(4), at(5), at(19), at(20), at(31)),
        (Some("6.00"), Some("5.80"), Some("5.80"), Some("5.50"), Some("5.50"))
    );
    assert_eq!(in_force(&entries, |e| e.0, NaiveDate::from_ymd_opt(2024, 7, 31).unwrap()), None);
}
