//! No export carries a formula, whatever people typed: every address that answers a sheet, with names and remarks that a
//! spreadsheet program would run.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use jicai::catalogue;
use jicai::listing::PriceSource;
use jicai::listing::direct::{DirectListing, list_direct};
use jicai::party::organisation::{NewOrganisation, register};
use jicai::platform::policy::Policies;
use jicai::platform::who::{Kinds, OrgKind};
use jicai::web::routes;

use crate::support::office::{credit_code, day, new_product, yuan};
use crate::support::sheets::{checked, drug, drugs_xlsx};
use crate::support::shop::{Shop, order_form};
use crate::support::{Actor, TestApp, Who, app_test};

const CMD: &str = "=cmd|'/C calc'!A0";
const PLUS: &str = "+1+cmd|'/C calc'!A0";
const AT: &str = "@SUM(1+1)*cmd|'/C calc'!A0";
const MINUS: &str = "-2+3+cmd|'/C calc'!A0";

/// A product, an enterprise, an order and an import that carry them.
async fn planted(app: &TestApp) -> (String, String) {
    let shop = Shop::open(app).await;
    let mut new = new_product(app.organisation(Who::Enterprise), AT, CMD, PLUS, 66);
    new.trade_name = Some(MINUS.into());
    let product = catalogue::create::create(&app.db, &app.system(), new).await.expect("product").id;
    let (unit_price, price_source, from_day) = (yuan("1.25"), PriceSource::General, day("2024-08-01"));
    let direct = DirectListing { product, unit_price, price_source, from_day, term: None };
    let policies = Policies::shipped().expect("policies");
    list_direct(&app.db, &app.system(), &policies, direct).await.expect("listing");
    let organisation = NewOrganisation {
        kind: OrgKind::Distributor,
        name: CMD.into(),
        credit_code: credit_code(777),
        city: "南州".into(),
        other_kinds: Kinds::default(),
        district: String::new(),
    };
    register(&app.db, &app.system(), organisation).await.expect("registered");
    let mut form = order_form(app, &shop, shop.red.listing.id, "3");
    for (name, value) in &mut form {
        match name.as_str() {
            "remark" => *value = CMD.into(),
            "line-0-pack_remark" => *value = PLUS.into(),
            _ => {}
        }
    }
    form.push(("line-0-risk_acknowledged".into(), "true".into()));
    form.push(("line-0-risk_reason".into(), format!("{CMD}，患者过敏")));
    let fields: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let clerk = app.portal(Who::Hospital).await;
    let order = clerk.form("/orders", &fields).await.expect(303).header("location").to_owned();
    let mut rows = vec![drug(1, 10_001), drug(2, 10_001)];
    (rows[0][1], rows[1][6]) = (CMD.into(), AT.into());
    let run = checked(app, "drugs", "a.xlsx", drugs_xlsx(&rows)).await;
    app.take_mails().await;
    (order.trim_start_matches("/orders/").to_owned(), run.id.to_string())
}

async fn bytes(actor: &Actor, path: &str) -> Vec<u8> {
    let answer = actor.request("GET", path).send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    answer.bytes().await.expect("bytes").to_vec()
}

/// The sheet's cells hold no formula, and cells that look like one are text marked as text. Answers how many of them there are.
fn harmless(path: &str, bytes: Vec<u8>) -> usize {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let names: Vec<String> = archive.file_names().flatten().map(|n| n.to_string()).collect();
    let mut text = |name: &str| {
        let mut text = String::new();
        archive.by_name(name).expect("a part").read_to_string(&mut text).expect("text");
        text
    };
    assert!(!names.iter().any(|n| n.contains("externalLink") || n.contains("vbaProject")), "{path}");
    let (sheet, styles) = (text("xl/worksheets/sheet1.xml"), text("xl/styles.xml"));
    assert!(!sheet.contains("<f>") && !sheet.contains("<f "), "{path}: a formula");
    let shared = if names.iter().any(|n| n == "xl/sharedStrings.xml") {
        text("xl/sharedStrings.xml")
    } else {
        String::new()
    };
    let all = format!("{sheet}{shared}");
    let count = [">=cmd", ">+1+cmd", ">@SUM", ">-2+3"].iter().map(|start| all.matches(start).count()).sum();
    assert!(count == 0 || styles.contains("quotePrefix=\"1\""), "{path}: not marked as text");
    count
}

async fn no_export_carries_a_formula(app: &TestApp) {
    let (order, run) = planted(app).await;
    // Address in the route table, address here, whether something of what was planted is in it.
    let exports = [
        ("/catalogue.xlsx", "/catalogue.xlsx".to_owned(), true),
        ("/prices.xlsx", "/prices.xlsx".into(), true),
        ("/my/products.xlsx", "/my/products.xlsx".into(), true),
        ("/orders.xlsx", "/orders.xlsx".into(), false),
        ("/orders/{id}/export", format!("/orders/{order}/export"), true),
        ("/supervision/marked.xlsx", "/supervision/marked.xlsx".into(), true),
        ("/organisations.xlsx", "/organisations.xlsx".into(), true),
        ("/imports/{id}/sheet.xlsx", format!("/imports/{run}/sheet.xlsx"), true),
        ("/imports/templates/{kind}", "/imports/templates/drugs".into(), false),
        ("/api/v1/orders.xlsx", "/api/v1/orders.xlsx".into(), false),
        ("/api/v1/orders/{id}/sheet.xlsx", format!("/api/v1/orders/{order}/sheet.xlsx"), true),
        ("/api/v1/marked-purchases.xlsx", "/api/v1/marked-purchases.xlsx".into(), true),
        ("/api/v1/imports/{id}/sheet.xlsx", format!("/api/v1/imports/{run}/sheet.xlsx"), true),
        ("/api/v1/import-templates/{kind}", "/api/v1/import-templates/details".into(), false),
    ];
    let is_sheet =
        |path: &str| path.ends_with(".xlsx") || path.ends_with("/export") || path.contains("templates");
    let table = routes::table();
    let served: BTreeSet<&str> = table.iter().map(|r| r.path).filter(|path| is_sheet(path)).collect();
    let tested: BTreeSet<&str> = exports.iter().map(|(route, ..)| *route).collect();
    assert_eq!(served, tested, "every export stands here");
    let (portal, api) = (app.portal(Who::Officer).await, app.api(Who::Officer).await);
    let maker = app.portal(Who::Enterprise).await;
    for (_, path, planted) in &exports {
        let actor = match path {
            path if path.starts_with("/api/") => &api,
            path if path.starts_with("/my/") => &maker,
            _ => &portal,
        };
        let found = harmless(path, bytes(actor, path).await);
        assert!(found > 0 || !planted, "{path}: what was planted is not there, so this proves nothing");
    }
}
app_test!(no_export_carries_a_formula);
