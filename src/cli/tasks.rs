//! What an instance does besides answering requests: the tasks of the ground, then what the offices say of themselves.

use std::time::Duration;

use crate::accounts::keys::Keys;
use crate::accounts::totp;
use crate::offices;
use crate::platform::audit::{head, seal};
use crate::platform::config::Config;
use crate::platform::db::Work;
use crate::platform::health;
use crate::platform::http::kept;
use crate::platform::jobs::Registry;
use crate::platform::outbox::worker::{self, Mailer};
use crate::platform::policy::Policies;
use crate::platform::{deadlines, feed, idempotency, retention, staging};

/// Everything that an instance runs besides answering requests.
pub fn registry(config: &Config, mailer: Mailer, policies: &Policies, keys: Keys) -> Registry {
    let mut registry = Registry::default();
    ground(&mut registry, config, mailer);
    offices::ALL.register(&mut registry, policies);
    // The instance's keys are nothing that the ground could hand to an office.
    registry.every("totp.seal", Duration::from_secs(3600), move |cx| {
        let keys = keys.clone();
        async move { totp::seal_anew(&cx.db, &keys).await.map(drop) }
    });
    let due = offices::ALL.deadlines();
    registry.tick("deadlines", Duration::from_secs(20), move |cx| {
        let due = due.clone();
        async move { deadlines::run_all(&cx.db, cx.now(), &due).await }
    });
    registry
}

fn ground(registry: &mut Registry, config: &Config, mailer: Mailer) {
    let (second, minute, hour) = (Duration::from_secs(1), Duration::from_secs(60), Duration::from_secs(3600));
    // In a busy hour the feed grows once a second, not with every order.
    registry.when(Work::Event, "feed.place", second, |cx| async move { feed::place(&cx.db).await.map(drop) });
    registry.when(Work::Mail, "mail.send", second / 20, move |cx| {
        let mailer = mailer.clone();
        async move { worker::run(&cx.db, &cx.clock, &mailer).await.map(drop) }
    });
    registry.every("audit.seal", minute, |cx| async move { seal::run(&cx.db, &cx.clock).await.map(drop) });
    // Each instance looks for itself, so that the figure also grows where nobody seals.
    registry.tick("audit.unsealed", minute, |cx| async move {
        let left = cx.db.read(seal::unsealed).await?;
        metrics::gauge!("jicai_audit_unsealed").set(u32::try_from(left).unwrap_or(u32::MAX));
        Ok(())
    });
    registry.tick("clock.skew", minute, |cx| async move { health::watch_clock(&cx.db, &cx.clock).await });
    if config.audit.daily_mail {
        registry.every("audit.head_mail", minute * 10, |cx| async move {
            head::mail_daily(&cx.db, &cx.clock, &cx.actor()).await.map(drop)
        });
    }
    registry.every("sweep.idempotency", hour, |cx| async move {
        idempotency::sweep(&cx.db, cx.now()).await.map(drop)
    });
    let keep = config.retention;
    registry.every("sweep.retention", hour * 24, move |cx| async move {
        retention::sweep(&cx.db, cx.now(), &keep).await.map(drop)
    });
    registry.every("sweep.forms", hour, |cx| async move { kept::sweep(&cx.db, cx.now()).await.map(drop) });
    registry.every("sweep.staging", minute * 10, |cx| async move {
        staging::sweep(&cx.db, cx.now()).await.map(drop)
    });
}
