//! One form is one order, one file one import; after a conflict both versions are on the page until one is chosen.

use jicai::order::list::{self, OrderFilter};
use serde_json::{Value, json};

use crate::support::sheets::{drug, drugs_xlsx, hand_in};
use crate::support::shop::{Shop, order_form};
use crate::support::{Actor, Answer, TestApp, Who, app_test};

type Fields = Vec<(String, String)>;

async fn send(who: &Actor, path: &str, form: &Fields, more: &[(&str, &str)]) -> Answer {
    let mut all: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    all.retain(|(name, _)| more.iter().all(|(given, _)| given != name));
    all.extend_from_slice(more);
    who.form(path, &all).await
}

/// What a field of the page holds.
#[track_caller]
fn value_of(page: &str, name: &str) -> String {
    let field = page.split_once(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("{name}:\n{page}")).1;
    let value = field.split_once("value=\"").expect("a value").1;
    value.split_once('"').expect("its end").0.to_owned()
}

async fn count(app: &TestApp) -> i64 {
    let who = app.person(Who::Hospital);
    list::list(&app.db, &who, OrderFilter::default(), None, 10).await.expect("list").totals.count
}

async fn two_previews_of_one_form_are_one_order(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, &shop, shop.plain.listing.id, "10");
    let mut keys = Vec::new();
    for _ in 0..2 {
        let preview = send(&clerk, "/orders/new", &form, &[("act", "preview")]).await.expect(200);
        keys.push(value_of(&preview.text, "idempotency_key"));
    }
    let (one, two) = ([("idempotency_key", keys[0].as_str())], [("idempotency_key", keys[1].as_str())]);
    let (first, second) =
        tokio::join!(send(&clerk, "/orders", &form, &one), send(&clerk, "/orders", &form, &two));
    assert_eq!(first.expect(303).header("location"), second.expect(303).header("location"));
    assert_eq!(count(app).await, 1);
    // Another content under the same form is told, and is an order of its own when it is sent once more.
    let other = [("idempotency_key", keys[1].as_str()), ("line-0-quantity", "11")];
    let told = send(&clerk, "/orders", &form, &other).await.expect(422);
    assert!(told.text.contains("已经提交过"), "{}", told.text);
    let draft = value_of(&told.text, "draft");
    let anew = [("draft", draft.as_str()), ("idempotency_key", draft.as_str()), ("line-0-quantity", "11")];
    send(&clerk, "/orders", &form, &anew).await.expect(303);
    assert_eq!(count(app).await, 2);
    app.take_mails().await;
}
app_test!(two_previews_of_one_form_are_one_order);

async fn one_file_handed_in_twice_at_once_is_one_import(app: &TestApp) {
    let bytes = drugs_xlsx(&[drug(1, 10_001)]);
    for _ in 0..3 {
        let (one, two) = tokio::join!(
            hand_in(app, "drugs", "a.xlsx", bytes.clone()),
            hand_in(app, "drugs", "a.xlsx", bytes.clone())
        );
        assert!(one.status < 300 && two.status < 300, "{} {}", one.text, two.text);
        assert_eq!(one.json()["id"], two.json()["id"]);
    }
}
app_test!(one_file_handed_in_twice_at_once_is_one_import);

fn body(app: &TestApp, shop: &Shop, quantity: i64) -> Value {
    json!({
        "supplier_id": app.organisation(Who::Enterprise).id, "address_id": shop.address.id,
        "wanted_on": "2024-08-12", "lines": [{"listing_id": shop.plain.listing.id, "quantity": quantity}],
    })
}

/// A draft of 7, and the form of it with another quantity as the portal holds it.
async fn opened(app: &TestApp, shop: &Shop, api: &Actor, quantity: &str) -> (String, Fields) {
    let made = api.post("/api/v1/orders", &body(app, shop, 7)).await.expect(201);
    let id = made.json()["id"].as_str().expect("a key").to_owned();
    let mut form = order_form(app, shop, shop.plain.listing.id, quantity);
    form.push(("order".into(), id.clone()));
    form.push(("version".into(), "1".into()));
    (id, form)
}

async fn replace(app: &TestApp, shop: &Shop, api: &Actor, id: &str, quantity: i64) {
    let put = api.request("PUT", &format!("/api/v1/orders/{id}")).header("if-match", "\"1\"");
    api.send(put.json(&body(app, shop, quantity))).await.expect(200);
}

async fn anothers_change_stays_on_the_page_until_it_was_seen(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (api, portal) = (app.api(Who::Hospital).await, app.portal(Who::Hospital).await);
    let (id, form) = opened(app, &shop, &api, "8").await;
    replace(app, &shop, &api, &id, 70).await;
    // The warning comes as often as the form is sent without a decision, from every button that would write.
    for (path, act) in
        [("/orders", ""), ("/orders/new", "preview"), ("/orders", ""), ("/orders/new", "draft")]
    {
        let page = send(&portal, path, &form, &[("act", act)]).await.expect(409).text;
        assert!(page.contains("data-label=\"数量\">70</td>"), "theirs: {page}");
        assert_eq!(value_of(&page, "line-0-quantity"), "8", "mine");
        assert_eq!(value_of(&page, "version"), "1");
        assert!(page.contains("value=\"mine:2\""), "{page}");
    }
    let theirs = send(&portal, "/orders/new", &form, &[("act", "theirs")]).await.expect(200).text;
    assert_eq!(
        (value_of(&theirs, "line-0-quantity"), value_of(&theirs, "version")),
        ("70".into(), "2".into())
    );
    let mine = send(&portal, "/orders/new", &form, &[("act", "mine:2")]).await.expect(200).text;
    assert_eq!((value_of(&mine, "line-0-quantity"), value_of(&mine, "version")), ("8".into(), "2".into()));
    send(&portal, "/orders", &form, &[("version", "2")]).await.expect(303);
    let sent = api.get(&format!("/api/v1/orders/{id}")).await.expect(200).json();
    assert_eq!((sent["state"].as_str(), sent["lines"][0]["quantity"].as_i64()), (Some("submitted"), Some(8)));
    app.take_mails().await;
}
app_test!(anothers_change_stays_on_the_page_until_it_was_seen);

async fn a_draft_that_a_colleague_submitted_is_a_conflict(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (api, portal) = (app.api(Who::Hospital).await, app.portal(Who::Hospital).await);
    let (id, form) = opened(app, &shop, &api, "9").await;
    let request = api.request("POST", &format!("/api/v1/orders/{id}/submit")).header("if-match", "\"1\"");
    api.send(request.header("idempotency-key", "theirs").json(&json!({}))).await.expect(200);
    let page = send(&portal, "/orders/new", &form, &[("act", "draft")]).await.expect(409).text;
    assert!(page.contains("另立新订单") && page.contains("待确认"), "{page}");
    assert_eq!(value_of(&page, "line-0-quantity"), "9", "nothing typed is lost");
    let anew = send(&portal, "/orders/new", &form, &[("act", "anew")]).await.expect(200).text;
    assert!(!anew.contains("name=\"order\""), "{anew}");
    let (gone, form) = opened(app, &shop, &api, "9").await;
    let delete = api.request("DELETE", &format!("/api/v1/orders/{gone}")).header("if-match", "\"1\"");
    api.send(delete).await.expect(204);
    let page = send(&portal, "/orders", &form, &[]).await.expect(409).text;
    assert!(page.contains("已被同事删除") && value_of(&page, "line-0-quantity") == "9", "{page}");
    app.take_mails().await;
}
app_test!(a_draft_that_a_colleague_submitted_is_a_conflict);
