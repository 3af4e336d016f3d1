//! The statutory holidays by the regulation of 2024 (国务院令第795号), for years whose arrangement is not announced yet. They fix
//! no bridges and no make-up days; these come with the year's notice.

use chrono::{Datelike, NaiveDate};

use super::error::CalendarError;

/// Days that follow sun and moon: Chinese New Year, Qingming, Dragon Boat and Mid-Autumn as month and day. By GB/T 33661-2017;
/// borax 4.1.3 and LunarCalendar 0.0.9 agree on each.
const MOVING: &[(i32, [(u32, u32); 4])] = &[
    (2027, [(2, 6), (4, 5), (6, 9), (9, 15)]),
    (2028, [(1, 26), (4, 4), (5, 28), (10, 3)]),
    (2029, [(2, 13), (4, 4), (6, 16), (9, 22)]),
    (2030, [(2, 3), (4, 5), (6, 5), (9, 12)]),
    (2031, [(1, 23), (4, 5), (6, 24), (10, 1)]),
    (2032, [(2, 11), (4, 4), (6, 12), (9, 19)]),
    (2033, [(1, 31), (4, 4), (6, 1), (9, 8)]),
    (2034, [(2, 19), (4, 5), (6, 20), (9, 27)]),
    (2035, [(2, 8), (4, 5), (6, 10), (9, 16)]),
    (2036, [(1, 28), (4, 4), (5, 30), (10, 4)]),
    (2037, [(2, 15), (4, 4), (6, 18), (9, 24)]),
    (2038, [(2, 4), (4, 5), (6, 7), (9, 13)]),
    (2039, [(1, 24), (4, 5), (5, 27), (10, 2)]),
    (2040, [(2, 12), (4, 4), (6, 14), (9, 20)]),
    (2041, [(2, 1), (4, 4), (6, 3), (9, 10)]),
    (2042, [(1, 22), (4, 4), (6, 22), (9, 28)]),
    (2043, [(2, 10), (4, 5), (6, 11), (9, 17)]),
    (2044, [(1, 30), (4, 4), (5, 31), (10, 5)]),
    (2045, [(2, 17), (4, 4), (6, 19), (9, 25)]),
    (2046, [(2, 6), (4, 4), (6, 8), (9, 15)]),
    (2047, [(1, 26), (4, 5), (5, 29), (10, 4)]),
    (2048, [(2, 14), (4, 4), (6, 15), (9, 22)]),
    (2049, [(2, 2), (4, 4), (6, 4), (9, 11)]),
    (2050, [(1, 23), (4, 4), (6, 23), (9, 30)]),
];

/// Whether the regulation itself makes `day` a holiday: New Year, the eve and first three days of Chinese New Year, Qingming,
/// 1–2 May, Dragon Boat, Mid-Autumn, 1–3 October.
pub(super) fn is_holiday(day: NaiveDate) -> Result<bool, CalendarError> {
    let (year, on) = (day.year(), (day.month(), day.day()));
    let moving = MOVING.iter().find(|(known, _)| *known == year).map(|(_, days)| days);
    let [spring, qingming, boat, autumn] = *moving.ok_or(CalendarError::UnknownYear(year))?;
    let fixed = matches!(on, (1, 1) | (5, 1..=2) | (10, 1..=3));
    let spring = NaiveDate::from_ymd_opt(year, spring.0, spring.1).ok_or(CalendarError::OutOfRange)?;
    let from_spring = (day - spring).num_days();
    Ok(fixed || (-1..=2).contains(&from_spring) || [qingming, boat, autumn].contains(&on))
}
