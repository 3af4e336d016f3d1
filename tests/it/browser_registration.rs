//! In a browser: an organisation applies, two officers decide, the mail's link opens the door. Every page on the way is looked
//! at in both sizes and by axe-core.

use std::io::Write;

use crate::support::app::PASSWORD;
use crate::support::browser::{Browser, PHONE, SCREEN};
use crate::support::office::credit_code;
use crate::support::{TestApp, TestDb, Who};

const MAIL: &str = "zhou@example.cn";

async fn look(browser: &Browser, name: &str) {
    for (size, suffix) in [(SCREEN, "screen"), (PHONE, "phone")] {
        browser.size(size).await;
        browser.is_accessible().await;
        browser.picture(&format!("registration_{name}_{suffix}")).await;
    }
    browser.size(SCREEN).await;
}

async fn log_in(browser: &Browser, login: &str, password: &str) {
    browser.client.delete_all_cookies().await.expect("cookies");
    browser.go("/login").await;
    browser.fill("#account", login).await;
    browser.fill("#password", password).await;
    browser.click("form[action='/login'] button").await;
}

async fn apply(browser: &Browser) {
    browser.go("/registration").await;
    look(browser, "form").await;
    browser.click(".form-end button").await;
    browser.says("请选择单位类别").await;
    for (field, value) in [
        ("#name", "霁阳康宁医院"),
        ("#credit_code", &credit_code(801)),
        ("#city", "霁阳"),
        ("#address", "霁阳市滨江路 18 号"),
        ("#contact_name", "周文清"),
        ("#phone", "0770-5550188"),
        ("#email", MAIL),
    ] {
        browser.fill(field, value).await;
    }
    browser.click("#kind option[value=private_hospital]").await;
    browser.click(".form-end button").await;
    browser.says("证明材料").await;
    let mut licence = tempfile::Builder::new().suffix(".pdf").tempfile().expect("a file");
    licence.write_all(b"%PDF-1.4\n%%EOF\n").expect("written");
    let path = licence.path().to_str().expect("a path").to_owned();
    browser.find("#files").await.send_keys(&path).await.expect("chosen");
    browser.click("form[action^='/registration/files'] button").await;
    browser.says("证明材料已保存").await;
    look(browser, "status").await;
    browser.click("#submit-head + details summary").await;
    browser.says("1 份证明材料").await;
    browser.click("form[action='/registration/submit'] button").await;
    browser.says("等待经办人员初审").await;
}

async fn decide(browser: &Browser, who: Who, act: &str, said: &str) {
    log_in(browser, &who.login(), PASSWORD).await;
    browser.says("登记申请").await;
    browser.click(".todos a").await;
    browser.says("办理经过").await;
    look(browser, act).await;
    let form = format!("details.confirm:has(input[value={act}])");
    browser.click(&format!("{form} summary")).await;
    browser.click(&format!("{form} button[type=submit]")).await;
    browser.says(said).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_form_to_the_first_log_in() {
    let test = TestDb::sqlite();
    let app = TestApp::start(test.open()).await;
    let Some(browser) = Browser::open(&app.base, true).await else { return };
    apply(&browser).await;
    decide(&browser, Who::Officer, "approve", "待复核").await;
    browser.go("/registrations").await;
    look(&browser, "list").await;
    decide(&browser, Who::SecondOfficer, "confirm", "已准入").await;
    browser.go("/organisations").await;
    browser.says("霁阳康宁医院").await;
    look(&browser, "directory").await;
    let link = app.links_to(MAIL).await.last().expect("a mail").clone();
    browser.client.delete_all_cookies().await.expect("cookies");
    browser.go(&link).await;
    look(&browser, "welcome").await;
    for (field, value) in
        [("#login", "jiyang"), ("#display_name", "周文清"), ("#password", PASSWORD), ("#again", PASSWORD)]
    {
        browser.fill(field, value).await;
    }
    browser.click("form[action='/welcome'] button").await;
    browser.says("账号 jiyang 已开通").await;
    browser.go(&link).await;
    browser.says("已经使用过").await;
    log_in(&browser, "jiyang", PASSWORD).await;
    browser.says("待办").await;
    browser.go("/organisation").await;
    browser.says("霁阳康宁医院").await;
    look(&browser, "own").await;
    for (name, path) in [("prices", "/prices"), ("announcements", "/announcements")] {
        browser.client.delete_all_cookies().await.expect("cookies");
        browser.go(path).await;
        look(&browser, name).await;
    }
    browser.close().await;
    app.take_mails().await;
}
