//! Organisations, delivery addresses, appointments.

use jicai::party::address::{self, AddressInput};
use jicai::party::appointment;
use jicai::party::organisation::{NewOrganisation, register};
use jicai::platform::db::Db;
use jicai::platform::sql::Id;
use jicai::platform::who::{Kinds, OrgKind, Post};

use crate::support::both_engines;
use crate::support::office::*;

fn input(recipient: &str, is_default: bool) -> AddressInput {
    AddressInput {
        recipient: recipient.into(),
        phone: "０７７１－2345678".into(),
        address: "澜州市人民路 1 号".into(),
        is_default,
    }
}

async fn a_credit_code_is_checked_and_unique(db: Db) {
    let new = |code: &str| NewOrganisation {
        kind: OrgKind::Manufacturer,
        name: "澜州青禾制药有限公司".into(),
        credit_code: code.into(),
        city: "澜州".into(),
        other_kinds: Kinds::default(),
        district: String::new(),
    };
    // 91350100M000100Y43 is the example of GB 32100-2015.
    let good = register(&db, &system(), new("91350100M000100Y43")).await.expect("registered");
    assert_eq!(good.credit_code, "91350100M000100Y43");
    for wrong in ["91350100M000100Y43", "91350100M000100Y44", "91350100M000100Y4", "91350100I000100Y43", ""] {
        let refused = refusal(register(&db, &system(), new(wrong)).await);
        assert_eq!((refused.status, refused.errors[0].pointer.as_str()), (422, "/credit_code"), "{wrong}");
    }
}
both_engines!(a_credit_code_is_checked_and_unique);

/// As it is copied from a web page or a scanned licence.
async fn a_pasted_credit_code_is_taken(db: Db) {
    for pasted in ["9135 0100-M000100y43", "　９１３５０１００Ｍ０００１００Ｙ４３ "] {
        let new = NewOrganisation {
            kind: OrgKind::Manufacturer,
            name: format!("澜州青禾制药有限公司{}", pasted.len()),
            credit_code: pasted.into(),
            city: "澜州".into(),
            other_kinds: Kinds::default(),
            district: String::new(),
        };
        match register(&db, &system(), new).await {
            Ok(made) => assert_eq!(made.credit_code, "91350100M000100Y43"),
            refused => assert!(refusal(refused).errors[0].detail.contains("91350100M000100Y43 已登记")),
        }
    }
}
both_engines!(a_pasted_credit_code_is_taken);

async fn addresses_belong_to_their_hospital(db: Db) {
    let here = person(
        &organisation(&db, OrgKind::PublicHospital, "澜州市第一人民医院", 1).await,
        Post::Order,
        morning(),
    );
    let there = person(
        &organisation(&db, OrgKind::PublicHospital, "云浦市中心医院", 2).await,
        Post::Order,
        morning(),
    );
    let first = address::add(&db, &here, input("药库", false)).await.expect("added");
    assert!(first.is_default, "the first one is the default");
    assert_eq!(first.phone, "0771-2345678", "full width");
    let second = address::add(&db, &here, input("门诊药房", true)).await.expect("added");
    let list = address::list(&db, &here).await.expect("list");
    assert_eq!(
        list.iter().map(|a| (a.id, a.is_default)).collect::<Vec<_>>(),
        [(second.id, true), (first.id, false)]
    );
    assert!(address::list(&db, &there).await.expect("list").is_empty());
    assert_eq!(refusal(address::change(&db, &there, first.id, 2, input("他院", false)).await).status, 404);
    assert_eq!(refusal(address::delete(&db, &there, first.id, 2).await).status, 404);
    assert_eq!(
        refusal(address::change(&db, &here, first.id, 1, input("药库", false)).await).code,
        "STALE_VERSION"
    );
    let changed = address::change(&db, &here, first.id, 2, input("中心药库", true)).await.expect("changed");
    assert!(changed.is_default && changed.recipient == "中心药库");
    let list = address::list(&db, &here).await.expect("list");
    assert_eq!(list.iter().filter(|a| a.is_default).count(), 1);
    address::delete(&db, &here, first.id, changed.version).await.expect("deleted");
    assert_eq!(refusal(address::delete(&db, &here, first.id, changed.version).await).status, 404);
    let mut wrong = input("", false);
    (wrong.phone, wrong.address) = ("电话".into(), "近".into());
    let refused = refusal(address::add(&db, &here, wrong).await);
    let pointers: Vec<_> = refused.errors.iter().map(|e| e.pointer.as_str()).collect();
    assert_eq!(pointers, ["/recipient", "/phone", "/address"]);
}
both_engines!(addresses_belong_to_their_hospital);

async fn an_enterprise_names_its_distributors(db: Db) {
    let maker = organisation(&db, OrgKind::Manufacturer, "澜州青禾制药有限公司", 1).await;
    let distributor = organisation(&db, OrgKind::Distributor, "澜州通达源医药物流有限公司", 2).await;
    let hospital = organisation(&db, OrgKind::PublicHospital, "澜州市第一人民医院", 3).await;
    let clerk = person(&maker, Post::Trade, morning());
    appointment::appoint(&db, &clerk, distributor.id).await.expect("named");
    assert_eq!(refusal(appointment::appoint(&db, &clerk, distributor.id).await).status, 409);
    assert_eq!(refusal(appointment::appoint(&db, &clerk, hospital.id).await).status, 422);
    assert_eq!(refusal(appointment::appoint(&db, &clerk, Id::new()).await).status, 404);
    let stranger = person(&distributor, Post::Trade, morning());
    assert_eq!(refusal(appointment::appoint(&db, &stranger, distributor.id).await).status, 403);
    assert_eq!(appointment::list(&db, &clerk).await.expect("list").len(), 1);
    appointment::end(&db, &clerk, distributor.id).await.expect("ended");
    assert_eq!(refusal(appointment::end(&db, &clerk, distributor.id).await).status, 404);
    assert!(appointment::list(&db, &clerk).await.expect("list").is_empty());
    let again = appointment::appoint(&db, &clerk, distributor.id).await.expect("named again");
    assert_eq!((again.ended_at, again.version), (None, 3));
}
both_engines!(an_enterprise_names_its_distributors);
