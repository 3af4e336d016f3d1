//! Organisations, registration, products, codes, claims, imports, the work list, announcements and the public pages on the
//! office screen and on the phone: no serious finding of axe-core, nothing scrolls sideways, a picture of each is kept.

use jicai::catalogue::proposal::{self, ProductPatch};
use jicai::catalogue::{Product, SpecialClass, claim};
use jicai::platform::audit::seal;
use jicai::platform::files;
use jicai::platform::http::upload::Kept;
use jicai::platform::schema::product;
use jicai::platform::sql::Id;
use jicai::publication::announcement;

use diesel::prelude::*;

use crate::support::app::PASSWORD;
use crate::support::browser::{Browser, PHONE, SCREEN};
use crate::support::sheets::{checked, confirmed, drug, drugs_xlsx};
use crate::support::shop::Shop;
use crate::support::{TestApp, TestDb, Who};

async fn look(browser: &Browser, name: &str) {
    for (size, suffix) in [(SCREEN, "screen"), (PHONE, "phone")] {
        browser.size(size).await;
        browser.is_accessible().await;
        browser.picture(&format!("goods_{name}_{suffix}")).await;
    }
    browser.size(SCREEN).await;
}

async fn look_at(browser: &Browser, pages: &[(&str, String)]) {
    for (name, path) in pages {
        browser.go(path).await;
        look(browser, name).await;
    }
}

async fn log_in(browser: &Browser, who: Who) {
    browser.client.delete_all_cookies().await.expect("cookies");
    browser.go("/login").await;
    browser.fill("#account", &who.login()).await;
    browser.fill("#password", PASSWORD).await;
    browser.click("form[action='/login'] button").await;
    browser.says("待办").await;
}

/// What there is to be seen.
struct Seen {
    ready: Id,
    done: Id,
    failed: Id,
    unread: Id,
    announcement: Id,
}

async fn claimed(app: &TestApp, who: Who, code: &str) {
    let png = b"\x89PNG\r\n\x1a\n a licence".to_vec();
    let file = files::store(&app.db, app.now(), "/evidence", png).await.expect("evidence");
    let kept = vec![Kept { name: "药品批准文件及持有人登记信息.png".into(), file }];
    let note = "批准文号由本单位持有，原料药与制剂均在本单位生产，详见所附批准文件和登记信息";
    claim::claim(&app.db, &app.person(who), code, note, kept).await.expect("claim");
}

async fn seen(app: &TestApp) -> Seen {
    Shop::open(app).await;
    let mut rows: Vec<Vec<String>> = (1..=12).map(|n| drug(n, 10_001)).collect();
    (rows[3][1], rows[3][3], rows[3][4]) = ("注射用试验钠".into(), "注射剂".into(), "一支量".into());
    rows[4][10] = "国药准字HJ20160001".into();
    let done = checked(app, "drugs", "国家药品编码.xlsx", drugs_xlsx(&rows)).await;
    let done = confirmed(app, &done).await.id;
    rows[0][1] = "试验片（改名）".into();
    (rows[1][6], rows[2][0]) = ("一点五".into(), "Y123".into());
    rows.push(drug(40, 10_001));
    let ready = checked(app, "drugs", "国家药品编码（更正）.xlsx", drugs_xlsx(&rows)).await.id;
    let failed = checked(app, "drugs", "照片.xlsx", b"\x89PNG\r\n\x1a\n\0\xff".to_vec()).await.id;
    for (who, code) in
        [(Who::Enterprise, "10001"), (Who::OtherEnterprise, "10001"), (Who::Enterprise, "10002")]
    {
        claimed(app, who, code).await;
    }
    let unread = app.db.read(|c| {
        let found = product::table.filter(product::content_fault.is_not_null());
        Ok(found.select(Product::as_select()).first::<Product>(c)?)
    });
    let unread = unread.await.expect("a product");
    let patch = ProductPatch {
        strength: Some("0.5g".into()),
        special_class: Some(SpecialClass::Shortage),
        ..ProductPatch::default()
    };
    let officer = app.person(Who::Officer);
    proposal::change(&app.db, &officer, unread.id, unread.version, patch, "按批准文件更正")
        .await
        .expect("proposed");
    let body = "各有关单位：\n自 2024 年 8 月 30 日起，注射剂按最小制剂单位挂网。\n特此公告。";
    let announced = announcement::publish(&app.db, &officer, "关于规范注射剂挂网工作的通知", body);
    let announcement = announced.await.expect("published").id;
    seal::run(&app.db, &app.clock).await.expect("sealed");
    app.take_mails().await;
    Seen { ready, done, failed, unread: unread.id, announcement }
}

async fn of_the_public(browser: &Browser, seen: &Seen) {
    let pages = [
        ("prices", "/prices".to_owned()),
        ("prices_nothing", "/prices?q=xyzxyz".into()),
        ("announcements", "/announcements".into()),
        ("announcement", format!("/announcements/{}", seen.announcement)),
        ("verification_key", "/verification-key".into()),
        ("audit_head", "/audit/head".into()),
        ("registration", "/registration".into()),
    ];
    look_at(browser, &pages).await;
}

async fn of_the_enterprise(browser: &Browser) {
    log_in(browser, Who::Enterprise).await;
    let pages = [
        ("my_products", "/my/products".to_owned()),
        ("my_claims", "/my/claims".into()),
        ("own", "/organisation".into()),
    ];
    look_at(browser, &pages).await;
    browser.go("/my/claims").await;
    browser.click("form[action='/my/claims'] button").await;
    browser.says("请填写企业代码").await;
    look(browser, "my_claims_wrong").await;
}

async fn of_the_officer(app: &TestApp, browser: &Browser, seen: &Seen) {
    log_in(browser, Who::SecondOfficer).await;
    look(browser, "officer_start").await;
    let hospital = app.organisation(Who::Hospital).id;
    let pages = [
        ("organisations", "/organisations".to_owned()),
        ("organisations_nothing", "/organisations?q=xyzxyz".into()),
        ("organisation", format!("/organisations/{hospital}")),
        ("registrations", "/registrations".into()),
        ("announce", "/announcements/new".into()),
        ("imports", "/imports".into()),
        ("import_ready", format!("/imports/{}", seen.ready)),
        ("import_done", format!("/imports/{}", seen.done)),
        ("import_failed", format!("/imports/{}", seen.failed)),
        ("product", format!("/products/{}", seen.unread)),
        ("work", "/products/work".into()),
    ];
    look_at(browser, &pages).await;
    // Every act that asks once, opened.
    let open = "document.querySelectorAll('details.confirm').forEach(d => { d.open = true; });";
    browser.client.execute(open, vec![]).await.expect("script");
    look(browser, "work_open").await;
    browser.go(&format!("/imports/{}", seen.ready)).await;
    browser.client.execute(open, vec![]).await.expect("script");
    look(browser, "import_confirm").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_of_organisations_and_goods_are_for_everybody() {
    let test = TestDb::sqlite();
    let app = TestApp::start(test.open()).await;
    let seen = seen(&app).await;
    let Some(browser) = Browser::open(&app.base, true).await else { return };
    of_the_public(&browser, &seen).await;
    of_the_enterprise(&browser).await;
    of_the_officer(&app, &browser, &seen).await;
    browser.close().await;
    app.take_mails().await;
    app.finish().await;
}
