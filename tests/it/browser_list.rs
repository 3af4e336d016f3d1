//! Lists in a real browser: `j`, `k`, `x` and `Enter`, the choice of columns, sorting by a head.

use fantoccini::key::Key;

use crate::support::app::PASSWORD;
use crate::support::browser::Browser;
use crate::support::shop::{Shop, order_form};
use crate::support::{TestApp, TestDb, Who};

async fn key(browser: &Browser, key: &str) {
    browser.type_keys(key).await;
}

/// What a script says in the page.
async fn told(browser: &Browser, script: &str) -> String {
    let value = browser.client.execute(&format!("return String({script})"), vec![]).await.expect("script");
    value.as_str().unwrap_or_default().to_owned()
}

const AT: &str =
    "[...document.querySelectorAll('table[data-keys] tbody tr')].findIndex(r => r.classList.contains('at'))";
const FIRST_AMOUNT: &str = "document.querySelector('#orders tbody td.num').textContent";

async fn ordered(app: &TestApp, shop: &Shop, quantity: &str) {
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, shop, shop.plain.listing.id, quantity);
    let fields: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    clerk.form("/orders", &fields).await.expect(303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_rows_are_got_through_with_four_keys() {
    let test = TestDb::sqlite();
    let app = TestApp::start(test.open()).await;
    let shop = Shop::open(&app).await;
    for quantity in ["10", "30", "20"] {
        ordered(&app, &shop, quantity).await;
    }
    let Some(browser) = Browser::open(&app.base, true).await else { return };
    browser.go("/login").await;
    browser.fill("#account", "enterprise").await;
    browser.fill("#password", PASSWORD).await;
    browser.press(Key::Enter).await;
    browser.says("待办").await;
    browser.go("/orders?state=submitted").await;
    browser.find("#orders").await;

    // j and k move and stay inside the list; x chooses, and what can be done with the chosen ones appears.
    assert_eq!(told(&browser, AT).await, "-1");
    for (pressed, at) in [("j", "0"), ("j", "1"), ("j", "2"), ("j", "2"), ("k", "1")] {
        key(&browser, pressed).await;
        assert_eq!(told(&browser, AT).await, at, "after {pressed}");
    }
    assert_eq!(told(&browser, "document.querySelector('.bulk').classList.contains('on')").await, "false");
    key(&browser, "x").await;
    browser.find(".bulk.on").await;
    assert_eq!(told(&browser, "document.querySelector('[data-chosen]').textContent").await, "1");
    key(&browser, "k").await;
    key(&browser, "x").await;
    assert_eq!(told(&browser, "document.querySelector('[data-chosen]').textContent").await, "2");
    browser.tab_to(".bulk button").await;
    browser.press(Key::Enter).await;
    // It asks once, in numbers; Esc leads back and nothing has happened.
    browser.says("确认这 2 笔订单吗").await;
    browser.says("62.50 元").await;
    browser.press(Key::Escape).await;
    browser.says("待确认 3").await;
    for pressed in ["j", "j", "x", "k", "x"] {
        key(&browser, pressed).await;
    }
    browser.tab_to(".bulk button").await;
    browser.press(Key::Enter).await;
    browser.says("确认这 2 笔订单吗").await;
    browser.click("form.form-end button").await;
    browser.says("已确认 2 张订单").await;

    // A head sorts; the order stays in the address, and Enter opens the row.
    browser.go("/orders").await;
    browser.click("#orders th[aria-sort] a[href*='sort=amount']").await;
    browser.find("#orders th[aria-sort=ascending]").await;
    assert_eq!(told(&browser, FIRST_AMOUNT).await, "12.50");
    browser.click("#orders th[aria-sort=ascending] a").await;
    browser.find("#orders th[aria-sort=descending]").await;
    assert_eq!(told(&browser, FIRST_AMOUNT).await, "37.50");
    assert_eq!(told(&browser, "location.search").await, "?sort=-amount");

    // A column that is not wanted stays away after a reload, until it is wanted again.
    let shown = "[...document.querySelectorAll('#orders th')].filter(h => !h.hidden).map(h => h.textContent.trim()).join()";
    assert!(told(&browser, shown).await.contains("品种"));
    let choose = "[...document.querySelectorAll('.columns-menu label')].find(l => l.textContent === '品种').firstChild.click()";
    told(&browser, choose).await;
    assert!(!told(&browser, shown).await.contains("品种"));
    browser.go("/orders?sort=-amount").await;
    browser.find("#orders").await;
    assert!(!told(&browser, shown).await.contains("品种"), "kept by the browser");
    told(&browser, choose).await;
    assert!(told(&browser, shown).await.contains("品种"));

    browser.find("body").await.send_keys("j").await.expect("key");
    browser.press(Key::Enter).await;
    browser.says("办理记录").await;
    assert!(browser.path().await.starts_with("/orders/"));
    browser.close().await;
    app.take_mails().await;
    app.finish().await;
}
