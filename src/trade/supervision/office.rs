//! What the house asks of supervision.

use super::{mails, routes};
use crate::listing::Mark;
use crate::order::desk::{first_of_month, with_mark};
use crate::order::store;
use crate::platform::error::Result;
use crate::platform::office::{Desk, MenuItem, Office};
use crate::platform::sql::{AnyConn, Time};
use crate::platform::who::guard::{AgencyOfficer, Guard};
use crate::platform::who::{OrgKind, Principal};

/// What officers watch.
pub const OFFICE: Office = Office {
    menu: &[
        MenuItem::new(90, "标识药品采购", "/supervision/marked", |who| who.is(OrgKind::is_authority)),
        MenuItem::new(160, "被退回的邮件", "/supervision/mails", AgencyOfficer::is)
            .counting(|who| mails::count(who).into_iter().collect()),
    ],
    desk,
    ..Office::new("supervision", routes::routes)
};

/// How the month's orders of marked drugs stand.
fn desk(conn: &mut AnyConn, who: &Principal, now: Time) -> Result<Desk> {
    if !who.is(OrgKind::is_authority) {
        return Ok(Desk::default());
    }
    let scope = store::scope(conn, who)?;
    let from = first_of_month(now);
    let (yellow, red) =
        ("/supervision/marked?mark=yellow".into(), format!("/supervision/marked?mark=red&from={from}"));
    let figures = vec![
        with_mark(conn, &scope, now, Mark::Yellow, "本月黄标订单", yellow)?,
        with_mark(conn, &scope, now, Mark::Red, "本月含红标药品的订单", red)?,
    ];
    Ok(Desk { figures, ..Desk::default() })
}
