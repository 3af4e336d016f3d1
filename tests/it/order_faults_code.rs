//! An order by the code of a pack never takes packs for units; the same drug twice is pointed out.

use serde_json::{Value, json};

use crate::support::office::drug_code;
use crate::support::sheets::cells;
use crate::support::shop::{Shop, order_form};
use crate::support::{Actor, Answer, TestApp, Who, app_test};

const REASON: &str = "重症患者治疗急需，其余品种暂时缺货";

fn order(app: &TestApp, shop: &Shop, lines: Value) -> Value {
    json!({
        "supplier_id": app.organisation(Who::Enterprise).id,
        "address_id": shop.address.id,
        "wanted_on": "2024-08-12",
        "lines": lines,
    })
}

async fn submit(who: &Actor, path: &str, lines: Value) -> Answer {
    let key = uuid::Uuid::new_v4().to_string();
    let request = who.request("POST", &format!("{path}/submit")).header("if-match", "\"1\"");
    who.send(request.header("idempotency-key", key).json(&json!({ "lines": lines }))).await
}

async fn packs_are_never_taken_for_units(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (clerk, portal) = (app.api(Who::Hospital).await, app.portal(Who::Hospital).await);
    let line = json!({"code": drug_code(12), "quantity": 20, "pack_remark": "上午送到"});
    let unsaid = order(app, &shop, json!([line]));
    for path in ["/api/v1/orders/preview", "/api/v1/orders"] {
        let no = clerk.post(path, &unsaid).await.problem(422, "INVALID");
        assert_eq!(no["errors"][0]["pointer"], "/lines/0/quantity_unit");
        let detail = no["errors"][0]["detail"].as_str().expect("a sentence");
        for both in ["1 盒 = 10 支", "200 支，3,002.00 元", "20 支（300.20 元）"] {
            assert!(detail.contains(both), "{both} in {detail}");
        }
    }
    let with = |unit: &str| {
        let mut said = unsaid.clone();
        said["lines"][0]["quantity_unit"] = unit.into();
        said
    };
    let units = clerk.post("/api/v1/orders/preview", &with("unit")).await.expect(200).json();
    assert_eq!((units["lines"][0]["quantity"].as_i64(), units["total"].as_str()), (Some(20), Some("300.20")));
    let packs = clerk.post("/api/v1/orders/preview", &with("pack")).await.expect(200).json();
    assert_eq!(
        (packs["lines"][0]["quantity"].as_i64(), packs["total"].as_str()),
        (Some(200), Some("3002.00"))
    );
    let made = clerk.post("/api/v1/orders", &with("pack")).await.expect(201);
    let (path, draft) = (made.header("location").to_owned(), made.json());
    assert_eq!(draft["lines"][0]["given_code"], drug_code(12));
    assert_eq!(draft["lines"][0]["given_factor"], 10);
    let put = clerk.request("PUT", &path).header("if-match", "\"1\"").json(&unsaid);
    clerk.send(put).await.problem(422, "INVALID");
    let id = path.rsplit('/').next().expect("a key").to_owned();
    let meant = format!("原编码 {}（1 盒 = 10 支）：200 支 = 20 盒", drug_code(12));
    // The form of the draft shows it too, and sends the code back.
    let form = portal.get(&format!("/orders/new?order={id}")).await.expect(200).text;
    assert!(form.contains(&meant), "{form}");
    assert!(form.contains(&format!("name=\"line-0-code\" value=\"{}\"", drug_code(12))), "{form}");
    submit(&clerk, &path, json!([{"line_no": 1, "risk_acknowledged": true, "risk_reason": REASON}]))
        .await
        .expect(200);
    for who in [Who::Hospital, Who::Enterprise, Who::Officer] {
        let reader = app.portal(who).await;
        for page in [format!("/orders/{id}"), format!("/orders/{id}/print")] {
            let text = reader.get(&page).await.expect(200).text;
            assert!(text.contains(&meant) && text.contains("上午送到"), "{who:?} {page}: {text}");
        }
        let sheet = cells(&reader, &format!("/orders/{id}/export")).await;
        assert!(sheet.contains(&meant) && sheet.contains(&"上午送到".to_owned()), "{who:?}: {sheet:?}");
    }
    app.take_mails().await;
}
app_test!(packs_are_never_taken_for_units);

async fn a_draft_by_code_keeps_the_code_at_the_portal(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (clerk, portal) = (app.api(Who::Hospital).await, app.portal(Who::Hospital).await);
    let line = json!({"code": drug_code(12), "quantity": 2, "quantity_unit": "pack"});
    let made = clerk.post("/api/v1/orders", &order(app, &shop, json!([line]))).await.expect(201);
    let path = made.header("location").to_owned();
    let id = path.rsplit('/').next().expect("a key");
    let code = drug_code(12);
    let mut form = order_form(app, &shop, shop.red.listing.id, "25");
    let more = [
        ("order", id),
        ("version", "1"),
        ("line-0-code", code.as_str()),
        ("line-0-risk_acknowledged", "true"),
        ("line-0-risk_reason", REASON),
    ];
    form.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let fields: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    portal.form("/orders", &fields).await.expect(303);
    let sent = clerk.get(&path).await.expect(200).json();
    assert_eq!(sent["lines"][0]["given_code"], code);
    assert_eq!(sent["lines"][0]["quantity"], 25, "typed in units");
    let page = portal.get(&format!("/orders/{id}")).await.expect(200).text;
    assert!(page.contains("25 支 = 2 盒又 5 支"), "{page}");
    app.take_mails().await;
}
app_test!(a_draft_by_code_keeps_the_code_at_the_portal);

async fn a_code_names_one_listing_and_each_stands_once(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.api(Who::Hospital).await;
    let (red, plain) = (shop.red.listing.id, shop.plain.listing.id);
    let by_code = json!({"code": drug_code(12), "quantity": 1, "quantity_unit": "pack"});
    let twice = order(app, &shop, json!([{"listing_id": red, "quantity": 5}, by_code]));
    let no = clerk.post("/api/v1/orders", &twice).await.problem(422, "INVALID");
    assert_eq!(no["errors"][0]["pointer"], "/lines/1/listing_id");
    let foreign =
        json!([{"listing_id": plain, "code": drug_code(12), "quantity": 1, "quantity_unit": "unit"}]);
    let no = clerk.post("/api/v1/orders", &order(app, &shop, foreign)).await.problem(422, "INVALID");
    assert_eq!(no["errors"][0]["pointer"], "/lines/0/code");
    let no_code = json!([{"listing_id": plain, "quantity": 1, "quantity_unit": "pack"}]);
    let no = clerk.post("/api/v1/orders", &order(app, &shop, no_code)).await.problem(422, "INVALID");
    assert_eq!(no["errors"][0]["pointer"], "/lines/0/quantity_unit");
    let much = json!([{"code": drug_code(12), "quantity": 200_000_000, "quantity_unit": "pack"}]);
    clerk.post("/api/v1/orders", &order(app, &shop, much)).await.problem(422, "INVALID");
}
app_test!(a_code_names_one_listing_and_each_stands_once);

async fn the_same_drug_on_another_open_order_is_pointed_out(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (clerk, portal) = (app.api(Who::Hospital).await, app.portal(Who::Hospital).await);
    let body = order(app, &shop, json!([{"listing_id": shop.plain.listing.id, "quantity": 7}]));
    assert_eq!(clerk.post("/api/v1/orders/preview", &body).await.expect(200).json()["risks"], json!([]));
    let made = clerk.post("/api/v1/orders", &body).await.expect(201);
    let (path, number) = (made.header("location").to_owned(), made.json()["number"].clone());
    assert_eq!(made.json()["risks"], json!([]), "an order does not repeat itself");
    submit(&clerk, &path, json!([])).await.expect(200);
    let looked = clerk.post("/api/v1/orders/preview", &body).await.expect(200).json();
    let risk = &looked["risks"][0];
    assert_eq!(
        (risk["code"].as_str(), risk["orders"][0]["number"].clone()),
        (Some("RISK_REPEATED"), number.clone())
    );
    let text = risk["text"].as_str().expect("a sentence");
    assert!(text.contains("待确认，7 支"), "{text}");
    // A hint is no hurdle, and the draft and its page say it too.
    let second = clerk.post("/api/v1/orders", &body).await.expect(201);
    let draft = clerk.get(second.header("location")).await.expect(200).json();
    assert_eq!(draft["risks"][0]["code"], "RISK_REPEATED");
    let id = second.header("location").rsplit('/').next().expect("a key").to_owned();
    let listing = shop.plain.listing.id;
    for page in [format!("/orders/{id}"), format!("/orders/new?listing={listing}")] {
        let text = portal.get(&page).await.expect(200).text;
        assert!(
            text.contains("同一药品") && text.contains(number.as_str().expect("a number")),
            "{page}: {text}"
        );
    }
    let form = order_form(app, &shop, listing, "3");
    let mut fields: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    fields.push(("act", "preview"));
    let preview = portal.form("/orders/new", &fields).await.expect(200).text;
    assert!(preview.contains("同一药品"), "{preview}");
    // Another hospital's orders are nobody's here.
    let other = app.api(Who::OtherHospital).await;
    let place = json!({"recipient": "库", "phone": "0771-2345678", "address": "北州市民主路 1 号"});
    let address = other.post("/api/v1/addresses", &place).await.expect(201).json()["id"].clone();
    let mut theirs = body.clone();
    theirs["address_id"] = address;
    assert_eq!(other.post("/api/v1/orders/preview", &theirs).await.expect(200).json()["risks"], json!([]));
    app.take_mails().await;
}
app_test!(the_same_drug_on_another_open_order_is_pointed_out);
