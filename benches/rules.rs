//! How long the law takes: each rule on a plain case, the award by the number of bidders.

#![allow(clippy::panic, clippy::indexing_slicing, clippy::cast_possible_truncation)]

use std::hint::black_box;

use chrono::NaiveDate;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jicai::rules::award::{Bidder, Lot, Policy, award};
use jicai::rules::calendar::Calendar;
use jicai::rules::codes::{CodeKind, check};
use jicai::rules::credit::{Conditions, Event, Repair, Shares, account};
use jicai::rules::explain::Steps;
use jicai::rules::injection::{
    Basis, Candidate, InjPolicy, PackPrice, PackQty, Peers as InjPeers, listing, unit_price,
};
use jicai::rules::json::Json;
use jicai::rules::money::{Dec, Round};
use jicai::rules::payment::{self, Peers, Product, Profile};
use jicai::rules::price_ratio::{self, Dosage, Kind};
use jicai::rules::profiles::Library;
use jicai::rules::regions::{Picker, allocate};
use jicai::rules::volume::{ReportLimits, agreed, check_report};

/// A cheap, even sequence of numbers, the same in every run.
fn numbers() -> impl Iterator<Item = i64> {
    (1_u64..).map(|n| {
        let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        i64::try_from(mixed % 100_000).unwrap_or_default() + 1
    })
}

fn lot(bidders: usize) -> Lot {
    let prices = numbers().zip(numbers().skip(7));
    let bidder = |(n, (price, demand)): (usize, (i64, i64))| Bidder {
        id: format!("b{n}"),
        price: Some(Dec::new(price, 4)),
        demand: Dec::from(demand),
        all_regions: n % 3 != 0,
        factory: (n % 10 == 0).then(|| format!("F{}", n % 50)),
    };
    Lot {
        lot: "L".to_owned(),
        ceiling: Some(Dec::from(9)),
        category_demand: None,
        bidders: prices.take(bidders).enumerate().map(bidder).collect(),
        answers: Vec::new(),
    }
}

fn profile() -> jicai::rules::policy::Policy {
    let library = Library::shipped().unwrap_or_else(|error| panic!("{error}"));
    library.named("default").unwrap_or_else(|error| panic!("{error}"))
}

fn award_policy(mode: &str) -> Policy {
    let text = format!(r#"{{"units":{{"mode":"{mode}"}},"revival":{{"cap":"ratio_of_lowest"}}}}"#);
    let stated = Json::parse(&text).unwrap_or_else(|error| panic!("{error}"));
    Policy::read(stated.as_object(), &profile()).unwrap_or_else(|error| panic!("{error}"))
}

fn awards(c: &mut Criterion) {
    let mut group = c.benchmark_group("award");
    for bidders in [10, 100, 1_000, 10_000] {
        let lot = lot(bidders);
        group.throughput(Throughput::Elements(bidders as u64));
        for mode in ["none", "ab"] {
            let policy = award_policy(mode);
            group.bench_with_input(BenchmarkId::new(mode, bidders), &lot, |b, lot| {
                b.iter(|| award(black_box(lot), &policy));
            });
        }
    }
    group.finish();
}

fn others(c: &mut Criterion) {
    let mut off = Steps::off();
    let profile = profile();
    let regions: Vec<String> = (0..31).map(|n| format!("R{n}")).collect();
    let winners: Vec<Picker> = (0..8)
        .map(|n| Picker { id: n.to_string(), preferences: regions.iter().rev().cloned().collect() })
        .collect();
    c.bench_function("regions", |b| b.iter(|| allocate(black_box(&regions), &winners, &mut Steps::off())));

    let (history, proposed) = (Dec::from(1_234), Dec::from(3_456));
    if let Ok(limits) = ReportLimits::from_policy(&profile) {
        c.bench_function("volume_check", |b| {
            b.iter(|| check_report(black_box(&history), Some(&proposed), &proposed, &limits, &mut off));
        });
    }
    let ratio = Dec::new(7, 1);
    c.bench_function("agreed_volume", |b| {
        b.iter(|| agreed(black_box(&history), &ratio, Round::Up, &mut Steps::off()));
    });
    if let Ok(params) = price_ratio::Params::from_policy(&profile) {
        let rule = price_ratio::Rule::new(params);
        let (price, from, to) = (Dec::new(31, 1), Dec::from(64), Dec::from(10));
        c.bench_function("price_ratio", |b| {
            b.iter(|| {
                rule.price(Kind::PackCount, Dosage::Other, black_box(&price), &from, &to, &mut Steps::off())
            });
        });
    }
    if let Ok(rules) = payment::Rules::from_policy(&profile) {
        let product = Product { listing_price: Some(Dec::from(9)), ..Product::default() };
        c.bench_function("payment_standard", |b| {
            b.iter(|| {
                payment::standard(
                    Profile::Hainan,
                    black_box(&product),
                    &Peers::default(),
                    &rules,
                    &mut Steps::off(),
                )
            });
        });
    }
}

fn days(c: &mut Criterion) {
    let day = NaiveDate::from_ymd_opt(2024, 9, 2).unwrap_or_default();
    if let Ok(calendar) = Calendar::shipped() {
        c.bench_function("working_days_10", |b| b.iter(|| calendar.working_days_after(black_box(day), 10)));
    }
    let event = |n: u64| Event {
        id: n.to_string(),
        behaviour: ["L1", "V6", "L2"][(n % 3) as usize].to_owned(),
        points: Dec::from(5),
        notified_on: day + chrono::Days::new(n),
        published_on: Some(day + chrono::Days::new(n + 5)),
        next_publication_on: day + chrono::Days::new(n + 90),
    };
    let repair = |n: u64| Repair {
        event: n.to_string(),
        applied_on: day + chrono::Days::new(n + 10),
        conditions: Conditions {
            ended: true,
            hospital_statement: true,
            commitment: true,
            ..Conditions::default()
        },
    };
    let (events, repairs): (Vec<_>, Vec<_>) = (0..20).map(|n| (event(n), repair(n))).unzip();
    if let Ok(shares) = Shares::from_policy(&profile()) {
        c.bench_function("credit_20_events", |b| {
            b.iter(|| account(black_box(day), &events, &repairs, &shares, &mut Steps::off()));
        });
    }
}

/// A group of four packs, the usual case, and the unit price alone; with and without sentences.
fn injections(c: &mut Criterion) {
    let policy = InjPolicy::of(&profile()).unwrap_or_else(|error| panic!("{error}"));
    let price = |text: &str| PackPrice::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error:?}"));
    let qty = |text: &str| PackQty::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error:?}"));
    let (pack, ten) = (price("25.79"), qty("10"));
    c.bench_function("injection_price", |b| b.iter(|| unit_price(black_box(pack), ten, policy.round)));
    let candidate = |(id, pack, units, basis): (&str, &str, &str, Basis)| Candidate {
        id: id.to_owned(),
        label: String::new(),
        pack_price: price(pack),
        pack_qty: qty(units),
        basis,
    };
    let candidates = [
        ("a", "19.91", "10", Basis::BeforeEvaluation),
        ("b", "3.61", "1", Basis::AfterEvaluation),
        ("c", "18.05", "5", Basis::Normal),
        ("d", "7.22", "2", Basis::Normal),
    ]
    .map(candidate);
    let peers = InjPeers {
        evaluated: (30..40).map(|n| Dec::new(n, 1)).collect(),
        originator: vec![Dec::new(999, 2)],
        other_brands: (20..60).map(|n| Dec::new(n, 1)).collect(),
    };
    c.bench_function("injection_listing", |b| {
        b.iter(|| listing(black_box(&candidates), &peers, true, &policy, &mut Steps::off()));
    });
    c.bench_function("injection_listing_told", |b| {
        b.iter(|| listing(black_box(&candidates), &peers, true, &policy, &mut Steps::on()));
    });
}

fn codes(c: &mut Criterion) {
    let mut group = c.benchmark_group("codes");
    let cases = [
        ("uscc", CodeKind::Uscc, "91330100799655058B", None),
        ("drug", CodeKind::Drug, "XA01ABD075A002010100594", Some("86900594000342")),
        ("standard_code", CodeKind::StandardCode, "86900594000342", None),
        ("consumable", CodeKind::Consumable, "C0101011010010100001", None),
        ("trace", CodeKind::Trace, "12345678901234567890", None),
    ];
    for (name, kind, code, standard) in cases {
        group.bench_function(name, |b| b.iter(|| check(kind, black_box(code), standard, &mut Steps::off())));
    }
    group.finish();
}

criterion_group!(benches, awards, injections, codes, others, days);
criterion_main!(benches);
