//! `due-date`: payment, linkage, working days (17.1, 17.2, HN-7, JX-12).

use chrono::NaiveDate;

use super::lines::{Form, Rule, write_json};
use crate::rules::calendar::{Beyond, Calendar, CalendarError, DueKind};
use crate::rules::explain::Steps;
use crate::rules::json::{Object, RowError};
use crate::rules::moment::date_member;
use crate::rules::policy::{Policy, PolicyError};

pub(super) const FORM: Form = Form { key: "id", prepare };

const KINDS: &[(&str, DueKind)] = &[
    ("end_of_next_month", DueKind::EndOfNextMonth),
    ("calendar_days", DueKind::CalendarDays),
    ("working_days", DueKind::WorkingDays),
    ("working_days_before", DueKind::WorkingDaysBefore),
];

fn prepare(policy: &Policy) -> Result<Rule, PolicyError> {
    let beyond = Beyond::from_policy(policy)?;
    let calendar = Calendar::shipped().map_err(|error| PolicyError::Invalid(vec![error.to_string()]))?;
    Ok(Box::new(move |object, out, steps| compute(object, out, steps, &calendar, beyond)))
}

#[derive(serde::Serialize)]
struct Out<'a> {
    id: &'a str,
    due: NaiveDate,
    /// Said only where it is so: the bare answer is what every profile gives for days that are settled.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    provisional: bool,
}

fn compute(
    object: &Object<'_>,
    out: &mut Vec<u8>,
    steps: &mut Steps,
    calendar: &Calendar,
    beyond: Beyond,
) -> Result<(), RowError> {
    let id = object.text("id")?;
    object.need("kind")?;
    let kind = object.opt_word("kind", KINDS)?.unwrap_or(DueKind::EndOfNextMonth);
    let from = date_member(object, "from")?;
    let days = match kind {
        DueKind::EndOfNextMonth => 0,
        _ => {
            object.need("days")?;
            let days = object.opt_whole("days", 1, i64::MAX)?.unwrap_or(1);
            u64::try_from(days).unwrap_or(1)
        }
    };
    let due = calendar.due(kind, from, days, beyond, steps).map_err(|error| match error {
        CalendarError::UnknownYear(year) => {
            let problem = format!("runs into {year}, for which there is no table of public holidays");
            RowError::new("CALENDAR_UNKNOWN_YEAR", "days", problem)
        }
        _ => RowError::new("BAD_VALUE", "days", "lead out of the years 1 to 9999"),
    })?;
    write_json(out, &Out { id, due: due.day, provisional: due.provisional })
}
