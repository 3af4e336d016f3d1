//! Rows of imports that somebody alters in the database: each is named by `audit verify --rows` (F2).

use jicai::offices;
use jicai::platform::audit::verify;
use jicai::platform::import::{Run, RunState};

use crate::support::sheets::{checked, confirmed, drug, drugs_xlsx, xlsx};
use crate::support::{TestApp, app_test};

fn texts(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

async fn imported(app: &TestApp, kind: &str, rows: &[Vec<String>]) -> Run {
    let run = checked(app, kind, &format!("{kind}.xlsx"), xlsx(rows)).await;
    assert_eq!((run.bad, run.added), (0, run.total), "{:?}", run.error);
    let run = confirmed(app, &run).await;
    assert_eq!(run.state, RunState::Done);
    run
}

async fn verified(app: &TestApp) -> (Vec<String>, u64) {
    let read = |c: &mut _| {
        let mut found = Vec::new();
        let tally = verify::run(c, &[], &offices::ALL.rows(), &mut |f| found.push(f.to_string()))?;
        Ok((found, tally.undigested))
    };
    app.db.read(read).await.expect("verified")
}

/// Does what somebody with the database could, looks, and undoes it.
async fn named(app: &TestApp, doing: &[&str], undoing: &[&str], words: &[&str]) {
    run_all(app, doing).await;
    let (found, _) = verified(app).await;
    for word in words {
        assert!(found.iter().any(|line| line.contains(word)), "{doing:?}: {word} in {found:?}");
    }
    assert!(!found.is_empty(), "{doing:?}");
    run_all(app, undoing).await;
    assert_eq!(verified(app).await.0, Vec::<String>::new(), "undone: {undoing:?}");
}

async fn run_all(app: &TestApp, statements: &[&str]) {
    use diesel::prelude::*;
    for statement in statements {
        let text = (*statement).to_owned();
        let changed = app
            .db
            .write_unaudited("test.tamper", move |c| Ok(diesel::sql_query(text.as_str()).execute(c)?))
            .await
            .unwrap_or_else(|e| panic!("{statement}: {e}"));
        assert!(
            changed > 0 || statement.starts_with("CREATE") || statement.starts_with("DROP"),
            "{statement}"
        );
    }
}

async fn what_came_with_an_import_is_named_where_it_was_altered(app: &TestApp) {
    let mut rows: Vec<Vec<String>> = (1..=700).map(|n| drug(n, 10_001)).collect();
    let first = checked(app, "drugs", "a.xlsx", drugs_xlsx(&rows)).await;
    let first = confirmed(app, &first).await;
    assert_eq!((first.state, first.added), (RunState::Done, 700));
    // Changed by an audited act: the row as it came is still known.
    rows[2][1] = "改名片".into();
    rows.push(drug(701, 10_001));
    let second = checked(app, "drugs", "b.xlsx", drugs_xlsx(&rows)).await;
    assert_eq!(confirmed(app, &second).await.changed, 1);
    let heads = ["通用名", "质量层次", "厂牌", "单价", "监测日期", "来源"];
    let prices = [texts(&heads), texts(&["头孢曲松钠", "过评", "甲", "1.25", "2024-01-02", "省平台"])];
    imported(app, "monitored_prices", &prices).await;
    let heads = ["医保耗材代码", "产品名称", "规格型号", "注册证号", "生产企业", "单位", "单独收费"];
    let code = "C0101010010000112345";
    let consumables = [texts(&heads), texts(&[code, "骨钉", "2mm", "国械注准20200001", "甲厂", "个", "是"])];
    imported(app, "consumables", &consumables).await;
    assert_eq!(verified(app).await, (Vec::new(), 0), "nothing altered, nothing without a digest");

    let of_first = "generic_name = '试验片7' AND approval_no = '国药准字H00000007'";
    let set = |what: &str| format!("UPDATE product SET {what} WHERE {of_first}");
    let product = format!("{} 的 product", first.id);
    let owner = set("manufacturer_id = (SELECT id FROM organisation ORDER BY id LIMIT 1)");
    named(app, &[&owner], &[&set("manufacturer_id = NULL")], &[&product]).await;
    named(app, &[&set("pack_qty = 24")], &[&set("pack_qty = 12")], &[&product]).await;
    let renamed = "UPDATE product SET pack_qty = 24 WHERE generic_name = '改名片'";
    named(app, &[renamed], &[&renamed.replace("24", "12")], &["pack_qty"]).await;

    let mapped = "UPDATE mi_code SET factor = 2 WHERE code LIKE 'XJ01DDT00000000007%'";
    let codes = format!("{} 的 mi_code", first.id);
    named(app, &[mapped], &[&mapped.replace("factor = 2", "factor = 1")], &[&codes]).await;
    let other = "(SELECT id FROM product WHERE approval_no = '国药准字H00000008')";
    let own = "(SELECT id FROM product WHERE approval_no = '国药准字H00000007')";
    let moved =
        |to: &str| format!("UPDATE mi_code SET product_id = {to} WHERE code LIKE 'XJ01DDT00000000007%'");
    named(app, &[&moved(other)], &[&moved(own)], &[&codes]).await;

    let price = "UPDATE monitored_price SET unit_price = unit_price * 2";
    named(app, &[price], &[&price.replace("* 2", "/ 2")], &["monitored_price"]).await;
    let charged = "UPDATE consumable SET certificate = '国械注准20209999'";
    named(app, &[charged], &[&charged.replace("20209999", "20200001")], &["consumable"]).await;

    // A price that is taken away, and one that is put in under a batch.
    let aside = "CREATE TABLE aside AS SELECT * FROM monitored_price";
    let back = ["INSERT INTO monitored_price SELECT * FROM aside", "DROP TABLE aside"];
    named(app, &[aside, "DELETE FROM monitored_price"], &back, &["现有 0 行"]).await;
    removed_and_added(app, &first).await;
}
app_test!(what_came_with_an_import_is_named_where_it_was_altered);

/// A product that is gone with its code, and one that nobody imported.
async fn removed_and_added(app: &TestApp, first: &Run) {
    let own = "(SELECT id FROM product WHERE approval_no = '国药准字H00000007')";
    let moved = [
        format!("CREATE TABLE aside_code AS SELECT * FROM mi_code WHERE product_id = {own}"),
        format!("CREATE TABLE aside_term AS SELECT * FROM product_term WHERE product_id = {own}"),
        format!("CREATE TABLE aside AS SELECT * FROM product WHERE id = {own}"),
        format!("DELETE FROM product_term WHERE product_id = {own}"),
        format!("DELETE FROM mi_code WHERE product_id = {own}"),
        "DELETE FROM product WHERE approval_no = '国药准字H00000007'".into(),
    ];
    let back = [
        "INSERT INTO product SELECT * FROM aside",
        "INSERT INTO mi_code SELECT * FROM aside_code",
        "INSERT INTO product_term SELECT * FROM aside_term",
        "DROP TABLE aside",
        "DROP TABLE aside_code",
        "DROP TABLE aside_term",
    ];
    let moved: Vec<&str> = moved.iter().map(String::as_str).collect();
    let product = format!("{} 发布时有 700 行 product，现有 699 行", first.id);
    named(app, &moved, &back, &[&product, "700 行 mi_code，现有 699 行"]).await;

    // Put in under the batch: a group needs nothing else.
    let put = format!(
        "INSERT INTO three_same_group (id, generic_name, brand, content, batch_id, created_at, version) \
         SELECT id, '假', '假', '1', batch_id, created_at, 1 FROM product WHERE id = {own}"
    );
    let taken = "DELETE FROM three_same_group WHERE generic_name = '假'";
    named(app, &[&put], &[taken], &["发布时有 0 行 three_same_group，现有 1 行"]).await;
    // A product of its own: a copy of another under a new key.
    let columns = "generic_name, trade_name, brand, manufacturer_id, dosage_form, dosage_class, strength, fill_volume, unit, \
         pack_qty, pack_unit, standard_code, quality_level, group_id, comparable_key, sort_key, batch_id, created_at, version, \
         kind, state, holder, maker_name, material, enterprise_code, special_class, content_key, content_fault";
    let copied = format!(
        "INSERT INTO product (id, approval_no, {columns}) \
         SELECT (SELECT id FROM organisation ORDER BY id LIMIT 1), '假', {columns} FROM product WHERE id = {own}"
    );
    let taken = "DELETE FROM product WHERE approval_no = '假'";
    named(app, &[&copied], &[taken], &["700 行 product，现有 701 行"]).await;
}

/// Imports that were published without a digest are counted and not held against anybody.
async fn an_import_from_before_is_told_and_no_fault(app: &TestApp) {
    let run = checked(app, "drugs", "a.xlsx", drugs_xlsx(&[drug(1, 10_001)])).await;
    confirmed(app, &run).await;
    run_all(
        app,
        &[
            "DELETE FROM audit_unsealed WHERE id IN (SELECT id FROM audit_entry WHERE action = 'import.rows')",
            "DELETE FROM audit_entry WHERE action = 'import.rows'",
        ],
    )
    .await;
    assert_eq!(verified(app).await, (Vec::new(), 1));
}
app_test!(an_import_from_before_is_told_and_no_fault);
