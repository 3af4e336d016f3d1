//! The objects that rows refer to, all of the first organisation of their kind: what another one asks for is foreign.

use std::collections::BTreeMap;

use diesel::prelude::*;
use jicai::accounts::invite::{self, Person};
use jicai::catalogue;
use jicai::listing::PriceSource;
use jicai::listing::direct::{DirectListing, list_direct};
use jicai::order::input::{DraftInput, SubmitInput};
use jicai::order::{draft, submit};
use jicai::party::address::{self, AddressInput};
use jicai::party::registration::apply::{self, Applicant};
use jicai::platform::calendar;
use jicai::platform::files;
use jicai::platform::http::Form;
use jicai::platform::http::upload::{File, Kept, Upload};
use jicai::platform::import::{Run, RunState, check};
use jicai::platform::policy::Policies;
use jicai::platform::policy::proposal::{NewVersion, propose};
use jicai::platform::schema::message;
use jicai::platform::sql::{Id, Money};
use jicai::platform::who::Post;
use serde_json::{Value, json};

use crate::support::{TestApp, Who, office};

pub struct World {
    /// For an act that succeeds once there is one for each who may.
    addresses: BTreeMap<Who, Id>,
    pub product: Id,
    pub listing: Id,
    /// A licence of the first hospital.
    pub file: Id,
    /// A proposed version of the rules, of the first officer.
    pub proposal: Id,
    pub notice: Id,
    /// Waits for the first officer.
    pub registration: Id,
    pub announcement: Id,
    /// An import that is done.
    pub import: Id,
    /// A claim of the first enterprise, withdrawn.
    pub claim: Id,
    /// To the first enterprise.
    pub message: Id,
    pub distributor: Id,
    enterprise: Id,
    /// The day after tomorrow.
    pub soon: String,
    /// Orders of the first hospital at the first enterprise. A row that changes one takes one of its own.
    pub drafts: Vec<Id>,
    pub submitted: Vec<Id>,
    /// Invited by the first hospital's administrator.
    pub invited: Id,
    /// Standing lists of the first hospital.
    pub lists: Vec<String>,
}

impl World {
    pub async fn new(app: &TestApp) -> Self {
        let mut addresses = BTreeMap::new();
        for who in [Who::Hospital, Who::HospitalAdmin] {
            let input: AddressInput = serde_json::from_value(street("李药师")).expect("an address");
            addresses.insert(who, address::add(&app.db, &app.person(who), input).await.expect("address").id);
        }
        let policies = Policies::shipped().expect("policies");
        let (product, listing) = listed(app, &policies).await;
        let mut world = Self {
            addresses,
            product,
            listing,
            file: licence(app).await,
            proposal: proposal(app, &policies).await,
            notice: notice(app).await,
            registration: registration(app).await,
            announcement: announcement(app).await,
            import: import(app).await,
            claim: claim(app).await,
            message: Id::new(),
            distributor: app.organisation(Who::Distributor).id,
            enterprise: app.organisation(Who::Enterprise).id,
            soon: app.now().plus(chrono::Duration::days(2)).day().to_string(),
            drafts: vec![],
            submitted: vec![],
            invited: invited(app).await,
            lists: lists(app, listing).await,
        };
        world.order(app, &policies).await;
        world.message = message_of(app, Who::Enterprise).await;
        world
    }

    async fn order(&mut self, app: &TestApp, policies: &Policies) {
        let buyer = app.person(Who::Hospital);
        for n in 0..12 {
            let input: DraftInput = serde_json::from_str(&self.order_input().to_string()).expect("a draft");
            let made = draft::create(&app.db, &buyer, None, input).await.expect("draft");
            let id: Id = made.body.order.id;
            if n < 5 {
                self.drafts.push(id);
                continue;
            }
            let shown = SubmitInput::default();
            submit::submit(&app.db, &buyer, policies, None, id, 1, shown).await.expect("submitted");
            self.submitted.push(id);
        }
        app.take_mails().await;
    }

    /// That of the person, else the first hospital's, which is a foreign one to whoever is not of it.
    pub fn address(&self, who: Who) -> Id {
        *self.addresses.get(&who).unwrap_or(&self.addresses[&Who::Hospital])
    }

    /// An order as the API takes it.
    pub fn order_input(&self) -> Value {
        json!({
            "supplier_id": self.enterprise,
            "address_id": self.address(Who::Hospital),
            "wanted_on": self.soon,
            "lines": [{ "listing_id": self.listing, "quantity": 10 }],
        })
    }

    /// An order as the portal's form sends it.
    pub fn order_form(&self) -> Vec<(&'static str, String)> {
        vec![
            ("draft", Id::new().to_string()),
            ("supplier_id", self.enterprise.to_string()),
            ("address_id", self.address(Who::Hospital).to_string()),
            ("wanted_on", self.soon.clone()),
            ("line-0-listing", self.listing.to_string()),
            ("line-0-price", "5.80".into()),
            ("line-0-quantity", "１０".into()),
        ]
    }
}

async fn proposal(app: &TestApp, policies: &Policies) -> Id {
    let text = "extends = \"default@2024-07-08\"\norder.response_hours = { value = 24, clause = \"JS-CR-1\", \
                source = \"省医保局\", basis = \"choice\", effective_from = 2026-12-01 }\n";
    let effective_from = app.now().plus(chrono::Duration::days(9)).day();
    let new =
        NewVersion {
            effective_from, text: text.into(), note: "缩短确认期限".into(), confirm_far: false
        };
    propose(&app.db, policies, &app.person(Who::Officer), new, None).await.expect("a proposal").id
}

async fn notice(app: &TestApp) -> Id {
    let new =
        json!({ "number": "国办发明电〔2026〕9号", "issued": "2024-08-01", "days_off": ["2025-01-02"] });
    let new = serde_json::from_value(new).expect("a notice");
    calendar::notice::propose(&app.db, &app.person(Who::Officer), new, None).await.expect("a notice").id
}

/// A delivery address as the API takes it.
pub fn street(recipient: &str) -> Value {
    json!({
        "recipient": recipient,
        "phone": "0771-5550123",
        "address": "南州市民主路 1 号药库",
        "is_default": false,
    })
}

/// A product of the first enterprise, listed at 5.80 yuan from today on.
async fn listed(app: &TestApp, policies: &Policies) -> (Id, Id) {
    let maker = app.organisation(Who::Enterprise);
    let new = office::new_product(maker, "华南", "注射用头孢曲松钠", "1.0g", 1);
    let product = catalogue::create::create(&app.db, &app.system(), new).await.expect("product").id;
    let direct = DirectListing {
        product,
        unit_price: Money(5_800_000),
        price_source: PriceSource::General,
        from_day: app.now().day(),
        term: None,
    };
    let listed = list_direct(&app.db, &app.system(), policies, direct).await.expect("listing");
    (product, listed.listing.id)
}

/// A claim of the first enterprise that it took back.
async fn claim(app: &TestApp) -> Id {
    let who = app.person(Who::Enterprise);
    let png = b"\x89PNG\r\n\x1a\n and more".to_vec();
    let file = files::store(&app.db, app.now(), "/evidence", png).await.expect("evidence");
    let kept = vec![Kept { name: "批件.png".into(), file }];
    let row =
        catalogue::claim::claim(&app.db, &who, "12345", "本企业持有的批准文号", kept).await.expect("claim");
    catalogue::claim::withdraw(&app.db, &who, row.id).await.expect("withdrawn").id
}

/// An import of one row that is done.
async fn import(app: &TestApp) -> Id {
    let mut run = Run::begin(Id::new(), "drugs", "drugs.xlsx", "00".into(), app.now());
    (run.state, run.total, run.added) = (RunState::Done, 1, 1);
    let row = run.clone();
    app.db
        .write_unaudited("test.import", move |conn| check::insert_run(conn, &row))
        .await
        .expect("an import");
    run.id
}

/// A licence that the first hospital handed in.
async fn licence(app: &TestApp) -> Id {
    let pdf = b"%PDF-1.4\nlicence\n%%EOF\n";
    let admin = app.api(Who::HospitalAdmin).await;
    let answer = admin.upload("/api/v1/organisation/files", &[], &[("files", "licence.pdf", pdf)]).await;
    answer.expect(201).json()["items"][0]["id"].as_str().expect("id").parse().expect("id")
}

/// An application to take part, by a stranger.
async fn registration(app: &TestApp) -> Id {
    let input = json!({
        "name": "霁阳康宁医院", "credit_code": office::credit_code(701), "kind": "private_hospital", "city": "霁阳",
        "address": "霁阳市滨江路 18 号", "contact_name": "周文清", "phone": "0770-5550188", "email": "zhou@example.cn",
    });
    let who = Applicant { principal: None, request_id: None, at: app.now() };
    let input = serde_json::from_str(&input.to_string()).expect("an application");
    let (row, key) = apply::begin(&app.db, &who, &input).await.expect("begun");
    let pdf = File { field: "files".into(), name: "licence.pdf".into(), bytes: "%PDF-1.4\n%%EOF\n".into() };
    apply::add_files(&app.db, &who, &key, &Upload::new(Form::default(), vec![pdf])).await.expect("a file");
    apply::submit(&app.db, &who, &key, "").await.expect("submitted");
    row.id
}

async fn announcement(app: &TestApp) -> Id {
    let officer = app.person(Who::Officer);
    let made =
        jicai::publication::announcement::publish(&app.db, &officer, "通知", "请各单位核对目录。").await;
    made.expect("published").id
}

/// One of the messages that the orders sent to somebody.
async fn message_of(app: &TestApp, who: Who) -> Id {
    let query = message::table.filter(message::user_id.eq(app.person(who).user)).select(message::id);
    app.db.read(move |c| Ok(query.first(c)?)).await.expect("a message")
}

/// Somebody who has not followed the link yet.
async fn invited(app: &TestApp) -> Id {
    let person = Person {
        login: "newcomer".into(),
        display_name: "新人".into(),
        email: "newcomer@example.cn".into(),
        function: Post::Viewer,
    };
    let made = invite::invite(&app.db, &app.person(Who::HospitalAdmin), None, person).await.expect("invited");
    made.body["id"].as_str().expect("id").parse().expect("id")
}

async fn lists(app: &TestApp, listing: Id) -> Vec<String> {
    let buyer = app.api(Who::Hospital).await;
    let mut all = Vec::new();
    for n in 0..4 {
        let list = json!({ "name": format!("清单{n}"), "lines": [{ "listing_id": listing, "quantity": 5 }] });
        let made = buyer.post("/api/v1/standing-lists", &list).await.expect(201).json();
        all.push(made["id"].as_str().expect("id").to_owned());
    }
    all
}
