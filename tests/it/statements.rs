//! The number of statements depends neither on the lines of an order nor on the rows of a list.

use diesel::prelude::*;
use jicai::accounts::invite::{self, Person};
use jicai::catalogue;
use jicai::listing::direct::{DirectListing, list_direct};
use jicai::listing::office_price::{self, OfficePrice};
use jicai::listing::{ListingRecord, PriceSource};
use jicai::order::at_hand;
use jicai::party::address::{self, AddressInput};
use jicai::platform::clock;
use jicai::platform::db::Db;
use jicai::platform::files;
use jicai::platform::http::number::Price;
use jicai::platform::http::upload::Kept;
use jicai::platform::policy::Policies;
use jicai::platform::who::Post;
use serde_json::{Value, json};

use crate::support::office::{day, morning, new_product, organisation, yuan};
use crate::support::sheets::{checked, drug, drugs_xlsx};
use crate::support::statements::{Counts, Watch};
use crate::support::{Answer, TestApp, Who};

/// Runs `async fn NAME(app: &TestApp, watch: &Watch)` on both engines.
macro_rules! counted {
    ($name:ident) => {
        mod $name {
            async fn on(test: crate::support::TestDb) {
                let watch = crate::support::statements::Watch::over(test.target());
                let app = crate::support::TestApp::start(test.open()).await;
                super::$name(&app, &watch).await;
                app.take_mails().await;
                app.finish().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                on(crate::support::TestDb::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(test) = crate::support::TestDb::postgres() {
                    on(test).await;
                }
            }
        }
    };
}

async fn execute(db: &Db, sql: &'static str) {
    db.write_unaudited("test", move |c| Ok(diesel::sql_query(sql).execute(c)?)).await.expect(sql);
}

async fn set_clock(app: &TestApp) {
    let now = app.now();
    app.db.write_unaudited("test.clock", move |c| clock::set_legal(c, now, morning())).await.expect("clock");
}

/// The n-th product of the enterprise at 1.25 yuan.
async fn listed(app: &TestApp, who: Who, n: u32) -> ListingRecord {
    let maker = app.organisation(who);
    let brand = format!("{who:?}");
    let new = new_product(maker, &brand, &format!("注射用试药{}", n % 1000), "1.0g", n);
    let product = catalogue::create::create(&app.db, &app.system(), new).await.expect("product").id;
    let (unit_price, price_source, from_day) = (yuan("1.25"), PriceSource::General, day("2024-08-01"));
    let direct = DirectListing { product, unit_price, price_source, from_day, term: None };
    let policies = Policies::shipped().expect("policies");
    list_direct(&app.db, &app.system(), &policies, direct).await.expect("listing")
}

async fn street(app: &TestApp) -> String {
    let input = AddressInput {
        recipient: "药库 王药师".into(),
        phone: "0771-2345678".into(),
        address: "南州市民主路 1 号药库".into(),
        is_default: true,
    };
    address::add(&app.db, &app.person(Who::Hospital), input).await.expect("address").id.to_string()
}

/// Two hundred products that are ordered, and what their orders are sent with.
struct Market<'a> {
    app: &'a TestApp,
    watch: &'a Watch,
    listings: Vec<ListingRecord>,
    address: String,
    counts: Counts,
    /// Why marked products are bought, where they are marked.
    reason: Option<&'static str>,
}

impl Market<'_> {
    fn draft(&self, lines: usize) -> Value {
        let lines: Vec<Value> = self.listings[..lines]
            .iter()
            .map(|of| json!({"listing_id": of.listing.id, "quantity": 20}))
            .collect();
        let supplier = self.app.organisation(Who::Enterprise).id;
        json!({"supplier_id": supplier, "address_id": self.address, "wanted_on": "2024-08-12", "lines": lines})
    }

    fn said(&self, lines: usize) -> Value {
        let line = |n| json!({"line_no": n, "risk_acknowledged": true, "risk_reason": self.reason});
        let lines: Vec<Value> = (1..=lines).map(line).filter(|_| self.reason.is_some()).collect();
        json!({ "lines": lines })
    }

    /// Sends a request and counts what it sends on.
    async fn send(
        &mut self,
        who: Who,
        what: &str,
        lines: usize,
        request: (&str, &str),
        more: More,
    ) -> Answer {
        let api = self.app.api(who).await;
        let mut sent = api.request(request.0, request.1);
        if let Some(version) = more.version {
            sent = sent.header("if-match", format!("\"{version}\""));
        }
        if let Some(key) = more.key {
            sent = sent.header("idempotency-key", key);
        }
        if let Some(body) = &more.body {
            sent = sent.json(body);
        }
        self.watch.take();
        let answer = api.send(sent).await;
        let marked = if self.reason.is_some() { "marked, " } else { "" };
        self.counts.add(&format!("{marked}{what}"), lines, self.watch.take());
        answer
    }

    async fn made(&mut self, lines: usize) -> String {
        let more = More { key: Some(fresh()), body: Some(self.draft(lines)), version: None };
        let made = self.send(Who::Hospital, "create", lines, ("POST", "/api/v1/orders"), more).await;
        made.expect(201).header("location").to_owned()
    }

    async fn submitted(&mut self, lines: usize) -> String {
        let path = self.made(lines).await;
        let submit = format!("{path}/submit");
        let more = More { version: Some(1), key: Some(fresh()), body: Some(self.said(lines)) };
        self.send(Who::Hospital, "submit", lines, ("POST", &submit), more).await.expect(200);
        path
    }

    /// Everything that an order goes through.
    async fn orders(&mut self, lines: usize) {
        let (draft, said) = (self.draft(lines), self.said(lines));
        let more = More { body: Some(draft.clone()), ..More::default() };
        let preview = ("POST", "/api/v1/orders/preview");
        self.send(Who::Hospital, "preview", lines, preview, more).await.expect(200);
        let more = More { key: Some(fresh()), body: Some(draft.clone()), version: None };
        let create = ("POST", "/api/v1/orders");
        let made = self.send(Who::Hospital, "create", lines, create, more.clone()).await.expect(201);
        let again = self.send(Who::Hospital, "create again", lines, create, more).await.expect(201);
        assert_eq!((made.json(), made.header("etag")), (again.json(), again.header("etag")));
        let path = made.header("location").to_owned();
        assert_eq!(again.header("location"), path);
        self.send(Who::Hospital, "show draft", lines, ("GET", &path), More::default()).await.expect(200);
        let more = More { version: Some(1), body: Some(draft), key: None };
        self.send(Who::Hospital, "replace", lines, ("PUT", &path), more).await.expect(200);
        let submit = format!("{path}/submit");
        if self.reason.is_some() {
            let more = More { version: Some(2), key: Some(fresh()), body: Some(json!({})) };
            let refused = self.send(Who::Hospital, "warned", lines, ("POST", &submit), more).await;
            refused.problem(422, "RISK_ACK_REQUIRED");
        }
        execute(&self.app.db, "UPDATE listing_price SET unit_price = unit_price + 10000").await;
        let more = More { version: Some(2), key: Some(fresh()), body: Some(said) };
        let changed = self.send(Who::Hospital, "price changed", lines, ("POST", &submit), more.clone()).await;
        assert_eq!(changed.problem(409, "PRICE_CHANGED")["version"], 3);
        let more = More { version: Some(3), ..more };
        let sent =
            self.send(Who::Hospital, "submit", lines, ("POST", &submit), more.clone()).await.expect(200);
        let again =
            self.send(Who::Hospital, "submit again", lines, ("POST", &submit), more).await.expect(200);
        assert_eq!((sent.json(), sent.header("etag")), (again.json(), again.header("etag")));
        self.send(Who::Enterprise, "show", lines, ("GET", &path), More::default()).await.expect(200);
        let more = More { version: Some(4), ..More::default() };
        self.send(Who::Enterprise, "confirm", lines, ("POST", &format!("{path}/confirm")), more)
            .await
            .expect(200);
        for (who, act) in [(Who::Hospital, "cancel"), (Who::Enterprise, "refuse")] {
            let path = self.submitted(lines).await;
            let more = More { version: Some(2), body: Some(json!({"reason": "暂时缺货"})), key: None };
            self.send(who, act, lines, ("POST", &format!("{path}/{act}")), more).await.expect(200);
        }
        let path = self.made(lines).await;
        let more = More { version: Some(1), ..More::default() };
        self.send(Who::Hospital, "delete", lines, ("DELETE", &path), more).await.expect(204);
        self.pages(lines).await;
    }

    /// The same at the portal.
    async fn pages(&mut self, lines: usize) {
        let marked = if self.reason.is_some() { "marked, " } else { "" };
        let path = self.made(lines).await.replace("/api/v1", "");
        let portal = self.app.portal(Who::Hospital).await;
        let new = format!("/orders/new?order={}", path.rsplit('/').next().expect("an id"));
        for (what, path) in [("page", path.as_str()), ("form", &new), ("paper", &format!("{path}/print"))] {
            self.watch.take();
            portal.get(path).await.expect(200);
            self.counts.add(&format!("{marked}{what}"), lines, self.watch.take());
        }
        let mut fields: Vec<(String, String)> = [
            ("act", "preview"),
            ("draft", &jicai::platform::sql::Id::new().to_string()),
            ("supplier_id", &self.app.organisation(Who::Enterprise).id.to_string()),
            ("address_id", &self.address),
            ("wanted_on", "2024-08-12"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for (n, of) in self.listings[..lines].iter().enumerate() {
            fields.push((format!("line-{n}-listing"), of.listing.id.to_string()));
            fields.push((format!("line-{n}-quantity"), "20".into()));
            if let Some(reason) = self.reason {
                fields.push((format!("line-{n}-risk_acknowledged"), "on".into()));
                fields.push((format!("line-{n}-risk_reason"), reason.into()));
            }
        }
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.watch.take();
        portal.form("/orders/new", &fields).await;
        self.counts.add(&format!("{marked}preview at the portal"), lines, self.watch.take());
    }
}

/// What a request is sent with.
#[derive(Clone, Default)]
struct More {
    version: Option<i64>,
    key: Option<String>,
    body: Option<Value>,
}

fn fresh() -> String {
    uuid::Uuid::new_v4().to_string()
}

async fn an_order_of_many_lines_takes_no_more_statements(app: &TestApp, watch: &Watch) {
    set_clock(app).await;
    let mut listings = Vec::new();
    for n in 0..200 {
        listings.push(listed(app, Who::Enterprise, 1000 + n).await);
    }
    // What can be bought in the place of some of them.
    for n in 0..20 {
        listed(app, Who::OtherEnterprise, 2000 + n).await;
    }
    let address = street(app).await;
    // None of them is delivered by this one: all are looked through, a few hundred at once.
    let (clerk, stranger) = (app.person(Who::Hospital), app.organisation(Who::Distributor).id);
    watch.take();
    let found = at_hand::another(&app.db, &clerk, "试药".into(), Some(stranger), 10).await.expect("found");
    let sent = watch.take().len();
    assert!(found.is_empty() && sent < 60, "{sent} statements for one key stroke");
    let mut market = Market { app, watch, listings, address, counts: Counts::default(), reason: None };
    // The first one of all meets new connections.
    market.submitted(1).await;
    for lines in [1, 3, 200] {
        market.orders(lines).await;
    }
    execute(
        &app.db,
        "UPDATE listing_price SET mark = 'red', low = 100000, ratio = '12.5000', unit_price = unit_price + 5000000 \
         WHERE listing_id IN (SELECT l.id FROM listing l JOIN product p ON p.id = l.product_id WHERE p.brand = 'Enterprise')",
    )
    .await;
    market.reason = Some("重症患者治疗急需，其余品种暂时缺货");
    for lines in [1, 3, 200] {
        market.orders(lines).await;
    }
    let instead = "marked, show draft";
    assert!(market.counts.0.contains_key(instead), "{instead}");
    market.counts.check(100);
}
counted!(an_order_of_many_lines_takes_no_more_statements);

/// Lists and pages, and who looks at them.
const LISTS: &[(Who, &str)] = &[
    (Who::Hospital, "/api/v1/orders"),
    (Who::Enterprise, "/api/v1/orders"),
    (Who::Officer, "/api/v1/orders"),
    (Who::Hospital, "/api/v1/orders.xlsx"),
    (Who::Hospital, "/api/v1/products"),
    (Who::Hospital, "/api/v1/products?q=sy"),
    (Who::Officer, "/api/v1/marked-purchases"),
    (Who::Enterprise, "/api/v1/messages"),
    (Who::HospitalAdmin, "/api/v1/users"),
    (Who::Officer, "/api/v1/organisations"),
    (Who::Enterprise, "/api/v1/my/products"),
    (Who::Enterprise, "/api/v1/my/codes"),
    (Who::Officer, "/api/v1/product-work"),
    (Who::Officer, "/api/v1/price-proposals"),
    (Who::OtherEnterprise, "/api/v1/my/claims"),
    (Who::Officer, "/api/v1/imports"),
    (Who::Enterprise, "/api/v1/feed"),
];

const PAGES: &[(Who, &str)] = &[
    (Who::Hospital, "/"),
    (Who::HospitalAdmin, "/"),
    (Who::Finance, "/"),
    (Who::Enterprise, "/"),
    (Who::Distributor, "/"),
    (Who::Officer, "/"),
    (Who::Bureau, "/"),
    (Who::Observer, "/"),
    (Who::Hospital, "/orders"),
    (Who::Enterprise, "/orders"),
    (Who::Officer, "/orders"),
    (Who::Hospital, "/catalogue"),
    (Who::Hospital, "/catalogue?q=sy"),
    (Who::Officer, "/supervision/marked"),
    (Who::Officer, "/supervision/mails"),
    (Who::Enterprise, "/messages"),
    (Who::HospitalAdmin, "/users"),
    (Who::Officer, "/organisations"),
    (Who::Enterprise, "/my/products"),
    (Who::Officer, "/products/work"),
    (Who::Officer, "/listings/work"),
    (Who::OtherEnterprise, "/my/claims"),
    (Who::Officer, "/imports"),
    (Who::Observer, "/prices"),
];

/// Two enterprises claim one code, each with its evidence.
async fn claimed_twice(app: &TestApp, n: u32) {
    for who in [Who::Enterprise, Who::OtherEnterprise] {
        let pdf = format!("%PDF-1.4\nevidence {n} of {who:?}\n").into_bytes();
        let file = files::store(&app.db, app.now(), "/evidence", pdf).await.expect("evidence");
        let kept = vec![Kept { name: "批件.pdf".into(), file }];
        let code = format!("{:05}", 20_000 + n);
        catalogue::claim::claim(&app.db, &app.person(who), &code, "本企业持有的批准文号", kept)
            .await
            .expect("claimed");
    }
}

async fn looked_at(app: &TestApp, watch: &Watch, counts: &mut Counts, rows: usize) {
    for (who, path) in LISTS {
        let api = app.api(*who).await;
        watch.take();
        api.get(path).await.expect(200);
        counts.add(&format!("{who:?} GET {path}"), rows, watch.take());
    }
    for (who, path) in PAGES {
        let portal = app.portal(*who).await;
        watch.take();
        portal.get(path).await.expect(200);
        counts.add(&format!("{who:?} GET {path}"), rows, watch.take());
    }
}

async fn a_list_of_many_rows_takes_no_more_statements(app: &TestApp, watch: &Watch) {
    set_clock(app).await;
    let address = street(app).await;
    let mut counts = Counts::default();
    let mut made = 0_u32;
    for rows in [5, 50] {
        for n in made..rows {
            let listing = listed(app, Who::Enterprise, 1000 + n).await.listing.id;
            execute(&app.db, "UPDATE listing_price SET mark = 'yellow', low = 1000000, ratio = '1.2500'")
                .await;
            let hospital = app.api(Who::Hospital).await;
            let supplier = app.organisation(Who::Enterprise).id;
            let lines = json!([{"listing_id": listing, "quantity": 20}]);
            let draft = json!({"supplier_id": supplier, "address_id": address, "wanted_on": "2024-08-12", "lines": lines});
            let path =
                hospital.post("/api/v1/orders", &draft).await.expect(201).header("location").to_owned();
            let submit = hospital.request("POST", &format!("{path}/submit")).header("if-match", "\"1\"");
            hospital.send(submit.header("idempotency-key", fresh()).json(&json!({}))).await.expect(200);
            claimed_twice(app, n).await;
            let new = OfficePrice {
                unit_price: Price::parse("价格", "1.50").expect("a price"),
                from_day: day("2024-08-20"),
                reason: "省级核定文件〔2024〕1 号".into(),
                confirm_far: false,
            };
            office_price::propose(&app.db, &app.person(Who::SecondOfficer), None, (listing, 1), new)
                .await
                .expect("proposed");
            let admin = app.person(Who::HospitalAdmin);
            let person = Person {
                login: format!("colleague{n}"),
                display_name: format!("同事 {n}"),
                email: format!("colleague{n}@example.cn"),
                function: Post::Viewer,
            };
            invite::invite(&app.db, &admin, None, person).await.expect("invited");
            organisation(&app.db, jicai::platform::who::OrgKind::Distributor, &format!("配送{n}"), 100 + n)
                .await;
        }
        made = rows;
        app.take_mails().await;
        // The first look of all meets new connections.
        looked_at(app, watch, &mut Counts::default(), 0).await;
        looked_at(app, watch, &mut counts, rows as usize).await;
    }
    counts.check(1000);
}
counted!(a_list_of_many_rows_takes_no_more_statements);

async fn an_import_of_many_rows_is_checked_with_no_more_statements(app: &TestApp, watch: &Watch) {
    let mut counts = Counts::default();
    for rows in [1, 5, 50] {
        let sheet: Vec<Vec<String>> = (1..=rows).map(|n| drug(n, 10_001)).collect();
        watch.take();
        checked(app, "drugs", &format!("{rows}.xlsx"), drugs_xlsx(&sheet)).await;
        if rows > 1 {
            counts.add("check of an import", rows as usize, watch.take());
        }
    }
    counts.check(1000);
}
counted!(an_import_of_many_rows_is_checked_with_no_more_statements);
