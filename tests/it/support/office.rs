//! Organisations, people and products for tests of the offices.

use diesel::prelude::*;
use jicai::catalogue::{self, DosageClass, NewCode, NewProduct, Product, QualityLevel};
use jicai::party::organisation::{NewOrganisation, put};
use jicai::party::{OrgState, Organisation};
use jicai::platform::auth::{Function, OrgKind, Principal};
use jicai::platform::clock::Time;
use jicai::platform::db::{Actor, Db, Id};
use jicai::platform::error::{Error, Refusal};
use jicai::platform::schema::organisation;

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
    let new = NewOrganisation { kind, name: name.into(), credit_code: credit_code(n), city: "澜州".into() };
    db.write(&system(), move |tx| put(tx, &new)).await.expect("organisation")
}

/// A person of an organisation, with a request that was received at `received_at`.
pub fn person(of: &Organisation, function: Function, received_at: Time) -> Principal {
    Principal {
        user: Id::new(),
        organisation: of.id,
        kind: of.kind,
        function,
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
        })
        .collect();
    for chunk in rows.chunks(500) {
        let chunk = chunk.to_vec();
        db.keep("test.makers", move |conn| {
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
