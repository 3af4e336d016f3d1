//! The second step in a browser: set up from the picture, used at the next log-in; and how the pages about accounts look.

use crate::support::app::PASSWORD;
use crate::support::browser::{Browser, PHONE, SCREEN};
use crate::support::door::{NEXT_CODE, code};
use crate::support::{TestApp, TestDb, Who};

async fn look(browser: &Browser, name: &str) {
    for (size, suffix) in [(PHONE, "phone"), (SCREEN, "screen")] {
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
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_sets_up_the_second_step_and_uses_it() {
    let test = TestDb::sqlite();
    let app = TestApp::start(test.open()).await;
    let Some(browser) = Browser::open(&app.base, true).await else { return };
    log_in(&browser, Who::HospitalAdmin).await;
    browser.says("待办").await;
    browser.go("/account").await;
    look(&browser, "account").await;
    browser.go("/account/totp").await;
    look(&browser, "totp_begin").await;
    browser.fill("#password", PASSWORD).await;
    browser.click("form[action='/account/totp'] button").await;
    browser.says("不能扫描时").await;
    look(&browser, "totp_picture").await;
    let secret = browser.find("#secret").await.text().await.expect("the secret");
    browser.fill("#code", "000000").await;
    browser.click("form[action='/account/totp/confirm'] button").await;
    browser.says("验证码不正确").await;
    browser.fill("#code", &code(&secret, &app)).await;
    browser.click("form[action='/account/totp/confirm'] button").await;
    browser.says("恢复码只显示这一次").await;
    look(&browser, "totp_codes").await;
    app.clock.advance(NEXT_CODE);
    log_in(&browser, Who::HospitalAdmin).await;
    browser.says("输入验证码").await;
    look(&browser, "login_code").await;
    browser.fill("#code", &code(&secret, &app)).await;
    browser.click("form[action='/login/code'] button").await;
    browser.says("待办").await;
    let me = app.person(Who::Finance).user;
    for (name, path) in [
        ("totp_on", "/account/totp".to_owned()),
        ("password_change", "/account/password".into()),
        ("users", "/users".into()),
        ("user_new", "/users/new".into()),
        ("user", format!("/users/{me}")),
        ("clients", "/clients".into()),
        ("totp_resets", "/totp-resets".into()),
        ("mail_choices", "/messages/choices".into()),
    ] {
        browser.go(&path).await;
        look(&browser, name).await;
    }
    browser.go("/clients").await;
    browser.fill("#name", "药库管理系统").await;
    browser.click("input[value='orders:read']").await;
    browser.click("form[action='/clients'] button").await;
    browser.says("密钥只显示这一次").await;
    look(&browser, "client_secret").await;
    browser.client.delete_all_cookies().await.expect("cookies");
    browser.go("/password/forgotten").await;
    look(&browser, "password_forgotten").await;
    browser.close().await;
    app.take_mails().await;
    app.finish().await;
}
