//! Drugs are found while their name is being typed; Enter takes the first and the cursor stands in its quantity.

use fantoccini::key::Key;

use crate::support::app::PASSWORD;
use crate::support::browser::Browser;
use crate::support::shop::Shop;
use crate::support::{TestApp, TestDb, Who, app_test};

async fn the_part_of_a_page_holds_the_first_hits(app: &TestApp) {
    let shop = Shop::open(app).await;
    let portal = app.portal(Who::Hospital).await;
    let found = portal.get("/orders/find?q=tbqs").await.expect(200);
    assert!(!found.text.contains("<html") && found.text.contains(&format!("add:{}", shop.cheap.listing.id)));
    let maker = app.organisation(Who::OtherEnterprise).id;
    let of_one = portal.get(&format!("/orders/find?q=tbqs&supplier_id={maker}")).await.expect(200);
    assert_eq!(of_one.text.matches("data-hit").count(), 1, "what that supplier delivers");
    for (q, words) in [
        ("zzzz", "没有找到可订购的“zzzz”"),
        ("a%20b%20c%20d%20e%20f%20g", "一次最多查找"),
        ("<i>", "&#60;i&#62;"),
    ] {
        let page = portal.get(&format!("/orders/find?q={q}")).await.expect(200);
        assert!(page.text.contains(words) && !page.text.contains("data-hit"), "{q}: {}", page.text);
    }
    assert!(portal.get("/orders/find?q=%20").await.expect(200).text.trim().is_empty());
}
app_test!(the_part_of_a_page_holds_the_first_hits);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn enter_takes_the_first_hit_and_goes_to_its_quantity() {
    let test = TestDb::sqlite();
    let app = TestApp::start(test.open()).await;
    Shop::open(&app).await;
    let Some(browser) = Browser::open(&app.base, true).await else { return };
    browser.go("/login").await;
    browser.fill("#account", &Who::Hospital.login()).await;
    browser.fill("#password", PASSWORD).await;
    browser.press(Key::Enter).await;
    browser.says("待办").await;
    browser.go("/orders/new").await;
    browser.fill("#find", "qmsn").await;
    browser.says("注射用青霉素钠").await;
    browser.is_accessible().await;
    // Enter that comes before the answer waits for it.
    browser.fill("#find", "tbtd").await;
    browser.press(Key::Enter).await;
    browser.find("#line-0-quantity:focus").await;
    browser.says("注射用头孢他啶").await;
    browser.type_keys("30").await;
    let value = browser.find("#line-0-quantity").await.prop("value").await.expect("prop");
    assert_eq!(value.as_deref(), Some("30"));
    browser.close().await;
    app.take_mails().await;
    app.finish().await;
}
