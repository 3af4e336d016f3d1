//! What the guide says about an organisation's own systems: their token, their scopes, what is refused.

use std::fmt::Write;

use jicai::platform::who::OrgKind;
use jicai::platform::who::scope::Scope;
use jicai::web::routes;
use serde_json::json;

use super::{Guide, ask};
use crate::support::door::bearer;
use crate::support::{TestApp, Who};

pub async fn examples(app: &TestApp, guide: &mut Guide) {
    let admin = app.api(Who::HospitalAdmin).await;
    let body = json!({ "name": "药库管理系统", "scopes": ["products:read", "orders:read"] });
    let made = guide.run(&admin, ask("client", "POST /api/v1/clients").body(body), 201).await.json();
    let body = json!({ "client_id": made["id"], "client_secret": made["client_secret"] });
    let anybody = app.api(Who::Anonymous).await;
    let token = ask("client-token", "POST /api/v1/tokens/client").body(body);
    let token = guide.run(&anybody, token, 201).await.json();
    let system = bearer(app, &token["access_token"]);
    guide.run(&system, ask("scope-missing", "GET /api/v1/addresses"), 403).await;
    guide.run(&system, ask("people-only", "GET /api/v1/me"), 403).await;
    guide.tell("scopes", scopes());
}

/// Every scope, who may have it and what it opens, read from the route table.
fn scopes() -> String {
    let table = routes::table();
    let mut text = String::from("| scope | for | opens |\n| --- | --- | --- |\n");
    for scope in Scope::ALL {
        let opens: Vec<String> = table
            .iter()
            .filter(|route| route.rule.scope == Some(*scope))
            .map(|route| format!("`{} {}`", route.method, route.path.trim_start_matches("/api/v1")))
            .collect();
        let who: Vec<&str> = [
            ("hospitals", OrgKind::PublicHospital),
            ("manufacturers", OrgKind::Manufacturer),
            ("distributors", OrgKind::Distributor),
        ]
        .into_iter()
        .filter(|(_, kind)| scope.fits(*kind))
        .map(|(name, _)| name)
        .collect();
        assert!(!opens.is_empty() && !who.is_empty(), "{scope} is good for nothing");
        writeln!(text, "| `{scope}` | {} | {} |", who.join(", "), opens.join("<br>")).expect("text");
    }
    text
}
