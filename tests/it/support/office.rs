//! Organisations, people and products for tests of the offices.

use chrono::NaiveDate;
use diesel::prelude::*;
use jicai::accounts::users::{User, UserState};
use jicai::catalogue::{self, DosageClass, NewCode, NewProduct, Product, QualityLevel};
use jicai::listing::convert::{self, GroupListing, OldPack};
use jicai::listing::direct::{self, DirectListing};
use jicai::listing::office_price::{self, OfficePrice};
use jicai::listing::{self, ListingRecord, PriceSource};
use jicai::order::input::{SubmitInput, SubmitLine};
use jicai::order::{DraftInput, LineInput, draft, submit};
use jicai::party::address::AddressInput;
use jicai::party::organisation::{NewOrganisation, insert_organisation};
use jicai::party::{self, DeliveryAddress, OrgState, Organisation};
use jicai::platform::db::{Actor, Db};
use jicai::platform::error::{Error, Refusal};
use jicai::platform::http::number::{Price, Quantity};
use jicai::platform::idempotency::Answer;
use jicai::platform::policy::Policies;
use jicai::platform::schema::{app_user, organisation};
use jicai::platform::sql::{Id, Money, Time};
use jicai::platform::who::{Kinds, OrgKind, Post, Principal};
use jicai::rules::injection::Basis;
use serde_json::Value;

/// 2024-08-05 09:00 in Shanghai, when all tests begin.
pub fn morning() -> Time {
    at("2024-08-05T09:00:00+08:00")
}

/// An instant.
pub fn at(text: &str) -> Time {
    Time::parse(text).expect("RFC 3339")
}

/// For writes of the test itself.
pub fn system() -> Actor {
    Actor::system("test", morning())
}

/// The n-th valid unified social credit code.
pub fn credit_code(n: u32) -> String {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("91450000MA{n:07}");
    let mut sum = 0;
    let mut weight = 1;
    for c in body.bytes() {
        sum += ALPHABET.iter().position(|a| *a == c).expect("alphabet") * weight;
        weight = weight * 3 % 31;
    }
    format!("{body}{}", char::from(ALPHABET[(31 - sum % 31) % 31]))
}

/// Registers an organisation.
pub async fn organisation(db: &Db, kind: OrgKind, name: &str, n: u32) -> Organisation {
    let new = NewOrganisation {
        kind,
        name: name.into(),
        credit_code: credit_code(n),
        city: "澜州".into(),
        other_kinds: Kinds::default(),
        district: String::new(),
    };
    db.write(&system(), move |tx| insert_organisation(tx, &new)).await.expect("organisation")
}

/// A person of an organisation, with a request that was received at `received_at`.
pub fn person(of: &Organisation, post: Post, received_at: Time) -> Principal {
    Principal {
        user: Id::new(),
        organisation: of.id,
        kind: of.kind,
        other_kinds: of.other_kinds.clone(),
        post,
        name: "测试员".into(),
        organisation_name: of.name.clone(),
        request_id: None,
        received_at,
    }
}

/// The same person, later.
pub fn later(who: &Principal, received_at: Time) -> Principal {
    Principal { received_at, ..who.clone() }
}

/// The refusal that an operation ended with.
pub fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => *refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// A product as it is handed in; its own code is made of `n`.
pub fn new_product(maker: &Organisation, brand: &str, generic: &str, strength: &str, n: u32) -> NewProduct {
    NewProduct {
        generic_name: generic.into(),
        trade_name: None,
        brand: brand.into(),
        manufacturer: maker.id,
        dosage_form: "粉针剂".into(),
        dosage_class: DosageClass::Injection,
        strength: strength.into(),
        fill_volume: None,
        unit: "支".into(),
        pack_qty: 1,
        pack_unit: "支".into(),
        approval_no: format!("国药准字H{n:08}"),
        standard_code: None,
        quality_level: QualityLevel::Ordinary,
        codes: vec![NewCode::own(drug_code(n))],
    }
}

/// The n-th drug code of the right length.
pub fn drug_code(n: u32) -> String {
    format!("XJ01DDT133B0010{n:08}")
}

/// Puts products into the catalogue, one write each.
pub async fn products(db: &Db, all: Vec<NewProduct>) -> Vec<Product> {
    let mut put = Vec::new();
    for new in all {
        put.push(catalogue::create::create(db, &system(), new).await.expect("product"));
    }
    put
}

/// Many enterprises without a word in the audit, for benchmarks.
pub async fn many_makers(db: &Db, names: Vec<String>) -> Vec<Organisation> {
    let rows: Vec<Organisation> = names
        .into_iter()
        .zip(1_000_000..)
        .map(|(name, n)| Organisation {
            id: Id::new(),
            kind: OrgKind::Manufacturer,
            name,
            credit_code: credit_code(n),
            city: "澜州".into(),
            state: OrgState::Active,
            created_at: morning(),
            version: 1,
            other_kinds: Kinds::default(),
            district: String::new(),
            state_reason: None,
        })
        .collect();
    for chunk in rows.chunks(500) {
        let chunk = chunk.to_vec();
        db.write_unaudited("test.makers", move |conn| {
            for row in &chunk {
                diesel::insert_into(organisation::table).values(row).execute(conn)?;
            }
            Ok(())
        })
        .await
        .expect("makers");
    }
    rows
}

/// Yuan as typed.
pub fn yuan(text: &str) -> Money {
    Money::from_yuan(text.parse().expect("a decimal")).expect("at most six decimals")
}

/// A legal day.
pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("YYYY-MM-DD")
}

/// A pack of a group until the switch.
pub fn pack(n: u32, qty: i64, price: &str, basis: Basis) -> OldPack {
    OldPack {
        code: drug_code(n),
        pack_qty: qty,
        pack_unit: "盒".into(),
        pack_price: yuan(price),
        basis,
        since_day: None,
        rise_reason: None,
    }
}

/// Makes an account without a password, so that letters have a reader.
pub async fn account(db: &Db, of: &Organisation, post: Post, login: &str) -> Principal {
    let user = User {
        id: Id::new(),
        organisation_id: of.id,
        login: login.into(),
        display_name: format!("{login} 的姓名"),
        email: format!("{login}@example.cn"),
        function: post,
        state: UserState::Active,
        password_hash: "-".into(),
        stamp: Id::new(),
        created_at: morning(),
        version: 1,
    };
    let row = user.clone();
    db.write(&system(), move |tx| {
        diesel::insert_into(app_user::table).values(&row).execute(tx.conn)?;
        tx.record("user.create", None, Some(&row), None)
    })
    .await
    .expect("account");
    Principal { user: user.id, name: user.display_name, ..person(of, post, morning()) }
}

/// Two hospitals, two enterprises, two distributors, and what they trade:
///
/// | product | maker | price from 2024-08-01 |
/// |---|---|---|
/// | `red` 头孢曲松钠 1.0g | 青禾 | 15.01, lowest conversion result 5.00: red |
/// | `yellow` 头孢他啶 1.0g | 青禾 | 9.01, lowest 5.00: yellow |
/// | `cheap` 头孢曲松钠 1.0g | 云浦 | 6.00 |
/// | `cheaper` 头孢曲松钠 1.0g | 百澍 of 云浦's house | 5.80 |
/// | `tablet` 阿莫西林片 | 青禾 | 12.30 a 盒 |
pub struct Scene {
    pub db: Db,
    pub policies: Policies,
    pub hospital: Organisation,
    pub other_hospital: Organisation,
    pub maker: Organisation,
    pub other_maker: Organisation,
    /// Named by `maker`.
    pub distributor: Organisation,
    /// Named by nobody.
    pub stranger: Organisation,
    pub agency: Organisation,
    pub buyer: Principal,
    pub other_buyer: Principal,
    pub seller: Principal,
    pub distributor_clerk: Principal,
    pub officer: Principal,
    pub address: DeliveryAddress,
    pub red: ListingRecord,
    pub yellow: ListingRecord,
    pub cheap: ListingRecord,
    pub cheaper: ListingRecord,
    pub tablet: ListingRecord,
}

/// Old code of the red product's ten-pack.
pub const OLD_CODE: u32 = 110;

impl Scene {
    pub async fn new(db: Db) -> Self {
        let hospital = organisation(&db, OrgKind::PublicHospital, "澜州市第一人民医院", 1).await;
        let other_hospital = organisation(&db, OrgKind::PublicHospital, "云浦市中心医院", 2).await;
        let maker = organisation(&db, OrgKind::Manufacturer, "澜州青禾制药有限公司", 3).await;
        let other_maker = organisation(&db, OrgKind::Manufacturer, "云浦百澍药业股份有限公司", 4).await;
        let distributor = organisation(&db, OrgKind::Distributor, "澜州通达源医药物流有限公司", 5).await;
        let stranger = organisation(&db, OrgKind::Distributor, "云浦安速达医药物流有限公司", 6).await;
        let agency = organisation(&db, OrgKind::Agency, "澜江省医药采购服务中心", 7).await;
        let buyer = account(&db, &hospital, Post::Order, "buyer").await;
        let other_buyer = account(&db, &other_hospital, Post::Order, "other-buyer").await;
        let seller = account(&db, &maker, Post::Trade, "seller").await;
        let distributor_clerk = account(&db, &distributor, Post::Trade, "distributor").await;
        let officer = account(&db, &agency, Post::Officer, "officer").await;
        let policies = Policies::shipped().expect("policies");
        let address = AddressInput {
            recipient: "药库 王药师".into(),
            phone: "0771-2345678".into(),
            address: "澜州市人民路 1 号药库".into(),
            is_default: false,
        };
        let address = party::address::add(&db, &buyer, address).await.expect("address");
        party::appointment::appoint(&db, &seller, distributor.id).await.expect("appointment");
        let listed = listings(&db, &policies, &maker, &other_maker).await;
        let [red, yellow, cheap, cheaper, tablet] = listed;
        Self {
            db,
            policies,
            hospital,
            other_hospital,
            maker,
            other_maker,
            distributor,
            stranger,
            agency,
            buyer,
            other_buyer,
            seller,
            distributor_clerk,
            officer,
            address,
            red,
            yellow,
            cheap,
            cheaper,
            tablet,
        }
    }

    /// A draft of such lines for the enterprise's own delivery.
    pub fn draft(&self, lines: Vec<LineInput>) -> DraftInput {
        DraftInput {
            supplier_id: self.maker.id,
            address_id: self.address.id,
            wanted_on: day("2024-08-12"),
            remark: None,
            lines,
        }
    }

    /// Saves a draft and answers with it.
    pub async fn saved(&self, who: &Principal, input: DraftInput) -> Value {
        let made = draft::create(&self.db, who, None, input).await.expect("draft");
        serde_json::to_value(made.body).expect("JSON")
    }

    /// Submits a draft as it stands.
    pub async fn submit(&self, who: &Principal, draft: &Value, input: SubmitInput) -> Result<Answer, Error> {
        let (id, version) = (id_of(draft), version_of(draft));
        let sent = submit::submit(&self.db, who, &self.policies, None, id, version, input).await?;
        let body = serde_json::to_value(sent.body).expect("JSON");
        Ok(Answer { status: sent.status, body, repeated: sent.repeated })
    }

    /// An order of ten tablets' packs that waits for its answer.
    pub async fn waiting(&self) -> Value {
        let draft = self.saved(&self.buyer, self.draft(vec![line(&self.tablet, 10)])).await;
        self.submit(&self.buyer, &draft, SubmitInput::default()).await.expect("submitted").body
    }
}

async fn listings(
    db: &Db,
    policies: &Policies,
    maker: &Organisation,
    other: &Organisation,
) -> [ListingRecord; 5] {
    let mut tablet = new_product(maker, "青禾", "阿莫西林片", "0.25g", 105);
    tablet.dosage_class = DosageClass::Oral;
    (tablet.dosage_form, tablet.unit, tablet.pack_qty, tablet.pack_unit) =
        ("片剂".into(), "片".into(), 24, "盒".into());
    let all = vec![
        new_product(maker, "青禾", "注射用头孢曲松钠", "1.0g", 101),
        new_product(maker, "青禾", "注射用头孢他啶", "1.0g", 102),
        new_product(other, "云浦", "注射用头孢曲松钠", "1.0g", 103),
        new_product(other, "百澍", "注射用头孢曲松钠", "1.0g", 104),
        tablet,
    ];
    let products = products(db, all).await;
    let group = |n: usize, packs: Vec<OldPack>, peers: (&str, &str)| GroupListing {
        product: products[n].id,
        packs,
        evaluated: vec![yuan(peers.0)],
        originator: vec![yuan(peers.1)],
        other_brands: Some(Vec::new()),
        accept_high: true,
        from_day: day("2024-08-01"),
    };
    let before = Basis::BeforeEvaluation;
    let after = Basis::AfterEvaluation;
    let groups = [
        group(
            0,
            vec![pack(109, 5, "25.00", before), pack(OLD_CODE, 10, "150.10", after)],
            ("16.00", "30.00"),
        ),
        group(1, vec![pack(111, 10, "50.00", before), pack(112, 5, "45.05", after)], ("9.20", "16.00")),
        group(2, vec![pack(113, 10, "60.00", Basis::Normal)], ("16.00", "30.00")),
        group(3, vec![pack(114, 10, "58.00", Basis::Normal)], ("16.00", "30.00")),
    ];
    let mut listed = Vec::new();
    for group in groups {
        listed.push(convert::list_injection_group(db, &system(), policies, group).await.expect("listed"));
    }
    let tablet = DirectListing {
        product: products[4].id,
        unit_price: yuan("12.30"),
        price_source: PriceSource::General,
        from_day: day("2024-08-01"),
        term: None,
    };
    listed.push(direct::list_direct(db, &system(), policies, tablet).await.expect("listed"));
    listed.try_into().expect("five")
}

/// A line of a draft.
pub fn line(of: &ListingRecord, quantity: i64) -> LineInput {
    LineInput {
        listing_id: Some(of.listing.id),
        code: None,
        quantity: Quantity::parse("数量", &quantity.to_string()).expect("a quantity"),
        quantity_unit: None,
        pack_remark: None,
        risk_reason: None,
    }
}

/// What a clerk says who buys a red product all the same.
pub fn acknowledged(line_no: i32, reason: &str) -> SubmitInput {
    let risk_reason = Some(reason.into());
    SubmitInput {
        lines: vec![SubmitLine { line_no, unit_price: None, risk_acknowledged: true, risk_reason }],
    }
}

/// The key in an answer.
pub fn id_of(body: &Value) -> Id {
    body["id"].as_str().expect("id").parse().expect("a key")
}

/// The version in an answer.
pub fn version_of(body: &Value) -> i64 {
    body["version"].as_i64().expect("version")
}

/// Sets a price as the office does: one officer proposes it, another confirms it.
pub async fn office_price(
    db: &Db,
    policies: &Policies,
    (one, other): (&Principal, &Principal),
    (listing, version): (Id, i64),
    (price, from): (&str, &str),
) -> Result<ListingRecord, Error> {
    let new = OfficePrice {
        unit_price: Price::parse("价格", price).expect("a price"),
        from_day: day(from),
        reason: "省级核定文件〔2024〕1 号".into(),
        confirm_far: true,
    };
    let proposed = office_price::propose(db, one, None, (listing, version), new).await?;
    office_price::decide(db, other, policies, id_of(&proposed.body), true).await?;
    db.read(move |c| listing::store::record(c, listing)).await
}
