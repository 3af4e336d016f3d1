//! Exact decimals: the written forms, the roundings, and arithmetic against whole numbers.

use std::cmp::Ordering;

use jicai_rules::money::{Dec, MAX_DIGITS, Round};
use proptest::prelude::*;

fn dec(text: &str) -> Dec {
    Dec::parse(text).unwrap_or_else(|| panic!("{text} is a decimal"))
}

#[test]
fn the_written_forms_of_a_decimal() {
    for (text, shown) in [
        ("5", "5"),
        ("5.", "5"),
        (".5", "0.5"),
        ("+5.0", "5"),
        ("-0", "0"),
        ("-.50", "-0.5"),
        ("\u{3000} \t007.250\u{3000}", "7.25"),
        ("12345678901234567.89", "12345678901234567.89"),
        ("100", "100"),
        ("0.00000000000000000000000000000000000000000001", "0.00000000000000000000000000000000000000000001"),
        ("123456789012345678901234567890.0000", "123456789012345678901234567890"),
    ] {
        assert_eq!(dec(text).to_string(), shown, "{text}");
    }
    for text in [
        "", " ", ".", "+", "-", "-.", "1e3", "1E3", "1,000", "1_000", "NaN", "inf", "１", "1.2.3", "--1",
        "+-1", "1 2", "0x1", "\u{a0}1", "1\n",
    ] {
        assert_eq!(Dec::parse(text), None, "{text:?}");
    }
}

/// A hostile number costs nothing; zeros that say nothing do not count.
#[test]
fn the_length_of_a_number_is_limited() {
    assert!(Dec::parse(&"9".repeat(MAX_DIGITS)).is_some());
    assert_eq!(Dec::parse(&"9".repeat(MAX_DIGITS + 1)), None);
    assert_eq!(Dec::parse(&format!("{}1.5{}", "0".repeat(5_000), "0".repeat(5_000))), Some(dec("1.5")));
}

#[test]
fn a_rounding_goes_the_way_that_it_says() {
    for (value, places, half, up, down) in [
        ("1.005", 2, "1.01", "1.01", "1"),
        ("1.004", 2, "1", "1.01", "1"),
        ("-1.005", 2, "-1.01", "-1.01", "-1"),
        ("2.5", 0, "3", "3", "2"),
        ("-2.5", 0, "-3", "-3", "-2"),
        ("1.20", 2, "1.2", "1.2", "1.2"),
        ("0.0001", 2, "0", "0.01", "0"),
    ] {
        let rounded = |way| dec(value).rounded(places, way).to_string();
        assert_eq!(rounded(Round::HalfAway), half, "{value} half");
        assert_eq!(rounded(Round::Up), up, "{value} up");
        assert_eq!(rounded(Round::Down), down, "{value} down");
    }
    assert_eq!(dec("2").divided(&dec("3"), 4, Round::HalfAway), Some(dec("0.6667")));
    assert_eq!(dec("2").divided(&dec("-3"), 4, Round::HalfAway), Some(dec("-0.6667")));
    assert_eq!(dec("2").divided(&dec("-3"), 4, Round::Down), Some(dec("-0.6666")));
    assert_eq!(dec("0.5").divided(&dec("0.25"), 0, Round::Up), Some(dec("2")));
    assert_eq!(dec("2").divided(&dec("0.00"), 4, Round::HalfAway), None);
}

#[test]
fn a_fixed_form_has_that_many_places_and_no_signed_zero() {
    assert_eq!(dec("5").to_fixed(2), "5.00");
    assert_eq!(dec("1.005").to_fixed(2), "1.01");
    assert_eq!(dec("-0.00004").to_fixed(4), "0.0000");
    assert_eq!(dec("-0.00005").to_fixed(4), "-0.0001");
    assert_eq!(dec("0.5").to_fixed(0), "1");
    assert_eq!(dec("99.995").to_fixed(2), "100.00");
}

/// Where 28 digits end, nothing is rounded in silence.
#[test]
fn products_and_comparisons_are_exact_beyond_28_digits() {
    let long = dec("0.3600000000000000000000000000000000000001");
    assert_eq!(long.cmp_ratio(&dec("0.20"), &dec("1.8")), Ordering::Greater);
    assert_eq!(dec("0.36").cmp_ratio(&dec("0.20"), &dec("1.8")), Ordering::Equal);
    assert_eq!((&long * &long).decimals(), 80);
    assert_eq!((&long - &dec("0.36")).to_string(), "0.0000000000000000000000000000000000000001");
}

#[test]
fn scaled_numbers_are_exact_or_nothing() {
    assert_eq!(dec("12.5").to_scaled(6), Some(12_500_000));
    assert_eq!(dec("0.0000001").to_scaled(6), None);
    assert_eq!(dec("99999999999999999999").to_scaled(0), None);
    assert_eq!(Dec::new(12_500_000, 6), dec("12.5"));
}

/// JSON: strings and whole numbers; what went through a float is refused.
#[test]
fn json_carries_decimals_as_strings() {
    assert_eq!(serde_json::to_string(&dec("1.50")).unwrap(), "\"1.5\"");
    assert_eq!(serde_json::from_str::<Dec>("\"12345678901234567.89\"").unwrap(), dec("12345678901234567.89"));
    assert_eq!(serde_json::from_str::<Dec>("-7").unwrap(), dec("-7"));
    for text in ["12345678901234567.89", "\"1e3\"", "1.5", "null", "true"] {
        assert!(serde_json::from_str::<Dec>(text).is_err(), "{text}");
    }
}

proptest! {
    /// Reading what was written gives the same number, whatever its scale.
    #[test]
    fn written_and_read_again_is_the_same(digits in any::<i128>(), scale in 0_u32..40) {
        let number = Dec::new(digits, scale);
        prop_assert_eq!(Dec::parse(&number.to_string()), Some(number.clone()));
        let back = Dec::parse(&number.to_fixed(40));
        prop_assert_eq!(back, Some(number));
    }

    /// Sums, products and comparisons agree with whole numbers of 10⁻⁶.
    #[test]
    fn arithmetic_agrees_with_whole_numbers(one in any::<i32>(), two in any::<i32>()) {
        let (a, b) = (Dec::new(one, 6), Dec::new(two, 6));
        let (one, two) = (i64::from(one), i64::from(two));
        prop_assert_eq!(&a + &b, Dec::new(one + two, 6));
        prop_assert_eq!(&a - &b, Dec::new(one - two, 6));
        prop_assert_eq!(&a * &b, Dec::new(one * two, 12));
        prop_assert_eq!(a.cmp(&b), one.cmp(&two));
    }

    /// Down ≤ half ≤ up in size, and both ends are less than one unit apart.
    #[test]
    fn the_roundings_enclose_the_value(digits in 0_i64..i64::MAX, scale in 0_u32..18, places in 0_u32..6) {
        let value = Dec::new(digits, scale);
        let by = |way| value.rounded(places, way);
        let (down, half, up) = (by(Round::Down), by(Round::HalfAway), by(Round::Up));
        prop_assert!(down <= half && half <= up && down <= value && value <= up);
        prop_assert!(&up - &down <= Dec::new(1, places));
    }
}
