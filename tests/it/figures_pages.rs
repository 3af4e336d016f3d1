//! One definition for each figure: the start page shows the totals of the pages that it opens, a sheet those of its list, and
//! nothing is cut without a word.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use diesel::prelude::*;
use jicai::on_db;
use jicai::order::model::PurchaseOrder;
use jicai::order::{export, list};
use jicai::platform::schema::purchase_order;
use jicai::platform::sql::Id;
use jicai::supervision::marked;
use serde_json::{Value, json};

use crate::support::shop::Shop;
use crate::support::{Actor, TestApp, Who, app_test};

const REASON: &str = "重症患者治疗急需，其余品种暂时缺货";

/// An order of a quantity, led as far as the words say.
async fn placed(app: &TestApp, shop: &Shop, listing: Id, quantity: i64, acts: &[&str]) {
    let (clerk, supplier) = (app.api(Who::Hospital).await, app.api(Who::Enterprise).await);
    let body = json!({
        "supplier_id": app.organisation(Who::Enterprise).id, "address_id": shop.address.id,
        "wanted_on": "2024-08-12", "lines": [{"listing_id": listing, "quantity": quantity}],
    });
    let made = clerk.post("/api/v1/orders", &body).await.expect(201);
    let path = made.header("location").to_owned();
    for (version, act) in (1..).zip(acts) {
        let (who, body) = match *act {
            "submit" => {
                (&clerk, json!({"lines": [{"line_no": 1, "risk_acknowledged": true, "risk_reason": REASON}]}))
            }
            "refuse" => (&supplier, json!({"reason": "生产线检修，九月恢复"})),
            "cancel" => (&clerk, json!({"reason": "另选品种"})),
            _ => (&supplier, json!({})),
        };
        let key = uuid::Uuid::new_v4().to_string();
        let request = who.request("POST", &format!("{path}/{act}")).header("idempotency-key", key);
        who.send(request.header("if-match", format!("\"{version}\"")).json(&body)).await.expect(200);
    }
}

/// Four orders of 100, 200, 400 and 800 yuan, and two of a red drug, one of which was refused.
async fn market(app: &TestApp) -> Shop {
    let shop = Shop::open(app).await;
    let (plain, red, yellow) = (shop.plain.listing.id, shop.red.listing.id, shop.yellow.listing.id);
    placed(app, &shop, plain, 80, &["submit", "confirm"]).await;
    placed(app, &shop, plain, 160, &["submit", "refuse"]).await;
    placed(app, &shop, plain, 320, &["submit", "cancel"]).await;
    placed(app, &shop, plain, 640, &[]).await;
    placed(app, &shop, red, 3, &["submit", "confirm"]).await;
    placed(app, &shop, red, 5, &["submit", "refuse"]).await;
    placed(app, &shop, yellow, 2, &["submit"]).await;
    app.take_mails().await;
    shop
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map_or("", |(found, _)| found)
}

/// The start page's figures: where each leads, its number, its yuan.
fn figures(page: &str) -> Vec<(String, String, String)> {
    let list = between(page, "<dl class=\"figures\">", "</dl>");
    let each = list.split("<div><dt>").skip(1).map(|part| {
        let href = between(part, "href=\"", "\"").replace("&#38;", "&").replace("&amp;", "&");
        let number = between(part, "figure-value\">", "<").replace(',', "");
        (href, number, between(part, "figure-note\">", " 元").replace(',', ""))
    });
    each.collect()
}

async fn every_figure_is_the_total_of_its_page(app: &TestApp) {
    market(app).await;
    for (who, many) in [(Who::Hospital, 4), (Who::Enterprise, 4), (Who::Officer, 4), (Who::Bureau, 4)] {
        let (portal, api) = (app.portal(who).await, app.api(who).await);
        let shown = figures(&portal.get("/").await.expect(200).text);
        assert!(shown.len() >= many, "{who:?}: {shown:?}");
        for (href, number, yuan) in shown {
            let page = portal.get(&href).await.expect(200).text.replace(',', "");
            let (list, query) = href.split_once('?').expect("a filter");
            let (address, count, sum) = match list {
                "/orders" => ("/api/v1/orders", "count", "total"),
                "/supervision/marked" => ("/api/v1/marked-purchases", "lines", "amount"),
                other => panic!("{other}"),
            };
            let found = api.get(&format!("{address}?{query}")).await.expect(200).json();
            let counted = found["totals"][count].as_i64().expect("a number");
            let counted = counted - found["left_out"]["count"].as_i64().unwrap_or(0);
            assert_eq!(
                (counted.to_string(), found["totals"][sum].as_str()),
                (number.clone(), Some(yuan.as_str())),
                "{who:?} {href}"
            );
            let foot = between(&page, "<tfoot>", "</tfoot>");
            assert!(number == "0" || foot.contains(&yuan), "{who:?} {href}: {yuan} in {foot}");
        }
    }
}
app_test!(every_figure_is_the_total_of_its_page);

/// More orders than a page counts: it says so, and gives neither number nor sum as if they were all.
async fn what_is_not_counted_whole_is_said(app: &TestApp) {
    let shop = Shop::open(app).await;
    placed(app, &shop, shop.plain.listing.id, 80, &["submit", "confirm"]).await;
    let more = usize::try_from(list::COUNTED).expect("a number");
    let copies = app.db.write_unaudited("test.copies", move |conn| {
        let one: PurchaseOrder = purchase_order::table.select(PurchaseOrder::as_select()).first(conn)?;
        let copies: Vec<PurchaseOrder> = (0..more)
            .map(|n| PurchaseOrder { id: Id::new(), number: format!("{}-{n}", one.number), ..one.clone() })
            .collect();
        for some in copies.chunks(500) {
            on_db!(&mut *conn, c => diesel::insert_into(purchase_order::table).values(some).execute(c))?;
        }
        Ok(())
    });
    copies.await.expect("copies");
    for who in [Who::Hospital, Who::Enterprise, Who::Officer] {
        let portal = app.portal(who).await;
        let page = portal.get("/orders").await.expect(200).text;
        assert!(page.contains("订单超过 20,000 张，请筛选后查看合计"), "{who:?}: {page}");
        assert!(!page.contains("共 20,000 条"), "{who:?}");
        let found = app.api(who).await.get("/api/v1/orders").await.expect(200).json();
        assert_eq!((&found["totals"]["count"], &found["totals"]["more"]), (&json!(20_000), &json!(true)));
        let start = portal.get("/").await.expect(200).text;
        let confirmed = figures(&start).into_iter().find(|(href, ..)| href.contains("confirmed"));
        let (_, number, yuan) = confirmed.expect("a figure");
        assert_eq!((number.as_str(), yuan.as_str()), ("超过 20000", ""), "{who:?}");
    }
    app.take_mails().await;
}
app_test!(what_is_not_counted_whole_is_said);

async fn cells(who: &Actor, path: &str) -> Vec<String> {
    let answer = who.request("GET", path).send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    texts(answer.bytes().await.expect("bytes").to_vec())
}

fn texts(bytes: Vec<u8>) -> Vec<String> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("xlsx");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("cells");
    range.used_cells().map(|(_, _, cell): (usize, usize, &Data)| cell.to_string()).collect()
}

async fn a_sum_leaves_out_what_does_not_stand_and_says_so(app: &TestApp) {
    market(app).await;
    let state = |found: &Value, state: &str| {
        found["states"].as_array().expect("states").iter().find(|s| s["state"] == state).expect("it").clone()
    };
    let hospital = app.api(Who::Hospital).await;
    let found = hospital.get("/api/v1/orders?mark=none").await.expect(200).json();
    assert_eq!(found["totals"], json!({"count": 4, "total": "100.00", "more": false}));
    assert_eq!(found["left_out"], json!({"count": 3, "total": "1400.00"}));
    assert_eq!(state(&found, "refused")["total"], "200.00");
    let refused = hospital.get("/api/v1/orders?mark=none&state=refused").await.expect(200).json();
    assert_eq!(refused["totals"], json!({"count": 1, "total": "200.00", "more": false}));
    assert_eq!(refused["left_out"], json!({"count": 0, "total": "0.00"}));
    for who in [Who::Enterprise, Who::Officer] {
        let found = app.api(who).await.get("/api/v1/orders?mark=none").await.expect(200).json();
        assert_eq!(found["totals"]["total"], "100.00", "{who:?}");
    }
    let portal = app.portal(Who::Hospital).await;
    let said = "合计 1 张（不含草稿 1 张 800.00 元、已拒绝 1 张 200.00 元、已撤销 1 张 400.00 元）";
    let page = portal.get("/orders?mark=none").await.expect(200).text;
    assert!(page.contains(said), "{page}");
    for (who, path) in [(&portal, "/orders.xlsx?mark=none"), (&hospital, "/api/v1/orders.xlsx?mark=none")] {
        let sheet = cells(who, path).await;
        let at = sheet.iter().position(|cell| cell == said).unwrap_or_else(|| panic!("{sheet:?}"));
        assert_eq!(sheet[at + 1], "100", "the sum beside it");
        assert_eq!(sheet.iter().filter(|cell| cell.contains("试验") || cell.contains("青霉素")).count(), 4);
    }
}
app_test!(a_sum_leaves_out_what_does_not_stand_and_says_so);

async fn a_sheet_says_what_is_missing_and_ends_in_its_list_s_total(app: &TestApp) {
    market(app).await;
    let clerk = app.person(Who::Hospital);
    let all = list::all(&app.db, &clerk, list::OrderFilter::default(), 2).await.expect("orders");
    let sheet = export::list(&all);
    assert_eq!(sheet.missing().as_deref(), Some("前 2 行，共 7 行"));
    let written = texts(sheet.bytes().expect("bytes"));
    assert!(written.iter().any(|cell| cell.contains("前 2 行，共 7 行")), "{written:?}");
    let officer = app.person(Who::Officer);
    let found = app.api(Who::Officer).await.get("/api/v1/marked-purchases").await.expect(200).json();
    assert_eq!((found["totals"]["lines"].as_i64(), found["hospital_count"].as_i64()), (Some(2), Some(1)));
    let marked = |most| marked::sheet(&app.db, &officer, marked::MarkedFilter::default(), most);
    assert_eq!(marked(1).await.expect("sheet")().missing().as_deref(), Some("前 1 行，共 2 行"));
    let whole = marked(10).await.expect("sheet")();
    assert_eq!(whole.missing(), None);
    let written = texts(whole.bytes().expect("bytes"));
    let at = written.iter().position(|cell| cell == "合计").expect("a total");
    let total: f64 = found["totals"]["amount"].as_str().expect("yuan").parse().expect("a number");
    assert_eq!(written[at + 1].parse::<f64>().expect("a number"), total);
    // 45.03 yuan of red, 18.02 of yellow.
    assert_eq!(found["totals"]["amount"], "63.05");
    let bureau = app.portal(Who::Bureau).await;
    let names = cells(&bureau, "/organisations.xlsx").await;
    assert!(!names.iter().any(|cell| cell.contains("共")), "nothing is missing: {names:?}");
}
app_test!(a_sheet_says_what_is_missing_and_ends_in_its_list_s_total);

async fn what_waits_is_counted_whole(app: &TestApp) {
    let shop = Shop::open(app).await;
    for _ in 0..23 {
        placed(app, &shop, shop.plain.listing.id, 1, &["submit"]).await;
    }
    for _ in 0..22 {
        placed(app, &shop, shop.plain.listing.id, 1, &[]).await;
    }
    app.take_mails().await;
    for (who, all, more) in [(Who::Enterprise, "23", "另有 3 件"), (Who::Hospital, "22", "另有 2 件")] {
        let page = app.portal(who).await.get("/").await.expect(200).text;
        let waiting = between(&page, "id=\"todo-head\">", "</h2>");
        assert_eq!(between(waiting, "class=\"count\">", "<"), all, "{who:?}: {waiting}");
        assert!(page.contains(more), "{who:?}: {page}");
    }
}
app_test!(what_waits_is_counted_whole);
