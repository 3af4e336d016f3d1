//! Lists sorted by their heads, with keyset paging; the page for whoever is not logged in; creating twice.

use std::collections::BTreeSet;

use jicai::platform::audit::seal;
use serde_json::{Value, json};

use crate::support::shop::{Shop, order_form};
use crate::support::{Actor, Answer, TestApp, Who, app_test};

#[track_caller]
fn says(answer: &Answer, words: &str) {
    assert!(answer.text.contains(words), "{words:?} is missing:\n{}", answer.text);
}

const REASON: &str = "患者对其他厂牌过敏，无可替代品种";

/// Submits an order of so many pieces; returns its path.
async fn ordered(app: &TestApp, shop: &Shop, listing: jicai::platform::sql::Id, quantity: &str) -> String {
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, shop, listing, quantity);
    let mut fields: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    fields.extend([("line-0-risk_acknowledged", "true"), ("line-0-risk_reason", REASON)]);
    clerk.form("/orders", &fields).await.expect(303).header("location").to_owned()
}

/// How the list is sorted by the column of that head, and the address behind it.
fn head<'a>(page: &'a Answer, label: &str) -> (&'a str, String) {
    let list = page.text.split_once(" data-keys>").expect("a list").1;
    let heads = list.split_once("</thead>").expect("heads").0;
    let cell = heads.split("<th ").find(|cell| cell.contains(&format!(">{label}<"))).expect("a head");
    let part = |start: &str| cell.split_once(start).and_then(|(_, rest)| rest.split_once('"'));
    let (sorted, _) = part("aria-sort=\"").unwrap_or_else(|| panic!("{label} cannot be sorted: {cell}"));
    let (href, _) = part("<a href=\"").expect("a link");
    (sorted, href.replace("&#38;", "&").replace("&amp;", "&"))
}

/// Every row of a list at the API, page by page.
async fn walk(who: &Actor, path: &str, limit: usize) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = who.get(&format!("{path}&limit={limit}&after={after}")).await.expect(200).json();
        all.extend(page["items"].as_array().expect("items").clone());
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => return all,
        }
    }
}

async fn orders_are_sorted_by_their_heads(app: &TestApp) {
    let shop = Shop::open(app).await;
    let mut paths = Vec::new();
    // Two of the same sum, so that the keys must decide.
    for quantity in ["30", "10", "20", "10", "40"] {
        paths.push(ordered(app, &shop, shop.plain.listing.id, quantity).await);
    }
    let (clerk, api) = (app.portal(Who::Hospital).await, app.api(Who::Hospital).await);
    let page = clerk.get("/orders?mark=none").await.expect(200);
    let (sorted, href) = head(&page, "金额");
    assert_eq!((sorted, href.as_str()), ("none", "/orders?mark=none&sort=amount"), "the filter stays");
    let page = clerk.get(&href).await.expect(200);
    let (sorted, href) = head(&page, "金额");
    assert_eq!((sorted, href.as_str()), ("ascending", "/orders?mark=none&sort=-amount"), "and back");
    says(&page, "<input type=\"hidden\" name=\"sort\" value=\"amount\">");
    assert_eq!(head(&page, "提交时间").0, "none");
    let at = |page: &Answer, path: &str| page.text.find(&format!("href=\"{path}\"")).expect("a row");
    assert!(at(&page, &paths[2]) < at(&page, &paths[0]) && at(&page, &paths[0]) < at(&page, &paths[4]));
    let page = clerk.get(&href).await.expect(200);
    assert_eq!(head(&page, "金额").0, "descending");
    assert!(at(&page, &paths[4]) < at(&page, &paths[0]) && at(&page, &paths[0]) < at(&page, &paths[2]));
    // A draft has no time of submission: it counts as the latest, on both engines.
    let draft = json!({
        "supplier_id": app.organisation(Who::Enterprise).id, "address_id": shop.address.id,
        "wanted_on": "2024-08-12", "lines": [{ "listing_id": shop.plain.listing.id, "quantity": 1 }],
    });
    api.post("/api/v1/orders", &draft).await.expect(201);
    for limit in [1, 2, 4] {
        let totals = |rows: &[Value]| -> Vec<String> {
            rows.iter().map(|o| o["total"].as_str().expect("total").to_owned()).collect()
        };
        let up = walk(&api, "/api/v1/orders?sort=amount", limit).await;
        assert_eq!(totals(&up), ["1.25", "12.50", "12.50", "25.00", "37.50", "50.00"]);
        let down = walk(&api, "/api/v1/orders?sort=-amount", limit).await;
        assert_eq!(totals(&down), ["50.00", "37.50", "25.00", "12.50", "12.50", "1.25"]);
        let latest = walk(&api, "/api/v1/orders?sort=-submitted", limit).await;
        assert_eq!(latest[0]["state"], "draft");
        let earliest = walk(&api, "/api/v1/orders?sort=submitted", limit).await;
        let turned: Vec<Value> = latest.into_iter().rev().collect();
        assert_eq!(earliest, turned, "nothing lost, nothing twice");
        let keys: BTreeSet<String> = up.iter().map(|o| o["id"].to_string()).collect();
        assert_eq!(keys.len(), 6);
    }
    let next = api.get("/api/v1/orders?sort=amount&limit=2").await.expect(200).json();
    let next = next["next"].as_str().expect("next").to_owned();
    let mixed = api.get(&format!("/api/v1/orders?sort=-amount&after={next}")).await.problem(422, "INVALID");
    assert_eq!(mixed["errors"][0]["pointer"], "/after");
    assert_eq!(api.get("/api/v1/orders?sort=colour").await.status / 100, 4);
    clerk.get("/orders?sort=colour").await.expect(200);
    app.take_mails().await;
}
app_test!(orders_are_sorted_by_their_heads);

async fn products_are_sorted_by_their_heads(app: &TestApp) {
    Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let page = clerk.get("/catalogue?q=tbqs").await.expect(200);
    let (sorted, href) = head(&page, "单价");
    assert_eq!((sorted, href.as_str()), ("none", "/catalogue?q=tbqs&sort=price"));
    let page = clerk.get(&href).await.expect(200);
    assert_eq!(head(&page, "单价").0, "ascending");
    let at = |page: &Answer, price: &str| {
        page.text.find(&format!("<td class=\"num\">{price}</td>")).expect("a row")
    };
    assert!(at(&page, "5.80") < at(&page, "7.20") && at(&page, "7.20") < at(&page, "15.01"));
    says(&page, "<input type=\"hidden\" name=\"sort\" value=\"price\">");
    let page = clerk.get("/catalogue?q=tbqs&sort=-price").await.expect(200);
    assert!(at(&page, "5.80") > at(&page, "7.20") && at(&page, "7.20") > at(&page, "15.01"));
    let page = clerk.get("/catalogue?sort=maker").await.expect(200);
    assert_eq!(head(&page, "生产企业").0, "ascending");
    // 江北 stands behind 华南 in the order of the characters.
    assert!(at(&page, "1.25") < at(&page, "5.80"));
}
app_test!(products_are_sorted_by_their_heads);

async fn marked_purchases_are_sorted_by_their_heads(app: &TestApp) {
    let shop = Shop::open(app).await;
    ordered(app, &shop, shop.yellow.listing.id, "10").await;
    ordered(app, &shop, shop.red.listing.id, "3").await;
    ordered(app, &shop, shop.yellow.listing.id, "2").await;
    let (officer, api) = (app.portal(Who::Officer).await, app.api(Who::Officer).await);
    let page = officer.get("/supervision/marked?mark=yellow").await.expect(200);
    assert_eq!(head(&page, "金额"), ("none", "/supervision/marked?mark=yellow&sort=amount".into()));
    assert_eq!(head(&page, "医疗机构").0, "none");
    // The unit has a column of its own.
    says(&page, "<td class=\"num\">10</td>\n    <td>支</td>");
    for limit in [1, 2] {
        let amounts = async |sort: &str| -> Vec<String> {
            let rows = walk(&api, &format!("/api/v1/marked-purchases?sort={sort}"), limit).await;
            rows.iter().map(|r| r["amount"].as_str().expect("amount").to_owned()).collect()
        };
        assert_eq!(amounts("amount").await, ["18.02", "45.03", "90.10"]);
        assert_eq!(amounts("-amount").await, ["90.10", "45.03", "18.02"]);
        assert_eq!(amounts("-submitted").await, ["18.02", "45.03", "90.10"]);
        assert_eq!(amounts("submitted").await, ["90.10", "45.03", "18.02"]);
        // One hospital: the latest order first, whichever way the names go.
        assert_eq!(amounts("hospital").await.len(), 3);
        assert_eq!(amounts("hospital").await, amounts("-hospital").await);
    }
    let page = officer.get("/supervision/marked?sort=-amount").await.expect(200);
    assert_eq!(head(&page, "金额").0, "descending");
    assert!(page.text.find("90.10</td>").expect("a row") < page.text.find("18.02</td>").expect("a row"));
    app.take_mails().await;
}
app_test!(marked_purchases_are_sorted_by_their_heads);

async fn a_stranger_reads_what_the_platform_is(app: &TestApp) {
    let stranger = app.portal(Who::Anonymous).await;
    let empty = stranger.get("/").await.expect(200);
    for words in ["href=\"/login\"", "href=\"/audit/head\"", "href=\"/api/docs\"", "谁在这里办什么事"]
    {
        says(&empty, words);
    }
    seal::run(&app.db, &app.clock).await.expect("sealed");
    let sealed = stranger.get("/").await.expect(200);
    says(&sealed, "第 1 块");
    let clerk = app.portal(Who::Hospital).await;
    let start = clerk.get("/").await.expect(200);
    says(&start, "待办");
    assert!(!start.text.contains("谁在这里办什么事"), "who is logged in has a start page");
}
app_test!(a_stranger_reads_what_the_platform_is);

/// Sends JSON with that key and, where it is given, that version.
async fn send(who: &Actor, path: &str, key: &str, version: Option<i64>, body: &Value) -> Answer {
    let mut request = who.request("POST", path).json(body);
    if !key.is_empty() {
        request = request.header("idempotency-key", key);
    }
    if let Some(version) = version {
        request = request.header("if-match", format!("\"{version}\""));
    }
    who.send(request).await
}

async fn whatever_is_created_is_created_once(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (hospital, enterprise) = (app.api(Who::Hospital).await, app.api(Who::Enterprise).await);
    let officer = app.api(Who::Officer).await;
    let listing = shop.plain.listing.id;
    let distributor = app.organisation(Who::Distributor).id;
    enterprise
        .send(enterprise.request("DELETE", &format!("/api/v1/distributors/{distributor}")))
        .await
        .expect(204);
    let street =
        |n| json!({"recipient": "药库", "phone": "0771-2345678", "address": format!("南州市和平路 {n} 号")});
    let price = |yuan: &str, day: &str| json!({"unit_price": yuan, "from_day": day});
    let office = |yuan: &str| json!({"unit_price": yuan, "from_day": "2024-08-07", "reason": "省级核定文件〔2024〕1 号"});
    let cuts = format!("/api/v1/listings/{listing}/price-cuts");
    let prices = format!("/api/v1/listings/{listing}/prices");
    let cases: [(&Actor, &str, Option<i64>, Value, Value, u16); 5] = [
        (&hospital, "/api/v1/addresses", None, street(1), street(2), 201),
        (
            &enterprise,
            "/api/v1/distributors",
            None,
            json!({"distributor_id": distributor}),
            json!({"distributor_id": listing}),
            201,
        ),
        (&enterprise, &cuts, Some(1), price("1.20", "2024-08-06"), price("1.10", "2024-08-06"), 200),
        (&officer, &prices, Some(2), office("1.30"), office("1.40"), 201),
        (
            &officer,
            "/api/v1/legal-clock",
            None,
            json!({"to": "2024-08-06T10:00:00+08:00"}),
            json!({"to": "2024-08-07T10:00:00+08:00"}),
            200,
        ),
    ];
    for (who, path, version, body, other, status) in cases {
        send(who, path, "", version, &body).await.problem(400, "IDEMPOTENCY_KEY_MISSING");
        let first = send(who, path, "k", version, &body).await.expect(status);
        let again = send(who, path, "k", version, &body).await.expect(status);
        let essence = |answer: &Answer| {
            let mut body = answer.json();
            // The legal clock's answer tells the time of the asking beside it.
            body.as_object_mut().expect("an object").remove("real");
            (answer.header("location").to_owned(), answer.header("etag").to_owned(), body)
        };
        assert_eq!(essence(&again), essence(&first), "{path}");
        send(who, path, "k", version, &other).await.problem(422, "IDEMPOTENCY_KEY_REUSED");
    }
    let kept = hospital.get("/api/v1/addresses").await.expect(200).json();
    assert_eq!(kept["items"].as_array().map(Vec::len), Some(2), "the shop's and one more");
    let second = app.api(Who::SecondOfficer).await;
    let proposed = second.get("/api/v1/price-proposals").await.expect(200).json()["items"].clone();
    assert_eq!(proposed.as_array().map(Vec::len), Some(1), "asked twice, proposed once");
    let decision = format!("/api/v1/price-proposals/{}/decision", proposed[0]["id"].as_str().expect("id"));
    second.post(&decision, &json!({"confirm": true})).await.expect(200);
    app.take_mails_about("挂网价自").await;
    let product = hospital.get(&format!("/api/v1/listings/{listing}")).await.expect(200).json();
    assert_eq!(
        (product["history"].as_array().map(Vec::len), product["listing_version"].as_i64()),
        (Some(3), Some(3))
    );
}
app_test!(whatever_is_created_is_created_once);

async fn people_at_the_portal_hear_of_pages_not_of_headers(app: &TestApp) {
    Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let typed = [("recipient", "李药师"), ("phone", "0771-7654321"), ("address", "民主路 2 号药剂科")];
    let without =
        clerk.form("/addresses", &[&typed[..], &[("idempotency_key", "")]].concat()).await.expect(400);
    says(&without, "刷新后重新填写提交");
    let keyed = [&typed[..], &[("idempotency_key", "one")]].concat();
    clerk.form("/addresses", &keyed).await.expect(303);
    clerk.form("/addresses", &keyed).await.expect(303);
    let list = clerk.get("/addresses").await.expect(200);
    assert_eq!(list.text.matches("民主路 2 号药剂科").count(), 1, "pressed twice, kept once");
    says(&list, "name=\"idempotency_key\"");
    let other = [
        ("recipient", "王药师"),
        ("phone", "0771-7654321"),
        ("address", "民主路 3 号"),
        ("idempotency_key", "one"),
    ];
    let reused = clerk.form("/addresses", &other).await;
    for answer in [&without, &reused] {
        assert!(answer.status >= 400 && !answer.text.contains("Idempotency-Key"), "{}", answer.text);
    }
}
app_test!(people_at_the_portal_hear_of_pages_not_of_headers);

async fn an_order_tells_its_story_from_the_top(app: &TestApp) {
    let shop = Shop::open(app).await;
    let path = ordered(app, &shop, shop.plain.listing.id, "10").await;
    let seller = app.portal(Who::Enterprise).await;
    seller.form(&format!("{path}/confirm"), &[("version", "2")]).await.expect(303);
    for page in [path.clone(), format!("{path}/print")] {
        let page = seller.get(&page).await.expect(200);
        let at = |words: &str| page.text.find(&format!("<strong>{words}</strong>")).expect("an event");
        assert!(at("新建草稿") < at("提交订单") && at("提交订单") < at("确认订单"));
    }
    let detail = app.api(Who::Hospital).await.get(&format!("/api/v1{path}")).await.expect(200).json();
    let told: Vec<&str> = detail["events"]
        .as_array()
        .expect("events")
        .iter()
        .map(|e| e["action"].as_str().expect("action"))
        .collect();
    assert_eq!(told, ["order.create", "order.submit", "order.confirm"]);
    app.take_mails().await;
}
app_test!(an_order_tells_its_story_from_the_top);

async fn an_error_page_keeps_the_frame_and_gives_a_number_to_quote(app: &TestApp) {
    let clerk = app.portal(Who::Hospital).await;
    let nobody = uuid::Uuid::new_v4();
    for path in [format!("/orders/{nobody}"), "/no/such/page".into()] {
        let page = clerk.get(&path).await.expect(404);
        let number = page.header("x-request-id").to_owned();
        let read_out = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        assert!(number.len() == 9 && number.replacen('-', "", 1).chars().all(read_out), "{number}");
        says(&page, &format!("请致电并报这个编号：<code>{number}</code>"));
        // The frame with its offices stays, and there is a way back.
        says(&page, "<nav class=\"side\"");
        says(&page, "href=\"/orders\"");
        says(&page, "<a class=\"btn btn-primary\" href=\"/");
    }
    let wrong = clerk.get("/orders?after=rubbish").await.expect(422);
    says(&wrong, "请从第一页重新开始");
    says(&wrong, "<nav class=\"side\"");
}
app_test!(an_error_page_keeps_the_frame_and_gives_a_number_to_quote);
