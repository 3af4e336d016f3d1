//! From boxes to the unit: prices, marks, codes, and how they are explained (INJ-1.2 to INJ-6.1).

use jicai::catalogue::{CodeState, DosageClass};
use jicai::listing::change_price::{self, NewPrice};
use jicai::listing::convert::{GroupListing, list_injection_group};
use jicai::listing::direct::{DirectListing, Term, list_direct};
use jicai::listing::explanation::explain;
use jicai::listing::model::PriceReason;
use jicai::listing::{ListingRecord, Mark, PriceSource, find, show};
use jicai::platform::db::Db;
use jicai::platform::http::number::Price;
use jicai::platform::policy::Policies;
use jicai::platform::who::{OrgKind, Post};
use jicai::rules::injection::Basis;

use crate::support::both_engines;
use crate::support::office::*;

async fn a_group_is_listed_by_its_unit(db: Db) {
    let scene = Scene::new(db).await;
    let price = &scene.red.prices[0];
    assert_eq!((price.unit_price, price.mark, price.low), (yuan("15.01"), Mark::Red, Some(yuan("5.00"))));
    assert_eq!(price.ratio.as_deref(), Some("3.0020"));
    let yellow = &scene.yellow.prices[0];
    assert_eq!(
        (yellow.unit_price, yellow.mark, yellow.ratio.as_deref()),
        (yuan("9.01"), Mark::Yellow, Some("1.8020"))
    );
    let cheap = &scene.cheap.prices[0];
    assert_eq!((cheap.unit_price, cheap.mark, cheap.low), (yuan("6.00"), Mark::None, None));
    let packs: Vec<_> = scene
        .red
        .packs
        .iter()
        .map(|p| (p.pack_qty, p.unit_price, p.branch.as_str(), p.basis.as_str()))
        .collect();
    assert_eq!(
        packs,
        [(5, yuan("5.00"), "exact", "before_evaluation"), (10, yuan("15.01"), "exact", "after_evaluation")]
    );
    let detail = show::show(&scene.db, scene.red.listing.product_id, morning()).await.expect("product");
    let codes: Vec<_> = detail.codes.iter().map(|c| (c.code.clone(), c.factor, c.state)).collect();
    assert_eq!(
        codes,
        [
            (drug_code(101), 1, CodeState::Active),
            (drug_code(109), 5, CodeState::Frozen),
            (drug_code(OLD_CODE), 10, CodeState::Frozen),
        ]
    );
    assert!(detail.codes.iter().skip(1).all(|c| c.disabled_from == Some(day("2024-11-01"))
        && c.replaced_by.as_deref() == Some(drug_code(101).as_str())));
    assert_eq!(
        detail.suppliers.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(),
        ["澜州青禾制药有限公司", "澜州通达源医药物流有限公司"]
    );
    let names: Vec<_> =
        detail.alternatives.iter().map(|a| (a.brand.as_str(), a.unit_price, a.less)).collect();
    assert_eq!(names, [("百澍", yuan("5.80"), yuan("9.21")), ("云浦", yuan("6.00"), yuan("9.01"))]);
}
both_engines!(a_group_is_listed_by_its_unit);

async fn an_explanation_can_be_recomputed(db: Db) {
    let scene = Scene::new(db).await;
    let told = explain(&scene.db, scene.yellow.listing.id, None, morning()).await.expect("explanation");
    assert_eq!(told.explanation.result, "挂网价 9.01 元/支，标识为黄色");
    assert_eq!(told.explanation.policy, "default@2024-07-08");
    let clauses: Vec<_> = told.explanation.steps.iter().map(|s| s.clause.as_ref()).collect();
    assert!(["INJ-2.1", "INJ-3.1", "INJ-3.3", "INJ-4.1"].iter().all(|c| clauses.contains(c)), "{clauses:?}");
    assert!(told.explanation.steps.iter().any(|s| s.text.contains("45.05 元 ÷ 5 = 9.01 元")));
    assert!(told.explanation.steps.iter().any(|s| s.text.contains("9.01 ÷ 5.00 = 1.802")));
    assert!(told.explanation.documents[0].contains("医保办函〔2024〕61号"));
    // The input is what `jicai rule injection-listing` takes, and gives the same.
    assert_eq!(told.explanation.rule.as_deref(), Some("injection-listing"));
    let dir = tempfile::tempdir().expect("tempdir");
    let file = dir.path().join("input.jsonl");
    std::fs::write(&file, told.explanation.input.to_string()).expect("written");
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_jicai"))
        .args(["rule", "injection-listing"])
        .arg(&file)
        .output()
        .expect("jicai rule");
    let answer: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert_eq!((answer["listing_price"].as_str(), answer["mark"].as_str()), (Some("9.01"), Some("yellow")));
    assert_eq!(answer["ratio"], told_ratio(&scene.yellow));
    let day_before = at("2024-07-31T12:00:00+08:00");
    assert_eq!(refusal(explain(&scene.db, scene.yellow.listing.id, None, day_before).await).status, 404);
}
both_engines!(an_explanation_can_be_recomputed);

fn told_ratio(of: &ListingRecord) -> String {
    of.prices[0].ratio.clone().expect("a ratio")
}

async fn what_cannot_be_listed_is_named(db: Db) {
    let maker = organisation(&db, OrgKind::Manufacturer, "澜州青禾制药有限公司", 1).await;
    let policies = Policies::shipped().expect("policies");
    let mut boxed = new_product(&maker, "青禾", "肝素钠", "2ml", 1);
    (boxed.pack_qty, boxed.pack_unit) = (10, "盒".into());
    let mut tablet = new_product(&maker, "青禾", "阿莫西林片", "0.25g", 2);
    tablet.dosage_class = DosageClass::Oral;
    let mut bare = new_product(&maker, "青禾", "头孢他啶", "1.0g", 3);
    bare.codes.clear();
    let all =
        products(&db, vec![boxed, tablet, bare, new_product(&maker, "青禾", "头孢曲松钠", "1.0g", 4)]).await;
    let group = |n: usize, packs| GroupListing {
        product: all[n].id,
        packs,
        evaluated: Vec::new(),
        originator: Vec::new(),
        other_brands: None,
        accept_high: false,
        from_day: day("2024-08-01"),
    };
    let one = || vec![pack(20, 10, "58.00", Basis::Normal)];
    let list = async |group| refusal(list_injection_group(&db, &system(), &policies, group).await);
    assert!(list(group(0, one())).await.detail.contains("最小制剂单位"), "INJ-1.1");
    assert!(list(group(1, one())).await.detail.contains("不是注射剂"));
    assert_eq!(list(group(2, one())).await.code, "UNIT_CODE_MISSING");
    let wrong =
        list(group(3, vec![pack(20, 0, "58.00", Basis::Normal), pack(20, 10, "58.00001", Basis::Normal)]))
            .await;
    let pointers: Vec<_> = wrong.errors.iter().map(|e| e.pointer.as_str()).collect();
    assert_eq!(pointers, ["/packs/0/pack_qty", "/packs/1/pack_price", "/packs/1/code"]);
    assert_eq!(list(group(3, Vec::new())).await.status, 422);
    let mut early = group(3, one());
    early.from_day = day("2024-07-07");
    assert_eq!(list(early).await.code, "POLICY_NOT_IN_FORCE");
    list_injection_group(&db, &system(), &policies, group(3, one())).await.expect("listed");
    assert_eq!(list(group(3, one())).await.status, 409, "no second listing (INJ-1.2)");
    let direct = |n: usize, price: &str, price_source| DirectListing {
        product: all[n].id,
        unit_price: yuan(price),
        price_source,
        from_day: day("2024-08-01"),
        term: (price_source != PriceSource::General).then(|| Term {
            until: day("2027-12-31"),
            pack_price: yuan(price),
            pack_qty: 1,
        }),
    };
    let by_box = refusal(list_direct(&db, &system(), &policies, direct(0, "58", PriceSource::General)).await);
    assert_eq!(by_box.clause, Some("INJ-1.1"));
    let precise =
        refusal(list_direct(&db, &system(), &policies, direct(1, "1.234", PriceSource::General)).await);
    assert_eq!((precise.status, precise.clause), (422, Some("INJ-2.1")));
    let agreed =
        list_direct(&db, &system(), &policies, direct(1, "1.234", PriceSource::Vbp)).await.expect("INJ-2.3");
    assert_eq!(agreed.prices[0].unit_price, yuan("1.234"));
}
both_engines!(what_cannot_be_listed_is_named);

/// INJ-2.3: selected at 1.234 until 2027-12-31; the day after, without renewal, 1.24 by INJ-2.1.
async fn an_agreed_price_ends_with_its_agreement(db: Db) {
    let policies = Policies::shipped().expect("policies");
    let maker = organisation(&db, OrgKind::Manufacturer, "澜州青禾制药有限公司", 3).await;
    let all = products(&db, vec![new_product(&maker, "青禾", "托烷司琼注射液", "5mg", 1)]).await;
    let listed = |until: &str, pack_price: &str, pack_qty| DirectListing {
        product: all[0].id,
        unit_price: yuan("1.234"),
        price_source: PriceSource::Vbp,
        from_day: day("2024-08-01"),
        term: Some(Term { until: day(until), pack_price: yuan(pack_price), pack_qty }),
    };
    let list = async |new| list_direct(&db, &system(), &policies, new).await;
    let wrong = refusal(list(listed("2024-07-31", "1.23456", 0)).await);
    let pointers: Vec<_> = wrong.errors.iter().map(|e| e.pointer.as_str()).collect();
    assert_eq!(pointers, ["/term/until", "/term/pack_price", "/term/pack_qty"]);
    assert_eq!(wrong.clause, Some("INJ-2.3"));
    let silent = refusal(list(DirectListing { term: None, ..listed("2027-12-31", "1.234", 1) }).await);
    assert_eq!((silent.errors[0].pointer.as_str(), silent.clause), ("/term", Some("INJ-2.3")));
    let record = list(listed("2027-12-31", "1.234", 1)).await.expect("listed");
    let price = |when: &str| record.price_at(day(when)).map(|p| (p.unit_price.to_string(), p.reason));
    assert_eq!(price("2024-07-31"), None);
    assert_eq!(price("2024-08-01"), Some(("1.234".into(), PriceReason::FirstListing)));
    assert_eq!(price("2027-12-31"), Some(("1.234".into(), PriceReason::FirstListing)));
    assert_eq!(price("2028-01-01"), Some(("1.24".into(), PriceReason::AgreementEnd)));
    let id = record.listing.id;
    let why = async |now: &str| explain(&db, id, None, at(now)).await.expect("explained");
    let during = why("2027-12-31T12:00:00+08:00").await.explanation;
    assert_eq!(during.steps.len(), 1);
    assert_eq!(during.steps[0].clause, "INJ-2.3");
    assert!(during.steps[0].text.contains("协议期至 2027-12-31"), "{}", during.steps[0].text);
    let then = why("2028-01-01T00:00:00+08:00").await.explanation;
    assert_eq!(then.steps[0].clause, "INJ-2.3");
    assert!(then.steps[0].text.contains("自 2028-01-01 起按一般规则"), "{}", then.steps[0].text);
    assert!(then.steps[1..].iter().all(|s| s.clause == "INJ-2.1") && then.steps.len() > 1);
    // Until its last day nobody changes it; after it the general rules hold.
    let agency = organisation(&db, OrgKind::Agency, "采购中心", 9).await;
    let (one, two) = (
        account(&db, &agency, Post::Officer, "one").await,
        account(&db, &agency, Post::Officer, "two").await,
    );
    let change = async |version, price: &str, from: &str| {
        office_price(&db, &policies, (&one, &two), (id, version), (price, from)).await
    };
    assert_eq!(refusal(change(1, "1.20", "2027-12-31").await).clause, Some("INJ-2.3"));
    assert_eq!(refusal(change(1, "1.234", "2028-01-02").await).clause, Some("INJ-2.1"));
    let cut = change(1, "1.20", "2028-01-02").await.expect("a cut after the term");
    assert_eq!(cut.price_at(day("2028-01-02")).map(|p| p.unit_price), Some(yuan("1.20")));
}
both_engines!(an_agreed_price_ends_with_its_agreement);

fn new_price(price: &str, from: &str) -> NewPrice {
    NewPrice {
        unit_price: Price::parse("价格", price).expect("a price"),
        from_day: day(from),
        confirm_far: false,
    }
}

/// The vectors of INJ-4.2: low 5.00, 15.01 red → cut to 15.00 yellow → cut to 9.00 none; a rise never lifts a mark.
async fn a_cut_moves_the_mark_and_a_rise_does_not(db: Db) {
    let scene = Scene::new(db).await;
    let id = scene.red.listing.id;
    let change = async |who, version, price, from| {
        change_price::change_price(&scene.db, who, &scene.policies, id, version, new_price(price, from)).await
    };
    let last = |record: &ListingRecord| {
        let p = record.prices.last().expect("a price");
        (p.unit_price, p.mark, p.low, p.reason.as_str())
    };
    assert_eq!(
        refusal(change(&scene.seller, 1, "16.00", "2024-08-05").await).clause,
        Some("INJ-4.2"),
        "a rise"
    );
    assert_eq!(refusal(change(&scene.seller, 7, "15.00", "2024-08-05").await).code, "STALE_VERSION");
    assert_eq!(
        refusal(change(&scene.distributor_clerk, 1, "15.00", "2024-08-05").await).status,
        404,
        "not its own"
    );
    assert_eq!(refusal(change(&scene.seller, 1, "15.00", "2024-08-04").await).errors[0].pointer, "/from_day");
    let cut = change(&scene.seller, 1, "15.00", "2024-08-05").await.expect("a cut");
    assert_eq!(last(&cut), (yuan("15.00"), Mark::Yellow, Some(yuan("5.00")), "voluntary_cut"));
    let cut = change(&scene.seller, 2, "9.00", "2024-08-10").await.expect("a cut");
    assert_eq!(last(&cut), (yuan("9.00"), Mark::None, Some(yuan("5.00")), "voluntary_cut"));
    let second = account(&scene.db, &scene.agency, Post::Officer, "second-officer").await;
    let officers = (&scene.officer, &second);
    let rise = async |version, price, from| {
        office_price(&scene.db, &scene.policies, officers, (id, version), (price, from))
            .await
            .expect("a rise")
    };
    let higher = rise(3, "15.01", "2024-08-20").await;
    assert_eq!(last(&higher), (yuan("15.01"), Mark::Red, Some(yuan("5.00")), "rise"));
    let still = rise(4, "15.02", "2024-08-21").await;
    assert_eq!(last(&still).1, Mark::Red);
    // The price of a day is the latest row not after it.
    for (when, price, mark) in [
        ("2024-08-04T12:00:00+08:00", "15.01", Mark::Red),
        ("2024-08-05T00:00:00+08:00", "15.00", Mark::Yellow),
        ("2024-08-09T23:59:59+08:00", "15.00", Mark::Yellow),
        ("2024-08-10T00:00:00+08:00", "9.00", Mark::None),
        ("2024-09-01T00:00:00+08:00", "15.02", Mark::Red),
    ] {
        let view = show::show_listing(&scene.db, id, at(when)).await.expect("listing").view;
        assert_eq!((view.unit_price, view.mark), (Some(yuan(price)), mark), "{when}");
    }
    let history = show::show_listing(&scene.db, id, morning()).await.expect("listing").history;
    assert_eq!(history.len(), 5);
    let first = explain(&scene.db, id, Some(history[4].id), morning()).await.expect("the first price");
    assert_eq!(first.explanation.result, "挂网价 15.01 元/支，标识为红色");
}
both_engines!(a_cut_moves_the_mark_and_a_rise_does_not);

async fn the_search_shows_prices_of_the_day(db: Db) {
    let scene = Scene::new(db).await;
    let query = jicai::catalogue::search::Query { text: "tbqs".into(), after: None, limit: 50 };
    let page = find::find(&scene.db, query.clone(), morning()).await.expect("search");
    let seen: Vec<_> =
        page.items.iter().map(|v| (v.brand.as_str(), v.unit_price, v.mark, v.orderable)).collect();
    assert_eq!(seen.len(), 3);
    assert!(seen.contains(&("青禾", Some(yuan("15.01")), Mark::Red, true)));
    assert!(seen.contains(&("百澍", Some(yuan("5.80")), Mark::None, true)));
    let early = find::find(&scene.db, query, at("2024-07-20T09:00:00+08:00")).await.expect("search");
    assert!(early.items.iter().all(|v| !v.orderable && v.unit_price.is_none() && v.closed.is_some()));
}
both_engines!(the_search_shows_prices_of_the_day);
