//! Machine clients: an organisation's own system, within its scopes, until it is revoked.

use chrono::Duration;
use diesel::prelude::*;
use jicai::accounts::api_client::{self, NewClient};
use jicai::accounts::invite::{self, Person};
use jicai::platform::schema::organisation;
use jicai::platform::who::scope::Scope;
use jicai::platform::who::{Post, Principal};
use jicai::web::routes;
use serde_json::{Value, json};

use crate::support::app::PASSWORD;
use crate::support::door::{audited, bearer, tokens};
use crate::support::{Actor, Answer, TestApp, Who, app_test};

async fn make(app: &TestApp, scopes: &[&str]) -> Value {
    let admin = app.api(Who::HospitalAdmin).await;
    let body = json!({ "name": "药库管理系统", "scopes": scopes });
    admin.json("POST", "/api/v1/clients", &body).await.expect(201).json()
}

async fn ask(app: &TestApp, id: &Value, secret: &Value) -> Answer {
    let body = json!({ "client_id": id, "client_secret": secret });
    app.api(Who::Anonymous).await.json("POST", "/api/v1/tokens/client", &body).await
}

/// A client as it calls the API.
async fn acting(app: &TestApp, client: &Value) -> Actor {
    let token = ask(app, &client["id"], &client["client_secret"]).await.expect(201).json();
    assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("Bearer"), &json!(900)));
    bearer(app, &token["access_token"])
}

fn street() -> Value {
    json!({ "recipient": "李药师", "phone": "0771-5550123", "address": "南州市民主路 1 号药库", "is_default": false })
}

async fn a_client_acts_within_its_scopes_only(app: &TestApp) {
    let client = make(app, &["orders:read", "products:read"]).await;
    let system = acting(app, &client).await;
    system.get("/api/v1/orders").await.expect(200);
    system.get("/api/v1/products").await.expect(200);
    let refused = system.post("/api/v1/orders", &json!({})).await.problem(403, "SCOPE_MISSING");
    assert_eq!(refused["scope"], "orders:write");
    assert!(refused["detail"].as_str().expect("words").contains("orders:write"), "{refused}");
    let refused = system.get("/api/v1/addresses").await.problem(403, "SCOPE_MISSING");
    assert_eq!(refused["scope"], "addresses:read");
    for people_only in
        ["/api/v1/users", "/api/v1/clients", "/api/v1/me", "/api/v1/messages", "/api/v1/account/totp"]
    {
        system.get(people_only).await.problem(403, "PEOPLE_ONLY");
    }
    // Deadlines go by the legal clock, so it is for everybody.
    system.get("/api/v1/legal-clock").await.expect(200);
    // At the portal a token is nothing.
    assert_eq!(system.get("/orders").await.status, 303);
    let writer = acting(app, &make(app, &["addresses:read", "addresses:write"]).await).await;
    let made = writer.post("/api/v1/addresses", &street()).await.expect(201).json();
    let list = writer.get("/api/v1/addresses").await.expect(200).json();
    assert_eq!(list["items"][0]["id"], made["id"]);
    // Its administrator sees who did it.
    let entries = audited(app, "client.create").await;
    let text = format!("{entries:?}");
    assert!(
        entries.len() == 2
            && !text.contains("secret")
            && !text.contains(client["client_secret"].as_str().expect("text"))
    );
}
app_test!(a_client_acts_within_its_scopes_only);

/// An enterprise's system reads its own products, codes and claims; it claims nothing, and a hospital's has no such scope.
async fn an_enterprises_system_reads_its_own_goods(app: &TestApp) {
    let person = app.person(Who::Enterprise);
    let admin = Principal { post: Post::Admin, ..person };
    let (name, scopes) = ("企业资源系统".into(), vec![Scope::OwnProductsRead, Scope::OrganisationRead]);
    let (client, secret) =
        api_client::create(&app.db, &admin, NewClient { name, scopes }).await.expect("made");
    let made = json!({ "id": client.id, "client_secret": secret });
    let system = acting(app, &made).await;
    let fields = [("code", "10001"), ("note", "批准文号由本单位持有")];
    let files: [crate::support::actor::Sent<'_>; 1] =
        [("evidence", "批件.png", b"\x89PNG\r\n\x1a\n a licence")];
    let clerk = app.api(Who::Enterprise).await;
    let claim = clerk.upload("/api/v1/my/claims", &fields, &files).await.expect(201).json();
    let own = format!("/api/v1/my/claims/{}", claim["id"].as_str().expect("id"));
    assert_eq!(system.get(&own).await.expect(200).json()["id"], claim["id"]);
    let claims = system.get("/api/v1/my/claims").await.expect(200).json();
    assert_eq!(claims["items"].as_array().map(Vec::len), Some(1), "{claims}");
    for path in ["/api/v1/my/products", "/api/v1/my/codes"] {
        assert_eq!(system.get(path).await.expect(200).json()["items"], json!([]), "{path}");
    }
    let organisation = system.get("/api/v1/organisation").await.expect(200).json();
    assert_eq!(organisation["name"], "华南制药有限公司", "{organisation}");
    system.upload("/api/v1/my/claims", &fields, &files).await.problem(403, "PEOPLE_ONLY");
    system.post(&format!("{own}/withdraw"), &json!({})).await.problem(403, "PEOPLE_ONLY");
    system.upload("/api/v1/organisation/files", &[], &files).await.problem(403, "PEOPLE_ONLY");
    system.get("/api/v1/imports").await.problem(403, "PEOPLE_ONLY");
    system.get("/api/v1/policy").await.problem(403, "PEOPLE_ONLY");
    system.get("/api/v1/orders").await.problem(403, "SCOPE_MISSING");
    // Another enterprise's claim is none, for its system as for its people.
    let stranger = Principal { post: Post::Admin, ..app.person(Who::OtherEnterprise) };
    let new = NewClient { name: "企业资源系统".into(), scopes: vec![Scope::OwnProductsRead] };
    let (client, secret) = api_client::create(&app.db, &stranger, new).await.expect("made");
    let foreign = acting(app, &json!({ "id": client.id, "client_secret": secret })).await;
    foreign.get(&own).await.problem(404, "NOT_FOUND");
    let body = json!({ "name": "药库管理系统", "scopes": ["own_products:read"] });
    let hospital = app.api(Who::HospitalAdmin).await;
    hospital.json("POST", "/api/v1/clients", &body).await.problem(422, "INVALID");
    app.take_mails().await;
}
app_test!(an_enterprises_system_reads_its_own_goods);

/// The scope opens no door that the organisation has not: a hospital's client cannot answer orders.
async fn a_scope_is_no_more_than_the_organisation_may(app: &TestApp) {
    let system = acting(app, &make(app, &["orders:write"]).await).await;
    let order = app.person(Who::Hospital).user;
    system.post(&format!("/api/v1/orders/{order}/confirm"), &json!({})).await.problem(403, "FORBIDDEN");
    let admin = app.api(Who::HospitalAdmin).await;
    for (scopes, said) in [
        (json!(["prices:write"]), "不能有"),
        (json!([]), "至少选择一项"),
        (json!(["orders:write", "distributors:write"]), "不能有"),
    ] {
        let body = json!({ "name": "药库管理系统", "scopes": scopes });
        let problem = admin.json("POST", "/api/v1/clients", &body).await.problem(422, "INVALID");
        assert_eq!(problem["errors"][0]["pointer"], "/scopes");
        assert!(problem["detail"].as_str().expect("words").contains(said), "{problem}");
    }
    let body = json!({ "name": "x", "scopes": ["everything"] });
    let unknown = admin.json("POST", "/api/v1/clients", &body).await;
    assert!(matches!(unknown.status, 400 | 422), "{}", unknown.text);
    app.api(Who::Officer).await.get("/api/v1/clients").await.problem(403, "FORBIDDEN");
}
app_test!(a_scope_is_no_more_than_the_organisation_may);

async fn a_secret_is_replaced_and_a_client_revoked_at_once(app: &TestApp) {
    let client = make(app, &["orders:read"]).await;
    let old = acting(app, &client).await;
    let admin = app.api(Who::HospitalAdmin).await;
    let path = format!("/api/v1/clients/{}", client["id"].as_str().expect("id"));
    let rotate = |version: &'static str| {
        admin.send(admin.request("POST", &format!("{path}/rotate")).header("if-match", version))
    };
    let rotated = rotate("\"1\"").await.expect(200).json();
    rotate("\"1\"").await.problem(409, "STALE_VERSION");
    old.get("/api/v1/orders").await.problem(401, "TOKEN_REVOKED");
    ask(app, &client["id"], &client["client_secret"]).await.problem(401, "CLIENT_FAILED");
    let new = acting(app, &rotated).await;
    new.get("/api/v1/orders").await.expect(200);
    let listed = admin.get("/api/v1/clients").await.expect(200);
    assert!(
        listed.text.contains("last_used_at") && !listed.text.contains("client_secret"),
        "{}",
        listed.text
    );
    let other = invited_admin_of_elsewhere(app).await;
    let revoke = async |who: &Actor| who.send(who.request("DELETE", &path).header("if-match", "\"2\"")).await;
    revoke(&other).await.problem(404, "NOT_FOUND");
    revoke(&admin).await.expect(204);
    new.get("/api/v1/orders").await.problem(401, "TOKEN_REVOKED");
    ask(app, &client["id"], &rotated["client_secret"]).await.problem(401, "CLIENT_FAILED");
    revoke(&admin).await.problem(409, "WRONG_STATE");
    assert_eq!(audited(app, "client.failed").await.len(), 2);
}
app_test!(a_secret_is_replaced_and_a_client_revoked_at_once);

/// An administrator of the second hospital.
async fn invited_admin_of_elsewhere(app: &TestApp) -> Actor {
    let hospital = app.organisation(Who::OtherHospital).clone();
    let person = Person {
        login: "other.admin".into(),
        display_name: "钱主任".into(),
        email: "other.admin@example.cn".into(),
        function: Post::Admin,
    };
    app.db
        .write(&app.system(), move |tx| {
            invite::insert_invited(tx, hospital.id, &hospital.name, "采购中心", &person).map(drop)
        })
        .await
        .expect("invited");
    let link = crate::support::door::last_link(app, "other.admin@example.cn").await;
    let key = crate::support::door::key_of(&link);
    let fields =
        [("key", key), ("password", "green otter on a ladder"), ("again", "green otter on a ladder")];
    crate::support::door::stranger(app, &link, "/invitation", &fields).await.expect(303);
    app.take_mails().await;
    let pair = tokens(app, "other.admin", "green otter on a ladder", None).await.expect(201).json();
    bearer(app, &pair["access_token"])
}

async fn suspension_and_time_end_a_token(app: &TestApp) {
    let client = make(app, &["orders:read"]).await;
    let system = acting(app, &client).await;
    let hospital = app.organisation(Who::Hospital).id;
    let state = |state: &'static str| {
        app.db.write_unaudited("test", move |c| {
            diesel::update(organisation::table.find(hospital))
                .set(organisation::state.eq(state))
                .execute(c)?;
            Ok(())
        })
    };
    state("suspended").await.expect("suspended");
    system.get("/api/v1/orders").await.problem(401, "TOKEN_REVOKED");
    ask(app, &client["id"], &client["client_secret"]).await.problem(401, "CLIENT_FAILED");
    state("active").await.expect("active");
    system.get("/api/v1/orders").await.expect(200);
    app.clock.advance(Duration::minutes(15));
    system.get("/api/v1/orders").await.problem(401, "TOKEN_EXPIRED");
}
app_test!(suspension_and_time_end_a_token);

/// A client's key is no log-in name, its secret no password; a person's token has no scopes, a client's no person.
async fn a_client_is_no_person(app: &TestApp) {
    let client = make(app, &["orders:read"]).await;
    let (id, secret) =
        (client["id"].as_str().expect("id"), client["client_secret"].as_str().expect("secret"));
    for login in [id.to_owned(), format!("client:{id}")] {
        tokens(app, &login, secret, None).await.problem(401, "LOGIN_FAILED");
        tokens(app, &login, "!", None).await.problem(401, "LOGIN_FAILED");
    }
    for (id, secret) in [("hospital", PASSWORD), (id, "wrong"), ("", ""), (id, "")] {
        ask(app, &json!(id), &json!(secret)).await.problem(401, "CLIENT_FAILED");
    }
    let admin = app.api(Who::HospitalAdmin).await;
    let users = admin.get("/api/v1/users").await.expect(200);
    assert!(!users.text.contains("药库管理系统"), "no person of the hospital");
    admin.get(&format!("/api/v1/users/{id}")).await.problem(404, "NOT_FOUND");
}
app_test!(a_client_is_no_person);

/// Which scope which route asks for, written by hand; whatever is not here is for people only.
#[test]
fn each_route_names_its_scope() {
    let table = routes::table();
    let scoped: Vec<(String, &str)> = table
        .iter()
        .filter_map(|r| Some((format!("{} {}", r.method, r.path), r.rule.scope?.as_str())))
        .collect();
    for (route, scope) in &scoped {
        let (method, path) = route.split_once(' ').expect("METHOD /path");
        assert!(path.starts_with("/api/v1/"), "{route}: a page has no scope");
        let reads = method == "GET" || path.ends_with("/preview");
        assert!(
            scope.ends_with(":read") || !reads || path.ends_with("/preview"),
            "{route} reads under {scope}"
        );
        assert!(scope.ends_with(":write") || method == "GET", "{route} writes under {scope}");
    }
    let of = |route: &str| scoped.iter().find(|(r, _)| r == route).map(|(_, scope)| *scope);
    for (route, scope) in [
        ("GET /api/v1/products", "products:read"),
        ("GET /api/v1/orders", "orders:read"),
        ("GET /api/v1/orders.xlsx", "orders:read"),
        ("POST /api/v1/orders", "orders:write"),
        ("POST /api/v1/orders/{id}/confirm", "orders:write"),
        ("POST /api/v1/listings/{id}/price-cuts", "prices:write"),
        ("PUT /api/v1/addresses/{id}", "addresses:write"),
        ("DELETE /api/v1/distributors/{id}", "distributors:write"),
        ("GET /api/v1/feed", "feed:read"),
        ("GET /api/v1/my/products", "own_products:read"),
        ("GET /api/v1/my/codes", "own_products:read"),
        ("GET /api/v1/my/claims/{id}", "own_products:read"),
        ("GET /api/v1/organisation", "organisation:read"),
    ] {
        assert_eq!(of(route), Some(scope), "{route}");
    }
    // A claim and a licence are said by a person who answers for them; imports and parameters are officers' work.
    for people_only in [
        "POST /api/v1/users",
        "POST /api/v1/clients",
        "GET /api/v1/me",
        "POST /api/v1/legal-clock",
        "POST /api/v1/my/claims",
        "POST /api/v1/my/claims/{id}/withdraw",
        "POST /api/v1/organisation/files",
        "POST /api/v1/imports",
        "GET /api/v1/organisations",
        "GET /api/v1/policy",
        "POST /api/v1/account/totp/removal",
        "DELETE /api/v1/account/sessions",
        "GET /api/v1/messages",
    ] {
        assert_eq!(of(people_only), None, "{people_only}");
    }
}
