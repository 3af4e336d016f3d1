//! What the house asks of those who take part.

use std::time::Duration;

use super::model::{Appointment, DeliveryAddress, Organisation};
use super::registration::links::APPLICATION;
use super::registration::{self, Registration, RegistrationState};
use super::routes;
use crate::accounts::link;
use crate::platform::error::Result;
use crate::platform::http::view::{Todo, Tone};
use crate::platform::jobs::Registry;
use crate::platform::office::{Desk, MOST_TODOS, Means, MenuItem, Office, rest};
use crate::platform::row_source;
use crate::platform::schema::{
    delivery_address, distributor_appointment, organisation, registration as registrations,
};
use crate::platform::sql::{AnyConn, Time};
use crate::platform::who::guard::{Guard, ProvinceOfficer};
use crate::platform::who::{OrgKind, Post, Principal, Side};

/// Organisations, their delivery addresses and the distributors they name.
pub const OFFICE: Office = Office {
    menu: &[
        MenuItem::new(40, "收货地址", "/addresses", |who| who.side() == Some(Side::Hospital)),
        MenuItem::new(70, "配送企业", "/distributors", |who| who.is(OrgKind::is_manufacturer)),
        MenuItem::new(80, "本单位", "/organisation", |who| who.post == Post::Admin),
        MenuItem::new(120, "单位名录", "/organisations", |who| who.is(OrgKind::is_authority)),
        MenuItem::new(130, "登记申请", "/registrations", ProvinceOfficer::is)
            .counting(|who| vec![registration::store::waiting(who.user)]),
    ],
    desk,
    rows: &[
        row_source!(organisation, Organisation),
        row_source!(registrations, Registration),
        row_source!(delivery_address, DeliveryAddress),
        row_source!(distributor_appointment, Appointment),
    ],
    tasks,
    ..Office::new("party", routes::routes)
};

/// Forgets applications that were never submitted, and the links of those that ended long ago.
fn tasks(registry: &mut Registry, _: &Means) {
    registry.every("sweep.applications", Duration::from_secs(3600), |cx| async move {
        registration::door::sweep(&cx.db, &cx.actor(), cx.now()).await?;
        link::sweep(&cx.db, cx.now(), &[APPLICATION]).await.map(drop)
    });
}

/// Applications that this officer can decide on: the second is not the first.
fn desk(conn: &mut AnyConn, who: &Principal, _: Time) -> Result<Desk> {
    if !ProvinceOfficer::is(who) {
        return Ok(Desk::default());
    }
    let steps =
        [(RegistrationState::Submitted, "初审登记申请"), (RegistrationState::Reviewed, "复核登记申请")];
    let mut todos = Vec::new();
    for (state, what) in steps {
        let rows = registration::store::list(conn, Some(state), "", None, MOST_TODOS)?;
        let all = rows.len();
        let others = rows.into_iter().filter(|row| row.reviewer_id != Some(who.user));
        todos.extend(others.map(|row| Todo {
            what: what.into(),
            about: format!("{}，{}，{}", row.name, row.kind_labels(), row.city),
            href: format!("/registrations/{}", row.id),
            tone: Tone::Waiting,
            ..Todo::default()
        }));
        let count = registration::store::count(state);
        todos.extend(rest(conn, all, count, what, &format!("/registrations?state={state}"))?);
    }
    Ok(Desk { todos, ..Desk::default() })
}
