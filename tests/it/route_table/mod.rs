//! Every route × every kind of person, against a table written by hand. A route without a row fails the test.

mod accounts;
mod api;
mod goods;
mod party;
mod policy;
mod portal;
pub mod world;

use std::collections::{BTreeMap, BTreeSet};

use jicai::web::routes;
use serde_json::Value;
use world::World;

use crate::support::{Actor, Answer, TestApp, Who, app_test};

/// What a request carries.
enum Body {
    None,
    Json(Value),
    Form(Vec<(&'static str, String)>),
    /// A form with one file in such a field: its name and content.
    Upload(Vec<(&'static str, String)>, &'static str, &'static str, &'static [u8]),
}

/// One route and what each person is answered there.
struct Row {
    /// As in the route table.
    route: &'static str,
    /// `*=403 hospitals=200 other_hospital=404`: a name wins over a group, a group over `*`. `login` is the portal's way to
    /// the log-in page and back. Who is refused is tried first, so that one object serves an act that succeeds once.
    expect: &'static str,
    at: fn(&World, Who) -> String,
    body: fn(&World, Who) -> Body,
    /// For `If-Match`.
    version: Option<i64>,
}

fn row(route: &'static str, expect: &'static str) -> Row {
    Row { route, expect, at: |_, _| String::new(), body: |_, _| Body::None, version: None }
}

impl Row {
    /// Where the address has parameters.
    fn at(self, at: fn(&World, Who) -> String) -> Self {
        Self { at, ..self }
    }

    fn sends(self, body: fn(&World, Who) -> Body) -> Self {
        Self { body, ..self }
    }

    fn if_match(self, version: i64) -> Self {
        Self { version: Some(version), ..self }
    }
}

fn rows() -> Vec<Row> {
    let mut all = portal::rows();
    all.extend(portal::order_rows());
    all.extend(api::rows());
    all.extend(api::order_rows());
    all.extend(party::rows());
    all.extend(policy::rows());
    all.extend(goods::rows());
    all.extend(accounts::rows());
    all.extend(portal::last_rows());
    all
}

/// People who are answered alike in most rows.
fn group(name: &str) -> Option<&'static [Who]> {
    use Who::*;
    Some(match name {
        "*" => Who::ALL,
        "first_hospital" => &[Hospital, Finance, HospitalAdmin, HospitalViewer],
        "hospitals" => &[Hospital, OtherHospital, Finance, HospitalAdmin, HospitalViewer],
        "buyers" => &[Hospital, OtherHospital],
        "manufacturers" => &[Enterprise, OtherEnterprise],
        "suppliers" => &[Enterprise, OtherEnterprise, Distributor],
        "authorities" => &[Officer, SecondOfficer, Bureau],
        _ => return None,
    })
}

/// What each person is answered: a status, or `login`.
fn expectations(row: &Row) -> BTreeMap<Who, &'static str> {
    let parts = || row.expect.split_whitespace().filter_map(|part| part.split_once('='));
    let mut expected = BTreeMap::new();
    for pass in ["*", "group", "name"] {
        for (name, answer) in parts() {
            let people = match (name, group(name)) {
                ("*", Some(all)) if pass == "*" => all.to_vec(),
                (_, Some(some)) if pass == "group" && name != "*" => some.to_vec(),
                (_, None) if pass == "name" => vec![named(name)],
                _ => continue,
            };
            expected.extend(people.into_iter().map(|who| (who, answer)));
        }
    }
    assert_eq!(expected.len(), Who::ALL.len(), "{}: somebody is not mentioned", row.route);
    expected
}

fn named(name: &str) -> Who {
    // `OtherHospital` is `other_hospital`.
    let plain = name.replace('_', "");
    *Who::ALL.iter().find(|w| w.login() == plain).unwrap_or_else(|| panic!("nobody is called {name}"))
}

#[test]
fn every_route_has_one_row() {
    let served: BTreeSet<String> =
        routes::table().iter().map(|r| format!("{} {}", r.method, r.path)).collect();
    let rows = rows();
    let described: BTreeSet<String> = rows.iter().map(|r| r.route.to_owned()).collect();
    assert_eq!(described.len(), rows.len(), "a row stands twice");
    let without_row: Vec<_> = served.difference(&described).collect();
    let without_route: Vec<_> = described.difference(&served).collect();
    assert!(without_row.is_empty(), "write what each person is answered at {without_row:?}");
    assert!(without_route.is_empty(), "these routes are gone: {without_route:?}");
}

async fn every_route_answers_everybody_as_the_table_says(app: &TestApp) {
    let world = World::new(app).await;
    let mut wrong = Vec::new();
    for row in rows() {
        let mut order: Vec<(Who, &str)> = expectations(&row).into_iter().collect();
        order.sort_by_key(|(_, answer)| !(answer.starts_with('4') || *answer == "login"));
        for (who, expected) in order {
            let answer = ask(app, &world, &row, who).await;
            // The limit by address is another test's subject.
            app.auth.limit.give_back([127, 0, 0, 1].into());
            let got = said(&answer);
            if got != expected {
                let text: String = answer.text.chars().take(400).collect();
                wrong.push(format!("{} as {who:?}: {got} instead of {expected}: {text}", row.route));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    app.take_mails().await;
}
app_test!(every_route_answers_everybody_as_the_table_says);

fn said(answer: &Answer) -> String {
    let to_login = answer.status == 303 && answer.header("location").starts_with("/login?next=");
    if to_login { "login".into() } else { answer.status.to_string() }
}

async fn ask(app: &TestApp, world: &World, row: &Row, who: Who) -> Answer {
    let (method, pattern) = row.route.split_once(' ').expect("METHOD /path");
    let at = (row.at)(world, who);
    let path = if at.is_empty() { pattern.to_owned() } else { at };
    assert!(!path.contains('{'), "{}: say where with .at(…)", row.route);
    let is_portal = !path.starts_with("/api/");
    let actor: Actor = if is_portal { app.portal(who).await } else { app.api(who).await };
    let mut request = actor.request(method, &path);
    if let Some(version) = row.version {
        request = request.header("if-match", format!("\"{version}\""));
    }
    match (row.body)(world, who) {
        Body::Form(fields) => {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
            actor.form(&path, &fields).await
        }
        Body::Upload(fields, field, name, content) => {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
            actor.upload(&path, &fields, &[(field, name, content)]).await
        }
        Body::Json(body) => {
            let key = uuid::Uuid::new_v4().to_string();
            actor.send(request.header("idempotency-key", key).json(&body)).await
        }
        Body::None => actor.send(request).await,
    }
}
