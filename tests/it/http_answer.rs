//! What goes out: headers, error pages, files, the description of the API.

use std::collections::BTreeSet;

use jicai::web::openapi::ApiDoc;
use jicai::web::routes;
use utoipa::OpenApi;

use crate::support::{TestApp, Who, app_test};

async fn every_answer_is_guarded_by_headers(app: &TestApp) {
    let api = app.api(Who::Anonymous).await;
    for path in ["/login", "/healthz", "/api/v1/me", "/nothing", "/static/css/theme.css", "/api/docs/"] {
        let answer = api.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("x-request-id").len(), "K7QM-2XWD".len(), "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}: this is plain http");
    }
}
app_test!(every_answer_is_guarded_by_headers);

async fn an_error_of_the_portal_is_a_page_with_a_number_and_a_way_back(app: &TestApp) {
    let portal = app.portal(Who::Hospital).await;
    let answer = portal.get("/nothing").await.expect(404);
    assert!(answer.header("content-type").starts_with("text/html"));
    let id = answer.header("x-request-id").to_owned();
    for words in ["没有这个页面", &id, "回到首页", "第一人民医院"] {
        assert!(answer.text.contains(words), "{words} is not in {}", answer.text);
    }
    let answer = app.portal(Who::Anonymous).await.get("/nothing").await.expect(404);
    assert!(answer.text.contains("回到首页") && !answer.text.contains("去登录"));
}
app_test!(an_error_of_the_portal_is_a_page_with_a_number_and_a_way_back);

async fn files_are_asked_for_once(app: &TestApp) {
    let api = app.api(Who::Anonymous).await;
    let first = api.get("/static/css/theme.css?v=0.1.0").await.expect(200);
    assert!(first.header("content-type").starts_with("text/css"), "{}", first.header("content-type"));
    let etag = first.header("etag").to_owned();
    assert_eq!(etag.len(), 66);
    let again = api.request("GET", "/static/css/theme.css").header("if-none-match", &etag);
    let again = api.send(again).await.expect(304);
    assert_eq!((again.header("etag"), again.text.as_str()), (etag.as_str(), ""));
    for path in ["/static/nothing.css", "/static/../Cargo.toml", "/static/%2e%2e/Cargo.toml", "/static/"] {
        api.get(path).await.expect(404);
    }
}
app_test!(files_are_asked_for_once);

async fn alive_and_ready(app: &TestApp) {
    let api = app.api(Who::Anonymous).await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(api.get(path).await.expect(200).json()["status"], "ok");
    }
}
app_test!(alive_and_ready);

async fn the_api_describes_itself(app: &TestApp) {
    let api = app.api(Who::Anonymous).await;
    let document = api.get("/api/v1/openapi.json").await.expect(200).json();
    assert!(document["openapi"].as_str().is_some_and(|v| v.starts_with("3.1")), "{}", document["openapi"]);
    let page = api.get("/api/docs/").await.expect(200);
    assert!(page.text.contains("swagger-initializer.js"));
    assert!(!page.text.contains("<script>"), "a script inside the page would not run under our policy");
    let start = api.get("/api/docs/swagger-initializer.js").await.expect(200);
    assert!(
        start.text.contains("/api/v1/openapi.json") && !start.text.contains("petstore"),
        "{}",
        start.text
    );
    api.get("/api/docs/swagger-ui-bundle.js").await.expect(200);
}
app_test!(the_api_describes_itself);

/// What the table serves and what the description says is the same.
#[test]
fn the_description_and_the_route_table_agree() {
    let json: serde_json::Value =
        serde_json::from_str(&ApiDoc::openapi().to_json().expect("JSON")).expect("JSON");
    let described: BTreeSet<String> = json["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("methods").keys();
            methods.map(move |m| format!("{} {path}", m.to_uppercase())).collect::<Vec<_>>()
        })
        .collect();
    let served: BTreeSet<String> = routes::table()
        .iter()
        .filter(|r| r.path.starts_with("/api/v1/") && r.path != "/api/v1/openapi.json")
        .map(|r| format!("{} {}", r.method, r.path))
        .collect();
    assert_eq!(described, served);
}

/// Tag, security and the address's parameters are described as the line has them.
#[test]
fn the_description_says_what_the_line_says() {
    let json: serde_json::Value =
        serde_json::from_str(&ApiDoc::openapi().to_json().expect("JSON")).expect("JSON");
    let tags = json["tags"].as_array().expect("tags");
    let mut seen = 0;
    for route in routes::table() {
        let operation = &json["paths"][route.path][route.method.as_str().to_lowercase()];
        if operation.is_null() {
            continue;
        }
        seen += 1;
        let line = format!("{} {}", route.method, route.path);
        assert_eq!(operation["security"].is_null(), route.rule.open, "{line}: who may without a token?");
        let tag = &operation["tags"][0];
        let same = |t: &&serde_json::Value| t["name"] == *tag && t["description"].as_str() != Some("");
        assert_eq!(tags.iter().filter(same).count(), 1, "{line}: {tag} is described once");
        let asked: BTreeSet<&str> =
            route.path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect();
        let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        let told: BTreeSet<&str> =
            parameters.iter().filter(|p| p["in"] == "path").filter_map(|p| p["name"].as_str()).collect();
        assert_eq!(told, asked, "{line}");
    }
    assert!(seen > 90, "only {seen} operations");
}
