//! The search: what it finds, in which order, page by page, and how fast.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use jicai::catalogue::search::{Found, Query, find};
use jicai::catalogue::{DosageClass, NewCode, NewProduct, QualityLevel, batch, bulk};
use jicai::party::Organisation;
use jicai::platform::db::Db;
use jicai::platform::sql::Id;
use jicai::platform::who::OrgKind;

use crate::support::both_engines;
use crate::support::dice::Dice;
use crate::support::office::*;

async fn look(db: &Db, text: &str, after: Option<String>, limit: usize) -> Found {
    let query = Query { text: text.into(), after, limit };
    db.read(move |conn| find(conn, &query)).await.expect("search")
}

async fn names(db: &Db, text: &str) -> Vec<String> {
    look(db, text, None, 50)
        .await
        .products
        .iter()
        .map(|p| format!("{} {}", p.generic_name, p.brand))
        .collect()
}

async fn small_catalogue(db: &Db) -> (Organisation, Organisation) {
    let north = organisation(db, OrgKind::Manufacturer, "澜州青禾制药有限公司", 1).await;
    let south = organisation(db, OrgKind::Manufacturer, "云浦阿莫药业股份有限公司", 2).await;
    let mut trade = new_product(&south, "阿莫", "氨苄西林", "0.5g", 5);
    trade.trade_name = Some("Ａｍｐｉ-50%_钠".into());
    products(
        db,
        vec![
            new_product(&north, "青禾", "阿莫西林克拉维酸钾", "0.6g", 1),
            new_product(&north, "青禾", "阿莫西林", "1.0g", 2),
            new_product(&south, "阿莫", "阿莫西林", "0.5g", 3),
            new_product(&south, "阿莫", "头孢曲松钠", "1.0g", 4),
            trade,
        ],
    )
    .await;
    (north, south)
}

async fn finds_by_every_name(db: Db) {
    small_catalogue(&db).await;
    // Equal before beginning; below the brand the enterprise's other products.
    let all = ["阿莫西林 阿莫", "阿莫西林 青禾", "阿莫西林克拉维酸钾 青禾"];
    assert_eq!(names(&db, "阿莫西林").await, all);
    assert_eq!(names(&db, "amxl").await, all);
    assert_eq!(names(&db, "ＡＭＸＬ　").await, all, "full width and case");
    assert_eq!(names(&db, "头孢").await, ["头孢曲松钠 阿莫"], "two characters");
    assert_eq!(names(&db, "曲松").await, ["头孢曲松钠 阿莫"], "in the middle");
    assert_eq!(names(&db, "阿莫西林 青禾").await, ["阿莫西林 青禾", "阿莫西林克拉维酸钾 青禾"]);
    assert_eq!(names(&db, "qh amxl 克拉维").await, ["阿莫西林克拉维酸钾 青禾"]);
    assert_eq!(names(&db, "青禾制药").await, ["阿莫西林 青禾", "阿莫西林克拉维酸钾 青禾"], "enterprise");
    assert_eq!(names(&db, "阿莫西林 头孢").await, Vec::<String>::new(), "all words must hold");
    // Found by generic name, brand and enterprise, each product once: the brand 阿莫 is equal to
    // the word, 阿莫西林 only begins with it.
    assert_eq!(
        names(&db, "阿莫").await,
        ["阿莫西林 阿莫", "氨苄西林 阿莫", "头孢曲松钠 阿莫", "阿莫西林 青禾", "阿莫西林克拉维酸钾 青禾"]
    );
    assert_eq!(names(&db, "ampi").await, ["氨苄西林 阿莫"], "trade name in full width");
    assert_eq!(names(&db, "50%_").await, ["氨苄西林 阿莫"], "signs of LIKE stand for themselves");
    assert_eq!(names(&db, "5__").await, Vec::<String>::new());
    assert_eq!(names(&db, r"\").await, Vec::<String>::new());
    assert_eq!(names(&db, "不存在").await, Vec::<String>::new());
    assert_eq!(names(&db, "").await.len(), 5, "an empty search shows the list");
}
both_engines!(finds_by_every_name);

async fn finds_by_code(db: Db) {
    let (north, _) = small_catalogue(&db).await;
    let mut two_codes = new_product(&north, "青禾", "肝素钠", "2ml", 6);
    two_codes.codes.push(NewCode { code: drug_code(7), ..two_codes.codes[0].clone() });
    products(&db, vec![two_codes]).await;
    assert_eq!(names(&db, &drug_code(4)).await, ["头孢曲松钠 阿莫"]);
    assert_eq!(names(&db, &drug_code(4).to_lowercase()).await, ["头孢曲松钠 阿莫"]);
    assert_eq!(
        names(&db, "xj01ddt").await.len(),
        6,
        "the beginning of all codes; two codes of one product count once"
    );
    assert_eq!(names(&db, "xj01ddt 青禾 gsn").await, ["肝素钠 青禾"]);
    assert_eq!(names(&db, "XJ01DDT9").await, Vec::<String>::new());
    let first = look(&db, "XJ01", None, 4).await;
    let second = look(&db, "XJ01", first.next.clone(), 4).await;
    assert_eq!((first.products.len(), second.products.len(), second.next), (4, 2, None));
    assert_eq!(second.products[1].generic_name, "肝素钠");
}
both_engines!(finds_by_code);

async fn pages_show_everything_once(db: Db) {
    let makers = [
        organisation(&db, OrgKind::Manufacturer, "澜州头孢制药有限公司", 1).await,
        organisation(&db, OrgKind::Manufacturer, "云浦百澍制药有限公司", 2).await,
    ];
    let mut all = Vec::new();
    for n in 0..230 {
        let maker = &makers[n as usize % 2];
        let generic = ["头孢曲松钠", "头孢他啶", "头孢", "复方头孢", "青霉素钠"][n as usize % 5];
        all.push(new_product(maker, "头孢牌", generic, &format!("{n}mg"), n));
    }
    bulk::insert(&db, None, morning(), all).await.expect("bulk");
    for text in ["头孢", "tb", "头孢 云浦", "头孢 制药", "", "XJ01"] {
        let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
        loop {
            let found = look(&db, text, after, 7).await;
            seen.extend(found.products.iter().map(|p| p.id));
            pages += 1;
            match found.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let once: BTreeSet<Id> = seen.iter().copied().collect();
        // The brand is 头孢牌 for all of them, so each word fits every product but of the other enterprise.
        let expected = if text.contains("云浦") { 115 } else { 230 };
        assert_eq!((seen.len(), once.len()), (expected, expected), "{text}");
        assert_eq!(pages, expected.div_ceil(7), "{text}");
    }
    let best = look(&db, "头孢", None, 50).await.products;
    assert!(best.iter().take(46).all(|p| p.generic_name == "头孢"), "equal first");
    assert!(best[46].generic_name.starts_with("头孢"));
    let wrong = Query { text: "头孢".into(), after: Some("no cursor".into()), limit: 7 };
    let refused = refusal(db.read(move |conn| find(conn, &wrong)).await);
    assert_eq!(refused.status, 400);
    let many = Query { text: "a b c d e f g".into(), after: None, limit: 7 };
    assert_eq!(refusal(db.read(move |conn| find(conn, &many)).await).status, 422);
}
both_engines!(pages_show_everything_once);

async fn an_unpublished_import_is_invisible(db: Db) {
    let (north, _) = small_catalogue(&db).await;
    let id = Id::new();
    db.write_unaudited("test", move |conn| batch::open(conn, id, "catalogue", "00", morning()))
        .await
        .expect("open");
    let rows: Vec<NewProduct> =
        (100..1300).map(|n| new_product(&north, "青禾", "新品注射液", &format!("{n}ml"), n)).collect();
    assert_eq!(bulk::insert(&db, Some(id), morning(), rows).await.expect("bulk"), 1200);
    assert_eq!(names(&db, "新品").await.len(), 0);
    assert_eq!(names(&db, &drug_code(100)).await.len(), 0);
    assert_eq!(names(&db, "").await.len(), 5);
    assert_eq!(refusal(bulk::index_batch(&db, id).await).status, 409);
    db.write(&system(), move |tx| batch::publish(tx, id, 1200)).await.expect("publish");
    assert_eq!(bulk::index_batch(&db, id).await.expect("index"), 1200);
    assert_eq!(bulk::index_batch(&db, id).await.expect("index"), 0, "again changes nothing");
    assert_eq!(names(&db, "新品").await.len(), 50);
    assert_eq!(names(&db, &drug_code(100)).await.len(), 1);
    assert_eq!(refusal(db.write(&system(), move |tx| batch::publish(tx, id, 1200)).await).status, 409);
}
both_engines!(an_unpublished_import_is_invisible);

async fn big_catalogue(db: &Db, dice: &mut Dice) {
    let cities =
        ["澜州", "云浦", "青屿", "岚川", "望汀", "鹤洲", "霁阳", "临穹", "棠溪", "雁浦", "沐汀", "砚城"];
    let endings = ["制药有限公司", "药业股份有限公司", "生物制药有限公司", "医药科技有限公司"];
    let brands: Vec<String> = (0..4000).map(|_| dice.word(2)).collect();
    let names = brands
        .iter()
        .enumerate()
        .map(|(n, b)| format!("{}{b}{}", cities[n % 12], endings[n / 12 % 4]))
        .collect();
    let makers = many_makers(db, names).await;
    let generics: Vec<String> = (0..6000)
        .map(|n| {
            let length = 3 + dice.throw(6);
            format!("{}{}", if n % 3 == 0 { "注射用" } else { "" }, dice.word(length))
        })
        .collect();
    let trades: Vec<String> = (0..15_000).map(|_| dice.word(3)).collect();
    let started = Instant::now();
    let mut all = Vec::new();
    for n in 0..300_000_u32 {
        let maker = dice.skewed(makers.len());
        let generic = dice.skewed(generics.len());
        all.push(NewProduct {
            generic_name: generics[generic].clone(),
            trade_name: (n % 3 == 0).then(|| trades[dice.throw(trades.len())].clone()),
            brand: brands[maker].clone(),
            manufacturer: makers[maker].id,
            dosage_form: "注射剂".into(),
            dosage_class: DosageClass::Other,
            strength: format!("{}mg", 5 + dice.throw(200) * 5),
            fill_volume: None,
            unit: "片".into(),
            pack_qty: 12,
            pack_unit: "盒".into(),
            approval_no: format!("国药准字H{n:08}"),
            standard_code: None,
            quality_level: QualityLevel::Ordinary,
            codes: vec![NewCode::own(drug_code(n))],
        });
    }
    bulk::insert(db, None, morning(), all).await.expect("bulk");
    println!("300,000 products in {:.1?}", started.elapsed());
}

/// `cargo test --test it search::is_fast -- --ignored --nocapture`
async fn measure(db: Db) {
    let mut dice = Dice(7);
    big_catalogue(&db, &mut dice).await;
    let mut queries = Vec::new();
    for n in 0..1000 {
        queries.push(match n % 10 {
            0 => dice.word(2),
            1 => dice.word(3),
            2 => jicai::catalogue::words::initials(&dice.word(4))[0].clone(),
            3 => jicai::catalogue::words::initials(&dice.word(2))[0].clone(),
            4 => drug_code(u32::try_from(dice.throw(300_000)).expect("small")),
            5 => format!("{} {}", dice.word(2), dice.word(1)),
            6 => format!("{} 制药", dice.word(2)),
            7 => format!("澜州 {}", dice.word(1)),
            8 => "注射用 有限公司".into(),
            _ => format!("zsy {}", jicai::catalogue::words::initials(&dice.word(2))[0]),
        });
    }
    let (mut times, mut found) = (Vec::new(), 0);
    for text in &queries {
        let started = Instant::now();
        let page = look(&db, text, None, 50).await;
        times.push((started.elapsed(), text.clone()));
        found += page.products.len();
    }
    times.sort();
    let at = |share: usize| times[times.len() * share / 1000].0;
    println!(
        "p50 {:.1?} p90 {:.1?} p99 {:.1?} worst {:?}; {found} products",
        at(500),
        at(900),
        at(990),
        times.last()
    );
    assert!(at(990) < Duration::from_millis(50), "{:?}", &times[990..]);
}

mod is_fast {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "takes minutes"]
    async fn sqlite() {
        super::measure(crate::support::TestDb::sqlite().open()).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "takes minutes"]
    async fn postgres() {
        if let Some(test) = crate::support::TestDb::postgres() {
            super::measure(test.open()).await;
        }
    }
}
