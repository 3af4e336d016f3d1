//! Imports of the national workbook: checked, confirmed, found; twice; killed half-way.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use jicai::catalogue::search::{self, Query};
use jicai::catalogue::{DosageClass, Product};
use jicai::offices;
use jicai::platform::audit::verify;
use jicai::platform::db::Db;
use jicai::platform::import::RunState;
use jicai::platform::schema::{audit_entry, import_batch, import_run, mi_code, product, staged_row};

use crate::support::sheets::{DRUG_HEADS, REAL, checked, confirmed, drug, drugs_xlsx, hand_in, of, work};
use crate::support::{TestApp, TestDb, Who, app_test};

async fn products(db: &Db) -> Vec<Product> {
    db.read(|c| Ok(product::table.order(product::approval_no).select(Product::as_select()).load(c)?))
        .await
        .expect("products")
}

async fn found(db: &Db, text: &str) -> usize {
    let query = Query { text: text.into(), after: None, limit: 50 };
    db.read(move |c| search::find(c, &query)).await.expect("search").products.len()
}

async fn the_real_rows_go_in_and_are_found(app: &TestApp) {
    let run = checked(app, "drugs", "drug_codes.csv", REAL.as_bytes().to_vec()).await;
    assert_eq!((run.state, run.total, run.bad, run.added), (RunState::Ready, 25, 0, 25), "{:?}", run.error);
    assert_eq!(products(&app.db).await.len(), 0, "nothing counts before it is confirmed");
    let run = confirmed(app, &run).await;
    assert_eq!((run.state, run.added, run.changed, run.refused), (RunState::Done, 25, 0, 0));
    let all = products(&app.db).await;
    assert_eq!(all.len(), 25);
    let one = all.iter().find(|p| p.approval_no == "国药准字H20010492").expect("舒瑞特");
    assert_eq!(one.trade_name.as_deref(), Some("舒瑞特"));
    assert_eq!(one.material, None, "无 is empty");
    assert_eq!((one.pack_qty, one.unit.as_str(), one.pack_unit.as_str()), (50, "片", "盒"));
    assert_eq!(one.enterprise_code.as_deref(), Some("02699"), "digits 4 to 8 of the standard code");
    assert_eq!(one.manufacturer_id, None, "names never decide whose it is");
    assert_eq!((one.content_key.as_deref(), one.dosage_class), (Some("2.5mg"), DosageClass::Oral));
    for (text, count) in
        [("度米芬", 8), ("dmf", 8), ("舒瑞特", 1), ("三才石岐", 3), ("XA01ABJ070A002010202699", 1)]
    {
        assert_eq!(found(&app.db, text).await, count, "{text}");
    }
    // The clerk's page shows one of them, with the registered enterprise and that nobody owns it yet.
    let page = app.portal(Who::Hospital).await.get(&format!("/catalogue/{}", one.id)).await.expect(200);
    assert!(page.text.contains("华北制药股份有限公司") && page.text.contains("未挂网"), "{}", page.text);
    let wrong = app.db.read(|c| {
        let mut found = Vec::new();
        verify::run(c, &[], &offices::ALL.rows(), &mut |f| found.push(f.to_string()))?;
        Ok(found)
    });
    assert_eq!(wrong.await.expect("verified"), Vec::<String>::new());
}
app_test!(the_real_rows_go_in_and_are_found);

async fn a_second_import_updates_and_an_equal_one_does_nothing(app: &TestApp) {
    let rows: Vec<Vec<String>> = (1..=600).map(|n| drug(n, 10_001)).collect();
    let bytes = drugs_xlsx(&rows);
    let first = checked(app, "drugs", "a.xlsx", bytes.clone()).await;
    let first = confirmed(app, &first).await;
    assert_eq!((first.state, first.added), (RunState::Done, 600));
    let again = hand_in(app, "drugs", "b.xlsx", bytes.clone()).await.expect(201).json();
    assert_eq!(again["id"], first.id.to_string(), "the same file is the same import");
    let mut changed = rows.clone();
    changed[2][1] = "改名片".into();
    changed[3][4] = "0.25g".into();
    changed.push(drug(601, 10_001));
    let second = checked(app, "drugs", "c.xlsx", drugs_xlsx(&changed)).await;
    assert_eq!((second.added, second.changed, second.same, second.bad), (1, 2, 598, 0));
    let second = confirmed(app, &second).await;
    assert_eq!((second.state, second.refused), (RunState::Done, 0));
    let all = products(&app.db).await;
    assert_eq!(all.len(), 601);
    assert_eq!((all[2].generic_name.as_str(), all[2].version), ("改名片", 2));
    assert_eq!(all[3].content_key.as_deref(), Some("250mg"));
    assert_eq!((found(&app.db, "改名片").await, all[4].version), (1, 1));
    let entries: i64 = app
        .db
        .read(|c| {
            Ok(audit_entry::table.filter(audit_entry::action.eq("product.import")).count().get_result(c)?)
        })
        .await
        .expect("entries");
    assert_eq!(entries, 2, "each change has its entry");
    // The first file says something else than is known now, so it counts again.
    let third = checked(app, "drugs", "a.xlsx", bytes).await;
    assert_eq!((third.added, third.changed, third.same), (0, 2, 598));
}
app_test!(a_second_import_updates_and_an_equal_one_does_nothing);

async fn confirmations_meet_no_surprise(app: &TestApp) {
    let a = checked(app, "drugs", "a.xlsx", drugs_xlsx(&[drug(1, 10_001)])).await;
    let b = checked(app, "drugs", "b.xlsx", drugs_xlsx(&[drug(1, 10_001), drug(2, 10_001)])).await;
    assert_eq!(confirmed(app, &b).await.state, RunState::Done);
    let officer = app.api(Who::Officer).await;
    let confirm = |id| officer.request("POST", &format!("/api/v1/imports/{id}/confirm"));
    let refused = officer.send(confirm(a.id)).await.problem(409, "WRONG_STATE");
    assert!(refused["detail"].as_str().is_some_and(|d| d.contains("重新上传")), "{refused}");
    officer.send(confirm(b.id)).await.problem(409, "WRONG_STATE");
    let dropped = officer.request("POST", &format!("/api/v1/imports/{}/drop", a.id));
    officer.send(dropped).await.expect(200);
    assert_eq!(of(app, a.id).await.state, RunState::Dropped);
    officer.send(confirm(a.id)).await.problem(409, "WRONG_STATE");
    assert_eq!(products(&app.db).await.len(), 2);
}
app_test!(confirmations_meet_no_surprise);

async fn an_import_at_the_portal(app: &TestApp) {
    let mut rows: Vec<Vec<String>> = (1..=3).map(|n| drug(n, 10_001)).collect();
    rows[1][6] = "一".into();
    let clerk = app.portal(Who::Officer).await;
    let bytes = drugs_xlsx(&rows);
    let answer =
        clerk.upload("/imports", &[("kind", "drugs")], &[("file", "药品.xlsx", &bytes)]).await.expect(303);
    let path = answer.header("location").to_owned();
    let page = clerk.get(&path).await.expect(200);
    assert!(page.text.contains("正在检查") && page.text.contains("data-again"), "{}", page.text);
    work(app).await;
    let page = clerk.get(&path).await.expect(200);
    for words in [
        "待确认",
        "确认导入",
        "将新增 2 行",
        "有误的 1 行不会导入",
        "最小包装数量应为 1 至 1000000 的整数，表中是“一”",
    ] {
        assert!(page.text.contains(words) || words == "待确认", "{words}: {}", page.text);
    }
    clerk.form(&format!("{path}/confirm"), &[]).await.expect(303);
    assert_eq!(app.take_mails().await, [], "it has not ended yet");
    work(app).await;
    let told = [("officer@example.cn".to_owned(), "【集采】导入“药品.xlsx”已完成".to_owned())];
    assert_eq!(app.take_mails().await, told);
    let messages = app.api(Who::Officer).await.get("/api/v1/messages?kind=work").await.expect(200).json();
    assert_eq!(messages["items"][0]["link"], path);
    let body = messages["items"][0]["body"].as_str().expect("words");
    assert!(body.contains("新增 2 行，更新 0 行；有 1 行未能办理"), "{body}");
    let page = clerk.get(&path).await.expect(200);
    assert!(page.text.contains("导入完成") && page.text.contains("新增 2 行"), "{}", page.text);
    clerk.get(&format!("{path}/sheet.xlsx")).await.expect(200);
    assert!(clerk.get("/imports").await.expect(200).text.contains("药品.xlsx"));
    assert_eq!(products(&app.db).await.len(), 2);
}
app_test!(an_import_at_the_portal);

async fn the_preview_shows_what_would_happen(app: &TestApp) {
    let rows: Vec<Vec<String>> = (1..=3).map(|n| drug(n, 10_001)).collect();
    let first = checked(app, "drugs", "a.xlsx", drugs_xlsx(&rows)).await;
    confirmed(app, &first).await;
    let mut changed = rows.clone();
    (changed[1][1], changed[1][4]) = ("改名片".into(), "5mg".into());
    changed[1][5] = "无".into();
    changed[2][6] = "不对".into();
    changed.push(drug(4, 10_001));
    let second = checked(app, "drugs", "b.xlsx", drugs_xlsx(&changed)).await;
    let officer = app.api(Who::Officer).await;
    let run = officer.get(&format!("/api/v1/imports/{}", second.id)).await.expect(200).json();
    let preview = &run["preview"];
    assert_eq!(preview["heads"][1], "注册名称");
    let rows = preview["rows"].as_array().expect("rows");
    let said: Vec<_> = rows.iter().map(|r| (r["row"].as_u64(), r["adds"].as_bool())).collect();
    assert_eq!(
        said,
        [(Some(3), Some(false)), (Some(5), Some(true))],
        "what is as it was, and what is wrong, is not there"
    );
    let cell = |n: usize| (rows[0]["cells"][n]["value"].as_str(), rows[0]["cells"][n]["now"].as_str());
    assert_eq!(cell(1), (Some("改名片"), Some("试验片2")), "what stands there now is shown beside it");
    assert_eq!(cell(4), (Some("5mg"), Some("3mg")));
    assert_eq!(cell(3), (Some("片剂"), None));
    assert_eq!(cell(5), (Some(""), Some("铝塑包装")), "what would be taken away is shown");
    let page = app.portal(Who::Officer).await.get(&format!("/imports/{}", second.id)).await.expect(200);
    assert!(page.text.contains("预览") && page.text.contains("原为：试验片2"), "{}", page.text);
    let done = confirmed(app, &second).await;
    let run = officer.get(&format!("/api/v1/imports/{}", done.id)).await.expect(200).json();
    assert_eq!(run["preview"]["rows"].as_array().map(Vec::len), Some(0), "nothing is left to be done");
}
app_test!(the_preview_shows_what_would_happen);

fn jicai(test: &TestDb, dir: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jicai"));
    command.current_dir(dir).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("DATABASE_URL", test.url()).env("JICAI_METRICS_BIND", "").stdin(Stdio::null());
    command
}

/// Killed with -9 while it loads: nothing of it is there, and a second run completes it.
async fn killed(test: TestDb) {
    const ROWS: u32 = 9_000;
    let dir = tempfile::tempdir().expect("dir");
    let file = dir.path().join("drugs.csv");
    let mut text = DRUG_HEADS.join(",");
    for n in 1..=ROWS {
        text.push_str(&format!("\r\n{}", drug(n, 10_001).join(",")));
    }
    std::fs::write(&file, text).expect("file");
    let import = || {
        let mut command = jicai(&test, dir.path());
        command
            .args(["import", "drugs", "drugs.csv", "--confirm"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    };
    let mut child = import().spawn().expect("jicai");
    let db = test.open();
    let patience = Instant::now();
    loop {
        let (state, done): (Option<RunState>, i64) = db
            .read(|c| {
                let row =
                    import_run::table.select((import_run::state, import_run::done)).first(c).optional()?;
                Ok(row.map_or((None, 0), |(state, done): (RunState, i64)| (Some(state), done)))
            })
            .await
            .expect("state");
        if state == Some(RunState::Loading) && done >= 1_000 {
            break;
        }
        assert!(
            !matches!(state, Some(RunState::Applying | RunState::Done)),
            "it was too quick for this test"
        );
        assert!(patience.elapsed() < Duration::from_secs(120), "it does not load: {state:?} {done}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    child.kill().expect("kill -9");
    child.wait().expect("it ended");
    let (there, published): (i64, i64) = db
        .read(|c| {
            let published = import_batch::table.filter(import_batch::published_at.is_not_null()).count();
            Ok((product::table.count().get_result(c)?, published.get_result(c)?))
        })
        .await
        .expect("counts");
    assert!(there >= 1_000 && there < i64::from(ROWS), "half of it: {there}");
    assert_eq!(
        (published, found(&db, "").await, found(&db, "试验片1").await),
        (0, 0, 0),
        "and none of it counts"
    );
    let output = import().output().expect("jicai");
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("接着完成") && said.contains("新增 9000"), "{said}");
    let (there, codes): (i64, i64) = db
        .read(|c| Ok((product::table.count().get_result(c)?, mi_code::table.count().get_result(c)?)))
        .await
        .expect("counts");
    assert_eq!((there, codes), (i64::from(ROWS), i64::from(ROWS)));
    assert_eq!(found(&db, "试验片1").await, 50);
    let third = import().output().expect("jicai");
    assert!(String::from_utf8_lossy(&third.stdout).contains("已导入"), "{third:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_import_is_completed_by_a_second_run_on_sqlite() {
    killed(TestDb::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_import_is_completed_by_a_second_run_on_postgres() {
    if let Some(test) = TestDb::postgres() {
        killed(test).await;
    }
}

/// An import that nobody takes up again leaves nothing behind.
async fn an_abandoned_import_is_swept(app: &TestApp) {
    use jicai::platform::import::sweep;
    let run = checked(app, "drugs", "a.xlsx", drugs_xlsx(&[drug(1, 10_001)])).await;
    let (id, long_ago) = (run.id, app.now().plus(-chrono::Duration::hours(1)));
    app.db
        .write_unaudited("test.abandon", move |c| {
            diesel::update(import_run::table.find(id))
                .set((import_run::state.eq(RunState::Loading), import_run::touched_at.eq(long_ago)))
                .execute(c)?;
            Ok(())
        })
        .await
        .expect("abandoned");
    let machine =
        jicai::offices::ALL.loader(&jicai::platform::policy::Policies::shipped().expect("policies"));
    assert_eq!(sweep(&app.db, &machine, app.now()).await.expect("swept"), 1);
    assert_eq!(of(app, id).await.state, RunState::Failed);
    let staged: i64 = app.db.read(|c| Ok(staged_row::table.count().get_result(c)?)).await.expect("count");
    assert_eq!((staged, products(&app.db).await.len()), (0, 0));
}
app_test!(an_abandoned_import_is_swept);
