//! Times and days as they are written.

use chrono::{DateTime, NaiveDate};
use jicai_rules::moment::{Moment, parse_date};

#[test]
fn reads_rfc_3339_and_orders_by_instant() {
    let moment = |text| Moment::parse(text).unwrap_or_else(|| panic!("{text} is a time"));
    let five = moment("2024-12-12T17:00:00+08:00");
    assert_eq!(five, moment("2024-12-12T09:00:00.000Z"));
    assert_eq!(five, Moment::from(DateTime::from_timestamp(1_733_994_000, 0).expect("a time")));
    assert!(moment("2024-12-12T16:59:59.9999999999999+08:00") < five);
    assert!(moment("2024-12-12T09:00:00.10Z") > moment("2024-12-12T09:00:00.09Z"));
    assert!(moment("2024-12-12T08:00:00-01:00") == five);
    for text in [
        "",
        "2024-12-12",
        "2024-12-12T17:00:00",
        "2024-12-12 17:00:00+08:00",
        "2024-13-12T17:00:00Z",
        "2024-12-12T24:00:00Z",
        "2024-12-12T17:00Z",
        "2024-12-12T17:00:00.Z",
        "2024-12-12T17:00:00+0800",
        "2024-02-30T17:00:00Z",
        "2024-12-12T17:00:00+08:00 ",
        "２024-12-12T17:00:00Z",
    ] {
        assert_eq!(Moment::parse(text), None, "{text:?}");
    }
}

#[test]
fn reads_days_that_exist() {
    assert_eq!(parse_date("2024-02-29"), NaiveDate::from_ymd_opt(2024, 2, 29));
    for text in ["2023-02-29", "2024-2-9", "0000-01-01", "20240229", "2024-02-29T", "+024-01-01"] {
        assert_eq!(parse_date(text), None, "{text:?}");
    }
}
