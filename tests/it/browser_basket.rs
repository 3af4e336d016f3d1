//! Sixty lines copied from a spreadsheet are orders after three pages; figures are typed one below the other.

use fantoccini::key::Key;
use jicai::catalogue;
use jicai::listing::PriceSource;
use jicai::listing::direct::{DirectListing, list_direct};
use jicai::platform::policy::Policies;
use jicai::platform::who::OrgKind;
use serde_json::json;

use crate::support::app::PASSWORD;
use crate::support::browser::{Browser, PHONE, ZOOMED};
use crate::support::office::{day, drug_code, new_product, organisation, yuan};
use crate::support::shop::Shop;
use crate::support::{TestApp, TestDb, Who};

/// Sixty drugs of three enterprises, and the list that orders them as a spreadsheet's clipboard has it.
async fn sixty(app: &TestApp) -> String {
    let third = organisation(&app.db, OrgKind::Manufacturer, "澜州青禾制药有限公司", 900).await;
    let makers = [app.organisation(Who::Enterprise), app.organisation(Who::OtherEnterprise), &third];
    let policies = Policies::shipped().expect("policies");
    let mut text = "序号\t医保编码\t药品名称\t规格\t单价\t采购数量\t备注\r\n".to_owned();
    for n in 0..60_u32 {
        let maker = makers[n as usize % 3];
        let new = new_product(maker, "甲", &format!("注射用试药{n}"), "1.0g", 100 + n);
        let product = catalogue::create::create(&app.db, &app.system(), new).await.expect("product").id;
        let (unit_price, price_source, from_day) = (yuan("1.25"), PriceSource::General, day("2024-08-01"));
        let direct = DirectListing { product, unit_price, price_source, from_day, term: None };
        list_direct(&app.db, &app.system(), &policies, direct).await.expect("listing");
        text.push_str(&format!(
            "{}\t{}\t注射用试药{n}\t1.0g\t1.25\t1,{:03}\t\r\n",
            n + 1,
            drug_code(100 + n),
            n * 10
        ));
    }
    text + "合计\t\t\t\t\t77,700\t\r\n"
}

async fn log_in(browser: &Browser) {
    browser.go("/login").await;
    browser.fill("#account", &Who::Hospital.login()).await;
    browser.fill("#password", PASSWORD).await;
    browser.press(Key::Enter).await;
    browser.says("待办").await;
}

/// What Ctrl+V does.
async fn put(browser: &Browser, text: &str) {
    browser.find("#text").await;
    let script = "document.getElementById('text').value = arguments[0]";
    browser.client.execute(script, vec![json!(text)]).await.expect("pasted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_lines_are_orders_after_three_pages() {
    let test = TestDb::sqlite();
    let app = TestApp::start(test.open()).await;
    Shop::open(&app).await;
    let text = sixty(&app).await;
    let Some(browser) = Browser::open(&app.base, true).await else { return };
    log_in(&browser).await;
    browser.go("/basket").await;
    put(&browser, &text).await;
    browser.click("button[value=check]").await;
    browser.says("已加入 60 个药品。没有读取：第 62 行（合计）。").await;
    browser.says("将提交 3 张订单，合计 97,125.00 元").await;
    browser.picture("basket_check").await;
    browser.is_accessible().await;
    browser.click("form[action='/basket/orders'] .btn-primary").await;
    browser.says("已提交 3 张订单").await;
    assert_eq!(browser.path().await, "/orders");
    browser.close().await;
    app.take_mails().await;
    app.finish().await;
}

/// Fifteen lines of three suppliers: figures typed down the catalogue, two buttons; at most three pages and 25 keys beside the
/// figures.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifteen_figures_in_the_catalogue_are_orders_after_three_pages() {
    let test = TestDb::sqlite();
    let app = TestApp::start(test.open()).await;
    Shop::open(&app).await;
    sixty(&app).await;
    let Some(browser) = Browser::open(&app.base, true).await else { return };
    log_in(&browser).await;
    let (mut pages, mut keys) = (0, 0);
    browser.go("/catalogue?q=注射用试药").await;
    pages += 1;
    browser.click("input.figure-box").await;
    for n in 1..=15 {
        let field = browser.client.active_element().await.expect("a box");
        assert!(field.attr("name").await.expect("name").is_some_and(|name| name.starts_with("q-")));
        field.send_keys(&format!("{}", n * 10)).await.expect("a figure");
        if n < 15 {
            browser.press(Key::Enter).await;
            keys += 1;
        }
    }
    browser.says("已填 15 个品种的数量").await;
    browser.picture("catalogue_figures").await;
    browser.is_accessible().await;
    browser.click("#to-basket button[value=check]").await;
    browser.says("将提交 3 张订单，合计 1,500.00 元").await;
    pages += 1;
    browser.click("form[action='/basket/orders'] .btn-primary").await;
    browser.says("已提交 3 张订单").await;
    pages += 1;
    assert!(pages <= 3 && keys <= 25, "{pages} pages, {keys} keys");
    browser.close().await;
    app.take_mails().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_basket_is_for_everybody() {
    let test = TestDb::sqlite();
    let app = TestApp::start(test.open()).await;
    Shop::open(&app).await;
    let Some(browser) = Browser::open(&app.base, true).await else { return };
    log_in(&browser).await;
    browser.go("/basket").await;
    browser.is_accessible().await;
    put(&browser, "注射用头孢曲松钠 1.0g 20\n注射用青霉素钠 五盒\n没有这种药 7\nH00000001 30\nH00000005 40")
        .await;
    browser.click("#list button.btn-primary").await;
    browser.says("3 行未识别，列在最上面").await;
    for size in [PHONE, ZOOMED, crate::support::browser::SCREEN] {
        browser.size(size).await;
        browser.picture(&format!("basket_{}", size.0)).await;
        browser.size(size).await;
        browser.is_accessible().await;
    }
    // Enter goes from figure to figure.
    let figures = browser
        .client
        .execute("return [...document.querySelectorAll('input[data-next]')].map(e => e.id)", vec![]);
    let figures = figures.await.expect("script");
    browser
        .client
        .execute("document.querySelector('input[data-next]').focus()", vec![])
        .await
        .expect("script");
    browser.press(Key::Enter).await;
    let focused = browser.client.execute("return document.activeElement.id", vec![]).await.expect("script");
    assert_eq!(focused, figures[1]);
    // Typed, found, and the cursor stands in the new quantity.
    browser.fill("#find", "tbtd").await;
    browser.press(Key::Enter).await;
    browser.find("input[data-next]:focus").await;
    browser.type_keys("12").await;
    browser.click("button[value=save]:not(.d-none)").await;
    browser.says("数量已保存").await;
    browser.says("108.12").await;
    browser.close().await;
    app.take_mails().await;
    app.finish().await;
}
