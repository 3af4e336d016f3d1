//! Lists from their columns: the choice of columns in the address, in the page, in its links and in the sheet; without script.

use std::io::Cursor;

use calamine::{Reader, Xlsx};

use crate::support::shop::{Shop, order_form};
use crate::support::{Actor, Answer, TestApp, Who, app_test};

/// The heads of a page's list.
fn heads(page: &Answer) -> Vec<String> {
    let list = page.text.split_once(" data-keys>").expect("a list").1;
    let heads = list.split_once("<thead>").expect("heads").1.split_once("</thead>").expect("heads").0;
    let plain = |cell: &str| {
        let text = cell.split_once('>').expect("a head").1;
        let words = text.split('<').map(|piece| piece.rsplit('>').next().unwrap_or_default());
        words.collect::<String>().trim().trim_end_matches(['↑', '↓']).to_owned()
    };
    heads.split("<th ").skip(1).map(plain).collect()
}

/// The rows of a sheet as text, the heads first.
async fn sheet(actor: &Actor, path: &str) -> Vec<Vec<String>> {
    let answer = actor.request("GET", path).send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    let bytes = answer.bytes().await.expect("bytes").to_vec();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("a range");
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

async fn ordered(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let form = order_form(app, &shop, shop.plain.listing.id, "10");
    let fields: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    clerk.form("/orders", &fields).await.expect(303);
}

async fn the_chosen_columns_stand_in_the_page_its_links_and_the_sheet(app: &TestApp) {
    ordered(app).await;
    let clerk = app.portal(Who::Hospital).await;
    let usual = clerk.get("/orders").await.expect(200);
    let all = ["订单号", "供货企业", "品种", "状态", "金额（元）", "提交时间", "确认期限", "操作"];
    assert_eq!(heads(&usual), all);
    assert!(
        usual
            .text
            .contains("<input type=\"checkbox\" name=\"columns\" value=\"amount\" checked>金额</label>")
    );
    assert!(
        usual.text.contains("<input type=\"checkbox\" name=\"columns\" value=\"wanted\">期望到货日</label>")
    );

    // The reader's own choice, also of a column that is not usual; who orders and what to do always stands there.
    let address = "/orders?mark=none&columns=amount&columns=wanted";
    let page = clerk.get(address).await.expect(200);
    assert_eq!(heads(&page), ["订单号", "金额（元）", "期望到货日", "操作"]);
    assert!(page.text.contains("2024-08-12") && page.text.contains("12.50"));
    let links = page.text.replace("&#38;", "&").replace("&amp;", "&");
    assert!(links.contains("href=\"/orders?mark=none&sort=amount&columns=amount&columns=wanted\""));
    assert!(links.contains("href=\"/orders.xlsx?mark=none&columns=amount&columns=wanted\""));
    assert!(links.contains("<input type=\"hidden\" name=\"columns\" value=\"wanted\">"), "filters keep it");
    assert!(links.contains("<input type=\"hidden\" name=\"mark\" value=\"none\">"), "and it keeps filters");

    let whole = sheet(&clerk, "/orders.xlsx").await;
    assert_eq!(whole[0].len(), 15);
    let chosen = sheet(&clerk, "/orders.xlsx?columns=amount&columns=wanted").await;
    assert_eq!(chosen[0], ["订单号", "金额（元）", "期望到货日"]);
    assert_eq!(chosen[1][1..], ["12.5", "2024-08-12"]);

    // What is no column of the list shows what is usual.
    for odd in ["?columns=colour", "?columns=%3Cscript%3E", "?columns="] {
        assert_eq!(heads(&clerk.get(&format!("/orders{odd}")).await.expect(200)), all, "{odd}");
    }
    app.take_mails().await;
}
app_test!(the_chosen_columns_stand_in_the_page_its_links_and_the_sheet);

async fn the_sum_stands_under_its_column(app: &TestApp) {
    ordered(app).await;
    let seller = app.portal(Who::Enterprise).await;
    for address in ["/orders", "/orders?columns=amount"] {
        let page = seller.get(address).await.expect(200);
        let foot = page.text.split_once("<tfoot>").expect("sums").1.split_once("</tfoot>").expect("sums").0;
        let cells: Vec<&str> = foot.split("</td>").flat_map(|cell| cell.split("</th>")).collect();
        // Rows can be chosen here, so a cell for the box comes first.
        let under = heads(&page).iter().position(|head| head == "金额（元）").expect("a head");
        assert!(cells[under].ends_with("num\">12.50"), "{address}: {foot}");
        assert!(page.text.contains("form=\"orders-chosen\" name=\"chosen\""));
    }
    let none = seller.get("/orders?columns=state").await.expect(200);
    assert!(!none.text.contains("<tfoot>"), "no sum without its column");
    app.take_mails().await;
}
app_test!(the_sum_stands_under_its_column);

async fn every_list_shows_its_table(app: &TestApp) {
    Shop::open(app).await;
    let lists = [
        (Who::Officer, "/organisations", "state", ["单位名称", "状态", "操作"].as_slice()),
        (Who::Hospital, "/catalogue", "code", &["品名", "医保编码", "操作"]),
        (Who::Anonymous, "/prices", "unit", &["品名", "单位"]),
        (Who::Hospital, "/addresses", "phone", &["收货人", "联系电话", "操作"]),
        (Who::Enterprise, "/my/products", "codes", &["品名", "医保编码", "操作"]),
        (Who::Enterprise, "/distributors", "city", &["配送企业", "所在市", "操作"]),
        (Who::Hospital, "/account", "used", &["设备", "最近使用", "操作"]),
    ];
    for (who, path, column, expected) in lists {
        let page = app.portal(who).await.get(&format!("{path}?columns={column}")).await.expect(200);
        assert_eq!(heads(&page), expected, "{path}");
    }
}
app_test!(every_list_shows_its_table);
