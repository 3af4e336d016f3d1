//! Everybody sees how a price came about and can compute it again, without an account.

use crate::support::shop::Shop;
use crate::support::{TestApp, Who, app_test};

async fn everybody_sees_why_a_price_is_what_it_is(app: &TestApp) {
    let shop = Shop::open(app).await;
    let public = app.portal(Who::Anonymous).await;
    let (red, plain) = (shop.red.listing.id, shop.plain.listing.id);
    let list = public.get("/prices").await.expect(200).text;
    assert!(list.contains(&format!("href=\"/prices/{red}/why\"")), "{list}");
    let why = public.get(&format!("/prices/{red}/why")).await.expect(200).text;
    for words in [
        "15.01 ÷ 5.00",
        "INJ-4.1",
        "医保办函〔2024〕61号",
        "自行验算",
        "jicai rule injection-listing",
        "返回挂网价格",
    ] {
        assert!(why.contains(words), "{words} is missing: {why}");
    }
    assert!(!why.contains("/catalogue/"), "a way to a page that asks for an account");
    public.get(&format!("/prices/{plain}/why")).await.expect(200);
    public.get("/prices/00000000-0000-4000-8000-000000000000/why").await.expect(404);
    public.get("/prices/x/why").await.expect(404);

    let marked = public.get("/prices?mark=red").await.expect(200).text;
    assert!(marked.contains("15.01") && !marked.contains("9.01"), "{marked}");
    assert!(public.get("/prices?mark=green").await.expect(200).text.contains("不在可选范围内"));
}
app_test!(everybody_sees_why_a_price_is_what_it_is);
