//! The walking path in a real browser: with everything, with the keyboard only, and without JavaScript.

use fantoccini::Locator;
use fantoccini::key::Key;

use crate::support::app::PASSWORD;
use crate::support::browser::Browser;
use crate::support::shop::Shop;
use crate::support::{TestApp, TestDb, Who};

const REASON: &str = "患者对其他厂牌过敏，无可替代品种";

/// A shop behind a real server, and a browser in front of it; none where there is no browser.
async fn ready(script: bool) -> Option<(TestDb, TestApp, Shop, Browser)> {
    let test = TestDb::sqlite();
    let app = TestApp::start(test.open()).await;
    let shop = Shop::open(&app).await;
    let browser = Browser::open(&app.base, script).await?;
    Some((test, app, shop, browser))
}

async fn log_in(browser: &Browser, who: Who) {
    browser.client.delete_all_cookies().await.expect("cookies");
    browser.go("/login").await;
    browser.fill("#account", &who.login()).await;
    browser.fill("#password", PASSWORD).await;
    browser.click("form[action='/login'] button").await;
    browser.says("待办").await;
}

/// What a field holds.
async fn value(browser: &Browser, css: &str) -> String {
    browser.find(css).await.prop("value").await.expect("prop").unwrap_or_default()
}

async fn end(app: TestApp, browser: Browser) {
    browser.close().await;
    app.take_mails().await;
    app.finish().await;
}

/// From the red warning to a submitted order of the cheapest alternative; returns the order's path.
async fn take_the_cheaper_one(browser: &Browser, shop: &Shop) -> String {
    browser.says("红标药品：").await;
    browser.fill("#line-0-quantity", "１０").await;
    browser.fill("#remark", "送药库二号门").await;
    browser.click(".form-end button[value=preview]").await;
    browser.says("请确认已知悉注射用头孢曲松钠的采购风险").await;
    assert_eq!(value(browser, "#line-0-quantity").await, "１０");
    browser.click("button[value^='replace:0:']").await;
    browser.says("已改为 江北制药有限公司").await;
    assert_eq!(
        value(browser, "[name=line-0-listing]").await,
        shop.cheap.listing.id.to_string(),
        "the cheapest stands first"
    );
    assert_eq!(value(browser, "#line-0-quantity").await, "１０");
    assert_eq!(value(browser, "#address_id").await, shop.address.id.to_string());
    assert_eq!(value(browser, "#remark").await, "送药库二号门");
    browser.click(".form-end button[value=preview]").await;
    browser.says("58.00").await;
    browser.click("form[action='/orders'] .btn-primary").await;
    browser.says("待确认").await;
    browser.path().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clerk_finds_a_product_is_warned_and_orders() {
    let Some((_test, app, shop, browser)) = ready(true).await else { return };
    log_in(&browser, Who::Hospital).await;
    browser.fill("#top-search", "tbqs").await;
    browser.press(Key::Enter).await;
    browser.click("tr.row-red a[data-open]").await;
    browser.says("为同组最低换算价 5.00 元的 3.002 倍").await;
    browser.click(".price-line a.why").await;
    browser.find("dialog[open] .why-steps").await;
    browser.says("15.01 ÷ 5.00").await;
    browser.picture("why_sheet").await;
    browser.click("dialog[open] .sheet-head button").await;
    browser.click(".page-head a.btn-primary").await;
    let first = take_the_cheaper_one(&browser, &shop).await;
    assert!(first.starts_with("/orders/"), "{first}");

    browser.go(&format!("/orders/new?listing={}", shop.red.listing.id)).await;
    browser.fill("#line-0-quantity", "3").await;
    browser.click("#line-0-risk_acknowledged").await;
    browser.fill("#line-0-risk_reason", REASON).await;
    browser.click(".form-end button[value=preview]").await;
    browser.says("45.03").await;
    browser.click("form[action='/orders'] .btn-primary").await;
    browser.says("待确认").await;
    let second = browser.path().await;

    log_in(&browser, Who::Enterprise).await;
    browser.click(".todos a").await;
    browser.says(REASON).await;
    browser.click("details.confirm:not(.confirm-danger) > summary").await;
    browser.click("details.confirm[open] button[type=submit]").await;
    browser.says("订单已确认，医疗机构会收到通知").await;

    log_in(&browser, Who::Hospital).await;
    browser.go("/messages").await;
    browser.click(".message-open").await;
    browser.says("华南制药有限公司已确认").await;
    assert_eq!(browser.path().await, second);
    end(app, browser).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_with_the_keyboard_only() {
    let Some((_test, app, _shop, browser)) = ready(true).await else { return };
    browser.go("/login").await;
    browser.tab_to("#account").await;
    browser.type_keys("hospital").await;
    browser.tab_to("#password").await;
    browser.type_keys(PASSWORD).await;
    browser.press(Key::Enter).await;
    browser.says("待办").await;
    // `/` jumps to the search from anywhere.
    browser.find("body").await.send_keys("/").await.expect("key");
    browser.tab_to("#top-search").await;
    browser.type_keys("tbqs").await;
    browser.press(Key::Enter).await;
    browser.says("5.80").await;
    browser.tab_to("tr.row-red a[data-open]").await;
    browser.press(Key::Enter).await;
    browser.says("3.002 倍").await;
    browser.tab_to(".price-line a.why").await;
    browser.press(Key::Enter).await;
    browser.find("dialog[open] .why-steps").await;
    browser.press(Key::Escape).await;
    browser.tab_to(".page-head a.btn-primary").await;
    browser.press(Key::Enter).await;
    browser.says("红标药品：").await;
    browser.tab_to("#line-0-quantity").await;
    browser.type_keys("１０").await;
    browser.press(Key::Enter).await;
    browser.says("请确认已知悉").await;
    browser.tab_to("button[value^='replace:0:']").await;
    browser.press(Key::Enter).await;
    browser.says("已改为 江北制药有限公司").await;
    assert_eq!(value(&browser, "#line-0-quantity").await, "１０");
    browser.tab_to(".form-end button[value=preview]").await;
    browser.press(Key::Enter).await;
    browser.says("58.00").await;
    browser.tab_to("form[action='/orders'] .btn-primary").await;
    browser.press(Key::Enter).await;
    browser.says("待确认").await;

    // The red one all the same: space ticks, the reason is typed.
    browser.find("body").await.send_keys("/").await.expect("key");
    browser.type_keys("tbqs").await;
    browser.press(Key::Enter).await;
    browser.says("5.80").await;
    browser.tab_to("tr.row-red a.btn").await;
    browser.press(Key::Enter).await;
    browser.says("红标药品：").await;
    browser.tab_to("#line-0-risk_acknowledged").await;
    browser.type_keys(" ").await;
    browser.tab_to("#line-0-risk_reason").await;
    browser.type_keys(REASON).await;
    browser.tab_to("#line-0-quantity").await;
    browser.type_keys("3").await;
    browser.press(Key::Enter).await;
    browser.says("45.03").await;
    browser.tab_to("form[action='/orders'] .btn-primary").await;
    browser.press(Key::Enter).await;
    browser.says("待确认").await;
    let second = browser.path().await;

    // Out again, and in as the supplier, who confirms it.
    browser.tab_to("details.who > summary").await;
    browser.press(Key::Enter).await;
    browser.tab_to("form[action='/logout'] button").await;
    browser.press(Key::Enter).await;
    browser.find("#account").await;
    browser.tab_to("#account").await;
    browser.type_keys("enterprise").await;
    browser.tab_to("#password").await;
    browser.type_keys(PASSWORD).await;
    browser.press(Key::Enter).await;
    browser.says("确认或拒绝订单").await;
    browser.tab_to(&format!(".todos a[href='{second}']")).await;
    browser.press(Key::Enter).await;
    browser.says(REASON).await;
    browser.tab_to("details.confirm:not(.confirm-danger) > summary").await;
    browser.press(Key::Enter).await;
    browser.says("确认后不能改为拒绝").await;
    browser.tab_to("details.confirm[open] button[type=submit]").await;
    browser.press(Key::Enter).await;
    browser.says("订单已确认，医疗机构会收到通知").await;
    assert_eq!(browser.path().await, second);
    end(app, browser).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_without_javascript() {
    let Some((_test, app, shop, browser)) = ready(false).await else { return };
    log_in(&browser, Who::Hospital).await;
    browser.fill("#top-search", "tbqs").await;
    browser.click(".top-search button").await;
    browser.click("tr.row-red a[data-open]").await;
    browser.click(".price-line a.why").await;
    browser.says("计算过程").await;
    assert!(browser.path().await.ends_with("/why"), "without script it is a page of its own");
    browser
        .client
        .find(Locator::LinkText("返回药品"))
        .await
        .expect("a way back")
        .click()
        .await
        .expect("click");
    browser.click(".page-head a.btn-primary").await;
    take_the_cheaper_one(&browser, &shop).await;

    browser.go(&format!("/orders/new?listing={}", shop.red.listing.id)).await;
    browser.fill("#line-0-quantity", "3").await;
    browser.click("#line-0-risk_acknowledged").await;
    browser.fill("#line-0-risk_reason", REASON).await;
    browser.click(".form-end button[value=preview]").await;
    browser.says("45.03").await;
    // Back to the form and forward again: nothing is lost.
    browser.click("button[value=edit]").await;
    assert_eq!(value(&browser, "#line-0-risk_reason").await, REASON);
    browser.click(".form-end button[value=preview]").await;
    browser.click("form[action='/orders'] .btn-primary").await;
    browser.says("待确认").await;

    log_in(&browser, Who::Enterprise).await;
    browser.click(".todos a").await;
    browser.click("details.confirm:not(.confirm-danger) > summary").await;
    browser.click("details.confirm[open] button[type=submit]").await;
    browser.says("订单已确认").await;
    end(app, browser).await;
}
