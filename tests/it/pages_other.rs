//! The other pages over HTTP: answers to orders, lists and sheets, messages, the clock of demo and training.

use calamine::{Reader, Xlsx};

use crate::support::shop::{Shop, order_form};
use crate::support::{Actor, Answer, TestApp, Who, app_test};

#[track_caller]
fn says(answer: &Answer, words: &str) {
    assert!(answer.text.contains(words), "{words:?} is missing:\n{}", answer.text);
}

/// Submits an order of so many pieces; returns its path.
async fn ordered(app: &TestApp, shop: &Shop, quantity: &str) -> String {
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, shop, shop.plain.listing.id, quantity);
    let fields: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    clerk.form("/orders", &fields).await.expect(303).header("location").to_owned()
}

/// The rows of a downloaded sheet.
async fn sheet(who: &Actor, path: &str) -> Vec<Vec<String>> {
    let response = who.request("GET", path).send().await.expect("an answer");
    assert_eq!(response.status().as_u16(), 200, "{path}");
    let kind = response.headers()["content-type"].to_str().expect("ASCII").to_owned();
    assert!(kind.contains("spreadsheetml"), "{kind}");
    let bytes = response.bytes().await.expect("a body").to_vec();
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).expect("an xlsx file");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("readable");
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

async fn an_act_on_an_order_that_moved_on_is_told_with_the_order_as_it_is(app: &TestApp) {
    let shop = Shop::open(app).await;
    let path = ordered(app, &shop, "10").await;
    let seller = app.portal(Who::Enterprise).await;
    let open = seller.get(&path).await.expect(200);
    for words in ["确认订单", "拒绝订单", "12.50", "name=\"version\" value=\"2\""] {
        says(&open, words);
    }
    let act = |word: &str| format!("{path}/{word}");
    let empty = seller.form(&act("refuse"), &[("version", "2"), ("reason", "")]).await.expect(422);
    says(&empty, "请填写拒绝理由");
    says(&empty, "<details class=\"confirm confirm-danger\" open>");
    let done = seller.form(&act("confirm"), &[("version", "2")]).await.expect(303);
    assert_eq!(done.header("location"), path);
    let late = seller.form(&act("refuse"), &[("version", "2"), ("reason", "原料短缺")]).await.expect(409);
    says(&late, "当前为“已确认”");
    says(&late, "下面是订单现在的情况");
    says(&late, "确认订单</strong>");
    let hospital = app.portal(Who::Hospital).await;
    let cancelled = hospital.form(&act("cancel"), &[("version", "2"), ("reason", "")]).await.expect(409);
    says(&cancelled, "当前为“已确认”");
    app.take_mails().await;
}
app_test!(an_act_on_an_order_that_moved_on_is_told_with_the_order_as_it_is);

async fn a_hospital_takes_an_order_back_before_the_answer(app: &TestApp) {
    let shop = Shop::open(app).await;
    let path = ordered(app, &shop, "10").await;
    let hospital = app.portal(Who::Hospital).await;
    hospital.form(&format!("{path}/cancel"), &[("version", "2"), ("reason", "重复下单")]).await.expect(303);
    let page = hospital.get(&path).await.expect(200);
    says(&page, "已撤销");
    says(&page, "重复下单");
    let paper = hospital.get(&format!("{path}/print")).await.expect(200);
    says(&paper, "药品采购订单");
    says(&paper, "订单校验值");
    app.take_mails().await;
}
app_test!(a_hospital_takes_an_order_back_before_the_answer);

async fn lists_are_filtered_in_the_address_and_exported_as_they_are(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (first, second) = (ordered(app, &shop, "10").await, ordered(app, &shop, "20").await);
    let seller = app.portal(Who::Enterprise).await;
    let chosen = format!("{}:2", first.trim_start_matches("/orders/"));
    // The list's button asks first, with number and sum; nothing is confirmed by that.
    let asked = seller.form("/orders/confirm", &[("act", "ask"), ("chosen", &chosen)]).await.expect(200);
    says(&asked, "确认这 1 笔订单吗");
    says(&asked, "12.50 元");
    says(&seller.get(&first).await.expect(200), "待确认");
    let done = seller.form("/orders/confirm", &[("chosen", &chosen)]).await.expect(303);
    assert_eq!(done.header("location"), "/orders?state=submitted");
    let waiting = seller.get("/orders?state=submitted").await.expect(200);
    says(&waiting, &second);
    assert!(!waiting.text.contains(&format!("href=\"{first}\"")), "a confirmed one");
    // The sum of what is filtered: 20 × 1.25.
    says(&waiting, "<td class=\"num\">25.00</td>");
    let rows = sheet(&seller, "/orders.xlsx?state=submitted").await;
    assert_eq!(rows.len(), 3, "its head, its row, its sum: {rows:?}");
    assert_eq!((rows[0][7].as_str(), rows[1][7].as_str(), rows[2][7].as_str()), ("金额（元）", "25", "25"));
    let one = sheet(&seller, &format!("{second}/export")).await;
    assert_eq!(one[1][7], "20");
    let products = sheet(&seller, "/catalogue.xlsx?mark=red").await;
    assert_eq!(
        (products.len(), products[1][0].as_str(), products[1][6].as_str()),
        (2, "注射用头孢曲松钠", "15.01")
    );
    app.take_mails().await;
}
app_test!(lists_are_filtered_in_the_address_and_exported_as_they_are);

async fn prices_are_found_and_explained(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let found = clerk.get("/catalogue?q=%EF%BC%B4%EF%BC%A2qs").await.expect(200);
    says(&found, "15.01");
    says(&found, "5.80");
    assert!(!found.text.contains("注射用青霉素钠"));
    let red = clerk.get("/catalogue?q=tbqs&mark=red").await.expect(200);
    says(&red, "15.01");
    assert!(!red.text.contains("5.80"));
    let product = clerk.get(&format!("/catalogue/{}", shop.red.listing.product_id)).await.expect(200);
    for words in ["为同组最低换算价 5.00 元的 3.002 倍", "10 支/盒", "150.10", "2024-11-01 起停用"]
    {
        says(&product, words);
    }
    let why = clerk.get(&format!("/listings/{}/why", shop.red.listing.id)).await.expect(200);
    for words in [
        "INJ-2.1",
        "INJ-4.1",
        "15.01 ÷ 5.00",
        "医保办函〔2024〕61号",
        "default@2024-07-08",
        "jicai rule injection-listing",
    ] {
        says(&why, words);
    }
    // One price has no picture; two have one, and its words.
    assert!(!product.text.contains("data-chart"));
    let api = app.api(Who::Enterprise).await;
    let cut = api.request("POST", &format!("/api/v1/listings/{}/price-cuts", shop.red.listing.id));
    let cut = cut.header("if-match", "\"1\"").header("idempotency-key", "cut");
    let body = serde_json::json!({ "unit_price": "12.00", "from_day": "2024-08-05" });
    api.send(cut.json(&body)).await.expect(200);
    let product = clerk.get(&format!("/catalogue/{}", shop.red.listing.product_id)).await.expect(200);
    says(&product, "data-chart=\"price-steps\"");
    says(&product, "2024-08-01 起 15.01 元/支，2024-08-05 起 12.00 元/支。数据见下表");
    says(&product, "<summary>查看数据</summary>");
    let long = clerk.get(&format!("/catalogue?q={}", "a".repeat(80))).await.expect(200);
    says(&long, "每个词不超过 60 个字");
}
app_test!(prices_are_found_and_explained);

async fn a_message_leads_where_it_says_and_is_read_then(app: &TestApp) {
    let shop = Shop::open(app).await;
    let path = ordered(app, &shop, "10").await;
    let seller = app.portal(Who::Enterprise).await;
    let list = seller.get("/messages").await.expect(200);
    says(&list, ">未读</span>");
    says(&list, "2024-08-05 09:0");
    let action = list.text.split_once("formaction=\"/messages/").expect("a message").1;
    let id = action.split_once('"').expect("its end").0;
    let opened = seller.form(&format!("/messages/{id}"), &[]).await.expect(303);
    assert_eq!(opened.header("location"), path);
    assert!(!seller.get("/messages").await.expect(200).text.contains(">未读</span>"));
    let start = seller.get("/").await.expect(200);
    says(&start, "确认或拒绝订单");
    says(&start, "还剩 ");
    app.take_mails().await;
}
app_test!(a_message_leads_where_it_says_and_is_read_then);

/// The mails to somebody are refused by the mail server, as the worker would note it.
async fn refuse_mails(app: &TestApp, to: &str, reason: &str) {
    use diesel::prelude::*;
    use jicai::platform::outbox::MailState;
    use jicai::platform::schema::outbox_mail;
    let (to, reason) = (to.to_owned(), reason.to_owned());
    let changed = app
        .db
        .write_unaudited("test.refuse", move |c| {
            Ok(diesel::update(outbox_mail::table.filter(outbox_mail::recipient.eq(&to)))
                .set((
                    outbox_mail::state.eq(MailState::Refused),
                    outbox_mail::attempts.eq(1),
                    outbox_mail::last_error.eq(Some(&reason)),
                ))
                .execute(c)?)
        })
        .await
        .expect("refused");
    assert!(changed > 0);
}

/// A refused mail keeps its link, because it may be sent again; whoever reads the page cannot open somebody's account with it.
async fn a_refused_invitation_shows_no_link(app: &TestApp) {
    let admin = app.api(Who::HospitalAdmin).await;
    let person = serde_json::json!({
        "login": "wang.wu", "display_name": "王五", "email": "wang.wu@example.cn", "function": "report",
    });
    admin.post("/api/v1/users", &person).await.expect(201);
    let link = crate::support::door::last_link(app, "wang.wu@example.cn").await;
    refuse_mails(app, "wang.wu@example.cn", "550 no such person here").await;
    let page = app.portal(Who::Officer).await.get("/supervision/mails").await.expect(200);
    says(&page, "邀请您使用平台");
    let key = crate::support::door::key_of(&link);
    assert!(key.len() > 40 && !page.text.contains(key) && !page.text.contains("?key"), "{}", page.text);
    app.take_mails().await;
}
app_test!(a_refused_invitation_shows_no_link);

async fn officers_see_refused_mails_and_send_them_again(app: &TestApp) {
    let shop = Shop::open(app).await;
    ordered(app, &shop, "10").await;
    ordered(app, &shop, "20").await;
    let officer = app.portal(Who::Officer).await;
    says(&officer.get("/supervision/mails").await.expect(200), "没有被退回的邮件");
    refuse_mails(app, "enterprise@example.cn", "550 no such person here").await;
    let start = officer.get("/").await.expect(200);
    says(&start, "<span>被退回的邮件</span><span class=\"count\">2<");
    let page = officer.get("/supervision/mails").await.expect(200);
    for words in ["enterprise@example.cn", "550 no such person here", "已试发 1 次", "重新发送", "共 2 条"]
    {
        says(&page, words);
    }
    let bureau = app.portal(Who::Bureau).await;
    assert!(!bureau.get("/").await.expect(200).text.contains("被退回的邮件"), "mails concern the agency");
    let of = |text: &str| {
        let (_, rest) = text.split_once("name=\"one\" value=\"").expect("a button");
        rest.split_once('"').expect("its end").0.to_owned()
    };
    let first = of(&page.text);
    let again = officer.form("/supervision/mails", &[("one", &first)]).await.expect(303);
    assert_eq!(again.header("location"), "/supervision/mails");
    let page = officer.get("/supervision/mails").await.expect(200);
    says(&page, "共 1 条");
    says(&page, "另有 1 封在等候发送");
    let second = of(&page.text);
    // Both are chosen, one of them waits already: it is left alone.
    officer.form("/supervision/mails", &[("chosen", &first), ("chosen", &second)]).await.expect(303);
    says(&officer.get("/supervision/mails").await.expect(200), "没有被退回的邮件");
    officer.form("/supervision/mails", &[("one", "x")]).await.expect(400);
    app.take_mails().await;
}
app_test!(officers_see_refused_mails_and_send_them_again);

async fn officers_move_the_clock_forward_only(app: &TestApp) {
    let shop = Shop::open(app).await;
    ordered(app, &shop, "10").await;
    let officer = app.portal(Who::Officer).await;
    let page = officer.get("/demo/clock").await.expect(200);
    says(&page, "的确认期限（第一人民医院 → 华南制药有限公司）");
    let back = officer.form("/demo/clock", &[("to", "2024-08-04T09:00")]).await.expect(422);
    says(&back, "法定时间只能向前推进");
    // The page asks first, in numbers, and nothing has moved; without a good time it says so at once.
    let asked = officer.form("/demo/clock", &[("act", "ask"), ("to", "2024-08-06T09:00")]).await.expect(200);
    says(&asked, "把法定时间推进到 2024-08-06 09:00 吗");
    says(&asked, "期间到期的事项");
    officer.form("/demo/clock", &[("act", "ask"), ("to", "2024-08-04T09:00")]).await.expect(422);
    let odd = officer.form("/demo/clock", &[("to", "明天")]).await.expect(422);
    says(&odd, "您填的是 明天");
    let key = [("step", "2024-08-09T09:00"), ("to", ""), ("idempotency_key", "one-press")];
    officer.form("/demo/clock", &key).await.expect(303);
    officer.form("/demo/clock", &key).await.expect(303);
    says(&officer.get("/").await.expect(200), "2024-08-09 09:0");
    says(&officer.get("/").await.expect(200), "供货企业逾期未答复");
    app.take_mails().await;
}
app_test!(officers_move_the_clock_forward_only);

async fn addresses_and_distributors_are_kept_at_the_portal(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let typed = [("recipient", "李药师"), ("phone", "电话与上面相同"), ("address", "民主路 2 号")];
    let wrong = clerk.form("/addresses", &typed).await.expect(422);
    says(&wrong, "联系电话只能由数字");
    says(&wrong, "value=\"民主路 2 号\"");
    let right = [("recipient", "李药师"), ("phone", "０７７１-7654321"), ("address", "民主路 2 号药剂科")];
    clerk.form("/addresses", &right).await.expect(303);
    says(&clerk.get("/addresses").await.expect(200), "0771-7654321");
    let stale = format!("/addresses/{}", shop.address.id);
    clerk.form(&stale, &[&right[..], &[("version", "7")]].concat()).await.expect(409);
    let enterprise = app.portal(Who::Enterprise).await;
    let found = enterprise.get("/distributors?q=%E9%80%9A%E8%BE%BE").await.expect(200);
    says(&found, "已委托");
    let distributor = app.organisation(Who::Distributor).id;
    enterprise.form(&format!("/distributors/{distributor}/end"), &[]).await.expect(303);
    says(&enterprise.get("/distributors").await.expect(200), "还没有委托配送企业");
}
app_test!(addresses_and_distributors_are_kept_at_the_portal);
