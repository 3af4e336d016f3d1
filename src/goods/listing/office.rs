//! What the house asks of listings.

use super::office_price::{self, PriceProposal};
use super::{imports, office_pages, reconvert, routes, store};
use crate::platform::error::Result;
use crate::platform::http::view::{Todo, Tone};
use crate::platform::jobs::Registry;
use crate::platform::office::{Desk, MOST_TODOS, Means, MenuItem, Office};
use crate::platform::row_source;
use crate::platform::schema::{monitored_price, price_proposal};
use crate::platform::sql::{AnyConn, Time};
use crate::platform::who::Principal;
use crate::platform::who::guard::{AgencyOfficer, Guard};

/// Listings: prices and marks.
pub const OFFICE: Office = Office {
    menu: &[
        MenuItem::new(20, "查找药品", "/catalogue", |_| true),
        MenuItem::new(145, "调价复核", office_pages::WORK, AgencyOfficer::is)
            .counting(|who| vec![office_price::count_waiting(Some(who.user))]),
    ],
    desk,
    rows: &[
        store::ROWS,
        row_source!(price_proposal, PriceProposal),
        row_source!(monitored_price, imports::monitored::MonitoredPrice),
    ],
    sheets: &[&imports::monitored::SPEC, &imports::pack_prices::SPEC],
    tasks,
    ..Office::new("listing", routes::routes)
};

/// A listing follows when the codes of its product are put right.
fn tasks(registry: &mut Registry, means: &Means) {
    let policies = means.policies.clone();
    registry.job("listing.reconvert", move |cx| reconvert::job(cx, policies.clone()));
}

/// Prices that a colleague proposed.
fn desk(conn: &mut AnyConn, who: &Principal, _: Time) -> Result<Desk> {
    if !AgencyOfficer::is(who) {
        return Ok(Desk::default());
    }
    let todo = |p: PriceProposal| Todo {
        what: "复核调价".into(),
        about: format!("{}提出 {} 元：{}", p.proposed_name, p.unit_price.display(), p.reason),
        href: office_pages::WORK.into(),
        tone: Tone::Waiting,
        ..Todo::default()
    };
    let waiting = office_price::waiting(conn, Some(who.user), MOST_TODOS)?;
    Ok(Desk { todos: waiting.into_iter().map(todo).collect(), ..Desk::default() })
}
