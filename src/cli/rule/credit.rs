//! `credit`: credit points and their repair (JS-CR-1 to JS-CR-12).

use super::lines::{Form, Rule, write_json};
use crate::rules::credit::{Conditions, CreditError, Event, Judgement, Refusal, Repair, Shares, account};
use crate::rules::explain::Steps;
use crate::rules::json::{Object, RowError};
use crate::rules::moment::{date_member, opt_date_member};
use crate::rules::money::Dec;
use crate::rules::policy::{Policy, PolicyError};

pub(super) const FORM: Form = Form { key: "enterprise", prepare };

fn prepare(policy: &Policy) -> Result<Rule, PolicyError> {
    let shares = Shares::from_policy(policy)?;
    Ok(Box::new(move |object, out, steps| compute(object, out, steps, &shares)))
}

#[derive(serde::Serialize)]
struct Out<'a> {
    enterprise: &'a str,
    events: Vec<OutEvent<'a>>,
    balance: String,
}

#[derive(serde::Serialize)]
struct OutEvent<'a> {
    id: &'a str,
    points: String,
    cleared: String,
    remaining: String,
    status: &'static str,
    reason: Option<&'static str>,
}

/// Open: without `repairs` there are none; `as_of`, `events` and the days of an event are needed.
fn compute(
    object: &Object<'_>,
    out: &mut Vec<u8>,
    steps: &mut Steps,
    shares: &Shares,
) -> Result<(), RowError> {
    let enterprise = object.text("enterprise")?;
    let as_of = date_member(object, "as_of")?;
    object.need("events")?;
    let events = object.objects("events", event)?.unwrap_or_default();
    let repairs = object.objects("repairs", repair)?.unwrap_or_default();
    let account = account(as_of, &events, &repairs, shares, steps).map_err(refused)?;
    let shown = |(event, judged): (_, &Judgement)| out_event(event, judged);
    let judged = events.iter().zip(&account.events).map(shown).collect();
    write_json(out, &Out { enterprise, events: judged, balance: account.balance.to_fixed(1) })
}

fn out_event<'a>(event: &'a Event, judged: &Judgement) -> OutEvent<'a> {
    OutEvent {
        id: &event.id,
        points: event.points.to_fixed(1),
        cleared: judged.cleared.to_fixed(1),
        remaining: judged.remaining.to_fixed(1),
        status: judged.status.as_str(),
        reason: judged.reason.map(Refusal::as_str),
    }
}

fn event(object: &Object<'_>) -> Result<Event, RowError> {
    let event = Event {
        id: object.text("id")?.to_owned(),
        behaviour: object.text("behaviour")?.to_owned(),
        points: points(object)?,
        notified_on: date_member(object, "notified_on")?,
        published_on: opt_date_member(object, "published_on")?,
        next_publication_on: date_member(object, "next_publication_on")?,
    };
    if event.next_publication_on < event.notified_on {
        let problem = format!(
            "is {}, expected a day not before notified_on {}",
            event.next_publication_on, event.notified_on
        );
        return Err(RowError::new("BAD_VALUE", "next_publication_on", problem));
    }
    Ok(event)
}

fn points(object: &Object<'_>) -> Result<Dec, RowError> {
    let points = object.dec("points")?;
    match points.is_positive() && points.decimals() <= 1 {
        true => Ok(points),
        false => {
            let problem = format!("is {points}, expected a number above 0 with at most one decimal");
            Err(RowError::new("BAD_VALUE", "points", problem))
        }
    }
}

fn repair(object: &Object<'_>) -> Result<Repair, RowError> {
    let conditions = match object.opt_object("conditions")? {
        None => Conditions::default(),
        Some(shown) => conditions(shown).map_err(|error| error.inside("conditions"))?,
    };
    Ok(Repair {
        event: object.text("event")?.to_owned(),
        applied_on: date_member(object, "applied_on")?,
        conditions,
    })
}

fn conditions(object: &Object<'_>) -> Result<Conditions, RowError> {
    Ok(Conditions {
        ended: object.flag("ended", false)?,
        hospital_statement: object.flag("hospital_statement", false)?,
        adjusted: object.flag("adjusted", false)?,
        ceiling_reset: object.flag("ceiling_reset", false)?,
        commitment: object.flag("commitment", false)?,
        discontinued: object.flag("discontinued", false)?,
        signed_on: opt_date_member(object, "signed_on")?,
        required_by: opt_date_member(object, "required_by")?,
    })
}

fn refused(error: CreditError) -> RowError {
    match error {
        CreditError::DuplicateId(id) => {
            RowError::new("DUPLICATE_ID", "events", format!("name {id:?} twice, expected each id once"))
        }
        CreditError::UnknownId(id) => {
            RowError::new("UNKNOWN_ID", "repairs", format!("name {id:?}, expected the id of an event"))
        }
    }
}
