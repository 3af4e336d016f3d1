//! What the house asks of supervision.

use super::{mails, marked, routes};
use crate::listing::Mark;
use crate::order::desk::first_of_month;
use crate::platform::error::Result;
use crate::platform::http::present::whole;
use crate::platform::http::view::Figure;
use crate::platform::office::{Desk, MenuItem, Office};
use crate::platform::sql::{AnyConn, Time};
use crate::platform::who::guard::{AgencyOfficer, Guard};
use crate::platform::who::{OrgKind, Principal, Region};

/// What officers watch.
pub const OFFICE: Office = Office {
    menu: &[
        MenuItem::new(90, "红标、黄标药品采购", "/supervision/marked", |who| {
            who.is(OrgKind::is_authority)
        }),
        MenuItem::new(160, "被退回的邮件", "/supervision/mails", AgencyOfficer::is)
            .counting(|who| mails::count(who).into_iter().collect()),
    ],
    desk,
    ..Office::new("supervision", routes::routes)
};

/// What the month's purchases of marked drugs come to; each figure is the total of the page that it opens.
fn desk(conn: &mut AnyConn, who: &Principal, now: Time) -> Result<Desk> {
    if !who.is(OrgKind::is_authority) || Region::of(conn, who)?.is_none() {
        return Ok(Desk::default());
    }
    let from = first_of_month(now);
    let mut figures = Vec::new();
    for (mark, label) in [(Mark::Yellow, "本月采购黄标药品"), (Mark::Red, "本月采购红标药品")]
    {
        let found = marked::since(conn, who, mark, from)?;
        figures.push(Figure {
            label: label.into(),
            value: whole(found.lines),
            unit: "行".into(),
            note: format!("{} 元", found.amount.display()),
            href: Some(format!("/supervision/marked?mark={mark}&from={from}")),
        });
    }
    Ok(Desk { figures, ..Desk::default() })
}
