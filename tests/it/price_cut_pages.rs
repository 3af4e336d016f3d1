//! The enterprise lowers a price on a page: it sees the mark first, nothing stands that it did not see, and the price to come is
//! announced where the price stands large.

use std::io::Cursor;

use calamine::{Reader, Xlsx};

use crate::support::shop::Shop;
use crate::support::{Actor, Answer, TestApp, Who, app_test};

fn says(page: &Answer, words: &str) {
    assert!(page.text.contains(words), "{words} is missing: {}", page.text);
}

fn form<'a>(price: &'a str, from: &'a str, act: &'a str, tried: &'a str) -> [(&'a str, &'a str); 5] {
    [("version", "1"), ("unit_price", price), ("from_day", from), ("act", act), ("tried", tried)]
}

async fn sheet(actor: &Actor, path: &str) -> Vec<Vec<String>> {
    let answer = actor.request("GET", path).send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    let mut book: Xlsx<_> =
        Xlsx::new(Cursor::new(answer.bytes().await.expect("bytes").to_vec())).expect("xlsx");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("a range");
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

async fn a_price_is_lowered_after_its_mark_was_seen(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (maker, other) = (app.portal(Who::Enterprise).await, app.portal(Who::OtherEnterprise).await);
    let product = format!("/catalogue/{}", shop.red.listing.product_id);
    let cut = format!("/listings/{}/price-cuts", shop.red.listing.id);
    says(&maker.get(&product).await.expect(200), &cut);
    assert!(!other.get(&product).await.expect(200).text.contains("下调挂网价"), "only its own enterprise");
    assert!(!app.portal(Who::Hospital).await.get(&product).await.expect(200).text.contains("下调挂网价"));
    other.get(&cut).await.expect(404);
    other.form(&cut, &form("9.00", "2024-08-10", "try", "")).await.expect(404);

    let page = maker.get(&cut).await.expect(200);
    for words in ["15.01 元/支，红标，自 2024-08-01 起", "5.00 元/支（INJ-4.1）", "2024-08-06", "试算新价格"]
    {
        says(&page, words);
    }
    assert!(!page.text.contains("确认下调挂网价"), "nothing can be submitted that was not looked at");

    let tried = maker.form(&cut, &form("9.00", "2024-08-10", "try", "")).await.expect(200);
    for words in [
        "9.00 ÷ 5.00 = 1.8，红标解除",
        "挂网价由 15.01 元/支 降为 9.00 元/支；2024-08-10 之前可以撤回",
        "INJ-4.1",
        "name=\"tried\" value=\"9.00 2024-08-10\"",
        "确认下调挂网价",
    ] {
        says(&tried, words);
    }
    let yellow = maker.form(&cut, &form("１０.00", "2024-08-10", "try", "")).await.expect(200);
    says(&yellow, "10.00 ÷ 5.00 = 2，红标改为黄标");
    // What was typed after the look is shown first, and does not stand.
    let again = maker.form(&cut, &form("8.00", "2024-08-10", "cut", "9.00 2024-08-10")).await.expect(200);
    says(&again, "8.00 ÷ 5.00 = 1.6，红标解除");
    maker.form(&cut, &form("8.00", "2024-08-10", "cut", "")).await.expect(200);
    for (price, day, words) in [
        ("", "2024-08-10", "新挂网价"),
        ("16.00", "2024-08-10", "企业只能主动下调价格，现价 15.01 元，您填的是 16.00"),
        ("15.01", "2024-08-10", "新价格与现价 15.01 元相同"),
        ("9.005", "2024-08-10", "至多 2 位小数"),
        ("0", "2024-08-10", "应大于 0，您填的是 0"),
        ("9.00", "2024-08-04", "执行日期不能早于 2024-08-05"),
        ("9.00", "8月10日", "执行日期应为日期"),
        ("9.00", "2034-08-10", "日期较远"),
    ] {
        let wrong = maker.form(&cut, &form(price, day, "cut", &format!("{price} {day}"))).await.expect(422);
        says(&wrong, words);
    }
    let still = maker.get(&product).await.expect(200);
    assert!(!still.text.contains("企业主动下调"), "nothing stands yet");

    let done = maker.form(&cut, &form("9.00", "2024-08-10", "cut", "9.00 2024-08-10")).await.expect(303);
    assert_eq!(done.header("location"), product);
    maker.form(&cut, &form("8.00", "2024-08-11", "cut", "8.00 2024-08-11")).await.expect(409);
    for who in [Who::Enterprise, Who::Hospital, Who::Officer] {
        let page = app.portal(who).await.get(&product).await.expect(200);
        says(&page, "自 2024-08-10 起 9.00 元/支，无标识");
    }
    let mine = maker.get("/my/products").await.expect(200);
    says(&mine, "自 2024-08-10 起 9.00 元");
    says(&maker.get(&product).await.expect(200), "撤回价格");
    says(&maker.get(&cut).await.expect(200), "9.00 元/支，无标识，自 2024-08-10 起");
    app.take_mails().await;
}
app_test!(a_price_is_lowered_after_its_mark_was_seen);

async fn a_price_of_today_stands_in_the_table_of_packs(app: &TestApp) {
    let shop = Shop::open(app).await;
    let maker = app.portal(Who::Enterprise).await;
    let cut = format!("/listings/{}/price-cuts", shop.red.listing.id);
    let tried = maker.form(&cut, &form("9.00", "2024-08-05", "try", "")).await.expect(200);
    says(&tried, "立即执行，不能撤回");
    maker.form(&cut, &form("9.00", "2024-08-05", "cut", "9.00 2024-08-05")).await.expect(303);
    let page = maker.get(&format!("/catalogue/{}", shop.red.listing.product_id)).await.expect(200);
    let packs = page.text.split_once("换算价表").expect("packs").1.split_once("</table>").expect("its end").0;
    assert!(packs.contains("2024-08-05 起调整") && packs.contains("9.00"), "{packs}");
    assert_eq!(packs.matches("现挂网价").count(), 1, "{packs}");
    // What can be ordered instead is the hospitals' matter.
    let yellow = format!("/catalogue/{}", shop.yellow.listing.product_id);
    assert!(!maker.get(&yellow).await.expect(200).text.contains("可以改订的低风险药品"));
    app.take_mails().await;
}
app_test!(a_price_of_today_stands_in_the_table_of_packs);

async fn an_enterprise_sees_its_prices_and_marks(app: &TestApp) {
    let shop = Shop::open(app).await;
    let maker = app.portal(Who::Enterprise).await;
    let all = maker.get("/my/products").await.expect(200);
    for words in ["15.01", "9.01", "7.20", "1.25", "2024-08-01", "红标", "下调挂网价"] {
        says(&all, words);
    }
    says(&all, &format!("/listings/{}/price-cuts", shop.plain.listing.id));
    assert!(!all.text.contains("5.80"), "another enterprise's");
    let red = maker.get("/my/products?mark=red").await.expect(200);
    assert!(red.text.contains("15.01") && !red.text.contains("9.01"), "{}", red.text);
    let down = maker.get("/my/products?sort=-price").await.expect(200).text;
    let places: Vec<_> = ["15.01", "9.01", "7.20", "1.25"].map(|price| down.find(price)).into();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
    says(&maker.get("/my/products?mark=green").await.expect(200), "不在可选范围内");
    let rows = sheet(&maker, "/my/products.xlsx?sort=price").await;
    let prices: Vec<&str> = rows.iter().skip(1).map(|row| row[5].as_str()).collect();
    assert_eq!((rows[0][5].as_str(), prices), ("现价（元）", vec!["1.25", "7.2", "9.01", "15.01"]));
    assert_eq!(sheet(&maker, "/my/products.xlsx?mark=red").await.len(), 2);
    maker.get("/my/products.xlsx?mark=green").await.expect(422);
}
app_test!(an_enterprise_sees_its_prices_and_marks);
