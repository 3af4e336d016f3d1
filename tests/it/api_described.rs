//! F6: whatever fits the description, and whatever does not, is answered as the description says.

use std::collections::BTreeSet;

use jicai::accounts::{api_client, name};
use jicai::catalogue::proposal as product;
use jicai::catalogue::{claim, worklist};
use jicai::listing::{office_price, renew, withdraw};
use jicai::order::input as order;
use jicai::party::directory::suspend;
use jicai::party::{address, registration::decide};
use jicai::platform::calendar::notice;
use jicai::platform::input::Field;
use jicai::platform::policy::proposal as policy;
use serde_json::{Map, Value, json};

use crate::support::shop::Shop;
use crate::support::{Actor, TestApp, Who, app_test};

const ASKED: [Who; 3] = [Who::Officer, Who::Hospital, Who::Enterprise];

async fn document(app: &TestApp) -> Value {
    app.api(Who::Officer).await.get("/api/v1/openapi.json").await.expect(200).json()
}

/// Every operation: its address, its method and itself.
fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    document["paths"].as_object().into_iter().flatten().flat_map(|(path, operations)| {
        operations.as_object().into_iter().flatten().map(move |(method, told)| (path, method, told))
    })
}

fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true => "00000000-0000-4000-8000-000000000000",
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// A method that an address does not know, whatever comes in the body.
async fn an_unknown_method_is_405_whatever_comes_with_it(app: &TestApp) {
    let document = document(app).await;
    let types = ["multipart/form-data; boundary=x", "application/json", "text/plain"];
    let stranger = app.api(Who::Anonymous).await;
    let mut count = 0;
    for (path, known) in document["paths"].as_object().expect("paths") {
        for method in ["TRACE", "BREW", "GET", "POST", "PUT", "PATCH", "DELETE"] {
            if known.get(method.to_lowercase()).is_some() {
                continue;
            }
            for kind in types {
                let request = stranger.request(method, &filled(path)).header("content-type", kind);
                let answer = stranger.send(request.body("--x--\r\n")).await;
                assert_eq!(answer.status, 405, "{method} {path} {kind}: {}", answer.text);
                let allowed: BTreeSet<&str> = answer.header("allow").split(", ").collect();
                let told = known.as_object().expect("operations").keys().map(|one| one.to_uppercase());
                assert!(told.into_iter().all(|one| allowed.contains(one.as_str())), "{path}: {allowed:?}");
                count += 1;
            }
        }
    }
    assert!(count > 500, "{count}");
    let request = stranger.request("POST", "/api/v1/nowhere").header("content-type", types[0]);
    stranger.send(request.body("--x--\r\n")).await.problem(404, "NOT_FOUND");
    let portal = app.portal(Who::Hospital).await;
    let file: &[u8] = b"%PDF-1.4";
    assert_eq!(portal.upload("/catalogue", &[], &[("files", "a.pdf", file)]).await.status, 405);
    assert_eq!(portal.upload("/nowhere", &[], &[("files", "a.pdf", file)]).await.status, 404);
}
app_test!(an_unknown_method_is_405_whatever_comes_with_it);

/// What the description says of a text is what the check says.
async fn texts_are_described_with_their_lengths(app: &TestApp) {
    let document = document(app).await;
    let needed: [(&str, &Field); 21] = [
        ("NewVersion", &policy::NOTE),
        ("Turned", &policy::REASON),
        ("NewNotice", &notice::NUMBER),
        ("Withdrawal", &withdraw::REASON),
        ("Renewal", &renew::REASON),
        ("OfficePrice", &office_price::REASON),
        ("AddressInput", &address::RECIPIENT),
        ("AddressInput", &address::PHONE),
        ("AddressInput", &address::ADDRESS),
        ("StateInput", &suspend::REASON),
        ("ProductChange", &product::REASON),
        ("ProductPatch", &product::STRENGTH),
        ("ProductPatch", &product::FILL_VOLUME),
        ("ProductPatch", &product::BRAND),
        ("ProductPatch", &product::HOLDER),
        ("Settlement", &worklist::REASON),
        ("DraftInput", &order::REMARK),
        ("LineInput", &order::PACK_REMARK),
        ("Person", &name::LOGIN),
        ("Person", &name::DISPLAY_NAME),
        ("NewClient", &api_client::NAME),
    ];
    for (schema, field) in needed {
        let told = &document["components"]["schemas"][schema]["properties"][field.name];
        let least = told["minLength"].as_u64().unwrap_or(0);
        assert_eq!((least, &told["maxLength"]), (field.least as u64, &json!(field.most)), "{schema} {told}");
    }
    // Asked for by some acts only.
    let sometimes: [(&str, &Field); 4] = [
        ("Decision", &decide::WORDS),
        ("Judgement", &claim::REASON),
        ("LineInput", &order::RISK_REASON),
        ("SubmitLine", &order::RISK_REASON),
    ];
    for (schema, field) in sometimes {
        let told = &document["components"]["schemas"][schema]["properties"][field.name];
        assert_eq!((&told["minLength"], &told["maxLength"]), (&Value::Null, &json!(field.most)), "{schema}");
    }
}
app_test!(texts_are_described_with_their_lengths);

fn followed<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(to) => document.pointer(&to[1..]).expect("a schema"),
        None => schema,
    }
}

/// A value that fits a schema: the shortest, or the longest.
fn fitting(document: &Value, schema: &Value, longest: bool) -> Value {
    let schema = followed(document, schema);
    for kind in ["oneOf", "anyOf"] {
        if let Some(ways) = schema[kind].as_array() {
            let way = if longest { ways.last() } else { ways.first() };
            return fitting(document, way.expect("a way"), longest);
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        return if longest { values.last() } else { values.first() }.expect("a value").clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds[0].as_str(),
        kind => kind.as_str(),
    };
    let bound = |least: &str, most: &str, least_else: u64, most_else: u64| match longest {
        true => schema[most].as_u64().unwrap_or(most_else),
        false => schema[least].as_u64().unwrap_or(least_else),
    };
    match kind.unwrap_or("object") {
        "string" => text(schema, bound("minLength", "maxLength", 0, 40)),
        "integer" | "number" => json!(bound("minimum", "maximum", 0, 2_000_000_000)),
        "boolean" => json!(longest),
        "array" => {
            let items = bound("minItems", "maxItems", 0, 3).min(3);
            (0..items).map(|_| fitting(document, &schema["items"], longest)).collect()
        }
        "null" => Value::Null,
        _ => object(document, schema, longest),
    }
}

fn text(schema: &Value, chars: u64) -> Value {
    match (schema["format"].as_str(), schema["pattern"].as_str()) {
        (Some("uuid"), _) => json!("00000000-0000-4000-8000-000000000000"),
        (Some("date"), _) => json!("2024-08-12"),
        (Some("date-time"), _) => json!("2024-08-12T09:00:00+08:00"),
        (Some("email"), _) => json!("zhang@example.cn"),
        (_, Some(pattern)) if pattern.contains("\\d") => json!("5.80"),
        (_, Some(_)) => json!("1"),
        _ => json!("药".repeat(usize::try_from(chars).expect("a length"))),
    }
}

fn object(document: &Value, schema: &Value, longest: bool) -> Value {
    let needed = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|n| n == name));
    let members = schema["properties"].as_object().into_iter().flatten();
    let chosen = members.filter(|(name, _)| longest || needed(name));
    chosen
        .map(|(name, member)| (name.clone(), fitting(document, member, longest)))
        .collect::<Map<_, _>>()
        .into()
}

/// Bodies that fit, and for each member one that is missing and ones of another kind or size.
fn bodies(document: &Value, schema: &Value) -> Vec<Value> {
    let mut all = vec![fitting(document, schema, false), fitting(document, schema, true)];
    let whole = all[1].clone();
    for name in whole.as_object().into_iter().flatten().map(|(name, _)| name) {
        let mut without = whole.clone();
        without.as_object_mut().expect("an object").remove(name);
        all.push(without);
        for wrong in [
            Value::Null,
            json!(true),
            json!(-1),
            json!(1.5e300),
            json!([]),
            json!({}),
            json!(""),
            json!("\u{7f}\n"),
            json!("长".repeat(3000)),
        ] {
            let mut changed = whole.clone();
            changed[name] = wrong;
            all.push(changed);
        }
    }
    all.extend([json!(null), json!([]), json!(1), json!("x"), json!({ "unknown_1": 1 })]);
    all
}

/// Values of the parameters of an address: none, then each one with what fits and what does not.
fn addresses(document: &Value, path: &str, told: &Value) -> Vec<String> {
    let mut all = vec![filled(path)];
    if path.contains('{') {
        let parts = path.split('/').map(|part| if part.starts_with('{') { "%E8%8D%AF" } else { part });
        all.push(parts.collect::<Vec<_>>().join("/"));
    }
    for parameter in told["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "query") {
        let schema = &parameter["schema"];
        let plain = |value: Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        let fits = [false, true].map(|longest| plain(fitting(document, schema, longest)));
        let wrong = ["", "-1", "\u{7f}", "99999999999999999999"].map(ToOwned::to_owned);
        for value in fits.into_iter().chain(wrong).chain(["长".repeat(500)]) {
            let name = parameter["name"].as_str().expect("a name");
            let query = form_urlencoded::Serializer::new(String::new()).append_pair(name, &value).finish();
            all.push(format!("{}?{query}", filled(path)));
        }
    }
    all
}

/// Sends it and adds to `strange` what the description does not say.
async fn send(
    actor: &Actor,
    at: (&str, &str),
    told: &Value,
    body: Option<&Value>,
    strange: &mut Vec<String>,
) {
    let (method, address) = at;
    let request = actor.request(&method.to_uppercase(), address).header("if-match", "\"1\"");
    let request = request.header("idempotency-key", uuid::Uuid::new_v4().to_string());
    let request = match body {
        Some(body) => request.json(body),
        None => request,
    };
    let answer = actor.send(request).await;
    let refused = answer.status >= 400;
    let known = told["responses"].get(answer.status.to_string()).is_some();
    let formed = !refused || answer.header("content-type") == "application/problem+json";
    if !known || !formed || answer.status >= 500 {
        let shown: String = body.map(Value::to_string).unwrap_or_default().chars().take(200).collect();
        strange.push(format!("{} {method} {address} {shown}: {}", answer.status, answer.text));
    }
}

/// Each operation with values that fit and values that do not; those that end a session or lock a door are left out.
async fn every_answer_is_described(app: &TestApp) {
    Shop::open(app).await;
    let document = document(app).await;
    let (mut strange, mut count) = (Vec::new(), 0);
    for who in ASKED {
        let actor = app.api(who).await;
        for (path, method, told) in operations(&document) {
            if ["password", "tokens", "sessions"].iter().any(|left_out| path.contains(left_out)) {
                continue;
            }
            for address in addresses(&document, path, told) {
                send(&actor, (method, &address), told, None, &mut strange).await;
                count += 1;
            }
            let schema = &told["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_null() {
                continue;
            }
            for body in bodies(&document, schema) {
                send(&actor, (method, &filled(path)), told, Some(&body), &mut strange).await;
                count += 1;
            }
        }
    }
    assert!(strange.is_empty(), "{} of {count}: {strange:#?}", strange.len());
    assert!(count > 1500, "{count}");
}
app_test!(every_answer_is_described);
