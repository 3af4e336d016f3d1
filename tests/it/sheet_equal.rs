//! What the check calls good is taken, for any sheet: sheets are drawn by lot, checked, confirmed, and nothing is refused.

use jicai::offices;
use jicai::platform::import::{Column, RunState, Shape, Spec};

use super::sheet_faults::shown;
use super::sheet_prices::{goods, listings};
use crate::support::dice::Dice;
use crate::support::sheets::{checked, confirmed, drug, drug_code, drugs_xlsx, standard_code, xlsx};
use crate::support::{TestApp, app_test};

const ROUNDS: usize = 6;
const PRICES: [&str; 14] = [
    "5.80",
    "12.3",
    "1,234.50",
    "1.234",
    "29.1427",
    "0.015625",
    "10",
    "0.0001",
    "0.01",
    "100000000",
    "99999999.99",
    "5,80",
    "0",
    "3.3333",
];
const DAYS: [&str; 9] = [
    "2024-01-01",
    "2024/8/5",
    "2024-08-06",
    "2024年9月1日",
    "2026-08-05",
    "2026-08-06",
    "2042-08-01",
    "45545",
    "2024-08-05 00:00:43",
];

fn one<'a>(dice: &mut Dice, of: &[&'a str]) -> &'a str {
    of[dice.throw(of.len())]
}

/// Rows of prices that were taken once are the same when they come again.
async fn any_sheet_of_old_listings(app: &TestApp) {
    goods(app).await;
    let mut more: Vec<Vec<String>> = (11..=60).map(|n| drug(n, 10_001)).collect();
    for (n, row) in more.iter_mut().enumerate().filter(|(n, _)| n % 2 == 0) {
        let qty = ["1", "3", "10", "7"][n / 2 % 4];
        (row[1], row[3], row[4]) = (format!("注射用试验钠{}", n / 8), "注射剂".into(), "0.5g".into());
        (row[6], row[7], row[8]) = (qty.into(), "支".into(), if qty == "1" { "支" } else { "盒" }.into());
    }
    let run = checked(app, "drugs", "more.xlsx", drugs_xlsx(&more)).await;
    assert_eq!((run.bad, confirmed(app, &run).await.state), (0, RunState::Done));
    let (mut dice, mut taken) = (Dice(7), 0);
    for round in 0..ROUNDS {
        let rows: Vec<(u32, String)> = (0..40)
            .map(|_| {
                let n = u32::try_from(1 + dice.throw(60)).expect("small");
                let source = one(&mut dice, &["一般", "一般", "一般", "集采", "国谈"]);
                let until = match source {
                    "一般" => "",
                    _ => one(&mut dice, &["2025-12-31", "2024-12-31", "2027-01-01", "2024-01-01", ""]),
                };
                let basis = one(&mut dice, &["", "一般", "整改", "风险处置", "过评前", "过评后"]);
                let rise = one(&mut dice, &["", "短缺保供", "撤换包装", "过评"]);
                let (price, day) = (one(&mut dice, &PRICES), one(&mut dice, &DAYS));
                (n, format!("\"{price}\",{day},{source},{until},{basis},{rise}"))
            })
            .collect();
        let lines: Vec<(u32, &str)> = rows.iter().map(|(n, rest)| (*n, rest.as_str())).collect();
        let run = checked(app, "old_listings", &format!("{round}.csv"), listings(&lines)).await;
        assert_eq!(run.state, RunState::Ready, "{:?}", run.error);
        if run.good() == 0 {
            continue;
        }
        let done = confirmed(app, &run).await;
        assert_eq!(
            (done.state, done.refused),
            (RunState::Done, 0),
            "{rows:?} {:?}",
            shown(app, run.id).await
        );
        taken += done.changed;
        let turned: Vec<_> = lines.iter().rev().copied().collect();
        let again = checked(app, "old_listings", &format!("{round} again.csv"), listings(&turned)).await;
        assert_eq!(
            (again.same, again.changed),
            (run.same + run.changed, 0),
            "{rows:?} {:?}",
            shown(app, again.id).await["faults"]
        );
    }
    assert!(taken > 20, "{taken} were taken");
}
app_test!(any_sheet_of_old_listings);

/// A cell of a column: mostly what belongs there, sometimes what does not.
fn cell(dice: &mut Dice, column: &Column, n: u32) -> String {
    let strange = [
        "",
        "无",
        "#N/A",
        "TRUE",
        "8.69012E+13",
        "'86901000",
        "=\"1\"",
        "１２",
        "a\u{3000}b",
        "很长".repeat(200).leak(),
    ];
    if dice.throw(12) == 0 {
        return one(dice, &strange).to_owned();
    }
    if !column.choices.is_empty() {
        return one(dice, column.choices).to_owned();
    }
    match column.shape {
        Shape::Price => one(dice, &PRICES).to_owned(),
        Shape::Day => one(dice, &DAYS).to_owned(),
        Shape::Whole => one(dice, &["1", "12", "+5", "007", "1,000", "1.0", "0", "1000001"]).to_owned(),
        Shape::Text => match column.head {
            "药品代码" => drug_code(n, 10_001),
            "药品本位码" => standard_code(10_001, n),
            "医保耗材代码" => format!("C{:019}", 101_010_010_000_100_000_u64 + u64::from(n)),
            "通用名" => ["试验片", "试验（片）", "试验(片)"][n as usize % 3].into(),
            _ => dice.word(3),
        },
    }
}

async fn any_sheet_of_any_kind(app: &TestApp) {
    goods(app).await;
    let kinds: Vec<&'static Spec> =
        offices::ALL.sheets().filter(|spec| spec.kind != "old_listings").collect();
    let mut dice = Dice(11);
    for spec in kinds {
        let mut good = 0;
        for round in 0..ROUNDS {
            let mut rows = vec![spec.columns.iter().map(|column| column.head.to_owned()).collect::<Vec<_>>()];
            for _ in 0..25 {
                let n = u32::try_from(1 + dice.throw(40)).expect("small");
                rows.push(spec.columns.iter().map(|column| cell(&mut dice, column, n)).collect());
            }
            let name = format!("{} {round}.xlsx", spec.kind);
            let run = checked(app, spec.kind, &name, xlsx(&rows)).await;
            assert_eq!(run.state, RunState::Ready, "{name}: {:?}", run.error);
            if run.good() == 0 {
                continue;
            }
            let done = confirmed(app, &run).await;
            assert_eq!((done.state, done.refused), (RunState::Done, 0), "{name} {rows:?}");
            good += run.added + run.changed;
            rows.push(vec![String::new()]);
            rows.swap(1, 2);
            let again = checked(app, spec.kind, &format!("again {name}"), xlsx(&rows)).await;
            let known = (again.added, again.changed, again.same);
            assert_eq!(known, (0, 0, run.good()), "{name} {:?}", shown(app, again.id).await);
        }
        assert!(good > 10, "{}: {good} were taken", spec.kind);
    }
}
app_test!(any_sheet_of_any_kind);
