//! Every route × every kind of person, against a table written by hand. A route without a row fails the test.
//!
//! A row names the route as the route table does and says what each person is answered: `*` is everybody who is not named.
//! Who is refused is tried first, so that one object serves a row whose act succeeds only once. At the portal a person who
//! must log in first is led to the log-in page, which is a 303.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use jicai::catalogue;
use jicai::listing::PriceSource;
use jicai::listing::direct::{DirectListing, list_direct};
use jicai::party::address::{self, AddressInput};
use jicai::platform::db::{Id, Money};
use jicai::platform::policy::Policies;
use jicai::platform::schema::message;
use jicai::web::routes;
use serde_json::{Value, json};

use crate::support::app::PASSWORD;
use crate::support::{Actor, Answer, TestApp, Who, app_test, office};

/// The objects that rows refer to, all of the first organisation of their kind: what another one asks for is foreign.
struct World {
    /// An act that succeeds once needs one for each who may.
    addresses: BTreeMap<Who, Id>,
    product: Id,
    listing: Id,
    message: Id,
    distributor: Id,
}

impl World {
    async fn new(app: &TestApp) -> Self {
        let mut addresses = BTreeMap::new();
        for who in [Who::Hospital, Who::HospitalAdmin] {
            addresses
                .insert(who, address::add(&app.db, &app.person(who), street()).await.expect("address").id);
        }
        let new =
            office::new_product(app.organisation(Who::Enterprise), "华南", "注射用头孢曲松钠", "1.0g", 1);
        let product = catalogue::create::create(&app.db, &app.system(), new).await.expect("product").id;
        let direct = DirectListing {
            product,
            unit_price: Money(5_800_000),
            price_source: PriceSource::General,
            from_day: app.now().day(),
        };
        let policies = Policies::shipped().expect("policies");
        let listing =
            list_direct(&app.db, &app.system(), &policies, direct).await.expect("listing").listing.id;
        let message = message_to(app, Who::Hospital).await;
        let distributor = app.organisation(Who::Distributor).id;
        Self { addresses, product, listing, message, distributor }
    }

    /// That of the person, else the first hospital's, which is a foreign one to whoever is not of it.
    fn address(&self, who: Who) -> Id {
        *self.addresses.get(&who).unwrap_or(&self.addresses[&Who::Hospital])
    }
}

fn street() -> AddressInput {
    AddressInput {
        recipient: "李药师".into(),
        phone: "0771-5550123".into(),
        address: "南州市民主路 1 号药库".into(),
        is_default: false,
    }
}

async fn message_to(app: &TestApp, who: Who) -> Id {
    let (id, user, now) = (Id::new(), app.person(who).user, app.now());
    app.db
        .keep("test.message", move |c| {
            let row = (
                message::id.eq(id),
                message::user_id.eq(user),
                message::title.eq("订单待确认"),
                message::body.eq("请确认"),
                message::link.eq("/messages"),
                message::created_at.eq(now),
            );
            diesel::insert_into(message::table).values(row).execute(c)?;
            Ok(())
        })
        .await
        .expect("message");
    id
}

enum Body {
    None,
    Json(Value),
    Form(Vec<(&'static str, String)>),
}

struct Row {
    /// As in the route table.
    route: &'static str,
    /// `*=403 anonymous=401 hospital=200`
    expect: &'static str,
    at: fn(&World, Who) -> String,
    body: fn(&World, Who) -> Body,
}

impl Row {
    /// Where the address has parameters.
    fn at(mut self, at: fn(&World, Who) -> String) -> Self {
        self.at = at;
        self
    }

    fn sends(mut self, body: fn(&World, Who) -> Body) -> Self {
        self.body = body;
        self
    }
}

fn row(route: &'static str, expect: &'static str) -> Row {
    Row { route, expect, at: |_, _| String::new(), body: |_, _| Body::None }
}

fn rows() -> Vec<Row> {
    vec![
        row("GET /healthz", "*=200"),
        row("GET /readyz", "*=200"),
        row("GET /static/{file:.*}", "*=200").at(|_, _| "/static/css/theme.css".into()),
        row("GET /api/v1/openapi.json", "*=200"),
        row("GET /api/docs", "*=303"),
        row("GET /api/docs/{file:.*}", "*=200").at(|_, _| "/api/docs/".into()),
        row("POST /api/v1/tokens", "*=201")
            .sends(|_, _| Body::Json(json!({ "login": "hospital", "password": PASSWORD }))),
        row("POST /api/v1/tokens/refresh", "*=401")
            .sends(|_, _| Body::Json(json!({ "refresh_token": "unknown" }))),
        row("POST /api/v1/tokens/revoke", "*=204")
            .sends(|_, _| Body::Json(json!({ "refresh_token": "unknown" }))),
        row("GET /api/v1/me", "*=200 anonymous=401"),
        row("GET /login", "*=303 anonymous=200"),
        // Without the cookie that comes with the page the form token of a stranger is refused.
        row("POST /login", "*=303 anonymous=403")
            .sends(|_, _| Body::Form(vec![("account", "hospital".into()), ("password", PASSWORD.into())])),
        row("POST /logout", "*=303").sends(|_, _| Body::Form(vec![])),
        row("GET /messages", "*=200 anonymous=303"),
        row("POST /messages/{id}", "*=404 anonymous=303 hospital=303")
            .at(|w, _| format!("/messages/{}", w.message))
            .sends(|_, _| Body::Form(vec![])),
        row("POST /messages", "*=303").sends(|_, _| Body::Form(vec![])),
        row("GET /audit/head", "*=200"),
        row("GET /catalogue", "*=200 anonymous=303"),
        row("GET /catalogue.xlsx", "*=200 anonymous=303"),
        row("GET /catalogue/{product}", "*=200 anonymous=303").at(|w, _| format!("/catalogue/{}", w.product)),
        row("GET /listings/{id}/why", "*=200 anonymous=303")
            .at(|w, _| format!("/listings/{}/why", w.listing)),
        row("GET /demo/clock", "*=403 anonymous=303 officer=200 second_officer=200 bureau=200"),
        row("GET /demo/outbox", "*=403 anonymous=303 officer=200 second_officer=200 bureau=200"),
        row(
            "GET /addresses",
            "*=403 anonymous=303 hospital=200 other_hospital=200 finance=200 hospital_admin=200 hospital_viewer=200",
        ),
        row("POST /addresses", "*=403 anonymous=303 hospital=303 other_hospital=303 hospital_admin=303")
            .sends(|_, _| {
                let street = street();
                Body::Form(vec![
                    ("recipient", street.recipient),
                    ("phone", street.phone),
                    ("address", street.address),
                ])
            }),
        row("GET /addresses/{id}", "*=403 anonymous=303 hospital=200 hospital_admin=200 other_hospital=404")
            .at(|w, who| format!("/addresses/{}", w.address(who))),
        row("POST /addresses/{id}", "*=403 anonymous=303 hospital=303 hospital_admin=303 other_hospital=404")
            .at(|w, who| format!("/addresses/{}", w.address(who)))
            .sends(|_, _| {
                let street = street();
                Body::Form(vec![
                    ("recipient", "王药师".into()),
                    ("phone", street.phone),
                    ("address", street.address),
                    ("version", "1".into()),
                ])
            }),
        row(
            "POST /addresses/{id}/delete",
            "*=403 anonymous=303 hospital=303 hospital_admin=303 other_hospital=404",
        )
        .at(|w, who| format!("/addresses/{}/delete", w.address(who)))
        .sends(|_, _| Body::Form(vec![("version", "2".into())])),
        row("GET /distributors", "*=403 anonymous=303 enterprise=200 other_enterprise=200 distributor=200"),
        row("POST /distributors", "*=403 anonymous=303 enterprise=303 other_enterprise=303")
            .sends(|w, _| Body::Form(vec![("distributor_id", w.distributor.to_string())])),
        row("POST /distributors/{id}/end", "*=403 anonymous=303 enterprise=303 other_enterprise=303")
            .at(|w, _| format!("/distributors/{}/end", w.distributor))
            .sends(|_, _| Body::Form(vec![])),
        // Last, for it moves everybody's day; each officer further than the one before.
        row("POST /demo/clock", "*=403 anonymous=303 officer=303 second_officer=303 bureau=303")
            .sends(|_, who| Body::Form(vec![("to", format!("20{}-01-01T09:00", 80 + who as u8))])),
    ]
}

fn expectations(row: &Row) -> BTreeMap<Who, u16> {
    let mut rest = None;
    let mut named = BTreeMap::new();
    for part in row.expect.split_whitespace() {
        let (name, status) = part.split_once('=').expect("name=status");
        let status: u16 = status.parse().expect("a status");
        match Who::ALL.iter().find(|w| snake(**w) == name) {
            Some(who) => assert!(named.insert(*who, status).is_none(), "{}: {name} twice", row.route),
            None => {
                assert_eq!(name, "*", "{}: nobody is called so", row.route);
                rest = Some(status);
            }
        }
    }
    for who in Who::ALL {
        let status = named.get(who).copied().or(rest);
        named.insert(*who, status.unwrap_or_else(|| panic!("{}: nothing about {who:?}", row.route)));
    }
    named
}

/// `OtherHospital` is `other_hospital`.
fn snake(who: Who) -> String {
    let mut name = String::new();
    for c in format!("{who:?}").chars() {
        if c.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

#[test]
fn every_route_has_one_row() {
    let served: BTreeSet<String> =
        routes::table().iter().map(|r| format!("{} {}", r.method, r.path)).collect();
    let rows = rows();
    let described: BTreeSet<String> = rows.iter().map(|r| r.route.to_owned()).collect();
    assert_eq!(described.len(), rows.len(), "a row stands twice");
    assert_eq!(served, described, "left: the route table; right: the rows of this test");
}

async fn every_route_answers_everybody_as_the_table_says(app: &TestApp) {
    let world = World::new(app).await;
    let mut wrong = Vec::new();
    for row in rows() {
        let mut order: Vec<(Who, u16)> = expectations(&row).into_iter().collect();
        order.sort_by_key(|(_, status)| (*status < 400, *status));
        for (who, expected) in order {
            let answer = ask(app, &world, &row, who).await;
            if answer.status != expected {
                wrong.push(format!(
                    "{} as {who:?}: {} instead of {expected}: {}",
                    row.route, answer.status, answer.text
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    app.take_mails().await;
}
app_test!(every_route_answers_everybody_as_the_table_says);

async fn ask(app: &TestApp, world: &World, row: &Row, who: Who) -> Answer {
    let (method, pattern) = row.route.split_once(' ').expect("METHOD /path");
    let at = (row.at)(world, who);
    let path = if at.is_empty() { pattern.to_owned() } else { at };
    assert!(!path.contains('{'), "{}: say where with .at(…)", row.route);
    let is_portal = !path.starts_with("/api/");
    let actor: Actor = if is_portal { app.portal(who).await } else { app.api(who).await };
    match (row.body)(world, who) {
        Body::Form(fields) => {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
            actor.form(&path, &fields).await
        }
        Body::Json(body) => {
            let key = uuid::Uuid::new_v4().to_string();
            actor.send(actor.request(method, &path).header("idempotency-key", key).json(&body)).await
        }
        Body::None => actor.send(actor.request(method, &path)).await,
    }
}
