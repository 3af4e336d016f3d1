//! Sums of the largest amounts that are permitted, and of the larger ones that once were: every page, list and sheet that adds
//! them up answers, with the right figure.
//!
//! | | count | each | together |
//! |---|---|---|---|
//! | orders of today, submitted | 5 | 1,000,000,000.00 | 5,000,000,000.00 |
//! | of which red | 5 lines | 750,500,000.00 | 3,752,500,000.00 |
//! | former orders of 200 red lines, submitted | 5 | 2,000,000,000,000.00 | 10,000,000,000,000.00 |
//! | the same, confirmed | 5 | 2,000,000,000,000.00 | 10,000,000,000,000.00 |
//!
//! 64 bits of 10⁻⁶ yuan end at 9,223,372,036,854.77.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use jicai::order::input::SubmitInput;
use jicai::order::{OrderLine, OrderState, PurchaseOrder, draft, store};
use jicai::platform::db::Db;
use jicai::platform::http::number::Quantity;
use jicai::platform::schema::{order_line, purchase_order};
use jicai::platform::sql::{AnyConn, Id, Money};
use serde_json::{Value, json};

use crate::support::office::{self, Scene, id_of, line, refusal};
use crate::support::sheets::cells;
use crate::support::shop::Shop;
use crate::support::{Actor, TestApp, Who, app_test, both_engines};

const SUBMITTED: &str = "10,005,000,000,000.00";
const CONFIRMED: &str = "10,000,000,000,000.00";
const ALL: &str = "20,005,000,000,000.00";
const MARKED: &str = "20,003,752,500,000.00";

/// A line of an order before the limit of 10⁹ yuan: 10⁹ units at 10 yuan.
const FORMER_LINE: Money = Money(10_000_000_000_000_000);
/// 200 of them.
const FORMER_ORDER: Money = Money(2_000_000_000_000_000_000);

/// The largest order of today: 50,000,000 × 15.01 and 199,600,000 × 1.25, and so many units more of the second.
fn largest(app: &TestApp, shop: &Shop, more: i64) -> Value {
    json!({
        "supplier_id": app.organisation(Who::Enterprise).id,
        "address_id": shop.address.id,
        "wanted_on": "2024-08-12",
        "lines": [
            { "listing_id": shop.red.listing.id, "quantity": 50_000_000 },
            { "listing_id": shop.plain.listing.id, "quantity": 199_600_000 + more },
        ],
    })
}

async fn place(app: &TestApp, shop: &Shop, hospital: &Actor) -> Id {
    let made = hospital.post("/api/v1/orders", &largest(app, shop, 0)).await.expect(201);
    assert_eq!(made.json()["total"], "1000000000.00");
    let path = format!("{}/submit", made.header("location"));
    let reason = "重症患者治疗急需，其余品种暂时缺货";
    let said = json!({"lines": [{"line_no": 1, "risk_acknowledged": true, "risk_reason": reason}]});
    let request = hospital.request("POST", &path).header("if-match", made.header("etag"));
    let request = request.header("idempotency-key", Id::new().to_string()).json(&said);
    id_of(&hospital.send(request).await.expect(200).json())
}

/// Writes an order as it was possible before, straight into the database.
fn write_former(conn: &mut AnyConn, like: Id, n: usize, state: OrderState) {
    let order: PurchaseOrder =
        purchase_order::table.find(like).select(PurchaseOrder::as_select()).first(conn).expect("order");
    let red = store::lines(conn, like).expect("lines").remove(0);
    let id = Id::new();
    let order = PurchaseOrder {
        id,
        number: format!("FORMER-{n}"),
        state,
        total: FORMER_ORDER,
        line_count: 200,
        ..order
    };
    let lines: Vec<OrderLine> = (1..=200)
        .map(|line_no| OrderLine {
            id: Id::new(),
            order_id: id,
            line_no,
            quantity: 1_000_000_000,
            unit_price: Money(10_000_000),
            amount: FORMER_LINE,
            ..red.clone()
        })
        .collect();
    match conn {
        AnyConn::Pg(c) => diesel::insert_into(purchase_order::table).values(&order).execute(c),
        AnyConn::Sqlite(c) => diesel::insert_into(purchase_order::table).values(&order).execute(c),
    }
    .expect("order");
    insert_lines(conn, &lines).expect("lines");
}

/// Past the operations, which would refuse rows of the former size.
fn insert_lines(conn: &mut AnyConn, lines: &[OrderLine]) -> jicai::platform::error::Result<()> {
    for line in lines {
        jicai::on_db!(&mut *conn, c => diesel::insert_into(order_line::table).values(line).execute(c))?;
    }
    Ok(())
}

fn count(cells: &[String], text: &str) -> usize {
    cells.iter().filter(|cell| *cell == text).count()
}

async fn the_largest_orders_are_added_up_wherever_they_are_shown(app: &TestApp) {
    let shop = Shop::open(app).await;
    let hospital = app.api(Who::Hospital).await;
    let more = hospital.post("/api/v1/orders", &largest(app, &shop, 1)).await.problem(422, "INVALID");
    assert_eq!(more["errors"][0]["pointer"], "/lines");
    let detail = more["errors"][0]["detail"].as_str().expect("a sentence");
    assert!(detail.contains("1000000000 元") && detail.contains("1000000001.25 元"), "{detail}");
    let mut placed = Vec::new();
    for _ in 0..5 {
        placed.push(place(app, &shop, &hospital).await);
    }
    app.take_mails().await;
    let like = placed[0];
    app.db
        .write_unaudited("test.former", move |conn| {
            for n in 0..5 {
                write_former(conn, like, n, OrderState::Submitted);
                write_former(conn, like, n + 5, OrderState::Confirmed);
            }
            Ok(())
        })
        .await
        .expect("former orders");
    for who in [Who::Hospital, Who::HospitalViewer, Who::Enterprise, Who::Officer, Who::Bureau] {
        lists(app, who).await;
    }
    start_pages(app).await;
    for who in [Who::Officer, Who::Bureau] {
        supervision(app, who).await;
    }
    one_former_order(app).await;
    let feed = app.api(Who::Enterprise).await.get("/api/v1/feed?limit=200").await.expect(200);
    assert!(feed.text.contains("\"items\""), "{}", feed.text);
}
app_test!(the_largest_orders_are_added_up_wherever_they_are_shown);

/// The list of orders as JSON, as a page and as a sheet.
async fn lists(app: &TestApp, who: Who) {
    let (api, portal) = (app.api(who).await, app.portal(who).await);
    let page = api.get("/api/v1/orders").await.expect(200).json();
    assert_eq!(
        page["totals"],
        json!({ "count": 15, "total": "20005000000000.00", "more": false }),
        "{who:?}"
    );
    let of = |state: &str| {
        let all = page["states"].as_array().expect("states").iter();
        all.clone().find(|s| s["state"] == state).expect("the state")["total"].clone()
    };
    assert_eq!((of("submitted"), of("confirmed")), (json!("10005000000000.00"), json!("10000000000000.00")));
    let red =
        api.get("/api/v1/orders?mark=red&state=submitted&sort=-amount&limit=3").await.expect(200).json();
    assert_eq!(red["totals"]["total"], "10005000000000.00");
    assert_eq!(red["items"][0]["total"], "2000000000000.00");
    let mut after = String::new();
    let mut seen = 0;
    loop {
        let part = api.get(&format!("/api/v1/orders?sort=amount&limit=4{after}")).await.expect(200).json();
        seen += part["items"].as_array().expect("items").len();
        let Some(next) = part["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, 15, "paged by amount");
    for (path, total) in
        [("/orders", ALL), ("/orders?state=submitted", SUBMITTED), ("/orders?state=confirmed", CONFIRMED)]
    {
        let shown = portal.get(path).await.expect(200);
        assert!(shown.text.contains(total), "{who:?} {path}: {}", shown.text);
    }
    for (actor, path) in [(&api, "/api/v1/orders.xlsx"), (&portal, "/orders.xlsx")] {
        let cells = cells(actor, path).await;
        assert_eq!((count(&cells, "1000000000"), count(&cells, "2000000000000")), (5, 10), "{who:?} {path}");
    }
}

async fn start_pages(app: &TestApp) {
    for who in [Who::Hospital, Who::HospitalViewer, Who::Enterprise] {
        let start = app.portal(who).await.get("/").await.expect(200);
        for total in [SUBMITTED, CONFIRMED] {
            assert!(start.text.contains(&format!("{total} 元")), "{who:?} {total}: {}", start.text);
        }
    }
    // An officer's figure is the total of the page that it opens: of the red lines, not of all lines of orders with a red one.
    for (who, red) in [(Who::Hospital, ALL), (Who::Officer, MARKED), (Who::Bureau, MARKED)] {
        let start = app.portal(who).await.get("/").await.expect(200);
        assert!(start.text.contains(&format!("{red} 元")), "red purchases of {who:?}: {}", start.text);
    }
    for who in [Who::Finance, Who::HospitalAdmin, Who::Distributor, Who::Observer, Who::Anonymous] {
        app.portal(who).await.get("/").await.expect(200);
    }
}

/// Purchases of marked drugs as JSON, as a page and as a sheet.
async fn supervision(app: &TestApp, who: Who) {
    let (api, portal) = (app.api(who).await, app.portal(who).await);
    let marked = api.get("/api/v1/marked-purchases?sort=-amount&limit=2").await.expect(200).json();
    let totals = json!({ "lines": 2005, "quantity": 2_000_250_000_000_i64, "amount": "20003752500000.00" });
    assert_eq!(marked["totals"], totals);
    assert_eq!(marked["items"][0]["amount"], "10000000000.00");
    let hospitals = marked["hospitals"].as_array().expect("hospitals");
    assert_eq!(hospitals.len(), 1);
    assert_eq!(hospitals[0]["red_amount"], "20003752500000.00");
    assert_eq!(hospitals[0]["yellow_amount"], "0.00");
    let next = marked["next"].as_str().expect("a next page");
    api.get(&format!("/api/v1/marked-purchases?sort=-amount&limit=2&after={next}")).await.expect(200);
    for path in ["/supervision/marked", "/supervision/marked?mark=red"] {
        let shown = portal.get(path).await.expect(200);
        assert_eq!(shown.text.matches(MARKED).count(), 2, "over all and of the hospital: {}", shown.text);
    }
    for (actor, path) in [(&api, "/api/v1/marked-purchases.xlsx"), (&portal, "/supervision/marked.xlsx")] {
        let cells = cells(actor, path).await;
        let note = "第一人民医院：红标 2005 行 20,003,752,500,000.00 元，黄标 0 行 0.00 元";
        assert_eq!((count(&cells, note), count(&cells, "10000000000")), (1, 2000), "{who:?} {path}");
    }
}

/// An order of the former size on its own: as JSON, as a page, on paper, as a sheet, and as the beginning of another.
async fn one_former_order(app: &TestApp) {
    let query =
        purchase_order::table.filter(purchase_order::number.eq("FORMER-0")).select(purchase_order::id);
    let id: Id = app.db.read(move |c| Ok(query.first(c)?)).await.expect("an order");
    for who in [Who::Hospital, Who::Enterprise, Who::Officer] {
        let (api, portal) = (app.api(who).await, app.portal(who).await);
        let order = api.get(&format!("/api/v1/orders/{id}")).await.expect(200).json();
        assert_eq!(order["total"], "2000000000000.00");
        for path in [format!("/orders/{id}"), format!("/orders/{id}/print")] {
            let shown = portal.get(&path).await.expect(200);
            assert!(shown.text.contains("2,000,000,000,000.00"), "{who:?} {path}: {}", shown.text);
        }
        for (actor, path) in
            [(&api, format!("/api/v1/orders/{id}/sheet.xlsx")), (&portal, format!("/orders/{id}/export"))]
        {
            let cells = cells(actor, &path).await;
            assert_eq!(count(&cells, "10000000000"), 200, "{who:?} {path}");
            assert!(cells.iter().any(|cell| cell.contains("合计 2,000,000,000,000.00 元")), "{cells:?}");
        }
    }
    // 200 lines of 10⁹ at 15.01 of today.
    let form = app.portal(Who::Hospital).await.get(&format!("/orders/new?copy={id}")).await.expect(200);
    assert!(form.text.contains("3,002,000,000,000.00"), "{}", form.text);
}

async fn a_listing_stands_once_on_an_order(db: Db) {
    let scene = Scene::new(db).await;
    let twice = scene.draft(vec![line(&scene.tablet, 3), line(&scene.red, 1), line(&scene.tablet, 4)]);
    let refused = refusal(draft::create(&scene.db, &scene.buyer, None, twice).await);
    assert_eq!((refused.status, refused.errors.len()), (422, 1));
    assert_eq!(refused.errors[0].pointer, "/lines/2/listing_id");
    assert!(refused.errors[0].detail.contains("已在第 1 行"), "{}", refused.errors[0].detail);
    // The code of a former pack and the code of today are one product.
    let mut by_codes = scene.draft(vec![line(&scene.red, 1), line(&scene.red, 2)]);
    for (line, code) in by_codes.lines.iter_mut().zip([office::OLD_CODE, 101]) {
        (line.listing_id, line.code) = (None, Some(office::drug_code(code)));
    }
    let refused = refusal(draft::create(&scene.db, &scene.buyer, None, by_codes).await);
    assert_eq!(refused.errors[0].pointer, "/lines/1/listing_id");
    let mut mixed = scene.draft(vec![line(&scene.red, 1), line(&scene.red, 2)]);
    (mixed.lines[0].listing_id, mixed.lines[0].code) = (None, Some(office::drug_code(office::OLD_CODE)));
    let refused = refusal(draft::preview(&scene.db, &scene.buyer, mixed).await);
    assert_eq!(refused.errors[0].pointer, "/lines/1/listing_id");
    let kept: i64 = scene.db.read(|c| Ok(purchase_order::table.count().get_result(c)?)).await.expect("count");
    assert_eq!(kept, 0);
}
both_engines!(a_listing_stands_once_on_an_order);

/// A draft that was kept before the limits is read, and refused where it is submitted.
async fn a_former_draft_is_read_and_not_submitted(db: Db) {
    let scene = Scene::new(db).await;
    let made = scene.saved(&scene.buyer, scene.draft(vec![line(&scene.tablet, 10)])).await;
    let id = id_of(&made);
    let twin = async |quantity: i64| {
        scene
            .db
            .write_unaudited("test.former", move |conn| {
                let own = store::lines(conn, id)?.remove(0);
                diesel::update(order_line::table.find((own.order_id, own.line_no)))
                    .set(order_line::quantity.eq(quantity))
                    .execute(conn)?;
                insert_lines(conn, &[OrderLine { id: Id::new(), line_no: 2, ..own }])
            })
            .await
            .expect("a second line");
    };
    twin(10).await;
    let twice = refusal(scene.submit(&scene.buyer, &made, SubmitInput::default()).await);
    assert_eq!((twice.status, twice.errors[0].pointer.as_str()), (422, "/lines/1/listing_id"));
    let again = scene.draft(vec![line(&scene.tablet, 10), line(&scene.red, 1)]);
    let seen = draft::replace(&scene.db, &scene.buyer, id, 1, again).await.expect("changed");
    // 81,300,813 × 12.30 = 999,999,999.90; one of the red at 15.01 is too much.
    let most = Quantity::parse("数量", "81300813").expect("a quantity");
    let mut much = scene.draft(vec![line(&scene.tablet, 1), line(&scene.red, 1)]);
    much.lines[0].quantity = most;
    let refused =
        refusal(draft::replace(&scene.db, &scene.buyer, id, seen.order.version, much.clone()).await);
    assert_eq!(refused.errors[0].pointer, "/lines");
    much.lines.pop();
    let fits = draft::replace(&scene.db, &scene.buyer, id, seen.order.version, much).await.expect("changed");
    assert_eq!(fits.order.total.to_string(), "999999999.90");
    scene
        .db
        .write_unaudited("test.former", move |conn| {
            let lines = order_line::table.filter(order_line::order_id.eq(id));
            diesel::update(lines)
                .set((order_line::quantity.eq(1_000_000_000_i64), order_line::amount.eq(FORMER_LINE)))
                .execute(conn)?;
            diesel::update(purchase_order::table.find(id))
                .set(purchase_order::total.eq(FORMER_LINE))
                .execute(conn)?;
            Ok(())
        })
        .await
        .expect("a former draft");
    let version = json!({ "id": id, "version": fits.order.version });
    let large = refusal(scene.submit(&scene.buyer, &version, SubmitInput::default()).await);
    assert_eq!((large.status, large.errors[0].pointer.as_str()), (422, "/lines/0/quantity"));
    assert!(large.errors[0].detail.contains("1000000000 元"), "{}", large.errors[0].detail);
}
both_engines!(a_former_draft_is_read_and_not_submitted);

/// Numbers and days of the caller's own that nobody would send by mistake: no sum or date of ours runs over because of them.
async fn what_a_caller_counts_itself_is_bounded(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (portal, api) = (app.portal(Who::Hospital).await, app.api(Who::Hospital).await);
    let officer = app.api(Who::Officer).await;
    portal.get("/catalogue?row=18446744073709551615").await.expect(200);
    portal.get("/orders?row=18446744073709551615").await.expect(200);
    let made = api.post("/api/v1/orders", &largest(app, &shop, 0)).await.expect(201);
    for (filter, count) in
        [("from=1990-01-01", 1), ("to=1990-01-01", 0), ("from=2099-12-31", 0), ("to=2099-12-31", 1)]
    {
        let page = api.get(&format!("/api/v1/orders?{filter}")).await.expect(200).json();
        assert_eq!(page["totals"]["count"], count, "{filter}");
        officer.get(&format!("/api/v1/marked-purchases?{filter}")).await.expect(200);
    }
    for day in ["-262143-01-01", "%2B262142-12-31", "9999-12-31", "0001-01-01"] {
        for name in ["from", "to"] {
            let refused = api.get(&format!("/api/v1/orders?{name}={day}")).await.problem(400, "UNREADABLE");
            assert_eq!(refused["errors"][0]["pointer"], format!("/{name}"), "{day}");
            officer.get(&format!("/api/v1/marked-purchases?{name}={day}")).await.problem(400, "UNREADABLE");
        }
    }
    for micros in [i64::MIN, i64::MAX] {
        let cursor = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let after = cursor(json!(["-created", micros, Id::new()]));
        api.get(&format!("/api/v1/orders?after={after}")).await.expect(200);
        let after = cursor(json!(["-submitted", micros, Id::new(), i32::MAX]));
        officer.get(&format!("/api/v1/marked-purchases?after={after}")).await.expect(200);
    }
    let highest = format!("\"{}\"", i64::MAX);
    let stale = async |who: &Actor, path: &str, method: &str, body: &Value| {
        let request = who.request(method, path).header("if-match", &highest).json(body);
        who.send(request.header("idempotency-key", Id::new().to_string()))
            .await
            .problem(409, "STALE_VERSION");
    };
    let street = json!({"recipient": "药库", "phone": "0771-2345678", "address": "南州市民主路 2 号"});
    stale(&api, &format!("/api/v1/addresses/{}", shop.address.id), "PUT", &street).await;
    stale(&api, made.header("location"), "PUT", &largest(app, &shop, 0)).await;
    let state = json!({"state": "suspended", "reason": "许可证已被吊销"});
    let supplier = app.organisation(Who::Distributor).id;
    stale(&officer, &format!("/api/v1/organisations/{supplier}/state"), "PUT", &state).await;
}
app_test!(what_a_caller_counts_itself_is_bounded);
