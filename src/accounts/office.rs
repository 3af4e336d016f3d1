//! What the house asks of accounts.

use std::time::Duration;

use crate::api_client::Client;
use crate::link::Purpose;
use crate::platform::jobs::Registry;
use crate::platform::office::{Means, MenuItem, Office};
use crate::platform::row_source;
use crate::platform::schema::{app_user, machine_client, totp_reset, user_totp};
use crate::platform::who::guard::{AgencyOfficer, Guard};
use crate::platform::who::{Post, Principal};
use crate::resets::{self, Reset};
use crate::totp::SecondStep;
use crate::users::User;
use crate::{attempts, link, refresh, routes, session};

/// How people and systems prove who they are.
pub const OFFICE: Office = Office {
    menu: &[
        MenuItem::new(170, "用户管理", "/users", administers),
        MenuItem::new(180, "系统对接", "/clients", |who| {
            administers(who) && who.is(|kind| kind.is_hospital() || kind.is_supplier())
        }),
        MenuItem::new(190, "两步验证重置", "/totp-resets", |who| {
            administers(who) || AgencyOfficer::is(who)
        })
        .counting(|who| vec![resets::waiting(who)]),
    ],
    rows: &[
        row_source!(app_user, User),
        row_source!(user_totp, SecondStep),
        row_source!(totp_reset, Reset),
        row_source!(machine_client, Client),
    ],
    tasks,
    ..Office::new("accounts", routes::routes)
};

fn administers(who: &Principal) -> bool {
    who.post == Post::Admin
}

/// Forgets what ended long ago.
fn tasks(registry: &mut Registry, _: &Means) {
    let hour = Duration::from_secs(3600);
    registry.every(
        "sweep.sessions",
        hour,
        |cx| async move { session::sweep(&cx.db, cx.now()).await.map(drop) },
    );
    registry.every(
        "sweep.tokens",
        hour,
        |cx| async move { refresh::sweep(&cx.db, cx.now()).await.map(drop) },
    );
    registry.every(
        "sweep.logins",
        hour,
        |cx| async move { attempts::sweep(&cx.db, cx.now()).await.map(drop) },
    );
    registry.every("sweep.links", hour, |cx| async move {
        link::sweep(&cx.db, cx.now(), &Purpose::OF_ACCOUNTS).await.map(drop)
    });
}
