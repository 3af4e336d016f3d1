//! Old listings, monitored prices, details and consumables through imports.

use diesel::prelude::*;
use jicai::catalogue::{CodeState, DosageClass, MiCode, Product, ProductState};
use jicai::listing::{Mark, PriceSource, store};
use jicai::platform::import::RunState;
use jicai::platform::schema::{consumable, mi_code, monitored_price, product};

use crate::support::office::{day, yuan};
use crate::support::sheets::{checked, confirmed, drug, drug_code, drugs_xlsx, xlsx};
use crate::support::{TestApp, Who, app_test};

fn sheet(heads: &str, rows: &[&str]) -> Vec<u8> {
    let line = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    let mut all = vec![line(heads)];
    all.extend(rows.iter().map(|row| line(row)));
    xlsx(&all)
}

/// An injection of 0.5g: the unit itself (1), packs of 10 (2) and 5 (3); a pack of another strength (4); a tablet (5).
async fn goods(app: &TestApp) {
    let mut rows: Vec<Vec<String>> = (1..=5).map(|n| drug(n, 10_001)).collect();
    for (row, (strength, qty)) in
        rows.iter_mut().zip([("0.5g", "1"), ("500mg", "10"), ("0.50g", "5"), ("1g", "10")])
    {
        (row[1], row[3], row[4]) = ("注射用试验钠".into(), "注射剂".into(), strength.into());
        (row[6], row[7], row[8]) = (qty.into(), "支".into(), if qty == "1" { "支" } else { "盒" }.into());
    }
    let run = checked(app, "drugs", "goods.xlsx", drugs_xlsx(&rows)).await;
    assert_eq!((run.bad, confirmed(app, &run).await.state), (0, RunState::Done));
}

async fn of_code(app: &TestApp, n: u32) -> (MiCode, Product) {
    let code = drug_code(n, 10_001);
    app.db
        .read(move |c| {
            let joined = mi_code::table.inner_join(product::table).filter(mi_code::code.eq(code));
            Ok(joined.select((MiCode::as_select(), Product::as_select())).first(c)?)
        })
        .await
        .expect("a code")
}

const HEADS: &str = "药品代码,包装挂网价,起始日,价格来源,协议截止日,依据,涨价原因";

async fn old_listings_are_converted_to_the_unit(app: &TestApp) {
    goods(app).await;
    let code = |n: u32| drug_code(n, 10_001);
    let rows = [
        format!("{},58.00,2023-01-01,一般,,一般,", code(2)),
        format!("{},31.00,2023-06-01,一般,,过评后,短缺保供", code(3)),
        format!("{},12.30,2023-06-01,一般,,,", code(5)),
        format!("{},20.00,2023-06-01,一般,,,", code(4)),
        format!("{},20.00,2023-06-01,一般,,,", code(99)),
        format!("{},-1,6月,集采,,其他,", code(1)),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let run = checked(app, "old_listings", "old.xlsx", sheet(HEADS, &rows)).await;
    // No unit code of the other strength, no such code, and four faults of the last row.
    assert_eq!((run.state, run.changed, run.bad), (RunState::Ready, 3, 3), "{run:?}");
    let run = confirmed(app, &run).await;
    assert_eq!((run.state, run.refused), (RunState::Done, 0));
    let (_, unit) = of_code(app, 1).await;
    let id = unit.id;
    let record = app
        .db
        .read(move |c| {
            let listing = store::of_product(c, id)?.expect("listed");
            store::record(c, listing.id)
        })
        .await
        .expect("record");
    // 58.00 / 10 = 5.80 and 31.00 / 5 = 6.20: the low value stands (INJ-3.1).
    assert_eq!((record.prices[0].unit_price, record.prices[0].low), (yuan("5.80"), Some(yuan("5.80"))));
    assert_eq!(record.prices[0].mark, Mark::None);
    assert_eq!(record.listing.code, drug_code(1, 10_001));
    assert_eq!(record.packs.len(), 2);
    let raised = record.packs.iter().find(|p| p.pack_qty == 5).expect("five");
    assert_eq!(
        (raised.rise_reason.map(|r| r.label()), raised.since_day),
        (Some("短缺保供"), Some(day("2023-06-01")))
    );
    // INJ-6.1: the pack's code leads to the unit and stops on its day; the pack is no product any more.
    let (old, now) = of_code(app, 2).await;
    assert_eq!((now.id, old.state, old.factor), (unit.id, CodeState::Frozen, 10));
    assert_eq!((old.replaced_by, old.disabled_from), (Some(drug_code(1, 10_001)), Some(day("2024-11-01"))));
    let ended: i64 = app
        .db
        .read(|c| {
            Ok(product::table.filter(product::state.eq(ProductState::Withdrawn)).count().get_result(c)?)
        })
        .await
        .expect("count");
    assert_eq!(ended, 2);
    let (_, tablet) = of_code(app, 5).await;
    let listing = app.db.read(move |c| store::of_product(c, tablet.id)).await.expect("read").expect("listed");
    assert_eq!(listing.price_source, PriceSource::General);
    // The same rows again change nothing.
    let again = checked(app, "old_listings", "again.xlsx", sheet(HEADS, &rows[..3])).await;
    assert_eq!((again.same, again.changed, again.bad), (3, 0, 0), "{again:?}");
}
app_test!(old_listings_are_converted_to_the_unit);

async fn an_agreed_price_keeps_its_last_day(app: &TestApp) {
    goods(app).await;
    let rows = [
        format!("{},12.34,2024-01-01,集采,2027-12-31,,", drug_code(2, 10_001)),
        format!("{},9.00,2024-01-01,国谈,,,", drug_code(5, 10_001)),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let run = checked(app, "old_listings", "old.xlsx", sheet(HEADS, &rows)).await;
    assert_eq!((run.changed, run.bad), (1, 1), "an agreement without its last day is no agreement");
    assert_eq!(confirmed(app, &run).await.refused, 0);
    let (_, unit) = of_code(app, 1).await;
    let (listing, prices) = app
        .db
        .read(move |c| {
            let listing = store::of_product(c, unit.id)?.expect("listed");
            let prices = store::prices(c, listing.id)?;
            Ok((listing, prices))
        })
        .await
        .expect("listing");
    assert_eq!((listing.price_source, listing.agreement_until), (PriceSource::Vbp, Some(day("2027-12-31"))));
    assert_eq!(prices[0].unit_price, yuan("1.234"), "INJ-2.3: as it was agreed");
}
app_test!(an_agreed_price_keeps_its_last_day);

async fn monitored_prices_come_with_day_and_source(app: &TestApp) {
    let heads = "通用名,质量层次,厂牌,单价（元）,监测日期,来源";
    let rows = [
        "注射用试验钠,过评,甲厂,6.50,2024-07-01,省平台",
        "注射用试验钠,原研药,原研厂,20,2024/7/2,省平台",
        "注射用试验钠,仿制,乙厂,0,7月,",
    ];
    let run = checked(app, "monitored_prices", "m.xlsx", sheet(heads, &rows)).await;
    assert_eq!((run.added, run.bad), (2, 1), "{run:?}");
    assert_eq!(confirmed(app, &run).await.state, RunState::Done);
    let there: i64 = app.db.read(|c| Ok(monitored_price::table.count().get_result(c)?)).await.expect("count");
    assert_eq!(there, 2);
    let again = checked(app, "monitored_prices", "n.xlsx", sheet(heads, &rows[..2])).await;
    assert_eq!((again.same, again.added), (2, 0));
}
app_test!(monitored_prices_come_with_day_and_source);

async fn details_and_consumables(app: &TestApp) {
    goods(app).await;
    let heads = "药品代码,剂型类别,装量,质量层次,上市许可持有人,特殊类别,厂牌";
    let rows = [
        format!("{},口服,,过评,某持有人,短缺药品,", drug_code(5, 10_001)),
        format!("{},吃的,,,,,", drug_code(4, 10_001)),
        format!("{},,,,,,", drug_code(77, 10_001)),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let run = checked(app, "details", "d.xlsx", sheet(heads, &rows)).await;
    assert_eq!((run.changed, run.bad), (1, 2), "{run:?}");
    confirmed(app, &run).await;
    let (_, tablet) = of_code(app, 5).await;
    assert_eq!((tablet.holder.as_deref(), tablet.dosage_class), (Some("某持有人"), DosageClass::Oral));
    let heads = "医保耗材代码,产品名称,规格型号,注册证号,生产企业,单位,单独收费,所属系统,部件,部件数量";
    let rows = [
        "C0101010010000112345,髋臼螺钉,6.5×25,国械注准20200001,某器械公司,枚,是,髋关节系统,髋臼螺钉,2",
        "C0101010010000112346,股骨柄,10#,国械注准20200002,某器械公司,个,是,髋关节系统,,",
        "C01010100100001123,股骨头,28,国械注准20200003,某器械公司,个,也许,,,",
    ];
    let run = checked(app, "consumables", "c.xlsx", sheet(heads, &rows)).await;
    assert_eq!((run.added, run.bad), (1, 2), "{run:?}");
    assert_eq!(confirmed(app, &run).await.state, RunState::Done);
    let (role, qty, charged): (Option<String>, Option<i64>, bool) = app
        .db
        .read(|c| {
            let row = consumable::table.select((
                consumable::component_role,
                consumable::component_qty,
                consumable::separately_charged,
            ));
            Ok(row.first(c)?)
        })
        .await
        .expect("a consumable");
    assert_eq!((role.as_deref(), qty, charged), (Some("髋臼螺钉"), Some(2), true));
    let owner: Option<String> = app
        .db
        .read(|c| {
            Ok(product::table
                .filter(product::generic_name.eq("髋臼螺钉"))
                .select(product::enterprise_code)
                .first(c)?)
        })
        .await
        .expect("a product");
    assert_eq!(owner.as_deref(), Some("C12345"), "the last five digits of the first twenty");
    // Whoever looks at it sees what only a consumable has.
    let id: jicai::platform::sql::Id = app
        .db
        .read(|c| {
            Ok(product::table.filter(product::generic_name.eq("髋臼螺钉")).select(product::id).first(c)?)
        })
        .await
        .expect("a product");
    for (who, path) in [(Who::Hospital, "/catalogue"), (Who::Officer, "/products")] {
        let page = app.portal(who).await.get(&format!("{path}/{id}")).await.expect(200).text;
        for words in ["国械注准20200001", "C010101", "单独收费", "髋关节系统，髋臼螺钉 × 2"]
        {
            assert!(page.contains(words), "{path} {words}: {page}");
        }
    }
    let api = app.api(Who::Hospital).await.get(&format!("/api/v1/products/{id}")).await.expect(200).json();
    assert_eq!(api["consumable"]["component_qty"], 2);
    let again = checked(app, "consumables", "e.xlsx", sheet(heads, &rows[..1])).await;
    assert_eq!((again.same, again.changed), (1, 0), "{again:?}");
}
app_test!(details_and_consumables);
