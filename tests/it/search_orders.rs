//! Orders are found by what stands in any of their lines, by parts of their number, and by the names of both sides (R-04, S-1,
//! R-10, R-17, F14).

use diesel::prelude::*;
use jicai::catalogue;
use jicai::listing::direct::{DirectListing, list_direct};
use jicai::listing::{ListingRecord, PriceSource};
use jicai::order::missing_words;
use jicai::platform::policy::Policies;
use jicai::platform::schema::{order_words, organisation, purchase_order};
use serde_json::{Value, json};

use crate::support::office::{at, day, new_product, yuan};
use crate::support::shop::Shop;
use crate::support::{TestApp, Who, app_test};

async fn listed(app: &TestApp, name: &str, n: u32) -> ListingRecord {
    let new = new_product(app.organisation(Who::Enterprise), "华南", name, "1.0g", n);
    let product = catalogue::create::create(&app.db, &app.system(), new).await.expect("product").id;
    let (unit_price, price_source, from_day) = (yuan("1.25"), PriceSource::General, day("2024-08-01"));
    let direct = DirectListing { product, unit_price, price_source, from_day, term: None };
    let policies = Policies::shipped().expect("policies");
    list_direct(&app.db, &app.system(), &policies, direct).await.expect("listing")
}

async fn ordered(app: &TestApp, shop: &Shop, of: &[&ListingRecord]) -> Value {
    let lines: Vec<Value> =
        of.iter().map(|of| json!({ "listing_id": of.listing.id, "quantity": 20 })).collect();
    let order = json!({
        "supplier_id": app.organisation(Who::Enterprise).id, "address_id": shop.address.id,
        "wanted_on": "2024-08-12", "lines": lines,
    });
    app.api(Who::Hospital).await.post("/api/v1/orders", &order).await.expect(201).json()
}

async fn found(app: &TestApp, q: &str) -> Vec<String> {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", q).finish();
    let page = app.api(Who::Hospital).await.get(&format!("/api/v1/orders?{query}")).await.expect(200).json();
    let items = page["items"].as_array().expect("items").iter();
    let mut numbers: Vec<String> = items.map(|o| o["number"].as_str().expect("number").to_owned()).collect();
    assert_eq!(page["totals"]["count"], numbers.len(), "{q}");
    numbers.sort();
    numbers
}

async fn orders_are_found_by_every_line(app: &TestApp) {
    let shop = Shop::open(app).await;
    let [noon, not_yet, monkey, sugar] = [
        listed(app, "注射用试午钠", 61).await,
        listed(app, "注射用试未钠", 62).await,
        listed(app, "注射用试申钠（冻干）", 63).await,
        listed(app, "5%葡萄糖_试验液", 64).await,
    ];
    let three = ordered(app, &shop, &[&noon, &not_yet, &monkey]).await;
    let sweet = ordered(app, &shop, &[&sugar]).await;
    let number = |order: &Value| order["number"].as_str().expect("number").to_owned();
    let (three, sweet) = (number(&three), number(&sweet));
    let code = &not_yet.listing.code;
    let [date, serial, check] = three.split('-').collect::<Vec<_>>()[..] else { panic!("{three}") };
    for q in [
        "注射用试未钠",
        "试未",
        "试申钠(冻干)",
        "试申钠（冻干）",
        "注射用 试午",
        "试午 试申",
        "zsyswn",
        "ZSYSWN",
        code,
        &code.to_lowercase(),
        &code[6..],
        &three,
        &three.to_lowercase(),
        serial,
        &format!("{serial}-{check}"),
        &format!("{serial}{check}"),
        &format!("{date}-{}", &serial[..2]),
    ] {
        assert_eq!(found(app, q).await, [three.as_str()], "{q}");
    }
    for q in ["5%葡萄糖", "5%", "葡萄糖_试", "５％葡萄糖", "5% 葡萄糖", "ptt"] {
        assert_eq!(found(app, q).await, [sweet.as_str()], "{q}");
    }
    for q in ["5_葡萄糖", "%葡%", "葡萄糖%试", "试午 葡萄糖", r"\", "__________", "试午\n试未"]
    {
        let none = if q.contains('\n') { vec![three.clone()] } else { Vec::new() };
        assert_eq!(found(app, q).await, none, "{q}");
    }
    assert_eq!(found(app, " ").await.len(), 2, "nothing is asked");
    // A draft that is replaced is found by its new lines only.
    let list = app.api(Who::Hospital).await.get("/api/v1/orders?q=葡萄糖").await.expect(200).json();
    let path = format!("/api/v1/orders/{}", list["items"][0]["id"].as_str().expect("a key"));
    let other = json!({
        "supplier_id": app.organisation(Who::Enterprise).id, "address_id": shop.address.id,
        "wanted_on": "2024-08-12", "lines": [{ "listing_id": noon.listing.id, "quantity": 10 }],
    });
    let hospital = app.api(Who::Hospital).await;
    hospital.send(hospital.request("PUT", &path).header("if-match", "\"1\"").json(&other)).await.expect(200);
    assert_eq!(found(app, "葡萄糖").await, Vec::<String>::new());
    assert_eq!(found(app, "试午").await.len(), 2);
    hospital.send(hospital.request("DELETE", &path).header("if-match", "\"2\"")).await.expect(204);
    let left = app.db.read(|c| Ok(order_words::table.count().get_result::<i64>(c)?)).await.expect("count");
    assert_eq!(left, 1, "the words go with the draft");
}
app_test!(orders_are_found_by_every_line);

/// Orders from before have no words; the sweep makes them, and makes those of an earlier form again.
async fn words_of_earlier_orders_are_made(app: &TestApp) {
    let shop = Shop::open(app).await;
    let order = ordered(app, &shop, &[&shop.plain, &shop.red]).await;
    let number = order["number"].as_str().expect("number");
    app.db
        .write_unaudited("test.earlier", |c| Ok(diesel::delete(order_words::table).execute(c)?))
        .await
        .expect("gone");
    assert_eq!(found(app, "头孢曲松").await, Vec::<String>::new());
    missing_words::fill(&app.db).await.expect("the sweep");
    assert_eq!(found(app, "头孢曲松").await, [number]);
    app.db
        .write_unaudited("test.form", |c| {
            let row = diesel::update(order_words::table);
            Ok(row.set((order_words::words.eq("x"), order_words::made_as.eq(0))).execute(c)?)
        })
        .await
        .expect("an earlier form");
    missing_words::fill(&app.db).await.expect("the sweep");
    assert_eq!(found(app, "qms").await, [number]);
}
app_test!(words_of_earlier_orders_are_made);

/// Organisations by their names with whichever brackets, and with the signs of LIKE.
async fn organisations_are_found_whatever_the_brackets(app: &TestApp) {
    let shop = Shop::open(app).await;
    let order = ordered(app, &shop, &[&shop.plain]).await;
    let id = app.organisation(Who::Enterprise).id;
    app.db
        .write_unaudited("test.name", move |c| {
            let row = diesel::update(organisation::table.find(id));
            Ok(row.set(organisation::name.eq("南江制药（广东）GMP_有限公司")).execute(c)?)
        })
        .await
        .expect("a name");
    let officer = app.api(Who::Officer).await;
    for (q, count) in [
        ("南江制药(广东)", 1),
        ("南江制药（广东）", 1),
        ("南江制药（广东)gmp_有限", 1),
        ("ｇｍｐ＿", 1),
        ("南江 制药", 1),
        ("南江_药", 0),
        ("南江%公司", 0),
    ] {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", q).finish();
        let all = officer.get(&format!("/api/v1/organisations?{query}")).await.expect(200).json();
        assert_eq!(all["items"].as_array().expect("items").len(), count, "{q}");
        let orders = found(app, q).await;
        assert_eq!(orders.len(), count, "{q}");
    }
    assert_eq!(order["state"], "draft");
}
app_test!(organisations_are_found_whatever_the_brackets);

/// F14: a search of any length is refused before it reaches the database.
async fn an_endless_search_is_refused(app: &TestApp) {
    Shop::open(app).await;
    let (api, portal) = (app.api(Who::Officer).await, app.portal(Who::Officer).await);
    // What an address may hold at most is less than 50 kB.
    let long = "a".repeat(6_000);
    for path in ["/api/v1/orders", "/api/v1/products", "/api/v1/organisations", "/api/v1/registrations"] {
        for q in [long.as_str(), "a+b+c+d+e+f+g"] {
            let problem = api.get(&format!("{path}?q={q}")).await.problem(422, "INVALID");
            assert_eq!(problem["errors"][0]["pointer"], "/q", "{path}");
        }
    }
    for path in ["/orders", "/catalogue", "/organisations", "/registrations", "/prices"] {
        let page = portal.get(&format!("{path}?q={long}")).await.expect(200).text;
        assert!(page.contains("没有列出任何内容"), "{path}");
    }
}
app_test!(an_endless_search_is_refused);

/// R-10: drafted on 08-31 at 23:50 and sent on 09-01 at 00:10 is September's, here as under supervision.
async fn an_order_belongs_to_the_day_of_its_submission(app: &TestApp) {
    let shop = Shop::open(app).await;
    let order = ordered(app, &shop, &[&shop.plain]).await;
    let id: jicai::platform::sql::Id = order["id"].as_str().unwrap().parse().expect("a key");
    app.db
        .write_unaudited("test.midnight", move |c| {
            let (made, sent) = (at("2024-08-31T23:50:00+08:00"), at("2024-09-01T00:10:00+08:00"));
            Ok(diesel::update(purchase_order::table.find(id))
                .set((
                    purchase_order::state.eq("submitted"),
                    purchase_order::created_at.eq(made),
                    purchase_order::submitted_at.eq(Some(sent)),
                ))
                .execute(c)?)
        })
        .await
        .expect("midnight");
    let api = app.api(Who::Hospital).await;
    for (period, count) in [
        ("from=2024-08-01&to=2024-08-31", 0),
        ("from=2024-09-01&to=2024-09-01", 1),
        ("from=2024-09-02", 0),
        ("to=2024-08-31", 0),
    ] {
        let page = api.get(&format!("/api/v1/orders?{period}")).await.expect(200).json();
        assert_eq!(page["totals"]["count"], count, "{period}");
    }
    let page = app.portal(Who::Hospital).await.get("/orders").await.expect(200).text;
    assert!(page.contains("提交日自") && page.contains("提交日至"), "{page}");
}
app_test!(an_order_belongs_to_the_day_of_its_submission);
