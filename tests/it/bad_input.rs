//! Input that cannot be right, through the whole program: a clear answer that names the field, and nothing changed.

use jicai::platform::outbox::sender::{MailTls, Sender};
use jicai::platform::outbox::worker::{self, Mailer};
use serde_json::{Value, json};

use crate::route_table::world::World;
use crate::support::{TestApp, Who, app_test};

/// The order of the world with another quantity, written into the text as it is.
fn ordering(world: &World, quantity: &str) -> String {
    let text = world.order_input().to_string();
    let changed = text.replace("\"quantity\":10", &format!("\"quantity\":{quantity}"));
    assert_ne!(text, changed);
    changed
}

async fn quantities_at_the_api(app: &TestApp) {
    let (world, api) = (World::new(app).await, app.api(Who::Hospital).await);
    for (quantity, said) in [
        ("0", "数量应为不小于 1 的整数，您填的是 0"),
        ("-1", "数量应为不小于 1 的整数，您填的是 -1"),
        ("1.5", "数量应为不小于 1 的整数，您填的是 1.5"),
        ("1000000000000", "数量不能超过 1000000000，您填的是 1000000000000"),
        ("12345678901234567.89", "您填的是 12345678901234567.89"),
        ("\"1e3\"", "您填的是 1e3"),
        ("1e3", "您填的是 1e3"),
        ("\"１０\"", "您填的是 １０"),
    ] {
        let request =
            api.request("POST", "/api/v1/orders").header("idempotency-key", quantity.len().to_string());
        let request = request.header("content-type", "application/json").body(ordering(&world, quantity));
        let problem = api.send(request).await.problem(422, "INVALID");
        assert_eq!(problem["errors"][0]["pointer"], "/lines/0/quantity", "{quantity}");
        assert!(problem["detail"].as_str().expect("words").contains(said), "{quantity}: {problem}");
    }
    let before = app.api(Who::Hospital).await.get("/api/v1/orders").await.expect(200).json();
    api.post("/api/v1/orders", &world.order_input()).await.expect(201);
    let after = app.api(Who::Hospital).await.get("/api/v1/orders").await.expect(200).json();
    let count = |page: &Value| page["items"].as_array().expect("items").len();
    assert_eq!(count(&after), count(&before) + 1, "only the good one was kept");
}
app_test!(quantities_at_the_api);

async fn quantities_in_the_form(app: &TestApp) {
    let (world, portal) = (World::new(app).await, app.portal(Who::Hospital).await);
    let send = async |quantity: &str| {
        let mut form = world.order_form();
        for field in &mut form {
            if field.0 == "line-0-quantity" {
                field.1 = quantity.into();
            }
        }
        let fields: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
        portal.form("/orders/new", &fields).await
    };
    for quantity in ["10", "１０", "　10 "] {
        // 10 × 5.80
        let page = send(quantity).await.expect(200);
        assert!(page.text.contains("58.00"), "{quantity}: {}", page.text);
    }
    for (quantity, said) in [
        ("0", "数量应为不小于 1 的整数，您填的是 0"),
        ("-1", "数量应为不小于 1 的整数，您填的是 -1"),
        ("1.5", "数量应为不小于 1 的整数，您填的是 1.5"),
        ("1000000000000", "数量不能超过 1000000000"),
        ("1e3", "您填的是 1e3"),
        ("12，30", "您填的是 12，30"),
    ] {
        let page = send(quantity).await.expect(422);
        assert!(page.text.contains(said), "{quantity}: {}", page.text);
        assert!(page.text.contains(&format!("value=\"{quantity}\"")), "{quantity} is lost");
    }
}
app_test!(quantities_in_the_form);

async fn prices_at_the_api(app: &TestApp) {
    let (world, api) = (World::new(app).await, app.api(Who::Enterprise).await);
    let path = format!("/api/v1/listings/{}/price-cuts", world.listing);
    for (price, said) in [
        ("\"12.3.4\"", "您填的是 12.3.4"),
        ("\"1e3\"", "您填的是 1e3"),
        ("\"12，30\"", "您填的是 12，30"),
        ("1e3", "您填的是 1e3"),
        ("12345678901234567.89", "价格不能超过 100000000 元，您填的是 12345678901234567.89"),
        ("0", "价格应大于 0，您填的是 0"),
    ] {
        let body = format!(r#"{{"unit_price":{price},"from_day":"{}"}}"#, world.soon);
        let request = api.request("POST", &path).header("if-match", "\"1\"").header("idempotency-key", "k");
        let request = request.header("content-type", "application/json").body(body);
        let problem = api.send(request).await.problem(422, "INVALID");
        assert_eq!(problem["errors"][0]["pointer"], "/unit_price", "{price}");
        assert!(problem["detail"].as_str().expect("words").contains(said), "{price}: {problem}");
    }
}
app_test!(prices_at_the_api);

async fn what_is_unknown_foreign_stale_or_missing(app: &TestApp) {
    let (world, api) = (World::new(app).await, app.api(Who::Hospital).await);
    let nobody = uuid::Uuid::new_v4();
    let mut unknown = world.order_input();
    unknown["lines"][0]["listing_id"] = json!(nobody);
    let problem = api.post("/api/v1/orders", &unknown).await.problem(422, "INVALID");
    assert_eq!(problem["errors"][0]["pointer"], "/lines/0/listing_id", "{problem}");
    for path in
        [format!("/api/v1/orders/{nobody}"), "/api/v1/orders/rubbish".into(), "/api/v1/products/1".into()]
    {
        api.get(&path).await.problem(404, "NOT_FOUND");
    }
    let order = format!("/api/v1/orders/{}", world.submitted[0]);
    app.api(Who::OtherHospital).await.get(&order).await.problem(404, "NOT_FOUND");
    let draft = format!("/api/v1/orders/{}", world.drafts[0]);
    let etag = api.get(&draft).await.expect(200).header("etag").to_owned();
    assert_eq!(etag, "\"1\"");
    let put =
        |version: &str| api.request("PUT", &draft).header("if-match", version).json(&world.order_input());
    assert_eq!(api.send(put(&etag)).await.expect(200).header("etag"), "\"2\"");
    api.send(put(&etag)).await.problem(409, "STALE_VERSION");
    api.send(put("yesterday")).await.problem(400, "IF_MATCH_UNREADABLE");
    api.json("PUT", &draft, &world.order_input()).await.problem(400, "IF_MATCH_MISSING");
    api.json("POST", "/api/v1/orders", &world.order_input()).await.problem(400, "IDEMPOTENCY_KEY_MISSING");
    let keyed = |key: &str, body: &Value| {
        api.request("POST", "/api/v1/orders").header("idempotency-key", key).json(body)
    };
    api.send(keyed(&"x".repeat(101), &world.order_input())).await.problem(400, "IDEMPOTENCY_KEY_UNREADABLE");
    let first = api.send(keyed("once", &world.order_input())).await.expect(201).json();
    let again = api.send(keyed("once", &world.order_input())).await.expect(201).json();
    assert_eq!(first, again);
    let mut other = world.order_input();
    other["lines"][0]["quantity"] = json!(11);
    api.send(keyed("once", &other)).await.problem(422, "IDEMPOTENCY_KEY_REUSED");
    for query in ["limit=0", "limit=201", "limit=x", "after=rubbish"] {
        let problem = api.get(&format!("/api/v1/orders?{query}")).await.problem(422, "INVALID");
        let (name, _) = query.split_once('=').expect("name=value");
        assert_eq!(problem["errors"][0]["pointer"], format!("/{name}"));
    }
    api.get("/api/v1/orders?state=nonsense").await.problem(400, "UNREADABLE");
}
app_test!(what_is_unknown_foreign_stale_or_missing);

/// Nobody listens at the mail server's port: mail waits with the reason, and orders go on all the same.
async fn orders_go_on_while_the_mail_server_is_down(app: &TestApp) {
    let (world, hospital) = (World::new(app).await, app.api(Who::Hospital).await);
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("port").local_addr().expect("address").port();
    let down = Mailer {
        sender: Sender::smtp("127.0.0.1", port, MailTls::None, None).expect("a sender"),
        from: "platform@example.cn".parse().expect("mailbox"),
        origin: app.base.clone(),
    };
    assert_eq!(worker::run(&app.db, &app.clock, &down).await.expect("a run"), 0);
    let made = hospital.post("/api/v1/orders", &world.order_input()).await.expect(201);
    let path = made.header("location").to_owned();
    let act = async |who: Who, word: &str, version: &str| {
        let actor = app.api(who).await;
        let request = actor.request("POST", &format!("{path}/{word}")).header("if-match", version);
        actor.send(request.header("idempotency-key", word).json(&json!({}))).await.expect(200);
    };
    act(Who::Hospital, "submit", "\"1\"").await;
    assert_eq!(worker::run(&app.db, &app.clock, &down).await.expect("a run"), 0);
    act(Who::Enterprise, "confirm", "\"2\"").await;
    assert_eq!(hospital.get(&path).await.expect(200).json()["state"], "confirmed");
    let officer = app.portal(Who::Officer).await;
    let page = officer.get("/supervision/mails").await.expect(200);
    assert!(page.text.contains("封在等候发送"), "{}", page.text);
    assert!(page.text.contains("没有被退回的邮件"), "waiting is not refused");
    app.take_mails().await;
}
app_test!(orders_go_on_while_the_mail_server_is_down);
