//! Days: every vector of the payment, linkage and working-day clauses.

use chrono::NaiveDate;
use jicai_rules::calendar::{
    Beyond, Calendar, CalendarError, Due, DueKind, Notice, calendar_days_after, end_of_next_month,
    last_day_of_year,
};
use jicai_rules::explain::Steps;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn calendar() -> Calendar {
    Calendar::shipped().unwrap()
}

fn month_end(from: &str) -> NaiveDate {
    end_of_next_month(day(from)).unwrap()
}

#[test]
fn sh_a_3_payment_is_due_at_the_end_of_the_month_after_use() {
    assert_eq!(month_end("2024-08-01"), day("2024-09-30"));
    assert_eq!(month_end("2024-08-31"), day("2024-09-30"));
    assert_eq!(month_end("2024-12-15"), day("2025-01-31"));
    assert_eq!(month_end("2024-01-31"), day("2024-02-29"));
}

#[test]
fn sh_l_4_the_day_of_use_counts_not_the_day_of_delivery() {
    assert_eq!(month_end("2024-09-05"), day("2024-10-31"));
    assert_eq!(month_end("2024-08-20"), day("2024-09-30"), "what Henan's rule would give from delivery");
    assert_eq!(month_end("2024-09-30"), day("2024-10-31"));
}

#[test]
fn hn_10_yn_7_and_jx_13_payment_counts_from_acceptance() {
    assert_eq!(month_end("2024-09-30"), day("2024-10-31"));
    assert_eq!(month_end("2024-10-01"), day("2024-11-30"));
    assert_eq!(month_end("2024-09-12"), day("2024-10-31"));
}

#[test]
fn hn_7_listing_is_due_five_working_days_before() {
    let calendar = calendar();
    assert_eq!(calendar.working_days_before(day("2024-09-10"), 5), Ok(day("2024-09-03")));
}

#[test]
fn jx_12_ten_working_days_with_the_make_up_saturday() {
    assert_eq!(calendar().working_days_after(day("2024-09-02"), 10), Ok(day("2024-09-14")));
}

#[test]
fn sd_15_three_working_days_over_a_weekend() {
    assert_eq!(calendar().working_days_after(day("2024-09-06"), 3), Ok(day("2024-09-11")));
}

#[test]
fn sur_6_thirty_working_days() {
    assert_eq!(calendar().working_days_after(day("2024-10-14"), 30), Ok(day("2024-11-25")));
}

#[test]
fn hn_12_and_sn_11_thirty_calendar_days_whatever_the_holidays() {
    assert_eq!(calendar_days_after(day("2024-10-08"), 30), Ok(day("2024-11-07")));
    assert_eq!(calendar_days_after(day("2024-09-02"), 30), Ok(day("2024-10-02")));
}

#[test]
fn sn_9_fifteen_calendar_days() {
    assert_eq!(calendar_days_after(day("2024-09-01"), 15), Ok(day("2024-09-16")));
}

#[test]
fn hn_3_hvc_9_and_yn_2_years_end_on_the_day_before_the_anniversary() {
    let end = |start, n| last_day_of_year(day(start), n).unwrap();
    assert_eq!(end("2024-09-10", 1), day("2025-09-09"));
    assert_eq!(end("2024-09-10", 2), day("2026-09-09"));
    assert_eq!(end("2024-05-20", 2), day("2026-05-19"));
    assert_eq!(end("2024-02-29", 2), day("2026-02-28"));
    assert_eq!(end("2024-02-29", 4), day("2028-02-28"));
    assert_eq!([1, 2, 3].map(|n| end("2024-08-30", n)), ["2025-08-29", "2026-08-29", "2027-08-29"].map(day));
}

#[test]
fn a_year_without_a_table_is_an_error_never_a_guess() {
    let calendar = calendar();
    assert_eq!(calendar.working_days_after(day("2026-12-30"), 1), Ok(day("2026-12-31")));
    assert_eq!(calendar.working_days_after(day("2026-12-31"), 1), Err(CalendarError::UnknownYear(2027)));
    assert_eq!(calendar.working_days_before(day("2023-01-03"), 1), Err(CalendarError::UnknownYear(2022)));
    // Only the days that are passed need a table, not the day from which the count runs.
    assert_eq!(calendar.working_days_after(day("2022-12-31"), 1), Ok(day("2023-01-03")));
    assert_eq!(calendar.working_days_before(day("2027-01-01"), 1), Ok(day("2026-12-31")));
}

#[test]
fn the_tables_hold_the_holidays_of_four_years_with_their_notices() {
    let calendar = calendar();
    let years: Vec<_> = calendar.years().collect();
    let notices = [
        (2023, "国办发明电〔2022〕16号"),
        (2024, "国办发明电〔2023〕7号"),
        (2025, "国办发明电〔2024〕12号"),
        (2026, "国办发明电〔2025〕7号"),
    ];
    assert_eq!(years, notices);
    let works = |on| calendar.is_working_day(day(on)).unwrap();
    assert!(works("2024-09-14") && works("2025-01-26") && works("2026-02-28"), "make-up days");
    assert!(!works("2024-09-17") && !works("2025-10-08") && !works("2026-01-02"), "holidays");
    assert!(!works("2024-09-01") && works("2024-09-02"), "Sunday and Monday");
}

/// Working days of a year by the notices: 2024 and 2025 as counted in the public calendars.
#[test]
fn the_number_of_working_days_of_a_year_comes_out() {
    let calendar = calendar();
    let count = |year| {
        let days = NaiveDate::from_yo_opt(year, 1)
            .unwrap()
            .iter_days()
            .take_while(|d| chrono::Datelike::year(d) == year);
        days.filter(|d| calendar.is_working_day(*d).unwrap()).count()
    };
    assert_eq!([2024, 2025].map(count), [251, 248]);
}

#[test]
fn a_table_with_a_mistake_is_refused() {
    let table = |days: &str| {
        format!("year = 2030\nnotice = \"n\"\nissued = \"2029-11-01\"\nholidays = [{days}]\nworkdays = []\n")
    };
    let add = |text: &str| Calendar::default().add("2030.toml", text);
    assert_eq!(add(&table("\"2030-01-01\"")), Ok(()));
    assert_eq!(add(&table("\"2029-12-31\", \"2031-01-01\"")), Ok(()), "days of any year");
    assert!(add(&table("\"2030-01-01\", \"2030-01-01\"")).is_err(), "twice");
    assert!(add(&table("\"2030-02-30\"")).is_err(), "no such day");
    assert!(add(&format!("{}extra = 1\n", table(""))).is_err(), "unknown key");
    let mut twice = calendar();
    let again = table("").replace("\"n\"", "\"国办发明电〔2023〕7号\"");
    assert!(twice.add("2024.toml", &again).is_err(), "a notice twice");
}

#[test]
fn the_step_says_how_the_day_was_counted() {
    let mut steps = Steps::on();
    calendar().due(DueKind::WorkingDays, day("2024-09-02"), 10, Beyond::Refused, &mut steps).unwrap();
    assert_eq!(
        steps.take()[0].text,
        "2024-09-02 起第 10 个工作日（当日不计，按国务院节假日安排）为 2024-09-14"
    );
}

#[test]
fn days_out_of_reach_are_refused_and_do_not_panic() {
    assert_eq!(calendar_days_after(day("2024-01-01"), u64::MAX), Err(CalendarError::OutOfRange));
    assert_eq!(end_of_next_month(day("9999-12-01")), Err(CalendarError::OutOfRange));
    assert_eq!(end_of_next_month(day("9999-11-30")), Ok(day("9999-12-31")));
    assert_eq!(last_day_of_year(day("2024-01-01"), u32::MAX), Err(CalendarError::OutOfRange));
    assert!(calendar().working_days_after(day("9999-12-31"), 1).is_err());
}

fn counted(calendar: &Calendar, from: &str, days: u64) -> (String, bool) {
    let (kind, mut steps) = (DueKind::WorkingDays, Steps::off());
    let due = calendar.due(kind, day(from), days, Beyond::Provisional, &mut steps).unwrap();
    (due.day.to_string(), due.provisional)
}

/// Statutory holidays of 2027 by decree 795: 1 January, 5–8 February, 5 April, 1–2 May, 9 June, 15 September, 1–3 October.
#[test]
fn beyond_what_is_settled_a_due_day_is_provisional() {
    let calendar = calendar();
    assert_eq!(calendar.settled_until(), Some(day("2026-12-28")));
    // The cases of FIELD.md that fail without: 30 from 11-20, 10 from 12-18, 5 from 12-25, 3 from 12-29, 5 before 01-02.
    assert_eq!(
        counted(&calendar, "2026-11-20", 27),
        ("2026-12-29".into(), true),
        "the year's last days may change"
    );
    assert_eq!(counted(&calendar, "2026-11-20", 26), ("2026-12-28".into(), false));
    assert_eq!(counted(&calendar, "2026-11-20", 30), ("2027-01-04".into(), true));
    assert_eq!(counted(&calendar, "2026-12-18", 10), ("2027-01-04".into(), true));
    assert_eq!(counted(&calendar, "2026-12-25", 5), ("2027-01-04".into(), true));
    assert_eq!(counted(&calendar, "2026-12-29", 3), ("2027-01-04".into(), true));
    // Friday 5 to Monday 8 February are off, Tuesday 9 is worked.
    assert_eq!(counted(&calendar, "2027-02-04", 1), ("2027-02-09".into(), true));
    for off in ["2027-01-01", "2027-04-05", "2027-06-09", "2027-09-15", "2027-10-01"] {
        let eve = day(off).pred_opt().unwrap().to_string();
        assert_ne!(counted(&calendar, &eve, 1).0, off);
    }
    assert_eq!(counted(&calendar, "2027-10-01", 1).0, "2027-10-04");
    assert_eq!(counted(&calendar, "2030-06-04", 1).0, "2030-06-06", "Dragon Boat of 2030");
    let before = calendar.due(
        DueKind::WorkingDaysBefore,
        day("2027-01-02"),
        5,
        Beyond::Provisional,
        &mut Steps::off(),
    );
    assert_eq!(before, Ok(Due { day: day("2026-12-25"), provisional: true }));
    let far =
        calendar.due(DueKind::WorkingDays, day("2051-01-01"), 5, Beyond::Provisional, &mut Steps::off());
    assert_eq!(far, Err(CalendarError::UnknownYear(2051)));
}

#[test]
fn the_step_of_a_provisional_day_says_so() {
    let mut steps = Steps::on();
    let from = day("2026-12-25");
    calendar().due(DueKind::WorkingDays, from, 5, Beyond::Provisional, &mut steps).unwrap();
    assert_eq!(
        steps.take()[0].text,
        "2026-12-25 起第 5 个工作日（当日不计，按国务院节假日安排）为 2027-01-04，暂定：放假安排尚未公布，按法定节假日和周末推算"
    );
}

fn notice(number: &str, issued: &str, year: Option<i32>, off: &[&str], work: &[&str]) -> Notice {
    let days = |list: &[&str]| list.iter().map(|d| day(d)).collect::<Vec<_>>();
    Notice::new(number.into(), day(issued), year, &days(off), &days(work)).unwrap()
}

#[test]
fn a_notice_settles_its_year_and_the_end_of_the_one_before() {
    let mut calendar = calendar();
    let mut spring = Vec::new();
    spring.extend(["2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10", "2027-02-11"]);
    calendar.put(notice("国办发明电〔2026〕9号", "2026-12-20", Some(2027), &spring, &["2027-02-13"]));
    assert_eq!(calendar.settled_until(), Some(day("2027-12-28")));
    assert_eq!(
        counted(&calendar, "2026-12-25", 5),
        ("2027-01-01".into(), false),
        "the notice decides, not the regulation"
    );
    assert_eq!(counted(&calendar, "2027-02-04", 2), ("2027-02-13".into(), false), "with its make-up day");
    assert_eq!(counted(&calendar, "2027-12-28", 1), ("2027-12-29".into(), true));
    assert_eq!(calendar.working_days_after(day("2027-02-04"), 1), Ok(day("2027-02-12")));
}

/// As in 2018: the notice for 2019 made 29 December 2018 worked and 31 December free. Of two that name a day the later wins,
/// in whatever order they are added.
#[test]
fn a_later_notice_changes_days_of_the_year_before() {
    let later = notice("乙", "2026-12-01", Some(2027), &["2026-12-31"], &["2026-12-26"]);
    let amending = notice("丙", "2026-12-10", None, &[], &["2026-12-31"]);
    let mut calendar = calendar();
    calendar.put(amending.clone());
    calendar.put(later);
    assert_eq!(calendar.is_working_day(day("2026-12-26")), Ok(true));
    assert_eq!(calendar.is_working_day(day("2026-12-31")), Ok(true), "the amendment is the later one");
    let mut without = self::calendar();
    without.put(amending);
    assert_eq!(without.settled_until(), Some(day("2026-12-28")), "an amendment arranges no year");
    assert!(without.working_days_after(day("2026-12-31"), 1).is_err());
}

#[test]
fn a_day_that_a_notice_names_twice_is_pointed_out() {
    let twice = Notice::new("n".into(), day("2026-12-01"), None, &[day("2026-12-31")], &[day("2026-12-31")]);
    assert_eq!(twice, Err(day("2026-12-31")));
}
