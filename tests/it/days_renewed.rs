//! A renewal until a day that was a slip is asked about, and can be set right before that day.

use jicai::catalogue;
use jicai::listing::direct::{DirectListing, Term, list_direct};
use jicai::listing::{ListingRecord, PriceSource, store};
use jicai::platform::policy::Policies;
use jicai::platform::sql::Id;
use serde_json::{Value, json};

use crate::support::office::{day, new_product, yuan};
use crate::support::shop::Shop;
use crate::support::{Answer, TestApp, Who, app_test};

const REASON: &str = "续约文件〔2024〕8 号";

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

async fn renew(app: &TestApp, of: &ListingRecord, version: i64, body: Value) -> Answer {
    let officer = app.api(Who::Officer).await;
    let path = format!("/api/v1/listings/{}/renewals", of.listing.id);
    let request = officer.request("POST", &path).header("if-match", format!("\"{version}\""));
    officer.send(request.header("idempotency-key", Id::new().to_string()).json(&body)).await
}

/// 2052 for 2025.
async fn a_slip_in_a_renewal_is_asked_about_and_set_right(app: &TestApp) {
    let listing = agreed(app).await;
    let slip = |sure: bool| json!({ "until": "2052-08-31", "reason": REASON, "confirm_far": sure });
    let asked = renew(app, &listing, 1, slip(false)).await.problem(422, "INVALID");
    let pointers: Vec<_> = asked["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
    assert_eq!(pointers, ["/until", "/confirm_far"]);
    renew(app, &listing, 1, slip(true)).await.expect(200);
    let past = json!({ "until": "2024-08-04", "reason": REASON });
    renew(app, &listing, 2, past).await.problem(422, "INVALID");
    let right = json!({ "until": "2025-08-31", "reason": "更正：续约至 2025 年 8 月" });
    renew(app, &listing, 2, right).await.expect(200);
    let id = listing.listing.id;
    let after = app.db.read(move |c| store::record(c, id)).await.expect("record");
    let prices: Vec<_> = after.prices.iter().map(|p| (p.from_day, p.unit_price)).collect();
    assert_eq!(prices, [(day("2024-08-01"), yuan("1.234")), (day("2025-09-01"), yuan("1.24"))]);
    let mails = app.take_mails().await;
    assert_eq!(mails.len(), 1, "a renewal is told by the portal, an end set back by letter: {mails:?}");
    assert!(mails[0].1.contains("协议截止日改为 2025-08-31"), "{mails:?}");
}
app_test!(a_slip_in_a_renewal_is_asked_about_and_set_right);

async fn the_page_asks_once(app: &TestApp) {
    let listing = agreed(app).await;
    let (officer, path) =
        (app.portal(Who::Officer).await, format!("/listings/{}/renewals", listing.listing.id));
    let mut far = vec![("version", "1"), ("until", "2052-08-31"), ("reason", REASON)];
    let shown = officer.form(&path, &far).await.expect(422).text;
    assert!(shown.contains("在 5 年以后，请核对年份") && shown.contains("日期无误，确认提交"), "{shown}");
    assert!(shown.contains("2052-08-31") && shown.contains(REASON), "nothing typed is lost");
    far.push(("confirm_far", "true"));
    officer.form(&path, &far).await.expect(303);
    let page = format!("/catalogue/{}", listing.listing.product_id);
    let near = officer.get(&page).await.expect(200).text;
    assert!(!near.contains("日期无误，确认提交"), "asked only where there is a reason");
}
app_test!(the_page_asks_once);
