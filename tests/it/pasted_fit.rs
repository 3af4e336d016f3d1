//! Which drugs the rows of a pasted list are, on the shop of the portal's tests.

use std::collections::BTreeMap;

use diesel::prelude::*;
use jicai::catalogue;
use jicai::order::pasted::fit::{Fit, fit};
use jicai::order::pasted::of_text;
use jicai::party::OrgState;
use jicai::platform::db::Db;
use jicai::platform::schema::{mi_code, organisation, product};

use crate::support::office::{day, drug_code, new_product};
use crate::support::shop::Shop;
use crate::support::statements::Watch;
use crate::support::{TestApp, Who, app_test};

async fn fitted(db: &Db, text: &str) -> Vec<Fit> {
    let rows = of_text("/text", text).expect("a list").rows;
    db.read(move |conn| fit(conn, &rows, day("2024-08-05"))).await.expect("fitted")
}

async fn one(app: &TestApp, text: &str) -> Fit {
    fitted(&app.db, text).await.into_iter().next().expect("a row")
}

/// Why a row stays, and the brands that are offered.
async fn open(app: &TestApp, text: &str) -> (String, Vec<String>) {
    match one(app, text).await {
        Fit::Open { why, may_be } => (why, may_be.into_iter().map(|view| view.brand).collect()),
        other => panic!("{text}: {other:?}"),
    }
}

async fn certain(app: &TestApp, shop: &Shop) {
    let plain = shop.plain.listing.id;
    let own = drug_code(5);
    for text in [
        format!("{own}\t100"),
        format!("{own}\t100支"),
        format!("{}\t100", own.to_lowercase()),
        "H00000005\t100".to_owned(),
        "国药准字H00000005\t100".to_owned(),
        "国药准字 H00000005 100支".to_owned(),
        "注射用青霉素钠\t100".to_owned(),
        "注射用青霉素钠\t0.8g\t100".to_owned(),
        "注射用青霉素钠\t800mg\t100".to_owned(),
        "注射用青霉素钠0.8g\t100".to_owned(),
        "注射用青霉素钠 0.8g 100支".to_owned(),
        "注射用青霉素钠（国产）\t100".to_owned(),
        format!("编码\t名称\t数量\n{own}\t青霉素钠\t100"),
    ] {
        let Fit::One { listing, code, quantity } = one(app, &text).await else { panic!("{text}") };
        assert_eq!((listing, code, quantity.get()), (plain, None, 100), "{text}");
    }
    let Fit::One { listing, .. } = one(app, "名称\t规格\t企业\t数量\n注射用头孢曲松钠\t1.0g\t江北\t5").await
    else {
        panic!("one of three by its enterprise");
    };
    assert_eq!(listing, shop.cheap.listing.id);
}

async fn uncertain(app: &TestApp, shop: &Shop) {
    let several = ["江北", "岭秀", "华南"].map(str::to_owned).to_vec();
    let (why, offered) = open(app, "注射用头孢曲松钠\t1.0g\t5").await;
    assert_eq!(
        (why.as_str(), offered),
        ("“注射用头孢曲松钠”有 3 个药品，请选择", several.clone()),
        "the cheapest first"
    );
    let (why, offered) = open(app, "注射用头孢曲松钠\t9g\t5").await;
    assert!(why.starts_with("“注射用头孢曲松钠”没有规格为“9g”的药品，请核对"), "{why}");
    assert_eq!(offered, several);
    let (why, offered) = open(app, "XJ01DDT133B001099999999\t5").await;
    assert_eq!((why.as_str(), offered.len()), ("没有找到编码 XJ01DDT133B001099999999，请核对", 0));
    let (why, offered) = open(app, "编码\t名称\t数量\nXJ01DDT133B001099999999\t注射用青霉素钠\t5").await;
    assert_eq!(
        (why.as_str(), offered.len()),
        ("没有找到编码 XJ01DDT133B001099999999，请核对", 1),
        "not taken by its name"
    );
    let (why, _) = open(app, &format!("编码\t名称\t数量\n{}\t布洛芬片\t5", drug_code(5))).await;
    assert!(why.contains("是“注射用青霉素钠”，与所填名称不符"), "{why}");
    let (why, _) = open(app, "没有这种药\t5").await;
    assert_eq!(why, "没有找到“没有这种药”，请核对，或查找后选择");
    let (why, offered) = open(app, "注射用青霉素钠\t1.5").await;
    assert_eq!((why.as_str(), offered.len()), ("数量应为不小于 1 的整数，您填的是 1.5", 1));
    let (why, _) = open(app, "注射用青霉素钠\t5盒").await;
    assert!(why.contains("该药品按支订购，您填的是 5 盒"), "{why}");
    let (why, _) = open(app, "名称\t数量\n\t5").await;
    assert_eq!(why, "没有编码，也没有名称");
    old_codes(app, shop).await;
}

/// The code of a pack of ten: until it stops it names the drug, and says whether it counts packs.
async fn old_codes(app: &TestApp, shop: &Shop) {
    let pack = drug_code(15);
    let set = pack.clone();
    let stop = |from: Option<&'static str>| {
        let set = set.clone();
        app.db.write_unaudited("test.code", move |c| {
            let row = diesel::update(mi_code::table.find(set.clone()));
            Ok(row.set((mi_code::disabled_from.eq(from.map(day)), mi_code::factor.eq(10))).execute(c)?)
        })
    };
    stop(None).await.expect("a factor");
    let (why, _) = open(app, &format!("{pack}\t20")).await;
    assert_eq!(why, format!("{pack} 是包装的编码，1 盒 = 10 支；20 盒即 200 支。请按支填写数量"));
    for (text, units) in [("20盒", 200), ("20支", 20)] {
        let Fit::One { listing, code, quantity } = one(app, &format!("{pack}\t{text}")).await else {
            panic!("{text}");
        };
        assert_eq!((listing, code, quantity.get()), (shop.cheap.listing.id, Some(pack.clone()), units));
    }
    let (why, _) = open(app, &format!("{pack}\t200000000盒")).await;
    assert!(why.contains("2000000000 支，数量不能超过"), "{why}");
    stop(Some("2024-08-05")).await.expect("a stop");
    let (why, offered) = open(app, &format!("{pack}\t20支")).await;
    assert!(why.contains("已停用（INJ-6.1）"), "{why}");
    assert_eq!(offered, ["江北"], "the drug itself can be chosen");
}

async fn not_to_be_had(app: &TestApp) {
    let maker = app.organisation(Who::OtherEnterprise);
    let unlisted = new_product(maker, "江北", "注射用未挂网药", "1.0g", 77);
    catalogue::create::create(&app.db, &app.system(), unlisted).await.expect("product");
    let (why, offered) = open(app, "注射用未挂网药\t5").await;
    assert_eq!((why.as_str(), offered.len()), ("注射用未挂网药未挂网，不能订购，请改选其他药品", 0));
    let (why, _) = open(app, &format!("{}\t5", drug_code(77))).await;
    assert!(why.contains("未挂网"), "{why}");
    let id = maker.id;
    app.db
        .write_unaudited("test.suspend", move |c| {
            let row = diesel::update(organisation::table.find(id));
            Ok(row.set(organisation::state.eq(OrgState::Suspended)).execute(c)?)
        })
        .await
        .expect("suspended");
    let (why, _) = open(app, "H00000003\t5").await;
    assert!(why.contains("供货企业已暂停供货"), "{why}");
    let (_, offered) = open(app, "注射用头孢曲松钠\t5").await;
    assert_eq!(offered, ["岭秀", "华南"], "what nobody delivers is not offered");
}

async fn by_the_standard_code(app: &TestApp, shop: &Shop) {
    let of = shop.plain.listing.product_id;
    app.db
        .write_unaudited("test.code", move |c| {
            let row = diesel::update(product::table.find(of));
            Ok(row.set(product::standard_code.eq(Some("86900123000456"))).execute(c)?)
        })
        .await
        .expect("a standard code");
    let Fit::One { listing, .. } = one(app, "86900123000456\t5").await else { panic!("a standard code") };
    assert_eq!(listing, shop.plain.listing.id);
}

async fn rows_are_the_drugs_they_name(app: &TestApp) {
    let shop = Shop::open(app).await;
    certain(app, &shop).await;
    by_the_standard_code(app, &shop).await;
    uncertain(app, &shop).await;
    not_to_be_had(app).await;
}
app_test!(rows_are_the_drugs_they_name);

async fn as_many_statements_for_sixty_as_for_five(app: &TestApp) {
    Shop::open(app).await;
    let (watch, db) = Watch::anew(&app.db);
    let mut counts = BTreeMap::new();
    for lines in [5_usize, 60] {
        let line = |n: usize| match n % 4 {
            0 => format!("{}\t\t5\n", drug_code(5)),
            1 => "\t注射用头孢曲松钠\t5\n".to_owned(),
            2 => format!("H{:08}\t\t5\n", n % 5 + 1),
            _ => format!("XJ01DDT133B00109999{n:04}\t注射用青霉素钠\t5\n"),
        };
        let text: String = (0..lines).map(line).collect();
        watch.take();
        let found = fitted(&db, &format!("编码\t名称\t数量\n{text}")).await;
        assert_eq!(found.len(), lines);
        counts.insert(lines, watch.take());
    }
    assert_eq!(counts[&5].len(), counts[&60].len(), "{counts:#?}");
    assert!(counts[&60].len() <= 16, "{:#?}", counts[&60]);
}
app_test!(as_many_statements_for_sixty_as_for_five);
