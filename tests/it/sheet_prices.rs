//! Sheets of prices: what the check calls good is taken, what has changed is no repetition, and a day or price that cannot be meant is
//! refused or asked about.

use jicai::platform::clock;
use jicai::platform::import::{Run, RunState};
use jicai::platform::schema::{monitored_price, pack_listing};

use diesel::prelude::*;

use super::sheet_faults::{has, said, shown};
use crate::support::office::morning;
use crate::support::sheets::{checked, confirmed, drug, drug_code, drugs_xlsx};
use crate::support::{TestApp, Who, app_test};

/// On the law's day 2024-08-05: an injection of 0.5g as its unit (1) and in packs of 10 (2) and 5 (3); tablets (4, 5, 6); another
/// injection as its unit (7) and in packs of 3 (8).
pub async fn goods(app: &TestApp) {
    let now = app.now();
    app.db.write_unaudited("test.clock", move |c| clock::set_legal(c, now, morning())).await.expect("clock");
    let mut rows: Vec<Vec<String>> = (1..=8).map(|n| drug(n, 10_001)).collect();
    for (n, strength, qty) in [(1, "0.5g", 1), (2, "0.5g", 10), (3, "0.5g", 5), (7, "2g", 1), (8, "2g", 3)] {
        let row = &mut rows[n - 1];
        (row[1], row[3], row[4]) = ("注射用试验钠".into(), "注射剂".into(), strength.into());
        (row[6], row[7], row[8]) = (qty.to_string(), "支".into(), if qty == 1 { "支" } else { "盒" }.into());
    }
    let run = checked(app, "drugs", "goods.xlsx", drugs_xlsx(&rows)).await;
    assert_eq!((run.bad, confirmed(app, &run).await.state), (0, RunState::Done));
}

const HEADS: &str = "药品代码,包装挂网价,起始日,价格来源,协议截止日,依据,涨价原因";

/// A sheet of old listings: the number of a drug's code, and the rest of its row.
pub fn listings(rows: &[(u32, &str)]) -> Vec<u8> {
    let lines = rows.iter().map(|(n, rest)| format!("{},{rest}", drug_code(*n, 10_001)));
    let lines: Vec<String> = std::iter::once(HEADS.to_owned()).chain(lines).collect();
    lines.join("\r\n").into_bytes()
}

async fn handed_in(app: &TestApp, name: &str, rows: &[(u32, &str)]) -> Run {
    let run = checked(app, "old_listings", name, listings(rows)).await;
    assert_eq!(run.state, RunState::Ready, "{:?}", run.error);
    run
}

/// Each was good at the check and refused after the confirmation.
async fn what_the_taking_refuses_the_check_refuses(app: &TestApp) {
    goods(app).await;
    let rows = [
        (2, "58.00,2024-01-01,集采,2025-12-31,,"),
        (3, "31.00,2024-01-01,一般,,,"),
        (8, "10.00,2024-01-01,国谈,2025-12-31,,"),
        (4, "1.234,2024-01-01,一般,,,"),
        (5, "29.1427,2024-01-01,一般,,,"),
        (6, "0.015625,2024-01-01,集采,2025-12-31,,"),
    ];
    let run = handed_in(app, "s3.csv", &rows).await;
    assert_eq!((run.bad, run.changed, run.same), (6, 0, 0), "{run:?}");
    let faults = said(&shown(app, run.id).await, "faults");
    for (row, column, words) in [
        (2, "药品代码", "请只保留协议约定的一行"),
        (3, "药品代码", "请只保留协议约定的一行"),
        (4, "包装挂网价", "不能除尽"),
        (5, "包装挂网价", "至多 2 位小数，表中是 1.234"),
        (6, "包装挂网价", "至多 2 位小数"),
        (7, "包装挂网价", "至多 4 位小数"),
    ] {
        assert!(has(&faults, row, column, words), "{row} {column} {words}: {faults:?}");
    }
    // A pack that cannot be converted takes its group with it, in words.
    let rows = [(2, "58.00001,2024-01-01,一般,,,"), (3, "31.00,2024-01-01,一般,,,")];
    let run = handed_in(app, "group.csv", &rows).await;
    assert_eq!((run.bad, run.changed), (2, 0));
    let faults = said(&shown(app, run.id).await, "faults");
    assert!(has(&faults, 2, "包装挂网价", "至多 4 位小数"), "{faults:?}");
    assert!(has(&faults, 3, "药品代码", "同组的第 2 行有误"), "{faults:?}");
}
app_test!(what_the_taking_refuses_the_check_refuses);

async fn a_changed_field_is_no_repetition(app: &TestApp) {
    goods(app).await;
    let rows = [
        (2, "58.00,2024-01-01,一般,,一般,"),
        (3, "31.00,2024-02-01,一般,,过评后,短缺保供"),
        (4, "12.30,2024-09-01,一般,,,"),
        (5, "9.00,2024-01-01,集采,2025-12-31,,"),
    ];
    let run = handed_in(app, "first.csv", &rows).await;
    assert_eq!((run.changed, run.bad), (4, 0), "{run:?}");
    assert_eq!(confirmed(app, &run).await.refused, 0);
    let turned: Vec<_> = rows.iter().rev().copied().collect();
    let again = handed_in(app, "again.csv", &turned).await;
    assert_eq!(
        (again.same, again.changed, again.bad),
        (4, 0, 0),
        "{:?}",
        shown(app, again.id).await["faults"]
    );
    for (name, row, column, words) in [
        ("basis.csv", (2, "58.00,2024-01-01,一般,,整改,"), "依据", "依据是一般，表中是整改"),
        (
            "late.csv",
            (2, "58.00,2024-09-01,一般,,一般,"),
            "起始日",
            "起始日是 2024-01-01 ，表中是 2024-09-01",
        ),
        ("ahead.csv", (4, "12.30,2024-08-20,一般,,,"), "起始日", "起始日是 2024-09-01 ，表中是 2024-08-20"),
        ("price.csv", (4, "12.40,2024-09-01,一般,,,"), "包装挂网价", "12.30 元，表中是 12.40 元"),
        ("source.csv", (5, "9.00,2024-01-01,国谈,2025-12-31,,"), "价格来源", "医保目录谈判"),
        (
            "until.csv",
            (5, "9.00,2024-01-01,集采,2025-11-30,,"),
            "协议截止日",
            "2025-12-31 ，表中是 2025-11-30",
        ),
    ] {
        let run = handed_in(app, name, &[row]).await;
        assert_eq!((run.same, run.bad), (0, 1), "{name}: {run:?}");
        let faults = said(&shown(app, run.id).await, "faults");
        assert!(
            has(&faults, 2, column, words) && has(&faults, 2, column, "该药品已挂网"),
            "{name}: {faults:?}"
        );
    }
    // What decides no price is put right, with its entry in the audit.
    let rows = [(2, "58.00,2024-01-02,一般,,一般,撤换包装"), (3, "31.00,2024-02-01,一般,,过评后,")];
    let run = handed_in(app, "correct.csv", &rows).await;
    assert_eq!((run.same, run.changed, run.bad), (0, 2, 0), "{:?}", shown(app, run.id).await["faults"]);
    assert_eq!(confirmed(app, &run).await.refused, 0);
    let packs: Vec<(i64, Option<chrono::NaiveDate>, Option<String>)> = app
        .db
        .read(|c| {
            let of = pack_listing::table.order(pack_listing::pack_qty.desc());
            let rise = pack_listing::rise_reason;
            Ok(of.select((pack_listing::pack_qty, pack_listing::since_day, rise)).load(c)?)
        })
        .await
        .expect("packs");
    let on = |text: &str| Some(crate::support::office::day(text));
    assert_eq!(packs[0].1, on("2024-01-02"));
    assert_eq!((packs[0].2.is_some(), packs[1].1, packs[1].2.clone()), (true, on("2024-02-01"), None));
    let found = app.db.read(|c| {
        let mut found = Vec::new();
        let rows = jicai::offices::ALL.rows();
        jicai::platform::audit::verify::run(c, &[], &rows, &mut |f| found.push(f.to_string()))?;
        Ok(found)
    });
    assert_eq!(found.await.expect("verified"), Vec::<String>::new());
    let again = handed_in(app, "corrected.csv", &rows.iter().rev().copied().collect::<Vec<_>>()).await;
    assert_eq!((again.same, again.changed), (2, 0));
}
app_test!(a_changed_field_is_no_repetition);

async fn a_day_far_ahead_is_refused_or_asked_about(app: &TestApp) {
    goods(app).await;
    let rows = [
        (2, "58.00,2024-08-01,一般,,,"),
        (4, "12.30,2042-08-01,一般,,,"),
        (5, "9.00,2024-01-01,集采,2042-08-31,,"),
        (6, "9.00,2024-01-01,集采,2026-08-05,,"),
        (8, "30.00,2026-08-05,一般,,,"),
    ];
    let run = handed_in(app, "far.csv", &rows).await;
    assert_eq!((run.bad, run.changed), (1, 4), "{run:?}");
    let detail = shown(app, run.id).await;
    assert!(has(&said(&detail, "faults"), 3, "起始日", "2042-08-01 在 2026-08-05 以后"), "{detail}");
    let questions = said(&detail, "questions");
    assert!(has(&questions, 4, "协议截止日", "2042-08-31"), "{questions:?}");
    assert_eq!((questions.len(), detail["source"]["questions"].as_i64()), (1, Some(1)));
    let page = app.portal(Who::Officer).await.get(&format!("/imports/{}", run.id)).await.expect(200).text;
    assert!(page.contains("请核对") && page.contains("协议截止日 2042-08-31"), "{page}");
    assert_eq!(confirmed(app, &run).await.refused, 0);
}
app_test!(a_day_far_ahead_is_refused_or_asked_about);

fn monitored(rows: &[&str]) -> Vec<u8> {
    let heads = "通用名,质量层次,厂牌,单价,监测日期,来源,单位";
    std::iter::once(heads).chain(rows.iter().copied()).collect::<Vec<_>>().join("\n").into_bytes()
}

async fn monitored_prices_are_looked_at(app: &TestApp) {
    goods(app).await;
    let rows = [
        "测试甲注射液,过评,甲厂,5.20,2024-08-05,省平台,支",
        "测试甲注射液,过评,乙厂,52.00,2024-08-05,省平台,",
        "测试甲注射液,过评,丙厂,5.30,2024-08-05,省平台,盒",
        "测试甲注射液,过评,丁厂,5.40,2024-08-06,省平台,支",
        "测试甲注射液,过评,戊厂,5.40,2042-08-01,省平台,支",
        "测试乙注射液,过评,甲厂,5.20,2024-08-05,省平台,支",
        "测试乙注射液,过评,乙厂,5.20,2024-08-05,省平台,10支/瓶",
    ];
    let run = checked(app, "monitored_prices", "m.csv", monitored(&rows)).await;
    assert_eq!((run.added, run.bad), (3, 4), "{run:?}");
    let detail = shown(app, run.id).await;
    let (faults, questions) = (said(&detail, "faults"), said(&detail, "questions"));
    for row in [4, 8] {
        assert!(has(&faults, row, "单位", "最小制剂单位"), "{faults:?}");
    }
    for row in [5, 6] {
        assert!(has(&faults, row, "监测日期", "晚于今天（2024-08-05）"), "{faults:?}");
    }
    assert!(has(&questions, 2, "单价", "5.20 元") && has(&questions, 3, "单价", "52.00 元"), "{questions:?}");
    assert_eq!(questions.len(), 2, "{questions:?}");
    assert_eq!(confirmed(app, &run).await.state, RunState::Done);
    let units: Vec<Option<String>> = app
        .db
        .read(|c| {
            Ok(monitored_price::table
                .order(monitored_price::unit_price.desc())
                .select(monitored_price::unit)
                .load(c)?)
        })
        .await
        .expect("units");
    assert_eq!(units, [None, Some("支".into()), Some("支".into())]);
    // What is known already counts among the others.
    let one = ["测试甲注射液,过评,己厂,99.00,2024-08-05,省平台,"];
    let run = checked(app, "monitored_prices", "n.csv", monitored(&one)).await;
    let questions = said(&shown(app, run.id).await, "questions");
    assert!(has(&questions, 2, "单价", "其他 2 个监测价中位数是 28.60 元"), "{questions:?}");
}
app_test!(monitored_prices_are_looked_at);

/// The own brand with the other bracket is the own brand still, and the generic name with the other bracket the same name.
async fn brands_and_names_are_folded(app: &TestApp) {
    use jicai::catalogue::Product;
    use jicai::listing::imports::monitored::peers;
    use jicai::platform::schema::product;
    goods(app).await;
    let rows = [
        "注射用试验钠（冻干）,过评,南江制药(广东)有限公司,99.00,2024-08-05,省平台,支",
        "注射用试验钠(冻干),过评,甲厂,5.20,2024-08-05,省平台,支",
        "注射用试验钠（冻干）,过评,乙厂,6.20,2024-08-05,省平台,瓶",
    ];
    let run = checked(app, "monitored_prices", "m.csv", monitored(&rows)).await;
    assert_eq!((run.added, run.bad), (3, 0));
    confirmed(app, &run).await;
    let found = app
        .db
        .read(|c| {
            let one: Product = product::table.select(Product::as_select()).first(c)?;
            let own = Product {
                generic_name: "注射用试验钠（冻干）".into(),
                brand: "南江制药（广东）有限公司".into(),
                unit: "支".into(),
                ..one
            };
            peers(c, &own)
        })
        .await
        .expect("peers");
    assert_eq!(found, (vec![crate::support::office::yuan("5.20")], vec![]));
    // The same rows with the other brackets say what is known.
    let again = ["注射用试验钠(冻干),过评,南江制药（广东）有限公司,99.00,2024-08-05,省平台,支"];
    let run = checked(app, "monitored_prices", "n.csv", monitored(&again)).await;
    assert_eq!((run.same, run.added), (1, 0));
}
app_test!(brands_and_names_are_folded);
