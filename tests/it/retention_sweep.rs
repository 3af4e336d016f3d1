//! What has served its time goes: feed, messages, mails, and the groups of an import that was given up.

use chrono::Duration;
use diesel::prelude::*;
use jicai::platform::config::Retention;
use jicai::platform::db::Db;
use jicai::platform::feed::{self, Readers};
use jicai::platform::outbox::{self, Letter, Topic};
use jicai::platform::retention::sweep;
use jicai::platform::schema::{
    feed_event, feed_reader, import_run, message, outbox_mail, product, three_same_group,
};
use jicai::platform::sql::{Id, Time};
use jicai::platform::who::{OrgKind, Post, Region};
use serde_json::json;

use crate::support::office::{at, organisation};
use crate::support::people::{actor, person};
use crate::support::sheets::{checked, drug, drugs_xlsx};
use crate::support::{TestApp, Who, app_test, both_engines};

const KEEP: Retention = Retention { feed_days: 400, message_days: 1100, mail_days: 400 };

async fn emit(db: &Db, readers: Vec<Id>, n: usize) {
    db.write(&actor(), move |tx| {
        let object = Id::new();
        feed::emit(tx, "order.submitted", "purchase_order", object, &readers, &json!({ "n": n }))?;
        tx.note("test.emit", "test", object, &json!({}))
    })
    .await
    .expect("emitted");
}

async fn counted(db: &Db) -> [i64; 4] {
    db.read(|c| {
        Ok([
            feed_event::table.count().get_result(c)?,
            feed_reader::table.count().get_result(c)?,
            message::table.count().get_result(c)?,
            outbox_mail::table.count().get_result(c)?,
        ])
    })
    .await
    .expect("counted")
}

async fn old_rows_go_and_positions_go_on(db: Db) {
    let of = organisation(&db, OrgKind::Distributor, "配送企业", 31).await;
    let reader = of.id;
    person(&db, reader, "reader", Post::Trade, jicai::accounts::users::UserState::Active, "r@example.cn")
        .await;
    for n in 0..3 {
        emit(&db, vec![reader], n).await;
        db.write(&actor(), move |tx| {
            let letter = Letter {
                subject: format!("{n}"),
                text: String::new(),
                html: String::new(),
                kind: Topic::Order,
                due: None,
                link: "/".into(),
            };
            outbox::notify(tx, reader, &[], &letter)?;
            tx.note("test.notify", "test", reader, &json!({}))
        })
        .await
        .expect("notified");
    }
    feed::place(&db).await.expect("placed");
    let now = at("2030-01-01T03:00:00+08:00");
    let ago = |days: i64| now.plus(-Duration::days(days));
    let (old, young): (Time, Time) = (ago(401), ago(399));
    db.write_unaudited("test.age", move |c| {
        diesel::update(feed_event::table).set(feed_event::created_at.eq(old)).execute(c)?;
        diesel::update(message::table).set(message::created_at.eq(old)).execute(c)?;
        diesel::update(outbox_mail::table)
            .set((outbox_mail::created_at.eq(old), outbox_mail::state.eq(outbox::MailState::Sent)))
            .execute(c)?;
        // One waits still, one is young.
        diesel::update(outbox_mail::table.filter(outbox_mail::subject.eq("0")))
            .set(outbox_mail::state.eq(outbox::MailState::Waiting))
            .execute(c)?;
        let last = outbox_mail::table.filter(outbox_mail::subject.eq("1"));
        diesel::update(last).set(outbox_mail::created_at.eq(young)).execute(c)?;
        Ok(())
    })
    .await
    .expect("aged");
    assert_eq!(counted(&db).await, [3, 3, 3, 3]);
    sweep(&db, now, &KEEP).await.expect("swept");
    // The last event holds the position; messages stay three years.
    assert_eq!(counted(&db).await, [1, 1, 3, 2]);
    let later = now.plus(Duration::days(800));
    sweep(&db, later, &KEEP).await.expect("swept");
    assert_eq!(counted(&db).await, [1, 1, 0, 1]);
    emit(&db, vec![reader], 9).await;
    feed::place(&db).await.expect("placed");
    let of = Readers::Of(reader);
    let read = async |after: i64| {
        let of = of.clone();
        db.read(move |c| feed::part(c, &of, after, 50)).await
    };
    let part = read(0).await.expect("from the beginning");
    assert_eq!(part.events.iter().filter_map(|e| e.position).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(part.next, 4);
    // Whoever stands before what is kept is told, not left with a gap.
    match read(1).await {
        Err(jicai::platform::error::Error::Refused(no)) => {
            assert_eq!((no.status, no.code), (410, "FEED_GONE"))
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(read(2).await.expect("nothing missing").events.len(), 2);
}
both_engines!(old_rows_go_and_positions_go_on);

/// A bureau goes on through what is not its own, part by part.
async fn a_region_reads_in_windows(db: Db) {
    const BETWEEN: i64 = 10_050;
    let own = organisation(&db, OrgKind::PublicHospital, "澜州医院", 41).await;
    let bureau = organisation(&db, OrgKind::CityBureau, "澜州医保局", 42).await;
    emit(&db, vec![own.id], 1).await;
    feed::place(&db).await.expect("placed");
    emit(&db, vec![own.id], 2).await;
    db.write_unaudited("test.far", |c| {
        let far = feed_event::table.filter(feed_event::position.eq(1));
        diesel::update(far).set(feed_event::position.eq(Some(BETWEEN))).execute(c)?;
        diesel::update(feed_reader::table.filter(feed_reader::position.eq(1)))
            .set(feed_reader::position.eq(Some(BETWEEN)))
            .execute(c)?;
        Ok(())
    })
    .await
    .expect("far");
    feed::place(&db).await.expect("placed");
    let readers = Readers::Region { own: bureau.id, region: Region::City("澜州".into()) };
    let hers = async |after: i64| {
        let of = readers.clone();
        db.read(move |c| feed::part(c, &of, after, 50)).await
    };
    // From the beginning: from what is kept on.
    let part = hers(0).await.expect("a part");
    assert_eq!(part.events.iter().filter_map(|e| e.position).collect::<Vec<_>>(), [BETWEEN, BETWEEN + 1]);
    // What others did in between is not handed out, and is not looked through twice.
    db.write_unaudited("test.first", move |c| {
        let id = Id::new();
        diesel::insert_into(feed_event::table)
            .values((
                feed_event::id.eq(id),
                feed_event::position.eq(Some(1)),
                feed_event::kind.eq("order.submitted"),
                feed_event::object_type.eq("purchase_order"),
                feed_event::object_id.eq(id),
                feed_event::body.eq("{}"),
                feed_event::created_at.eq(at("2024-08-05T09:00:00+08:00")),
            ))
            .execute(c)?;
        Ok(())
    })
    .await
    .expect("the first");
    let (mut after, mut found) = (0, Vec::new());
    for _ in 0..3 {
        let part = hers(after).await.expect("a part");
        found.extend(part.events.iter().filter_map(|e| e.position));
        after = part.next;
    }
    assert_eq!((found, after), (vec![BETWEEN, BETWEEN + 1], BETWEEN + 1));
}
both_engines!(a_region_reads_in_windows);

/// A group that only an import brought goes with it; one that something else joined stays.
async fn groups_of_a_discarded_import_go(app: &TestApp) {
    use jicai::platform::import::{RunState, sweep as sweep_imports};
    let run = checked(app, "drugs", "a.xlsx", drugs_xlsx(&[drug(1, 10_001)])).await;
    let (id, long_ago) = (run.id, app.now().plus(-Duration::hours(1)));
    let new = crate::support::office::new_product(
        app.organisation(Who::Enterprise),
        "青禾",
        "注射用试药",
        "1.0g",
        77,
    );
    let kept = jicai::catalogue::create::create(&app.db, &app.system(), new).await.expect("product").id;
    app.db
        .write_unaudited("test.abandon", move |c| {
            jicai::catalogue::batch::open(c, id, "drugs", "00", long_ago)?;
            let group = jicai::catalogue::content::group("注射用试药二", "青禾", "1.0g", Some(id), long_ago);
            diesel::insert_into(three_same_group::table).values(&group).execute(c)?;
            let joined = product::table.find(kept).select(product::group_id).first::<Option<Id>>(c)?;
            let joined = three_same_group::table.filter(three_same_group::id.nullable().eq(joined));
            diesel::update(joined).set(three_same_group::batch_id.eq(Some(id))).execute(c)?;
            diesel::update(import_run::table.find(id))
                .set((import_run::state.eq(RunState::Loading), import_run::touched_at.eq(long_ago)))
                .execute(c)?;
            Ok(())
        })
        .await
        .expect("abandoned");
    let policies = jicai::platform::policy::Policies::shipped().expect("policies");
    let machine = jicai::offices::ALL.loader(&policies);
    assert_eq!(sweep_imports(&app.db, &machine, app.now()).await.expect("swept"), 1);
    let left: Vec<String> = app
        .db
        .read(|c| Ok(three_same_group::table.select(three_same_group::generic_name).load(c)?))
        .await
        .expect("groups");
    assert_eq!(left, ["注射用试药"]);
    app.take_mails().await;
}
app_test!(groups_of_a_discarded_import_go);
