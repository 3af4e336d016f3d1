//! The order form over HTTP: what was typed survives, what is wrong is said in words, one press has one effect.

use jicai::listing::change_price::{self, NewPrice};
use jicai::order::list::{self, OrderFilter};
use jicai::platform::http::number::Price;
use jicai::platform::policy::Policies;
use jicai::platform::sql::Id;

use crate::support::office::day;
use crate::support::shop::{Shop, order_form};
use crate::support::{Actor, Answer, TestApp, Who, app_test};

const REASON: &str = "患者对其他厂牌过敏，无可替代品种";

/// Sends the form with more fields; a field that stands already is replaced.
async fn send(who: &Actor, path: &str, form: &[(String, String)], more: &[(&str, &str)]) -> Answer {
    let mut all: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    all.retain(|(name, _)| more.iter().all(|(given, _)| given != name));
    all.extend_from_slice(more);
    who.form(path, &all).await
}

/// The page says so.
#[track_caller]
fn says(answer: &Answer, words: &str) {
    assert!(answer.text.contains(words), "{words:?} is missing:\n{}", answer.text);
}

/// What a field of the page holds.
fn value_of(page: &str, name: &str) -> String {
    let field =
        page.split_once(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no field {name}:\n{page}")).1;
    let value = field.split_once("value=\"").expect("a value").1;
    value.split_once('"').expect("its end").0.to_owned()
}

async fn orders_of(app: &TestApp, who: Who) -> i64 {
    list::list(&app.db, &app.person(who), OrderFilter::default(), None, 10).await.expect("list").totals.count
}

async fn a_full_width_number_is_read_as_what_it_is(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, &shop, shop.plain.listing.id, "１０");
    let preview = send(&clerk, "/orders/new", &form, &[("act", "preview")]).await.expect(200);
    says(&preview, "核对订单");
    says(&preview, "12.50");
    assert_eq!(value_of(&preview.text, "line-0-quantity"), "１０", "as it was typed");
    let done = send(&clerk, "/orders", &form, &[]).await.expect(303);
    let order = clerk.get(done.header("location")).await.expect(200);
    says(&order, "待确认");
    says(&order, "data-label=\"数量\">10</td>");
    assert_eq!(app.take_mails().await.len(), 1);
}
app_test!(a_full_width_number_is_read_as_what_it_is);

async fn a_wrong_quantity_is_said_in_words_and_nothing_typed_is_lost(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, &shop, shop.plain.listing.id, "1");
    for (typed, words) in [
        ("1.5", "数量应为不小于 1 的整数，您填的是 1.5"),
        ("0", "数量应为不小于 1 的整数，您填的是 0"),
        ("-1", "数量应为不小于 1 的整数，您填的是 -1"),
        ("1000000000000", "数量不能超过 1000000000，您填的是 1000000000000"),
        ("1e3", "数量应为不小于 1 的整数，您填的是 1e3"),
        ("十", "数量应为不小于 1 的整数，您填的是 十"),
        ("", "请填写数量"),
    ] {
        for path in ["/orders/new", "/orders"] {
            let page = send(&clerk, path, &form, &[("act", "preview"), ("line-0-quantity", typed)])
                .await
                .expect(422);
            says(&page, words);
            assert_eq!(value_of(&page.text, "line-0-quantity"), typed);
            assert_eq!(value_of(&page.text, "remark"), "送药库二号门");
            assert_eq!(value_of(&page.text, "line-0-pack_remark"), "尽量供 10 支装");
            says(&page, &format!("<option value=\"{}\" selected>", shop.address.id));
        }
    }
    assert_eq!(orders_of(app, Who::Hospital).await, 0);
}
app_test!(a_wrong_quantity_is_said_in_words_and_nothing_typed_is_lost);

async fn every_wrong_field_is_named_at_once(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, &shop, shop.plain.listing.id, "1.5");
    let wrong = [("act", "preview"), ("wanted_on", "明天"), ("address_id", ""), ("supplier_id", "")];
    let page = send(&clerk, "/orders/new", &form, &wrong).await.expect(422);
    says(&page, "期望到货日应为日期，例如 2024-09-10，您填的是 明天");
    says(&page, "您填的是 1.5");
    // An empty list is filled with what is usual, which the clerk sees.
    says(&page, &format!("<option value=\"{}\" selected>", shop.address.id));
    let past = [("act", "preview"), ("line-0-quantity", "1"), ("wanted_on", "2024-08-04")];
    let page = send(&clerk, "/orders/new", &form, &past).await.expect(422);
    says(&page, "期望到货日不能早于今天（2024-08-05），您填的是 2024-08-04");
    let stranger = app.organisation(Who::OtherEnterprise).id.to_string();
    let foreign = [("act", "preview"), ("line-0-quantity", "1"), ("supplier_id", stranger.as_str())];
    let page = send(&clerk, "/orders/new", &form, &foreign).await.expect(422);
    says(&page, "未受华南制药有限公司委托");
}
app_test!(every_wrong_field_is_named_at_once);

async fn a_red_product_is_warned_of_and_can_be_replaced(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let opened = clerk.get(&format!("/orders/new?listing={}", shop.red.listing.id)).await.expect(200);
    says(&opened, "本品现价 15.01 元/支，为同组最低换算价 5.00 元的 3.002 倍");
    says(&opened, "江北制药有限公司");
    let form = order_form(app, &shop, shop.red.listing.id, "１０");
    let page = send(&clerk, "/orders/new", &form, &[("act", "preview")]).await.expect(422);
    says(&page, "请确认已知悉注射用头孢曲松钠的采购风险");
    let short = [("line-0-risk_acknowledged", "true"), ("line-0-risk_reason", "急需")];
    let page = send(&clerk, "/orders", &form, &short).await.expect(422);
    says(&page, "应为 10 至 500 个字，您填了 2 个字");
    says(&page, "急需</textarea>");
    assert_eq!(orders_of(app, Who::Hospital).await, 0, "a refused form leaves no draft order");

    let other = format!("replace:0:{}", shop.cheap.listing.id);
    let page = send(&clerk, "/orders/new", &form, &[("act", &other)]).await.expect(200);
    assert_eq!(value_of(&page.text, "line-0-listing"), shop.cheap.listing.id.to_string());
    assert_eq!(value_of(&page.text, "line-0-quantity"), "１０");
    assert_eq!(value_of(&page.text, "remark"), "送药库二号门");
    says(&page, &format!("<option value=\"{}\" selected>", shop.address.id));
    says(&page, "已改为 江北制药有限公司");
    assert!(!page.text.contains("红标药品："), "the cheaper one bears no mark");
}
app_test!(a_red_product_is_warned_of_and_can_be_replaced);

async fn a_red_product_is_bought_all_the_same_with_a_reason(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, &shop, shop.red.listing.id, "3");
    let meant = [("line-0-risk_acknowledged", "true"), ("line-0-risk_reason", REASON)];
    let preview =
        send(&clerk, "/orders/new", &form, &[&meant[..], &[("act", "preview")]].concat()).await.expect(200);
    says(&preview, REASON);
    let done = send(&clerk, "/orders", &form, &meant).await.expect(303);
    let order = clerk.get(done.header("location")).await.expect(200);
    says(&order, &format!("仍需采购的原因：{REASON}"));
    let officer = app.portal(Who::Officer).await;
    let marked = officer.get("/supervision/marked").await.expect(200);
    for words in ["第一人民医院", "红标", "15.01", "5.00", "45.03", REASON] {
        says(&marked, words);
    }
    assert!(
        officer.get("/supervision/marked?mark=yellow").await.expect(200).text.contains("没有符合条件的采购")
    );
    app.take_mails().await;
}
app_test!(a_red_product_is_bought_all_the_same_with_a_reason);

async fn a_yellow_product_is_a_hint_and_no_hurdle(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, &shop, shop.yellow.listing.id, "2");
    let preview = send(&clerk, "/orders/new", &form, &[("act", "preview")]).await.expect(200);
    says(&preview, "黄标药品：");
    says(&preview, "为同组最低换算价 5.00 元的 1.802 倍");
    send(&clerk, "/orders", &form, &[]).await.expect(303);
    app.take_mails().await;
}
app_test!(a_yellow_product_is_a_hint_and_no_hurdle);

async fn one_form_sent_twice_is_one_order(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, &shop, shop.plain.listing.id, "10");
    let key = [("idempotency_key", "once")];
    let first = send(&clerk, "/orders", &form, &key).await.expect(303);
    let second = send(&clerk, "/orders", &form, &key).await.expect(303);
    assert_eq!(first.header("location"), second.header("location"));
    assert_eq!(orders_of(app, Who::Hospital).await, 1);
    assert_eq!(app.take_mails().await.len(), 1);
    let other =
        send(&clerk, "/orders", &form, &[("idempotency_key", "once"), ("line-0-quantity", "11")]).await;
    says(&other.expect(422), "这一页已经提交过，内容与上次不同");
    assert_eq!(orders_of(app, Who::Hospital).await, 1);
}
app_test!(one_form_sent_twice_is_one_order);

async fn a_price_that_changed_is_shown_before_it_counts(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, &shop, shop.plain.listing.id, "10");
    let enterprise = app.person(Who::Enterprise);
    let new = NewPrice {
        unit_price: Price::parse("价格", "1.20").expect("a price"),
        from_day: day("2024-08-05"),
        confirm_far: false,
    };
    let policies = Policies::shipped().expect("policies");
    change_price::change_price(&app.db, &enterprise, &policies, shop.plain.listing.id, 1, new)
        .await
        .expect("a cut");
    let page = send(&clerk, "/orders", &form, &[]).await.expect(409);
    says(&page, "原为 1.25 元，现为 1.20 元");
    says(&page, "您打开本页时为 1.25 元/支，现价 1.20 元/支");
    assert_eq!(value_of(&page.text, "line-0-quantity"), "10");
    // The page now carries the new price and the draft; sent again, it is taken.
    let again = |name: &str| value_of(&page.text, name);
    let (price, order, version) = (again("line-0-price"), again("order"), again("version"));
    assert_eq!(price, "1.20");
    let more = [("line-0-price", price.as_str()), ("order", &order), ("version", &version)];
    let done = send(&clerk, "/orders", &form, &more).await.expect(303);
    assert_eq!(done.header("location"), format!("/orders/{order}"));
    assert_eq!(orders_of(app, Who::Hospital).await, 1);
    app.take_mails().await;
}
app_test!(a_price_that_changed_is_shown_before_it_counts);

async fn a_form_is_taken_from_our_own_page_only(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, &shop, shop.plain.listing.id, "10");
    let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
    let raw = |origin: &str| {
        clerk
            .request("POST", "/orders")
            .header("origin", origin.to_owned())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.clone())
    };
    let foreign = clerk.send(raw("https://example.com")).await.expect(403);
    says(&foreign, "不是来自本平台的页面");
    let tokenless = clerk.send(raw(&app.base)).await.expect(403);
    says(&tokenless, "页面已失效");
    let other = send(&clerk, "/orders", &form, &[("form_token", "guessed")]).await.expect(403);
    says(&other, "页面已失效");
    assert_eq!(orders_of(app, Who::Hospital).await, 0);
}
app_test!(a_form_is_taken_from_our_own_page_only);

async fn what_was_typed_is_kept_and_found_again(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, &shop, shop.plain.listing.id, "1.5");
    let draft = form.iter().find(|(name, _)| name == "draft").expect("draft").1.clone();
    let saved = send(&clerk, "/orders/draft", &form, &[("act", "autosave")]).await.expect(200).json();
    assert_eq!(saved["saved_at"].as_str().map(str::len), Some(5), "{saved}");
    let start = clerk.get("/").await.expect(200);
    says(&start, "继续填写订单");
    says(&start, &format!("/orders/new?draft={draft}"));
    let page = clerk.get(&format!("/orders/new?draft={draft}")).await.expect(200);
    assert_eq!(value_of(&page.text, "line-0-quantity"), "1.5");
    assert_eq!(value_of(&page.text, "remark"), "送药库二号门");
    // It is the person's own.
    let foreign = app.portal(Who::OtherHospital).await.get(&format!("/orders/new?draft={draft}")).await;
    assert_eq!(foreign.status, 404);
    says(&page, "放弃这张草稿");
    send(&clerk, "/orders", &form, &[("line-0-quantity", "2")]).await.expect(303);
    assert!(!clerk.get("/").await.expect(200).text.contains("继续填写订单"), "sent forms are kept no longer");
    app.take_mails().await;
}
app_test!(what_was_typed_is_kept_and_found_again);

async fn a_draft_is_given_up(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, &shop, shop.plain.listing.id, "2");
    let draft = form.iter().find(|(name, _)| name == "draft").expect("draft").1.clone();
    let page = send(&clerk, "/orders/new", &form, &[("act", "draft")]).await.expect(200);
    says(&page, "草稿已于 09:0");
    clerk.form(&format!("/orders/drafts/{draft}/drop"), &[]).await.expect(303);
    assert_eq!(clerk.get(&format!("/orders/new?draft={draft}")).await.status, 404);
}
app_test!(a_draft_is_given_up);

async fn an_order_is_placed_once_more(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, &shop, shop.plain.listing.id, "2");
    let path = send(&clerk, "/orders", &form, &[]).await.expect(303).header("location").to_owned();
    clerk.form(&format!("{path}/cancel"), &[("version", "2"), ("reason", "")]).await.expect(303);
    let id = path.trim_start_matches("/orders/");
    says(&clerk.get(&path).await.expect(200), &format!("/orders/new?copy={id}"));
    let page = clerk.get(&format!("/orders/new?copy={id}")).await.expect(200);
    assert_eq!(value_of(&page.text, "line-0-quantity"), "2");
    assert_eq!(value_of(&page.text, "wanted_on"), "2024-08-08", "three days from now");
    assert!(!page.text.contains("name=\"order\""), "a new order");
    app.take_mails().await;
}
app_test!(an_order_is_placed_once_more);

async fn a_field_is_checked_when_it_is_left(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, &shop, shop.plain.listing.id, "1.5");
    let asked = [("check", "line-0-quantity")];
    let answer = send(&clerk, "/orders/check", &form, &asked).await.expect(200).json();
    assert_eq!(answer["errors"]["line-0-quantity"], "数量应为不小于 1 的整数，您填的是 1.5");
    let mended = [("check", "line-0-quantity"), ("line-0-quantity", "２")];
    let answer = send(&clerk, "/orders/check", &form, &mended).await.expect(200).json();
    assert_eq!(answer["errors"]["line-0-quantity"], "");
}
app_test!(a_field_is_checked_when_it_is_left);

async fn lines_come_and_go_by_buttons(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, &shop, shop.plain.listing.id, "7");
    let found = send(&clerk, "/orders/new", &form, &[("act", "find"), ("find", "tbqs")]).await.expect(200);
    says(&found, &format!("add:{}", shop.dearer.listing.id));
    assert!(!found.text.contains(&format!("add:{}", shop.cheap.listing.id)), "another enterprise's product");
    let add = format!("add:{}", shop.dearer.listing.id);
    let page = send(&clerk, "/orders/new", &form, &[("act", &add)]).await.expect(200);
    assert_eq!(value_of(&page.text, "line-0-quantity"), "7");
    assert_eq!(value_of(&page.text, "line-1-listing"), shop.dearer.listing.id.to_string());
    let page = send(&clerk, "/orders/new", &form, &[("act", "remove:0")]).await.expect(200);
    assert!(!page.text.contains("line-0-quantity"));
    let nothing = send(&clerk, "/orders/new", &form[..5], &[("act", "preview")]).await.expect(422);
    says(&nothing, "请先查找并加入要订购的药品");
    let unknown = format!("add:{}", Id::new());
    let page = send(&clerk, "/orders/new", &form, &[("act", &unknown)]).await.expect(200);
    says(&page, "没有找到该药品");
}
app_test!(lines_come_and_go_by_buttons);

async fn a_product_never_stands_twice_and_nothing_typed_is_lost(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let mut form = order_form(app, &shop, shop.plain.listing.id, "7");
    let add = format!("add:{}", shop.plain.listing.id);
    let page = send(&clerk, "/orders/new", &form, &[("act", &add)]).await.expect(200);
    says(&page, "该药品已在第 1 行");
    assert!(!page.text.contains("line-1-quantity"));
    assert_eq!(value_of(&page.text, "line-0-quantity"), "7");
    // A red product in a second line, replaced by the one that stands in the first.
    form.extend([
        ("line-1-listing".to_owned(), shop.red.listing.id.to_string()),
        ("line-1-quantity".to_owned(), "５".to_owned()),
        ("line-1-pack_remark".to_owned(), "冷藏".to_owned()),
    ]);
    let replace = format!("replace:1:{}", shop.plain.listing.id);
    let page = send(&clerk, "/orders/new", &form, &[("act", &replace)]).await.expect(200);
    says(&page, "两行已合并，数量现为 12");
    assert_eq!(value_of(&page.text, "line-0-quantity"), "12");
    assert_eq!(value_of(&page.text, "line-0-pack_remark"), "尽量供 10 支装；冷藏");
    assert!(!page.text.contains("line-1-quantity"));
    // A form that was kept before holds it twice: nothing is thrown away, and the line says what to do.
    let twice = [("line-1-listing", shop.plain.listing.id.to_string())];
    let twice: Vec<(&str, &str)> = twice.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let page = send(&clerk, "/orders/new", &form, &[("act", "preview"), twice[0]]).await.expect(422);
    says(&page, "已在第 1 行，请把数量合并到第 1 行，并去掉本行");
    assert_eq!(value_of(&page.text, "line-1-quantity"), "５");
}
app_test!(a_product_never_stands_twice_and_nothing_typed_is_lost);
