//! Agreements run on before their end; the catalogue is exported and answered in the order of the page (INJ-2.3).

use calamine::{Data, Reader, Xlsx};
use diesel::prelude::*;
use jicai::catalogue;
use jicai::listing::direct::{DirectListing, Term, list_direct};
use jicai::listing::explanation::Explanation;
use jicai::listing::{ListingRecord, PriceSource, store};
use jicai::platform::clock;
use jicai::platform::policy::Policies;
use jicai::platform::schema::audit_entry;
use jicai::platform::sql::Id;
use serde_json::{Value, json};

use crate::support::office::{at, day, new_product, office_price, yuan};
use crate::support::shop::Shop;
use crate::support::{Answer, TestApp, Who, app_test};

/// 1.234 by agreement until 2024-12-31, then 12.34 / 10 by the general rule: carried, for it is not above 2 yuan.
async fn agreed(app: &TestApp) -> ListingRecord {
    Shop::open(app).await;
    let new = new_product(app.organisation(Who::Enterprise), "华南", "注射用协议钠", "1.0g", 77);
    let product = catalogue::create::create(&app.db, &app.system(), new).await.expect("product").id;
    let term = Term { until: day("2024-12-31"), pack_price: yuan("12.34"), pack_qty: 10 };
    let direct = DirectListing {
        product,
        unit_price: yuan("1.234"),
        price_source: PriceSource::Vbp,
        from_day: day("2024-08-01"),
        term: Some(term),
    };
    let policies = Policies::shipped().expect("policies");
    list_direct(&app.db, &app.system(), &policies, direct).await.expect("listing")
}

async fn record(app: &TestApp, id: Id) -> ListingRecord {
    app.db.read(move |c| store::record(c, id)).await.expect("record")
}

async fn renew(app: &TestApp, who: Who, of: &ListingRecord, version: i64, body: Value) -> Answer {
    let actor = app.api(who).await;
    let path = format!("/api/v1/listings/{}/renewals", of.listing.id);
    let request = actor.request("POST", &path).header("if-match", format!("\"{version}\""));
    let key = uuid::Uuid::new_v4().to_string();
    actor.send(request.header("idempotency-key", key).json(&body)).await
}

const REASON: &str = "续约文件〔2024〕8 号";

async fn an_agreement_is_renewed_before_its_end(app: &TestApp) {
    let listing = agreed(app).await;
    let until = |day: &str| json!({ "until": day, "reason": REASON });
    renew(app, Who::Enterprise, &listing, 1, until("2025-06-30")).await.problem(403, "FORBIDDEN");
    renew(app, Who::Officer, &listing, 9, until("2025-06-30")).await.problem(409, "STALE_VERSION");
    let early = renew(app, Who::Officer, &listing, 1, until("2024-12-31")).await.problem(422, "INVALID");
    assert_eq!(early["errors"][0]["pointer"], "/until");
    let why = json!({ "until": "2025-06-30", "reason": "短" });
    let short = renew(app, Who::Officer, &listing, 1, why).await.problem(422, "INVALID");
    assert_eq!(short["errors"][0]["pointer"], "/reason");
    let done = renew(app, Who::Officer, &listing, 1, until("2025-06-30")).await.expect(200).json();
    assert_eq!((&done["agreement_until"], &done["listing_version"]), (&json!("2025-06-30"), &json!(2)));
    let after = record(app, listing.listing.id).await;
    let prices: Vec<_> = after.prices.iter().map(|p| (p.from_day, p.unit_price)).collect();
    assert_eq!(
        prices,
        [(day("2024-08-01"), yuan("1.234")), (day("2025-07-01"), yuan("1.24"))],
        "what follows the agreement follows its new end, and nothing is left of the old one"
    );
    assert!(after.is_agreed(day("2025-06-30")) && !after.is_agreed(day("2025-07-01")));
    let follows = Explanation::of(&after.prices[1]).expect("an explanation");
    assert_eq!(follows.input, json!({ "pack_price": "12.34", "pack_qty": 10 }));
    assert!(follows.steps[0].text.contains("自 2025-07-01 起按一般规则换算"), "by the law of the new day");
    let id = listing.listing.id;
    let query = audit_entry::table
        .filter(audit_entry::object_id.eq(id))
        .filter(audit_entry::action.eq("listing.renew_agreement"))
        .select(audit_entry::reason);
    let reasons: Vec<Option<String>> = app.db.read(move |c| Ok(query.load(c)?)).await.expect("entries");
    assert_eq!(reasons, [Some(REASON.to_owned())]);
    // The explanation of the agreed price knows it.
    let path = format!("/api/v1/listings/{id}/explanation");
    let told = app.api(Who::Hospital).await.get(&path).await.expect(200).text;
    assert!(told.contains("协议已续约至 2025-06-30"), "{told}");
    app.take_mails_about("协议截止日改为").await;
}
app_test!(an_agreement_is_renewed_before_its_end);

/// INJ-2.3: the price of the general rule goes where another was decided from the day after the new end on.
async fn a_renewal_ends_where_another_price_was_decided(app: &TestApp) {
    let listing = agreed(app).await;
    let officers = (&app.person(Who::Officer), &app.person(Who::SecondOfficer));
    let policies = Policies::shipped().expect("policies");
    let (id, decided) = (listing.listing.id, ("1.10", "2025-02-01"));
    office_price(&app.db, &policies, officers, (id, 1), decided).await.expect("a price");
    app.take_mails_about("挂网价自").await;
    let until = |day: &str| json!({ "until": day, "reason": REASON });
    let past = renew(app, Who::Officer, &listing, 2, until("2025-02-01")).await.problem(422, "INVALID");
    assert_eq!(past["errors"][0]["pointer"], "/until");
    renew(app, Who::Officer, &listing, 2, until("2025-01-31")).await.expect(200);
    let after = record(app, listing.listing.id).await;
    let prices: Vec<_> = after.prices.iter().map(|p| (p.from_day, p.unit_price)).collect();
    assert_eq!(prices, [(day("2024-08-01"), yuan("1.234")), (day("2025-02-01"), yuan("1.10"))]);
    assert!(after.is_agreed(day("2025-01-31")) && !after.is_agreed(day("2025-02-01")));
    app.take_mails_about("协议截止日改为").await;
}
app_test!(a_renewal_ends_where_another_price_was_decided);

/// A price of an earlier version, which did not keep what it was computed from, is refused with a sentence.
async fn a_price_without_its_sums_is_not_renewed(app: &TestApp) {
    use jicai::platform::schema::listing_price;
    let listing = agreed(app).await;
    let price = listing.prices[1].clone();
    let text = Explanation { input: Value::Null, ..Explanation::of(&price).expect("an explanation") };
    let text = text.to_text().expect("text");
    app.db
        .write_unaudited("test.old", move |c| {
            let row = diesel::update(listing_price::table.find(price.id));
            Ok(row.set(listing_price::explanation.eq(&text)).execute(c)?)
        })
        .await
        .expect("an older row");
    let body = json!({ "until": "2025-06-30", "reason": REASON });
    let refused = renew(app, Who::Officer, &listing, 1, body).await.problem(409, "WRONG_STATE");
    assert!(refused["detail"].as_str().is_some_and(|d| d.contains("没有留下换算依据")), "{refused}");
    assert_eq!(record(app, listing.listing.id).await.prices.len(), 2, "nothing is half-done");
}
app_test!(a_price_without_its_sums_is_not_renewed);

async fn what_has_no_agreement_or_an_ended_one_is_not_renewed(app: &TestApp) {
    let listing = agreed(app).await;
    let body = || json!({ "until": "2025-06-30", "reason": REASON });
    let general = app.db.read(|c| {
        use jicai::platform::schema::listing;
        let found = listing::table.filter(listing::price_source.eq(PriceSource::General));
        Ok(found.select(listing::id).first::<Id>(c)?)
    });
    let general = record(app, general.await.expect("a listing")).await;
    let refused = renew(app, Who::Officer, &general, 1, body()).await.problem(409, "WRONG_STATE");
    assert_eq!(refused["clause"], "INJ-2.3");
    // The last day is in time, the next is not.
    let now = app.now();
    let to =
        |day: &'static str| app.db.write_unaudited("test.clock", move |c| clock::set_legal(c, now, at(day)));
    to("2025-01-01T09:00:00+08:00").await.expect("clock");
    let late = renew(app, Who::Officer, &listing, 1, body()).await.problem(409, "WRONG_STATE");
    assert!(late["detail"].as_str().is_some_and(|d| d.contains("已于 2024-12-31 届满")), "{late}");
}
app_test!(what_has_no_agreement_or_an_ended_one_is_not_renewed);

async fn an_officer_renews_on_the_products_page(app: &TestApp) {
    let listing = agreed(app).await;
    let page = format!("/catalogue/{}", listing.listing.product_id);
    let path = format!("/listings/{}/renewals", listing.listing.id);
    assert!(!app.portal(Who::Hospital).await.get(&page).await.expect(200).text.contains("协议续约"));
    let officer = app.portal(Who::Officer).await;
    assert!(officer.get(&page).await.expect(200).text.contains("协议续约"));
    let wrong = [("version", "1"), ("until", "明年"), ("reason", "续约依据文字")];
    let shown = officer.form(&path, &wrong).await.expect(422);
    assert!(shown.text.contains("新的协议截止日") && shown.text.contains("应为日期"), "{}", shown.text);
    assert!(shown.text.contains("续约依据文字"), "nothing typed is lost");
    let good = [("version", "1"), ("until", "2025-06-30"), ("reason", REASON)];
    assert_eq!(officer.form(&path, &good).await.expect(303).header("location"), page);
    let text = officer.get(&page).await.expect(200).text;
    assert!(text.contains("协议期至 2025-06-30") && text.contains("自 2025-07-01 起为 1.24 元"), "{text}");
    officer.form(&path, &good).await.expect(409);
    app.take_mails_about("协议截止日改为").await;
}
app_test!(an_officer_renews_on_the_products_page);

async fn the_sheet_and_the_api_are_sorted_as_the_page_is(app: &TestApp) {
    Shop::open(app).await;
    let buyer = app.portal(Who::Hospital).await;
    // Prices of the shop: 15.01, 5.80, 7.20 for ceftriaxone.
    let sheet = buyer.request("GET", "/catalogue.xlsx?q=头孢曲松&sort=-price").send().await.expect("a sheet");
    let bytes = sheet.bytes().await.expect("bytes").to_vec();
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).expect("xlsx");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("range");
    let prices: Vec<Data> = range.rows().skip(1).map(|row| row[6].clone()).collect();
    assert_eq!(prices, [Data::Float(15.01), Data::Float(7.2), Data::Float(5.8)]);
    let api = app.api(Who::Hospital).await;
    let asked = async |query: &str| -> Vec<String> {
        let found = api.get(&format!("/api/v1/products?{query}")).await.expect(200).json();
        let items = found["items"].as_array().expect("items").iter();
        items.map(|p| p["unit_price"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(asked("q=头孢曲松&sort=price").await, ["5.80", "7.20", "15.01"]);
    assert_eq!(asked("q=头孢曲松&sort=-price").await, ["15.01", "7.20", "5.80"]);
    // Page by page it is the same order.
    let first = api.get("/api/v1/products?q=头孢曲松&sort=price&limit=2").await.expect(200).json();
    let next = first["next"].as_str().expect("more").to_owned();
    assert_eq!(asked(&format!("q=头孢曲松&sort=price&limit=2&after={next}")).await, ["15.01"]);
    api.get("/api/v1/products?sort=colour").await.problem(400, "UNREADABLE");
}
app_test!(the_sheet_and_the_api_are_sorted_as_the_page_is);
