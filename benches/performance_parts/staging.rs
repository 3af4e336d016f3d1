//! Orders while an import is staged, in one process: both go through the same queue of writes.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use jicai::order::draft;
use jicai::order::input::DraftInput;
use jicai::platform::clock::Clock;
use jicai::platform::db::{Db, Limits};
use jicai::platform::schema::{app_user, order_line, organisation, purchase_order};
use jicai::platform::sql::{AnyConn, Id, Target};
use jicai::platform::staging;
use jicai::platform::who::{OrgKind, Post, Principal};
use serde_json::json;

use super::client::p99_ms;

/// Rows of the import.
const ROWS: i64 = 300_000;
/// Orders a second, both times.
const PACE: u64 = 200;

/// How long orders took.
pub struct Beside {
    /// 99 of 100 took at most so many milliseconds while nothing else happened.
    pub quiet_ms: f64,
    /// The same while rows were staged.
    pub staged_ms: f64,
    /// Seconds that the staging took.
    pub seconds: f64,
}

/// Places orders like `template`, first alone, then while 300,000 rows are staged.
pub async fn beside(target: &Target, template: &str) -> Beside {
    let db = Db::open(target, Limits::default()).expect("database");
    let id = Id(template.parse().expect("an order's key"));
    let (who, input) = db.read(move |c| Ok(order_like(c, id))).await.expect("template");
    let quiet = paced(&db, &who, &input, tokio::time::sleep(Duration::from_secs(6))).await;
    let (job, staging_db, begun) = (Id::new(), db.clone(), Instant::now());
    let stager = async {
        for first in (0..ROWS).step_by(staging::CHUNK) {
            let rows = (first..first + 500).map(row).collect();
            staging::put(&staging_db, job, first, rows).await.expect("staged");
        }
        begun.elapsed().as_secs_f64()
    };
    let (seconds, staged) = {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let both = tokio::join!(
            async {
                let seconds = stager.await;
                let _ = sender.send(());
                seconds
            },
            paced(&db, &who, &input, async {
                let _ = receiver.await;
            })
        );
        both
    };
    staging::clear(&db, job).await.expect("cleared");
    Beside { quiet_ms: p99_ms(quiet), staged_ms: p99_ms(staged), seconds }
}

/// A row as long as one of the national workbook.
fn row(n: i64) -> String {
    json!({ "code": format!("XA01AB{n:017}"), "name": "注射用美罗培南", "form": "注射用无菌粉末", "spec": "0.5g",
        "pack": "玻璃瓶", "count": 10, "unit": "支", "maker": "雁浦澜培药业股份有限公司", "approval": "国药准字H20240001" })
    .to_string()
}

async fn paced(
    db: &Db,
    who: &Principal,
    input: &DraftInput,
    until: impl Future<Output = ()>,
) -> Vec<Duration> {
    let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / PACE));
    let (mut running, mut took) = (tokio::task::JoinSet::new(), Vec::new());
    tokio::pin!(until);
    loop {
        tokio::select! {
            () = &mut until => break,
            _ = tick.tick() => {
                let (db, input) = (db.clone(), input.clone());
                let who = Principal { received_at: Clock::default().now(), ..who.clone() };
                running.spawn(async move {
                    let begun = Instant::now();
                    draft::create(&db, &who, None, input).await.expect("an order");
                    begun.elapsed()
                });
            }
        }
    }
    while let Some(one) = running.join_next().await {
        took.push(one.expect("no panic"));
    }
    took
}

fn order_like(conn: &mut AnyConn, id: Id) -> (Principal, DraftInput) {
    let (hospital, supplier, address, wanted, user): (Id, Id, Id, chrono::NaiveDate, Id) =
        purchase_order::table
            .find(id)
            .select((
                purchase_order::hospital_id,
                purchase_order::supplier_id,
                purchase_order::address_id,
                purchase_order::wanted_on,
                purchase_order::created_by,
            ))
            .get_result(conn)
            .expect("order");
    let lines: Vec<(Id, i64)> = order_line::table
        .filter(order_line::order_id.eq(id))
        .select((order_line::listing_id, order_line::quantity))
        .load(conn)
        .expect("lines");
    let name: String =
        organisation::table.find(hospital).select(organisation::name).get_result(conn).expect("hospital");
    let login: String = app_user::table.find(user).select(app_user::login).get_result(conn).expect("clerk");
    let lines: Vec<_> =
        lines.into_iter().map(|(listing, n)| json!({ "listing_id": listing, "quantity": n })).collect();
    let input =
        json!({ "supplier_id": supplier, "address_id": address, "wanted_on": wanted, "lines": lines });
    let who = Principal {
        user,
        organisation: hospital,
        kind: OrgKind::PublicHospital,
        other_kinds: Default::default(),
        post: Post::Order,
        name: login,
        organisation_name: name,
        request_id: None,
        received_at: Clock::default().now(),
    };
    (who, serde_json::from_value(input).expect("input"))
}
