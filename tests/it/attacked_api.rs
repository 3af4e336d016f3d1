//! F6: the description of the API is what the API does.

use serde_json::Value;

use crate::support::{TestApp, Who, app_test};

async fn document(app: &TestApp) -> Value {
    app.api(Who::Anonymous).await.get("/api/v1/openapi.json").await.expect(200).json()
}

/// Every value of an enum as the description has it.
fn words(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::Array(values)) = members.get("enum") {
                found.extend(values.iter().filter_map(|v| v.as_str().map(str::to_owned)));
            }
            members.values().for_each(|member| words(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| words(item, found)),
        _ => {}
    }
}

async fn enums_are_described_as_they_are_spoken(app: &TestApp) {
    let mut all = Vec::new();
    words(&document(app).await["components"]["schemas"], &mut all);
    assert!(all.len() > 50, "{all:?}");
    let mixed = |word: &&String| {
        word.starts_with(|c: char| c.is_ascii_uppercase()) && word.contains(|c: char| c.is_ascii_lowercase())
    };
    let pascal: Vec<_> = all.iter().filter(mixed).collect();
    assert!(pascal.is_empty(), "{pascal:?}");
}
app_test!(enums_are_described_as_they_are_spoken);

async fn every_key_in_an_address_is_a_parameter(app: &TestApp) {
    let document = document(app).await;
    let mut missing = Vec::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let none = Vec::new();
            let parameters = operation["parameters"].as_array().unwrap_or(&none);
            for name in path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
            {
                if !parameters.iter().any(|p| p["in"] == "path" && p["name"] == name) {
                    missing.push(format!("{method} {path}: {name}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
app_test!(every_key_in_an_address_is_a_parameter);

async fn a_method_that_is_not_known_is_told_which_are(app: &TestApp) {
    let api = app.api(Who::Hospital).await;
    for (method, path, allow) in [
        ("DELETE", "/api/v1/tokens", "POST"),
        ("PATCH", "/api/v1/me", "GET, HEAD"),
        ("BREW", "/api/v1/orders", "GET, POST, HEAD"),
    ] {
        let answer = api.send(api.request(method, path)).await.expect(405);
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
    }
}
app_test!(a_method_that_is_not_known_is_told_which_are);
