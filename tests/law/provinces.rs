//! The provinces' profiles (section 17): what each sets apart from `default`, and what the law computes under it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use jicai_rules::explain::Steps;
use jicai_rules::linkage::{Duties, Reference, apply_until, penalty_price};
use jicai_rules::money::Dec;
use jicai_rules::online::{Limits, Online, Purchases, online};
use jicai_rules::payment::{Peers, Product, Profile, Rules, standard};
use jicai_rules::policy::{Basis, Policy};
use jicai_rules::profiles::Library;
use jicai_rules::retail::{Markups, Seller, charge_allowed, most_charged};
use jicai_rules::settlement::{Clock, Delivery, Due, payment_due};
use jicai_rules::volume::{RatioTable, VolumeClass};

fn dec(text: &str) -> Dec {
    Dec::parse(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn profile(name: &str) -> Policy {
    Library::shipped().unwrap().named(name).unwrap()
}

/// The keys whose values are others than in `default`.
fn differing(name: &str) -> Vec<&'static str> {
    let (default, own) = (profile("default"), profile(name));
    let differs = |key: &&'static str| default.entry(key).unwrap().value != own.entry(key).unwrap().value;
    own.entries().map(|(key, _)| key).filter(differs).collect()
}

#[test]
fn each_province_sets_what_its_documents_set() {
    assert_eq!(
        differing("henan"),
        [
            "award.revival.enabled",
            "jx.markup_max",
            "linkage.lowest_listing",
            "pay.standard",
            "sn.net_rate_min",
            "sn.record_share_max",
            "volume.ratio.key_monitored",
            "volume.ratio.ordinary",
            "volume.ratio.restricted",
        ]
    );
    assert_eq!(
        differing("shaanxi"),
        ["jx.markup_max", "pay.binding", "pay.months_after", "pay.standard", "pay.trigger"]
    );
    let shanghai = [
        "jx.markup_max",
        "linkage.lowest_listing",
        "pay.binding",
        "pay.trigger",
        "sn.net_rate_min",
        "sn.record_share_max",
    ];
    assert_eq!(differing("shanghai@2024-08-07"), shanghai);
    let now: BTreeSet<_> = differing("shanghai").into_iter().collect();
    assert_eq!(now, shanghai.into_iter().chain(["pay.standard"]).collect());
    assert_eq!(
        differing("jiangxi"),
        ["linkage.lowest_listing", "pay.binding", "sn.net_rate_min", "sn.record_share_max"]
    );
}

/// A value that a province takes from its document names a clause of that document.
#[test]
fn a_value_of_a_document_names_the_clause_of_the_province() {
    let own = [("henan", "HN-"), ("shaanxi", "SN-"), ("shanghai", "SH-"), ("jiangxi", "JX-")];
    for (name, prefix) in own {
        let (default, policy) = (profile("default"), profile(name));
        let set = |key: &str| policy.entry(key) != default.entry(key);
        let stated: Vec<_> =
            policy.entries().filter(|(key, entry)| set(key) && entry.basis == Basis::Document).collect();
        assert!(stated.len() >= 4, "{name}");
        for (key, entry) in stated {
            assert!(entry.clause.starts_with(prefix), "{name} {key}: {}", entry.clause);
        }
    }
}

#[test]
fn a_province_is_in_force_from_the_day_of_its_document() {
    let library = Library::shipped().unwrap();
    let on = |name: &str, text: &str| library.in_force(name, day(text)).map(|policy| policy.name).ok();
    for (name, first) in [
        ("henan", "2024-08-01"),
        ("shaanxi", "2024-08-14"),
        ("shanghai", "2024-08-07"),
        ("jiangxi", "2024-08-22"),
    ] {
        assert_eq!(on(name, first), Some(format!("{name}@{first}")));
        assert_eq!(on(name, &day(first).pred_opt().unwrap().to_string()), None);
    }
    assert_eq!(on("shanghai", "2024-08-26").as_deref(), Some("shanghai@2024-08-07"));
    assert_eq!(on("shanghai", "2024-08-27").as_deref(), Some("shanghai@2024-08-27"));
}

fn due(name: &str, of: &Delivery) -> (Due, String) {
    let mut steps = Steps::on();
    let due = payment_due(of, &Clock::from_policy(&profile(name)).unwrap(), &mut steps).unwrap();
    let told = steps.take().into_iter().map(|step| format!("{} {}", step.clause, step.text));
    (due, told.collect::<Vec<_>>().join("\n"))
}

/// SH-L-4: delivered on 20 August, implanted on 5 September; Henan's rule would give the end of September.
#[test]
fn the_payment_clock_starts_where_the_province_says() {
    let implant = Delivery {
        accepted_on: Some(day("2024-08-20")),
        used_on: Some(day("2024-09-05")),
        contract_due: Some(day("2024-12-01")),
        insurance_pays: false,
    };
    let (shanghai, why) = due("shanghai", &implant);
    assert_eq!(shanghai, Due { on: Some(day("2024-10-31")), by_acceptance: false, must: false });
    assert_eq!(why, "SH-L-4 2024-09-05 使用，次月的最后一天为 2024-10-31，原则上不超过这一天结清");
    let (henan, why) = due("henan", &implant);
    assert_eq!(henan, Due { on: Some(day("2024-09-30")), by_acceptance: false, must: true });
    assert_eq!(why, "HN-10 2024-08-20 验收合格，次月的最后一天为 2024-09-30，不得超过这一天结清");
    let (jiangxi, _) = due("jiangxi", &implant);
    assert_eq!(jiangxi, Due { on: Some(day("2024-09-30")), by_acceptance: false, must: false });
    let (shaanxi, why) = due("shaanxi", &implant);
    assert_eq!(shaanxi, Due { on: None, by_acceptance: false, must: false });
    assert_eq!(why, "SN-16 文件要求及时回款，没有规定日期");
}

/// SH-A-3, HN-10, JX-13.
#[test]
fn the_ends_of_months_and_what_is_not_known() {
    let used = |text: &str| Delivery { used_on: Some(day(text)), ..Delivery::default() };
    let cases = [
        ("2024-08-01", "2024-09-30"),
        ("2024-08-31", "2024-09-30"),
        ("2024-12-15", "2025-01-31"),
        ("2024-01-31", "2024-02-29"),
    ];
    for (from, to) in cases {
        assert_eq!(due("shanghai@2024-08-07", &used(from)).0.on, Some(day(to)));
    }
    let accepted = |text: &str| Delivery { accepted_on: Some(day(text)), ..Delivery::default() };
    for (from, to) in [("2024-09-30", "2024-10-31"), ("2024-10-01", "2024-11-30")] {
        assert_eq!(due("henan", &accepted(from)).0.on, Some(day(to)));
    }
    let fallback = due("shanghai", &accepted("2024-09-12")).0;
    assert_eq!((fallback.on, fallback.by_acceptance), (Some(day("2024-10-31")), true));
    assert_eq!(due("shanghai", &Delivery::default()).0.on, None);
    let clinic = Delivery { insurance_pays: true, ..accepted("2024-09-12") };
    assert_eq!(due("jiangxi", &clinic).0.on, None, "the insurance pays the enterprise itself");
}

/// HUN-8: Hunan leaves the day to the contract.
#[test]
fn a_province_may_leave_the_day_to_the_contract() {
    let text = r#"extends = "default@2024-07-08"
pay.trigger = { value = "contract", clause = "HUN-8", source = "合同约定", basis = "document", effective_from = 2024-08-19 }"#;
    let hunan = Library::shipped().unwrap().read("hunan@2024-08-19", text).unwrap();
    let clock = Clock::from_policy(&hunan).unwrap();
    let of =
        |contract_due| Delivery { contract_due, accepted_on: Some(day("2024-09-01")), ..Delivery::default() };
    let due = |contract_due| payment_due(&of(contract_due), &clock, &mut Steps::off()).unwrap().on;
    assert_eq!(due(Some(day("2024-12-01"))), Some(day("2024-12-01")));
    assert_eq!(due(None), None);
}

#[test]
fn a_lower_price_elsewhere_binds_as_the_province_says() {
    let until = |name: &str, elsewhere: &str, reference| {
        let duties = Duties::from_policy(&profile(name)).unwrap();
        let (own, published) = (dec("500"), day("2024-10-08"));
        apply_until(&own, &dec(elsewhere), reference, published, &duties, &mut Steps::off()).unwrap()
    };
    let last = Some(day("2024-11-07"));
    for name in ["henan", "shaanxi", "shanghai", "jiangxi"] {
        assert_eq!(until(name, "450", Reference::Selected), last, "{name}");
        assert_eq!(until(name, "500", Reference::Selected), None, "{name}: not lower");
    }
    assert_eq!(until("shaanxi", "450", Reference::Listing), last);
    for name in ["henan", "shanghai", "jiangxi"] {
        assert_eq!(until(name, "450", Reference::Listing), None, "{name} looks at selected prices only");
    }
    let cut = profile("shaanxi").dec("sn.penalty_cut").unwrap();
    assert_eq!(penalty_price(&dec("33.33"), &cut, &mut Steps::off()), dec("29.99"));
    let mut steps = Steps::on();
    let duties = Duties::from_policy(&profile("henan")).unwrap();
    apply_until(&dec("500"), &dec("450"), Reference::Selected, day("2024-10-08"), &duties, &mut steps)
        .unwrap();
    let step = steps.take().remove(0);
    assert_eq!(step.clause, "HN-12");
    assert_eq!(
        step.text,
        "外省中选价 450 元低于本省 500 元，自 2024-10-08 起 30 日内（至 2024-11-07）申请联动"
    );
}

/// One dear product that was not selected, before 1000 at most, the dearest selected one 700; and one at 900.
#[test]
fn the_payment_standard_is_that_of_the_province() {
    let peers = Peers { group_selected: vec![dec("500"), dec("700")], ..Peers::default() };
    let under = |name: &str, price: &str| {
        let policy = profile(name);
        let product = Product {
            in_scope: true,
            price: Some(dec(price)),
            prior_limit: Some(dec("1000")),
            ..Product::default()
        };
        let (method, rules) = (Profile::from_policy(&policy).unwrap(), Rules::from_policy(&policy).unwrap());
        let found = standard(method, &product, &peers, &rules, &mut Steps::off()).unwrap();
        (found.standard.unwrap().to_string(), found.patient_excess.unwrap().to_string(), found.clause)
    };
    let is = |standard: &str, excess: &str, clause| (standard.to_owned(), excess.to_owned(), clause);
    assert_eq!(under("henan", "900"), is("700", "200", "HN-9"));
    assert_eq!(under("henan", "1300"), is("1000", "300", "HN-9"), "by the letter");
    assert_eq!(under("shanghai", "1300"), is("700", "600", "SH-L-7"));
    assert_eq!(under("shaanxi", "1300"), is("700", "600", "SN-14"));
    assert_eq!(under("shaanxi", "650"), is("650", "0", "SN-14"));
    assert_eq!(under("jiangxi", "1300"), is("700", "600", "HI-2"), "as in default");
}

#[test]
fn the_net_rate_is_judged_where_the_province_has_a_limit() {
    let purchases = Purchases {
        total: dec("10000000"),
        platform: dec("7499999"),
        timely_records: dec("500000"),
        records: dec("1000000.01"),
        previous_total: Some(dec("20000000")),
    };
    let under = |name| online(&purchases, &Limits::from_policy(&profile(name)).unwrap(), &mut Steps::off());
    let judged = |of: &Online| (of.net_rate_met, of.record_share_met);
    assert_eq!(judged(&under("shaanxi")), (Some(false), Some(false)));
    for name in ["henan", "shanghai", "jiangxi"] {
        assert_eq!(judged(&under(name)), (None, None), "{name}");
        assert_eq!(under(name).net_rate, Some(dec("80")), "{name}: shown all the same");
    }
}

/// JX-10, HUN-7.
#[test]
fn the_mark_up_is_that_of_the_province_and_of_the_seller() {
    let most = |name, seller| {
        let markup = Markups::from_policy(&profile(name)).unwrap().of(seller);
        most_charged(&dec("6.66"), &markup, &mut Steps::off()).to_string()
    };
    assert_eq!(most("jiangxi", Seller::Participant), "7.65");
    assert_eq!(most("jiangxi", Seller::IntegratedClinic), "6.66");
    assert_eq!(most("jiangxi", Seller::Public), "6.66");
    for name in ["henan", "shaanxi", "shanghai"] {
        assert_eq!(most(name, Seller::Participant), "6.66", "{name} has no three entries");
    }
    let jiangxi = Markups::from_policy(&profile("jiangxi")).unwrap().of(Seller::Participant);
    assert!(charge_allowed(&dec("11.50"), &dec("10"), &jiangxi, false, &mut Steps::off()));
    assert!(!charge_allowed(&dec("11.51"), &dec("10"), &jiangxi, false, &mut Steps::off()));
}

/// HN-5: what a hospital asked for is what is agreed.
#[test]
fn in_henan_the_demand_is_the_agreed_volume() {
    let ratio = |name: &str| {
        let table = RatioTable::from_policy(&profile(name)).unwrap();
        table.ratio(VolumeClass::Ordinary, 1).unwrap().clone()
    };
    assert_eq!((ratio("henan"), ratio("default")), (dec("1"), dec("0.5")));
}
