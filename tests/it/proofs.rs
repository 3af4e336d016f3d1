//! The hard promises, on both engines: of many who act at once, exactly what should happen happens.

use std::collections::BTreeSet;

use diesel::prelude::*;
use jicai::listing::direct::{DirectListing, list_direct};
use jicai::listing::model::PriceSource;
use jicai::order::input::{DraftInput, LineInput, SubmitInput};
use jicai::order::show::OrderView;
use jicai::order::{PurchaseOrder, answer, draft, submit};
use jicai::party::address::{self, AddressInput};
use jicai::platform::db::Db;
use jicai::platform::error::{Error, Result};
use jicai::platform::http::number::Quantity;
use jicai::platform::idempotency::{Answer, Key};
use jicai::platform::policy::Policies;
use jicai::platform::schema::{audit_entry, idempotency, purchase_order};
use jicai::platform::sql::{Id, Money};
use jicai::platform::staging;
use jicai::platform::who::{OrgKind, Post, Principal};

use crate::support::both_engines;
use crate::support::office::{morning, new_product, organisation, person, products};

/// A hospital with an address, an enterprise with three listed products.
struct Market {
    hospital: Principal,
    supplier: Principal,
    policies: Policies,
    input: DraftInput,
}

async fn market(db: &Db) -> Market {
    let hospital = organisation(db, OrgKind::PublicHospital, "澜州市第一人民医院", 1).await;
    let maker = organisation(db, OrgKind::Manufacturer, "雁浦澜培药业股份有限公司", 2).await;
    let buyer = person(&hospital, Post::Order, morning());
    let supplier = person(&maker, Post::Trade, morning());
    let policies = Policies::shipped().expect("policies");
    let new = (1..=3).map(|n| new_product(&maker, "澜培", "注射用美罗培南", &format!("{n}.0g"), n)).collect();
    let mut lines = Vec::new();
    for product in products(db, new).await {
        let listing = DirectListing {
            product: product.id,
            unit_price: Money(12_340_000),
            price_source: PriceSource::General,
            from_day: morning().day(),
            term: None,
        };
        let listed = list_direct(db, &supplier.actor(), &policies, listing).await.expect("listing");
        lines.push(LineInput {
            listing_id: Some(listed.listing.id),
            code: None,
            quantity: Quantity::parse("数量", "10").expect("quantity"),
            quantity_unit: None,
            pack_remark: None,
            risk_reason: None,
        });
    }
    let place = AddressInput {
        recipient: "药库".into(),
        phone: "0990-5512345".into(),
        address: "澜江省澜州市康宁路 1 号".into(),
        is_default: true,
    };
    let address = address::add(db, &buyer, place).await.expect("address");
    let input = DraftInput {
        supplier_id: maker.id,
        address_id: address.id,
        wanted_on: morning().day(),
        remark: None,
        lines,
    };
    Market { hospital: buyer, supplier, policies, input }
}

impl Market {
    async fn submitted(&self, db: &Db) -> (Id, i64) {
        let made = draft::create(db, &self.hospital, None, self.input.clone()).await.expect("draft");
        let (id, version) = id_and_version(&made.body.order);
        let sent =
            submit::submit(db, &self.hospital, &self.policies, None, id, version, SubmitInput::default())
                .await;
        id_and_version(&sent.expect("submission").body.order)
    }
}

fn id_and_version(order: &PurchaseOrder) -> (Id, i64) {
    (order.id, order.version)
}

fn key(of: &Principal, name: &str) -> Key {
    Key {
        user: of.user,
        method: "POST".into(),
        route: "/api/v1/orders".into(),
        key: name.into(),
        body_sha256: "the same body".into(),
    }
}

/// 64 clerks of the supplier press 确认 at the same moment: one confirms, 63 are told that it is done already.
async fn sixty_four_confirm_one_order(db: Db) {
    let market = market(&db).await;
    let (id, version) = market.submitted(&db).await;
    let running: Vec<_> = (0..64)
        .map(|_| {
            let (db, who) = (db.clone(), market.supplier.clone());
            tokio::spawn(async move { answer::confirm(&db, &who, id, version).await })
        })
        .collect();
    let (mut confirmed, mut conflicts) = (0, 0);
    for task in running {
        match task.await.expect("no panic") {
            Ok(_) => confirmed += 1,
            Err(Error::Refused(refusal)) if refusal.status == 409 => conflicts += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((confirmed, conflicts), (1, 63));
    let entries: i64 = db
        .read(move |c| {
            let of_order = audit_entry::table
                .filter(audit_entry::object_id.eq(id).and(audit_entry::action.eq("order.confirm")));
            Ok(of_order.count().get_result(c)?)
        })
        .await
        .expect("entries");
    assert_eq!(entries, 1);
}
both_engines!(sixty_four_confirm_one_order);

/// A client that repeats itself 64 times at once gets one order and 64 equal answers.
async fn sixty_four_twins_make_one_order(db: Db) {
    let market = market(&db).await;
    let running: Vec<_> = (0..64)
        .map(|_| {
            let (db, who, input) = (db.clone(), market.hospital.clone(), market.input.clone());
            let key = key(&who, "twins");
            tokio::spawn(async move { draft::create(&db, &who, Some(key), input).await })
        })
        .collect();
    let mut answers: Vec<Answer<OrderView>> = Vec::new();
    for task in running {
        answers.push(task.await.expect("no panic").expect("an answer"));
    }
    assert_eq!(answers.iter().filter(|a| !a.repeated).count(), 1);
    assert!(answers.iter().all(|a| (a.status, &a.body) == (answers[0].status, &answers[0].body)));
    let orders: i64 = db.read(|c| Ok(purchase_order::table.count().get_result(c)?)).await.expect("count");
    let kept: i64 = db.read(|c| Ok(idempotency::table.count().get_result(c)?)).await.expect("count");
    assert_eq!((orders, kept), (1, 1));
}
both_engines!(sixty_four_twins_make_one_order);

async fn place_many(db: &Db, market: &Market, count: usize) -> Result<BTreeSet<String>> {
    let mut numbers = BTreeSet::new();
    let running: Vec<_> = (0..count)
        .map(|_| {
            let (db, who, input) = (db.clone(), market.hospital.clone(), market.input.clone());
            tokio::spawn(async move { draft::create(&db, &who, None, input).await })
        })
        .collect();
    for task in running {
        let made = task.await.expect("no panic")?;
        numbers.insert(made.body.order.number);
    }
    Ok(numbers)
}

async fn numbers_in(db: &Db) -> BTreeSet<String> {
    db.read(|c| Ok(purchase_order::table.select(purchase_order::number).load::<String>(c)?))
        .await
        .expect("orders")
        .into_iter()
        .collect()
}

/// None lost, none failed, none twice.
async fn two_thousand_orders_at_once(db: Db) {
    let market = market(&db).await;
    let numbers = place_many(&db, &market, 2000).await.expect("none failed");
    assert_eq!(numbers.len(), 2000);
    assert_eq!(numbers_in(&db).await, numbers);
}
both_engines!(two_thousand_orders_at_once);

/// An import of 300,000 rows is staged beside the orders; neither waits for the other's end, and what is not published is
/// swept. How long orders take meanwhile is measured in `benches/`, not here.
async fn orders_go_on_while_rows_are_staged(db: Db) {
    let market = market(&db).await;
    let job = Id::new();
    let staging_db = db.clone();
    let stager = tokio::spawn(async move {
        for first in (0..300_000).step_by(500) {
            let rows = (first..first + 500).map(|n| format!("{{\"row\":{n}}}")).collect();
            staging::put(&staging_db, job, first, rows).await?;
        }
        Ok::<_, Error>(())
    });
    let mut placed = 0;
    while !stager.is_finished() {
        placed += place_many(&db, &market, 8).await.expect("orders go on").len();
    }
    stager.await.expect("no panic").expect("staged");
    assert_eq!(db.read(move |c| staging::count(c, job)).await.expect("count"), 300_000);
    assert!(placed > 0);
    assert_eq!(numbers_in(&db).await.len(), placed);
    staging::clear(&db, job).await.expect("swept");
    assert_eq!(db.read(move |c| staging::count(c, job)).await.expect("count"), 0);
}
both_engines!(orders_go_on_while_rows_are_staged);
