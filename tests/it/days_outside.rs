//! Days from outside: 1990 to 2099, and nothing else gets in; what is far ahead is asked about.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::office::day;
use crate::support::shop::{Shop, order_form};
use crate::support::{Answer, TestApp, Who, app_test};

/// Days that never reach the database.
const OUTSIDE: [&str; 6] =
    ["+10000-01-01", "1989-12-31", "2100-01-01", "-0001-01-01", "+262142-12-31", "-262143-01-01"];

/// Who is asked, one after the other, until somebody may.
const ASKED: [Who; 3] = [Who::Officer, Who::Hospital, Who::Enterprise];

/// A step from a body to one of its members.
#[derive(Clone, Debug)]
enum Step {
    Member(String),
    Item,
}

/// What a schema is, with its reference followed.
fn followed<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(to) => document.pointer(&to[1..]).expect("a schema"),
        None => schema,
    }
}

fn is_day(schema: &Value) -> bool {
    schema["format"] == "date"
}

/// The ways to all days within a schema.
fn days(document: &Value, schema: &Value, way: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    let schema = followed(document, schema);
    if way.len() > 6 {
        return;
    }
    if is_day(schema) {
        found.push(way.clone());
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        way.push(Step::Member(name.clone()));
        days(document, member, way, found);
        way.pop();
    }
    if schema["items"].is_object() {
        way.push(Step::Item);
        days(document, &schema["items"], way, found);
        way.pop();
    }
    for kind in ["allOf", "anyOf", "oneOf"] {
        for one in schema[kind].as_array().into_iter().flatten() {
            days(document, one, way, found);
        }
    }
}

/// A body that holds nothing but a day at the end of a way, and the pointer to it.
fn body(way: &[Step], day: &str) -> (Value, String) {
    way.iter().rev().fold((json!(day), String::new()), |(inner, pointer), step| match step {
        Step::Member(name) => (json!({ name: inner }), format!("/{name}{pointer}")),
        Step::Item => (json!([inner]), format!("/0{pointer}")),
    })
}

fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true => "00000000-0000-4000-8000-000000000000",
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The first answer of somebody who may.
async fn asked(app: &TestApp, method: &str, path: &str, body: Option<&Value>) -> Answer {
    for who in ASKED {
        let actor = app.api(who).await;
        let request = actor.request(&method.to_uppercase(), path).header("if-match", "\"1\"");
        let request = request.header("idempotency-key", uuid::Uuid::new_v4().to_string());
        let answer = actor.send(match body {
            Some(body) => request.json(body),
            None => request,
        });
        let answer = answer.await;
        if answer.status != 403 {
            return answer;
        }
    }
    panic!("nobody may {method} {path}");
}

fn names(answer: Answer, pointer: &str, what: &str) {
    assert!((400..500).contains(&answer.status), "{what}: {} {}", answer.status, answer.text);
    let document = answer.json();
    let pointers: Vec<&str> =
        document["errors"].as_array().into_iter().flatten().filter_map(|e| e["pointer"].as_str()).collect();
    assert!(pointers.contains(&pointer), "{what}: {pointer} is not in {document}");
}

/// Every field and parameter that the description of the API calls a day.
async fn no_day_of_the_description_is_outside(app: &TestApp) {
    Shop::open(app).await;
    let document = app.api(Who::Officer).await.get("/api/v1/openapi.json").await.expect(200).json();
    let mut seen = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let schema = followed(&document, &parameter["schema"]);
                let any = schema["oneOf"].as_array().into_iter().flatten();
                if parameter["in"] != "query" || !(is_day(schema) || any.into_iter().any(is_day)) {
                    continue;
                }
                let name = parameter["name"].as_str().expect("a name");
                seen.insert(format!("{path} ?{name}"));
                for day in OUTSIDE {
                    let query =
                        form_urlencoded::Serializer::new(String::new()).append_pair(name, day).finish();
                    let what = format!("{method} {path}?{query}");
                    let answer = asked(app, method, &format!("{}?{query}", filled(path)), None).await;
                    names(answer, &format!("/{name}"), &what);
                }
            }
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let mut ways = Vec::new();
            days(&document, schema, &mut Vec::new(), &mut ways);
            for way in ways {
                for day in OUTSIDE {
                    let (body, pointer) = body(&way, day);
                    seen.insert(format!("{path} {pointer}"));
                    let what = format!("{method} {path} {body}");
                    names(asked(app, method, &filled(path), Some(&body)).await, &pointer, &what);
                }
            }
        }
    }
    for known in [
        "/api/v1/orders ?from",
        "/api/v1/orders ?to",
        "/api/v1/marked-purchases ?from",
        "/api/v1/policy ?day",
        "/api/v1/orders /wanted_on",
        "/api/v1/listings/{id}/price-cuts /from_day",
        "/api/v1/listings/{id}/prices /from_day",
        "/api/v1/listings/{id}/renewals /until",
        "/api/v1/policy/proposals /effective_from",
    ] {
        assert!(seen.contains(known), "{known} is not in {seen:?}");
    }
}
app_test!(no_day_of_the_description_is_outside);

/// The forms of the portal.
async fn no_day_of_a_form_is_outside(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (officer, buyer) = (app.portal(Who::Officer).await, app.portal(Who::Hospital).await);
    let prices = format!("/listings/{}/prices", shop.plain.listing.id);
    for day in OUTSIDE {
        let price =
            [("version", "1"), ("unit_price", "1.20"), ("from_day", day), ("reason", "核定文件〔2024〕8 号")];
        let shown = officer.form(&prices, &price).await.expect(422);
        assert!(shown.text.contains(&format!("您填的是 {day}")), "{day}: {}", shown.text);
        let mut order = order_form(app, &shop, shop.plain.listing.id, "10");
        order.iter_mut().filter(|(name, _)| name == "wanted_on").for_each(|(_, value)| *value = day.into());
        order.push(("act".into(), "preview".into()));
        let fields: Vec<(&str, &str)> = order.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let shown = buyer.form("/orders/new", &fields).await.expect(422);
        assert!(shown.text.contains(&format!("您填的是 {day}")), "{day}: {}", shown.text);
    }
}
app_test!(no_day_of_a_form_is_outside);

/// The demo's clock has the same years: prices and deadlines are counted from it.
async fn the_clock_is_not_moved_outside(app: &TestApp) {
    Shop::open(app).await;
    let (api, portal) = (app.api(Who::Officer).await, app.portal(Who::Officer).await);
    for to in ["2100-01-01T00:00", "9999-12-31T09:00"] {
        let body = json!({ "to": format!("{to}:00+08:00") });
        let refused = api.post("/api/v1/legal-clock", &body).await.problem(422, "INVALID");
        assert_eq!(refused["errors"][0]["pointer"], "/to");
        portal.form("/demo/clock", &[("to", to)]).await.expect(422);
    }
}
app_test!(the_clock_is_not_moved_outside);

/// Goods are not wanted years ahead: 2024-08-05 is the day.
async fn goods_are_not_wanted_in_years(app: &TestApp) {
    let shop = Shop::open(app).await;
    let buyer = app.api(Who::Hospital).await;
    let order = |day: &str| {
        json!({
            "supplier_id": app.organisation(Who::Enterprise).id, "address_id": shop.address.id, "wanted_on": day,
            "lines": [{ "listing_id": shop.plain.listing.id, "quantity": 20 }],
        })
    };
    for far in ["2026-08-06", "2042-08-12", "2099-12-31"] {
        let refused = buyer.post("/api/v1/orders", &order(far)).await.problem(422, "INVALID");
        assert_eq!(refused["errors"][0]["pointer"], "/wanted_on");
        buyer.post("/api/v1/orders/preview", &order(far)).await.problem(422, "INVALID");
    }
    let last = buyer.post("/api/v1/orders", &order("2026-08-05")).await.expect(201).json();
    assert_eq!(last["wanted_on"], day("2026-08-05").to_string());
}
app_test!(goods_are_not_wanted_in_years);
