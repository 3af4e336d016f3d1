//! An officer imports a sheet in a browser: hand in, look, take the marked sheet, confirm, watch, read the result. The page
//! follows the import by itself: nothing is loaded again by hand.

use std::time::{Duration, Instant};

use jicai::offices;
use jicai::platform::jobs::{Registry, runner};
use jicai::platform::policy::Policies;

use crate::support::app::PASSWORD;
use crate::support::browser::{Browser, PHONE, SCREEN, ZOOMED};
use crate::support::sheets::{drug, drugs_xlsx};
use crate::support::{TestApp, TestDb, Who};

async fn look(browser: &Browser, name: &str) {
    for (size, suffix) in [(SCREEN, "screen"), (ZOOMED, "zoomed"), (PHONE, "phone")] {
        browser.size(size).await;
        browser.is_accessible().await;
        browser.picture(&format!("{name}_{suffix}")).await;
    }
    browser.size(SCREEN).await;
}

async fn log_in(browser: &Browser, who: Who) {
    browser.client.delete_all_cookies().await.expect("cookies");
    browser.go("/login").await;
    browser.fill("#account", &who.login()).await;
    browser.fill("#password", PASSWORD).await;
    browser.click("form[action='/login'] button").await;
    browser.says("待办").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sheet_is_imported_in_a_browser() {
    let test = TestDb::sqlite();
    let app = TestApp::start(test.open()).await;
    let Some(browser) = Browser::open(&app.base, true).await else { return };
    let dir = tempfile::tempdir().expect("dir");
    let mut rows: Vec<Vec<String>> = (1..=40).map(|n| drug(n, 10_001)).collect();
    rows[7][6] = "一盒".into();
    (rows[8][3], rows[8][4]) = ("注射剂".into(), "一支量".into());
    let file = dir.path().join("drugs.xlsx");
    std::fs::write(&file, drugs_xlsx(&rows)).expect("file");
    log_in(&browser, Who::Officer).await;
    browser.go("/imports").await;
    look(&browser, "imports").await;
    browser.find("#file").await.send_keys(&file.display().to_string()).await.expect("a file");
    browser.click("form[action='/imports'] button").await;
    browser.says("正在检查").await;
    look(&browser, "import_checking").await;
    let mut registry = Registry::default();
    offices::ALL.register(&mut registry, &Policies::shipped().expect("policies"));
    let running = runner::start(&app.db, &app.clock, registry, 1).await.expect("jobs");
    let patience = Instant::now();
    while !browser.text().await.contains("需更正的内容") {
        assert!(patience.elapsed() < Duration::from_secs(60), "{}", browser.text().await);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    browser.says("最小包装数量应为").await;
    look(&browser, "import_preview").await;
    browser.find("a[href$='sheet.xlsx']").await;
    browser.click("details.confirm:not(.confirm-danger) > summary").await;
    browser.says("将新增 39 行").await;
    browser.click("details.confirm:not(.confirm-danger) button[type=submit]").await;
    let patience = Instant::now();
    while !browser.text().await.contains("导入完成") {
        assert!(patience.elapsed() < Duration::from_secs(60), "{}", browser.text().await);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    browser.says("新增 39 行").await;
    look(&browser, "import_result").await;
    browser.go("/products/work").await;
    look(&browser, "product_work").await;
    browser.click("section[aria-labelledby='unread-head'] a").await;
    browser.says("确认三同组").await;
    look(&browser, "product_edit").await;
    log_in(&browser, Who::Enterprise).await;
    for (name, path) in [("my_products", "/my/products"), ("my_claims", "/my/claims")] {
        browser.go(path).await;
        look(&browser, name).await;
    }
    browser.close().await;
    running.stop().await;
    app.take_mails().await;
    app.finish().await;
}
