//! Boxes that are measured in a real browser: how dense a list is, that it keeps its place, that the head sticks, that a phone and
//! a page at 150 % hide no mark, that a question closes with Esc and the keys are told.

use fantoccini::key::Key;
use serde_json::Value;

use crate::support::app::PASSWORD;
use crate::support::browser::{Browser, PHONE, SCREEN, ZOOMED};
use crate::support::shop::Shop;
use crate::support::{TestApp, TestDb, Who};

async fn number(browser: &Browser, script: &str) -> i64 {
    let value =
        browser.client.execute(&format!("return Math.round({script})"), vec![]).await.expect("script");
    value.as_i64().unwrap_or_else(|| panic!("{script}: {value}"))
}

async fn log_in(browser: &Browser, who: Who) {
    browser.client.delete_all_cookies().await.expect("cookies");
    browser.go("/login").await;
    browser.fill("#account", &who.login()).await;
    browser.fill("#password", PASSWORD).await;
    browser.click("form[action='/login'] button").await;
    browser.says("待办").await;
}

/// The window so large that the page itself has the size.
async fn view(browser: &Browser, (width, height): (u32, u32)) {
    browser.size((width, height)).await;
    let edge = number(browser, "outerHeight - innerHeight").await;
    browser.size((width, height + u32::try_from(edge).expect("an edge"))).await;
}

const FIRST: &str = "document.querySelector('table[data-keys] tbody tr').getBoundingClientRect().top";
const HEIGHT: &str = "Math.max(...[...document.querySelectorAll('#products tbody tr')].map(r => r.getBoundingClientRect().height))";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_dense_and_keep_their_place() {
    let test = TestDb::sqlite();
    let app = TestApp::start(test.open()).await;
    Shop::open(&app).await;
    let Some(browser) = Browser::open(&app.base, true).await else { return };
    log_in(&browser, Who::Hospital).await;

    // Sixteen rows find room on the office screen.
    view(&browser, SCREEN).await;
    browser.go("/catalogue").await;
    browser.find("#products").await;
    let (first, height) = (number(&browser, FIRST).await, number(&browser, HEIGHT).await);
    assert!((32..=36).contains(&height), "{height}");
    assert!((768 - first) / height >= 16, "{first} + n × {height}");
    let frames = "[...document.querySelectorAll('.table-frame')].filter(f => f.scrollHeight > f.clientHeight + 1 && getComputedStyle(f).overflowY !== 'visible').length";
    assert_eq!(number(&browser, frames).await, 0, "no frame scrolls up and down by itself");

    // The head stays under the top bar, and Back returns to the place.
    let many = "const body = document.querySelector('#products tbody'); \
         for (let n = 0; n < 40; n++) body.append(body.rows[0].cloneNode(true)); scrollTo(0, 500)";
    browser.client.execute(many, vec![]).await.expect("script");
    let head = "document.querySelector('#products thead th').getBoundingClientRect().top - document.querySelector('.top').getBoundingClientRect().bottom";
    let below = number(&browser, head).await;
    assert!((-1..=1).contains(&below), "{below}");
    view(&browser, PHONE).await;
    browser.go("/catalogue").await;
    browser.find("#products").await;
    browser.client.execute("scrollTo(0, 120)", vec![]).await.expect("script");
    let place = number(&browser, "scrollY").await;
    assert!(place > 50, "{place}");
    browser
        .client
        .execute("document.querySelector('#products a[data-open]').click()", vec![])
        .await
        .expect("click");
    browser.find("main .price-now, main .facts").await;
    assert!(browser.path().await.starts_with("/catalogue/"));
    browser.client.back().await.expect("back");
    browser.find("#products").await;
    let patience = std::time::Instant::now();
    while number(&browser, "scrollY").await != place {
        assert!(patience.elapsed().as_secs() < 5, "{} is not {place}", number(&browser, "scrollY").await);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }

    // On a phone the main action is as wide as its card, and each value says what it is.
    view(&browser, PHONE).await;
    browser.go("/catalogue").await;
    browser.find("#products").await;
    let wide = "document.querySelector('#products .act .btn').getBoundingClientRect().width / document.querySelector('#products tbody tr').getBoundingClientRect().width * 100";
    assert!(number(&browser, wide).await > 85, "{}", number(&browser, wide).await);
    let label = browser.find("#products tbody td.num").await.attr("data-label").await.expect("attribute");
    assert_eq!(label.as_deref(), Some("单价（元）"));
    view(&browser, ZOOMED).await;
    browser.holds_its_boxes().await;

    // The keys are told and put away again; the foot stands on every page.
    browser.go("/orders").await;
    browser.type_keys("?").await;
    browser.says("列表中下一行").await;
    browser.press(Key::Escape).await;
    let open =
        browser.client.execute("return document.querySelector('#keys').open", vec![]).await.expect("script");
    assert_eq!(open, Value::Bool(false));
    browser.says("无障碍").await;
    browser.close().await;
    app.take_mails().await;
    app.finish().await;
}
