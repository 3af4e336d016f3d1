//! The basket: lists pasted and uploaded, lines that were not recognised, last month once more, standing lists, and its orders.

use diesel::prelude::*;
use jicai::catalogue;
use jicai::listing::PriceSource;
use jicai::listing::direct::{DirectListing, list_direct};
use jicai::party::OrgState;
use jicai::platform::db::Db;
use jicai::platform::policy::Policies;
use jicai::platform::schema::{basket_line, organisation, purchase_order};
use serde_json::{Value, json};

use crate::support::office::{day, drug_code, new_product, yuan};
use crate::support::shop::Shop;
use crate::support::statements::Watch;
use crate::support::{Actor, Answer, TestApp, Who, app_test, both_engines};

fn says(page: &Answer, words: &str) {
    assert!(page.text.contains(words), "{words} is missing: {}", page.text);
}

async fn paste(portal: &Actor, text: &str) -> Answer {
    portal.upload("/basket/pasted", &[("text", text)], &[]).await
}

async fn basket(app: &TestApp) -> Value {
    app.api(Who::Hospital).await.get("/api/v1/basket").await.expect(200).json()
}

/// The key of the first line that was not recognised and says so.
fn open_line(basket: &Value, text: &str) -> String {
    let all = basket["open"].as_array().expect("open");
    let line = all.iter().find(|line| line["text"].as_str().expect("text").contains(text)).expect(text);
    line["id"].as_str().expect("id").to_owned()
}

/// A list with everything that goes wrong.
fn list() -> String {
    format!(
        "八月计划\n编码\t药品名称\t规格\t单价\t数量\n{}\t注射用青霉素钠\t0.8g\t1.25\t１,２00\n\t\t\t\t\n\
         \t注射用头孢曲松钠\t1.0g\t15\t20\n\t注射用头孢他啶\t\t9.01\t1.5\nXJ01DDT133B001099999999\t\t\t\t7\n合计\t\t\t\t1228.5",
        drug_code(5)
    )
}

async fn a_pasted_list_becomes_the_basket(app: &TestApp) {
    let shop = Shop::open(app).await;
    let portal = app.portal(Who::Hospital).await;
    says(&portal.get("/basket").await.expect(200), "采购车是空的");
    let done = paste(&portal, &list()).await.expect(303);
    assert_eq!(done.header("location"), "/basket");
    let page = portal.get("/basket").await.expect(200);
    for words in [
        "未识别",
        "“注射用头孢曲松钠”有 3 个药品，请选择",
        "数量应为不小于 1 的整数，您填的是 1.5",
        "没有找到编码 XJ01DDT133B001099999999",
        "红标",
        "1,500.00",
    ] {
        says(&page, words);
    }
    let now = basket(app).await;
    assert_eq!(now["orders"][0]["lines"][0]["quantity"], 1200, "{now}");
    assert_eq!(now["open"].as_array().expect("open").len(), 3);
    let prices: Vec<&str> = now["open"][0]["candidates"]
        .as_array()
        .expect("some")
        .iter()
        .map(|c| c["unit_price"].as_str().expect("a price"))
        .collect();
    assert_eq!(prices, ["5.80", "7.20", "15.01"]);
    let other = app.api(Who::OtherHospital).await.get("/api/v1/basket").await.expect(200).json();
    assert_eq!(other, json!({ "orders": [], "closed": [], "open": [] }), "nobody else's");

    // Chosen, corrected, dropped; the figures typed beside it are kept with every button.
    let (first, second, third) =
        (open_line(&now, "头孢曲松"), open_line(&now, "头孢他啶"), open_line(&now, "XJ01"));
    let line = now["orders"][0]["lines"][0]["id"].as_str().expect("id").to_owned();
    let (pick, quantity) = (format!("pick-{first}"), format!("q-{line}"));
    let cheap = shop.cheap.listing.id.to_string();
    let act = format!("pick:{first}");
    portal.form("/basket", &[("act", &act), (&pick, &cheap), (&quantity, "1300")]).await.expect(303);
    let (pick, own) = (format!("pick-{second}"), format!("q-{second}"));
    let yellow = shop.yellow.listing.id.to_string();
    let wrong = portal.form("/basket", &[("act", "pick"), (&pick, &yellow), (&own, "2.5")]).await.expect(422);
    says(&wrong, "您填的是 2.5");
    portal.form("/basket", &[("act", "pick"), (&pick, &yellow), (&own, "15")]).await.expect(303);
    let found = portal
        .form("/basket", &[("act", &format!("find:{third}")), (&format!("find-{third}"), "qmsn")])
        .await;
    says(&found.expect(200), &shop.plain.listing.id.to_string());
    portal.form("/basket", &[("act", &format!("remove:{third}"))]).await.expect(303);
    let now = basket(app).await;
    assert!(now["open"].as_array().expect("open").is_empty(), "{now}");
    let orders = now["orders"].as_array().expect("orders");
    let suppliers: Vec<(usize, &str)> = orders
        .iter()
        .map(|o| (o["lines"].as_array().expect("lines").len(), o["supplier"].as_str().expect("a name")))
        .collect();
    assert_eq!(suppliers, [(2, "华南制药有限公司"), (1, "江北制药有限公司")]);
    assert_eq!(orders[0]["lines"][0]["quantity"], 1300);

    // The same drug again is added up, and a wrong figure stays on the page.
    paste(&portal, &format!("{}\t100", drug_code(5))).await.expect(303);
    assert_eq!(basket(app).await["orders"][0]["lines"][0]["quantity"], 1400);
    let wrong = portal.form("/basket", &[("act", "save"), (&quantity, "-3")]).await.expect(422);
    says(&wrong, "value=\"-3\"");
    assert_eq!(basket(app).await["orders"][0]["lines"][0]["quantity"], 1400);
    portal.form("/basket", &[("act", "clear")]).await.expect(303);
    says(&portal.get("/basket").await.expect(200), "采购车是空的");
    app.take_mails().await;
}
app_test!(a_pasted_list_becomes_the_basket);

/// Figures typed into the rows of the catalogue; what cannot be read is not lost.
async fn figures_of_the_catalogue_are_taken(app: &TestApp) {
    let shop = Shop::open(app).await;
    let portal = app.portal(Who::Hospital).await;
    let page = portal.get("/catalogue?q=%E9%9D%92%E9%9C%89%E7%B4%A0").await.expect(200);
    let plain = format!("q-{}", shop.plain.listing.id);
    says(&page, &format!("name=\"{plain}\""));
    says(&page, "加入并核对订单");
    let (cheap, back) = (format!("q-{}", shop.cheap.listing.id), "/catalogue?q=%E9%9D%92%E9%9C%89%E7%B4%A0");
    let done =
        portal.form("/basket/chosen", &[("back", back), (&plain, "１,200"), (&cheap, " ")]).await.expect(303);
    assert_eq!(done.header("location"), back);
    assert_eq!(basket(app).await["orders"][0]["lines"][0]["quantity"], 1200);
    // The same page sent twice is taken once.
    let key = uuid::Uuid::new_v4().to_string();
    for _ in 0..2 {
        let form = [("idempotency_key", key.as_str()), (plain.as_str(), "5"), ("act", "check")];
        let done = portal.form("/basket/chosen", &form).await.expect(303);
        assert_eq!(done.header("location"), "/basket/check");
    }
    assert_eq!(basket(app).await["orders"][0]["lines"][0]["quantity"], 1205);
    let wrong = portal.form("/basket/chosen", &[(&cheap, "1.5")]).await.expect(422);
    says(&wrong, "数量应为不小于 1 的整数，您填的是 1.5");
    says(&wrong, "value=\"1.5\"");
    let none = portal.form("/basket/chosen", &[("back", "//elsewhere.example/")]).await.expect(303);
    assert_eq!(none.header("location"), "/catalogue", "nobody is led away");
    // Who does not order has no boxes.
    let page = app.portal(Who::Enterprise).await.get("/catalogue").await.expect(200);
    assert!(!page.text.contains("name=\"q-"), "{}", page.text);
}
app_test!(figures_of_the_catalogue_are_taken);

async fn what_cannot_be_taken_is_told_and_kept_in_the_box(app: &TestApp) {
    Shop::open(app).await;
    let portal = app.portal(Who::Hospital).await;
    let many: String = (0..5000).map(|n| format!("药{n}\t{}\n", n + 1)).collect();
    let refused = paste(&portal, &many).await.expect(422);
    says(&refused, "清单有 5000 行，一次最多 600 行，没有加入");
    says(&refused, "药4999\t5000");
    for (text, words) in [("", "没有内容"), ("阿莫西林胶囊\t5\t15\n布洛芬片\t7\t20", "看不出哪一列是数量")]
    {
        says(&paste(&portal, text).await.expect(422), words);
    }
    let broken: &[u8] = b"PK\x03\x04 no workbook";
    says(
        &portal.upload("/basket/pasted", &[("text", "")], &[("file", "a.xlsx", broken)]).await.expect(422),
        "文件无法读取",
    );
    let csv = "药品名称,数量\n注射用青霉素钠,\"1,200\"\n".as_bytes();
    portal.upload("/basket/pasted", &[("text", "")], &[("file", "a.csv", csv)]).await.expect(303);
    assert_eq!(basket(app).await["orders"][0]["lines"][0]["quantity"], 1200);
    let most: String = (0..599).map(|n| format!("没有的药{n}\t1\n")).collect();
    paste(&portal, &most).await.expect(303);
    says(&portal.get("/basket").await.expect(200), "没有找到“没有的药598”");
    says(&paste(&portal, "又一个药\t1").await.expect(422), "采购车最多 600 行，现有 600 行");
    let api = app.api(Who::Hospital).await;
    api.post("/api/v1/basket/pasted", &json!({ "text": many })).await.problem(422, "INVALID");
    api.post(
        "/api/v1/basket/lines",
        &json!({ "lines": [{ "listing_id": app.organisation(Who::Hospital).id, "quantity": 1 }] }),
    )
    .await
    .problem(422, "INVALID");
    api.json("DELETE", "/api/v1/basket", &json!({})).await.expect(204);
    let left = app.db.read(|c| Ok(basket_line::table.count().get_result::<i64>(c)?)).await.expect("count");
    assert_eq!(left, 0);
}
app_test!(what_cannot_be_taken_is_told_and_kept_in_the_box);

/// The page of the orders, and its hidden fields.
async fn checked(portal: &Actor) -> (Answer, Vec<(String, String)>) {
    let page = portal.form("/basket", &[("act", "check")]).await.expect(200);
    let mut fields = Vec::new();
    for part in page.text.split("<input type=\"hidden\" name=\"").skip(1) {
        let (name, rest) = part.split_once('"').expect("a name");
        let value = rest.split_once("value=\"").expect("a value").1.split('"').next().expect("its end");
        if name.starts_with("line-") || name == "idempotency_key" {
            fields.push((name.to_owned(), value.to_owned()));
        }
    }
    let address = page.text.split("name=\"address_id\"").nth(1).expect("an address");
    let address = address.split("<option value=\"").nth(1).expect("one").split('"').next().expect("its end");
    fields.push(("address_id".into(), address.to_owned()));
    fields.push(("wanted_on".into(), "2024-08-12".into()));
    (page, fields)
}

async fn submit(portal: &Actor, fields: &[(String, String)], more: &[(&str, &str)]) -> Answer {
    let mut all: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    all.extend_from_slice(more);
    portal.form("/basket/orders", &all).await
}

async fn states(app: &TestApp) -> i64 {
    app.db.read(|c| Ok(purchase_order::table.count().get_result(c)?)).await.expect("count")
}

async fn the_basket_is_ordered_as_it_was_seen(app: &TestApp) {
    let shop = Shop::open(app).await;
    let portal = app.portal(Who::Hospital).await;
    let text = format!("{}\t100\nH00000003\t20\n{}\t30", drug_code(5), drug_code(1));
    paste(&portal, &text).await.expect(303);
    let (page, fields) = checked(&portal).await;
    for words in ["红标药品", "改订此品", "将提交 <strong>2 张订单</strong>", "江北制药有限公司"]
    {
        says(&page, words);
    }
    assert_eq!(fields.iter().filter(|(name, _)| name.starts_with("line-")).count(), 3);
    let red = basket(app).await["orders"][0]["lines"][1]["id"].as_str().expect("id").to_owned();
    let (ack, reason) = (format!("ack-{red}"), format!("reason-{red}"));
    // The red one lacks its reason: the other supplier's order stands, this one's lines stay.
    let partly = submit(&portal, &fields, &[(&reason, "太短")]).await.expect(422);
    for words in ["已提交 1 张订单", "请确认已知悉注射用头孢曲松钠的采购风险", "太短"]
    {
        says(&partly, words);
    }
    assert_eq!(states(app).await, 1, "no draft is left beside the lines");
    assert_eq!(basket(app).await["orders"].as_array().expect("orders").len(), 1);
    says(&submit(&portal, &fields, &[]).await.expect(409), "采购车在您核对后有变化");
    let (_, fields) = checked(&portal).await;
    let words = "患者对其他厂牌过敏，无可替代品种";
    // A colleague changes a quantity: it is looked at again.
    let quantity = format!("q-{red}");
    portal.form("/basket", &[("act", "save"), (&quantity, "31")]).await.expect(303);
    says(&submit(&portal, &fields, &[(&ack, "true"), (&reason, words)]).await.expect(409), "请重新核对");
    let (_, fields) = checked(&portal).await;
    let done = submit(&portal, &fields, &[(&ack, "true"), (&reason, words)]).await.expect(303);
    assert_eq!(done.header("location"), "/orders?state=submitted");
    assert_eq!(states(app).await, 2);
    says(&portal.get("/basket").await.expect(200), "采购车是空的");

    // A supplier suspended between basket and submission.
    paste(&portal, &format!("H00000003\t20\n{}\t100", drug_code(5))).await.expect(303);
    let (_, fields) = checked(&portal).await;
    let gone = app.organisation(Who::OtherEnterprise).id;
    app.db
        .write_unaudited("test.suspend", move |c| {
            let row = diesel::update(organisation::table.find(gone));
            Ok(row.set(organisation::state.eq(OrgState::Suspended)).execute(c)?)
        })
        .await
        .expect("suspended");
    says(&submit(&portal, &fields, &[]).await.expect(409), "供货企业已暂停");
    says(&portal.get("/basket").await.expect(200), "供货企业已暂停供货，不能订购");
    let (page, fields) = checked(&portal).await;
    says(&page, "有 1 个药品目前不能订购");
    submit(&portal, &fields, &[]).await.expect(303);
    assert_eq!(states(app).await, 3);
    let left = basket(app).await;
    assert_eq!(left["closed"][0]["product"]["listing_id"], json!(shop.cheap.listing.id));
    app.take_mails().await;
}
app_test!(the_basket_is_ordered_as_it_was_seen);

async fn last_month_and_standing_lists_once_more(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (portal, api) = (app.portal(Who::Hospital).await, app.api(Who::Hospital).await);
    says(&portal.form("/basket/last-month", &[]).await.expect(422), "上月没有提交过订单");
    for text in [format!("{}\t100\nH00000003\t20", drug_code(5)), format!("{}\t50", drug_code(5))] {
        paste(&portal, &text).await.expect(303);
        let (_, fields) = checked(&portal).await;
        submit(&portal, &fields, &[]).await.expect(303);
    }
    let gone = shop.cheap.listing.id;
    app.db
        .write_unaudited("test.month", move |c| {
            use jicai::platform::schema::listing;
            diesel::update(purchase_order::table)
                .set(purchase_order::legal_day.eq(Some(day("2024-07-15"))))
                .execute(c)?;
            Ok(diesel::update(listing::table.find(gone)).set(listing::state.eq("suspended")).execute(c)?)
        })
        .await
        .expect("a month ago");
    let other = app.portal(Who::OtherHospital).await;
    says(&other.form("/basket/last-month", &[]).await.expect(422), "上月没有提交过订单");
    let again = api.post("/api/v1/basket/last-month", &json!({})).await.expect(200).json();
    assert_eq!(again["added"]["drugs"], 1);
    assert_eq!(again["left_out"], json!(["注射用头孢曲松钠（已暂停挂网）"]));
    assert_eq!(basket(app).await["orders"][0]["lines"][0]["quantity"], 150);

    portal.form("/basket/list", &[("name", " 常用 ")]).await.expect(303);
    says(&portal.form("/basket/list", &[("name", "常用")]).await.expect(422), "已有名为“常用”的清单");
    let lists = api.get("/api/v1/standing-lists").await.expect(200).json();
    let id = lists["items"][0]["id"].as_str().expect("id").to_owned();
    let take = format!("/standing-lists/{id}/take");
    other.form(&take, &[]).await.expect(404);
    assert_eq!(portal.form(&take, &[]).await.expect(303).header("location"), "/basket");
    assert_eq!(basket(app).await["orders"][0]["lines"][0]["quantity"], 300);
    // The same request twice is one.
    let key = "5a8f8d6e-6f0b-4a7c-9f5f-000000000001";
    for _ in 0..2 {
        portal.form(&take, &[("idempotency_key", key)]).await.expect(303);
    }
    assert_eq!(basket(app).await["orders"][0]["lines"][0]["quantity"], 450);
    app.take_mails().await;
}
app_test!(last_month_and_standing_lists_once_more);

/// What a request asks the database.
async fn cost(watch: &Watch, request: impl Future<Output = Answer>, status: u16) -> usize {
    watch.take();
    let answer = request.await;
    let asked = watch.take();
    answer.expect(status);
    asked.iter().filter(|statement| *statement != "SELECT 1").count()
}

async fn as_many_statements_for_sixty_lines_as_for_five(db: Db) {
    let (watch, db) = Watch::anew(&db);
    let app = TestApp::start(db).await;
    let shop = Shop::open(&app).await;
    let maker = app.organisation(Who::Enterprise);
    let policies = Policies::shipped().expect("policies");
    for n in 0..60_u32 {
        let new = new_product(maker, "甲", &format!("注射用试药{n}"), "1.0g", 100 + n);
        let product = catalogue::create::create(&app.db, &app.system(), new).await.expect("product").id;
        let (unit_price, price_source, from_day) = (yuan("1.25"), PriceSource::General, day("2024-08-01"));
        let direct = DirectListing { product, unit_price, price_source, from_day, term: None };
        list_direct(&app.db, &app.system(), &policies, direct).await.expect("listing");
    }
    let portal = app.portal(Who::Hospital).await;
    let mut asked = Vec::new();
    for lines in [5_u32, 60] {
        // Some are known by their codes, some by their names, one by neither and one fits three.
        let line = |n: u32| match n % 2 {
            0 => format!("{}\t\t{}\n", drug_code(100 + n), n + 1),
            _ => format!("\t注射用试药{n}\t{}\n", n + 1),
        };
        let text: String = (2..lines).map(line).collect();
        let text = format!("编码\t名称\t数量\n\t没有这种药\t1\n\t注射用头孢曲松钠\t2\n{text}");
        let pasted = cost(&watch, paste(&portal, &text), 303).await;
        let shown = cost(&watch, portal.get("/basket"), 200).await;
        let checked = cost(&watch, portal.get("/basket/check"), 200).await;
        let cleared = cost(&watch, portal.form("/basket", &[("act", "clear")]), 303).await;
        asked.push([pasted, shown, checked, cleared]);
    }
    assert_eq!(asked[0], asked[1]);
    assert!(asked[1].iter().all(|count| *count < 60), "{asked:?}");
    drop(shop);
    app.take_mails().await;
    app.finish().await;
}
both_engines!(as_many_statements_for_sixty_lines_as_for_five);
