//! Every page on the office screen and on the phone: no serious finding of axe-core, nothing scrolls sideways, a picture kept
//! for people to look at.

use jicai::listing::change_price::{self, NewPrice};
use jicai::platform::audit::seal;
use jicai::platform::http::number::Price;
use jicai::platform::policy::Policies;

use crate::support::app::PASSWORD;
use crate::support::browser::{Browser, PHONE, SCREEN, ZOOMED};
use crate::support::office::day;
use crate::support::shop::{Shop, order_form};
use crate::support::{TestApp, TestDb, Who};

const REASON: &str = "患者对其他厂牌过敏，无可替代品种";

/// Looks at what the browser shows, in both sizes.
async fn look(browser: &Browser, name: &str) {
    for (size, suffix) in [(SCREEN, "screen"), (ZOOMED, "zoomed"), (PHONE, "phone")] {
        browser.size(size).await;
        browser.is_accessible().await;
        browser.picture(&format!("{name}_{suffix}")).await;
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

/// Orders in every state, with every mark.
async fn orders(app: &TestApp, shop: &Shop) -> Vec<String> {
    let clerk = app.portal(Who::Hospital).await;
    let mut paths = Vec::new();
    for (listing, quantity) in
        [(&shop.plain, "120"), (&shop.yellow, "20"), (&shop.red, "3"), (&shop.plain, "7")]
    {
        let form = order_form(app, shop, listing.listing.id, quantity);
        let mut fields: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        fields.extend([("line-0-risk_acknowledged", "true"), ("line-0-risk_reason", REASON)]);
        paths.push(clerk.form("/orders", &fields).await.expect(303).header("location").to_owned());
    }
    let seller = app.portal(Who::Enterprise).await;
    let refused = [("version", "2"), ("reason", "原料短缺，九月恢复供应")];
    seller.form(&format!("{}/confirm", paths[0]), &[("version", "2")]).await.expect(303);
    seller.form(&format!("{}/refuse", paths[1]), &refused).await.expect(303);
    let form = order_form(app, shop, shop.red.listing.id, "1.5");
    let fields: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    clerk.form("/orders/draft", &fields).await.expect(200);
    paths
}

/// A second price, so that there is a picture of the first.
async fn cut_the_price(app: &TestApp, shop: &Shop) {
    let new = NewPrice {
        unit_price: Price::parse("价格", "1.20").expect("a price"),
        from_day: day("2024-08-05"),
        confirm_far: false,
    };
    let policies = Policies::shipped().expect("policies");
    let (who, listing) = (app.person(Who::Enterprise), shop.plain.listing.id);
    change_price::change_price(&app.db, &who, &policies, listing, 1, new).await.expect("a cut");
}

/// One mail that the mail server did not take.
async fn refuse_a_mail(app: &TestApp) {
    use diesel::prelude::*;
    use jicai::platform::outbox::MailState;
    use jicai::platform::schema::outbox_mail;
    app.db
        .write_unaudited("test.refuse", |c| {
            let first = outbox_mail::table.select(outbox_mail::id).first::<jicai::platform::sql::Id>(c)?;
            let reason = "550 5.1.1 <enterprise@example.cn>: Recipient address rejected: User unknown";
            Ok(diesel::update(outbox_mail::table.find(first))
                .set((outbox_mail::state.eq(MailState::Refused), outbox_mail::last_error.eq(Some(reason))))
                .execute(c)?)
        })
        .await
        .expect("refused");
}

async fn of_the_hospital(browser: &Browser, shop: &Shop, orders: &[String]) {
    log_in(browser, Who::Hospital).await;
    look(browser, "hospital_start").await;
    let (product, listing) = (shop.red.listing.product_id, shop.red.listing.id);
    let pages = [
        ("search", "/catalogue".into()),
        ("search_words", "/catalogue?q=tbqs".into()),
        ("search_nothing", "/catalogue?q=xyzxyz".into()),
        ("product", format!("/catalogue/{product}")),
        ("product_history", format!("/catalogue/{}", shop.plain.listing.product_id)),
        ("why", format!("/listings/{listing}/why")),
        ("order_empty", "/orders/new".into()),
        ("order_yellow", format!("/orders/new?listing={}", shop.yellow.listing.id)),
        ("order_red", format!("/orders/new?listing={listing}")),
        ("orders", "/orders".into()),
        ("order_confirmed", orders[0].clone()),
        ("order_refused", orders[1].clone()),
        ("order_waiting", orders[2].clone()),
        ("order_print", format!("{}/print", orders[2])),
        ("addresses", "/addresses".into()),
        ("address", format!("/addresses/{}", shop.address.id)),
        ("messages", "/messages".into()),
        ("not_found", "/no/such/page".into()),
    ];
    look_at(browser, &pages).await;
}

async fn of_the_form(browser: &Browser, shop: &Shop) {
    browser.go(&format!("/orders/new?listing={}", shop.red.listing.id)).await;
    browser.fill("#line-0-quantity", "1.5").await;
    browser.click(".form-end button[value=preview]").await;
    browser.says("您填的是 1.5").await;
    let focused = browser.client.execute("return document.activeElement.id", vec![]).await.expect("script");
    assert_eq!(focused, "line-0-quantity", "the first wrong field gets the focus");
    look(browser, "order_wrong").await;
    browser.click(".adding > summary").await;
    browser.fill("#find", "tbqs").await;
    browser.click("#find-button").await;
    browser.says("岭秀").await;
    look(browser, "order_find").await;
    browser.go(&format!("/orders/new?listing={}", shop.yellow.listing.id)).await;
    browser.fill("#line-0-quantity", "20").await;
    browser.click(".form-end button[value=preview]").await;
    browser.says("180.20").await;
    look(browser, "order_preview").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_for_everybody() {
    let test = TestDb::sqlite();
    let app = TestApp::start(test.open()).await;
    let shop = Shop::open(&app).await;
    let orders = orders(&app, &shop).await;
    cut_the_price(&app, &shop).await;
    seal::run(&app.db, &app.clock).await.expect("sealed");
    let Some(browser) = Browser::open(&app.base, true).await else { return };
    let open =
        [("welcome", "/".to_owned()), ("login", "/login".into()), ("audit_head", "/audit/head".into())];
    look_at(&browser, &open).await;
    of_the_hospital(&browser, &shop, &orders).await;
    of_the_form(&browser, &shop).await;
    log_in(&browser, Who::Enterprise).await;
    let pages = [
        ("supplier_start", "/".to_owned()),
        ("supplier_orders", "/orders?state=submitted".into()),
        ("supplier_order", orders[2].clone()),
        ("distributors", "/distributors?q=%E9%80%9A%E8%BE%BE".into()),
    ];
    look_at(&browser, &pages).await;
    browser.go(&orders[2]).await;
    browser.click("details.confirm-danger > summary").await;
    look(&browser, "supplier_refusing").await;
    refuse_a_mail(&app).await;
    log_in(&browser, Who::Officer).await;
    let pages = [
        ("officer_start", "/".to_owned()),
        ("marked", "/supervision/marked".into()),
        ("mails", "/supervision/mails".into()),
        ("officer_orders", "/orders".into()),
        ("clock", "/demo/clock".into()),
        ("outbox", "/demo/outbox".into()),
    ];
    look_at(&browser, &pages).await;
    browser.close().await;
    app.take_mails().await;
    app.finish().await;
}
