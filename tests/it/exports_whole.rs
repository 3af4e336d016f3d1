//! An export holds everything that its page finds, or is refused and says why.

use std::io::{Cursor, Read};

use jicai::catalogue::bulk;

use crate::support::office::{morning, new_product};
use crate::support::{TestApp, Who, app_test};

const FOUND: &str = "/catalogue.xlsx?q=\u{6d4b}\u{6837}";

/// Products that an export takes at most, and one more.
async fn the_catalogue_is_exported_whole_or_not_at_all(app: &TestApp) {
    let maker = app.organisation(Who::Enterprise);
    let product = |n| new_product(maker, "测样牌", "测样片", &format!("{n}mg"), n);
    bulk::insert(&app.db, None, morning(), (1..=5000).map(product).collect()).await.expect("bulk");
    let buyer = app.portal(Who::Hospital).await;
    let sheet = buyer.request("GET", FOUND).send().await.expect("an answer");
    assert_eq!(sheet.status(), 200);
    let bytes = sheet.bytes().await.expect("bytes").to_vec();
    let mut book = zip::ZipArchive::new(Cursor::new(bytes)).expect("a workbook");
    let mut text = String::new();
    book.by_name("xl/worksheets/sheet1.xml").expect("a sheet").read_to_string(&mut text).expect("text");
    assert_eq!(text.matches("<row ").count(), 5001, "a head and every product");
    bulk::insert(&app.db, None, morning(), vec![product(5001)]).await.expect("bulk");
    let refused = buyer.get(FOUND).await.expect(422);
    assert!(refused.text.contains("查到的药品超过 5000 个"), "{}", refused.text);
}
app_test!(the_catalogue_is_exported_whole_or_not_at_all);
