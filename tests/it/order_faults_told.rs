//! What an order's sheet and page say: who and when, why it was refused, whether the price has fallen since.

use jicai::listing::change_price::{self, NewPrice};
use jicai::platform::http::number::Price;
use jicai::platform::policy::Policies;
use serde_json::json;

use crate::support::office::day;
use crate::support::sheets::cells;
use crate::support::shop::Shop;
use crate::support::{Actor, TestApp, Who, app_test};

async fn made(app: &TestApp, shop: &Shop, clerk: &Actor) -> String {
    let body = json!({
        "supplier_id": app.organisation(Who::Enterprise).id, "address_id": shop.address.id,
        "wanted_on": "2024-08-12", "lines": [{"listing_id": shop.plain.listing.id, "quantity": 10}],
    });
    clerk.post("/api/v1/orders", &body).await.expect(201).json()["id"].as_str().expect("a key").to_owned()
}

async fn act(who: &Actor, id: &str, word: &str, version: &str, body: serde_json::Value) {
    let request = who.request("POST", &format!("/api/v1/orders/{id}/{word}"));
    let request = request.header("if-match", format!("\"{version}\"")).header("idempotency-key", word);
    who.send(request.json(&body)).await.expect(200);
}

async fn the_sheet_of_one_order_says_who_when_and_why(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (clerk, supplier) = (app.api(Who::Hospital).await, app.api(Who::Enterprise).await);
    let id = made(app, &shop, &clerk).await;
    act(&clerk, &id, "submit", "1", json!({})).await;
    act(&supplier, &id, "refuse", "2", json!({"reason": "生产线检修，九月恢复"})).await;
    for who in [&clerk, &supplier] {
        let sheet = cells(who, &format!("/api/v1/orders/{id}/sheet.xlsx")).await;
        let says = |start: &str| sheet.iter().any(|cell| cell.starts_with(start));
        for start in [
            "提交人：Hospital",
            "提交时间：2024-08-05 09:",
            "确认期限：2024-08-",
            "计价日期：2024-08-05",
            "办理人：Enterprise",
            "办理时间：2024-08-05 09:",
            "拒绝理由：生产线检修，九月恢复",
        ] {
            assert!(says(start), "{start} in {sheet:?}");
        }
        assert!(sheet.contains(&"合计".to_owned()), "{sheet:?}");
    }
    app.take_mails().await;
}
app_test!(the_sheet_of_one_order_says_who_when_and_why);

async fn a_fallen_price_is_told(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (clerk, portal) = (app.api(Who::Hospital).await, app.portal(Who::Hospital).await);
    let (draft, sent) = (made(app, &shop, &clerk).await, made(app, &shop, &clerk).await);
    act(&clerk, &sent, "submit", "1", json!({})).await;
    let fresh = clerk.get(&format!("/api/v1/orders/{sent}")).await.expect(200).json();
    assert_eq!(fresh["fallen"], json!([]));
    let new = NewPrice {
        unit_price: Price::parse("价格", "1.20").expect("a price"),
        from_day: day("2024-08-05"),
        confirm_far: false,
    };
    let (maker, policies) = (app.person(Who::Enterprise), Policies::shipped().expect("policies"));
    change_price::change_price(&app.db, &maker, &policies, shop.plain.listing.id, 1, new)
        .await
        .expect("a cut");
    for id in [&draft, &sent] {
        let told = clerk.get(&format!("/api/v1/orders/{id}")).await.expect(200).json();
        let line = &told["fallen"][0];
        assert_eq!(
            (line["ordered_price"].as_str(), line["current_price"].as_str(), line["since"].as_str()),
            (Some("1.25"), Some("1.20"), Some("2024-08-05"))
        );
        let page = portal.get(&format!("/orders/{id}")).await.expect(200).text;
        assert!(page.contains("价格已降") && page.contains("降为 1.20 元"), "{page}");
    }
    app.take_mails().await;
}
app_test!(a_fallen_price_is_told);
