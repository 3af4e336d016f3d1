//! Everybody sees how a price came about and can compute it again, without an account.

use crate::support::sheets::cells;
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
        "返回该药品",
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

/// A product, its prices, the list as a file and sorted: for everybody, without what hospitals and suppliers do.
async fn the_public_sees_products_and_takes_prices_home(app: &TestApp) {
    let shop = Shop::open(app).await;
    let public = app.portal(Who::Anonymous).await;
    let red = shop.red.listing.id;
    let list = public.get("/prices?sort=-price").await.expect(200).text;
    let place = |words: &str| list.find(words).unwrap_or_else(|| panic!("{words} is missing: {list}"));
    assert!(place(">15.01<") < place(">9.01<") && place(">9.01<") < place(">1.25<"));
    assert!(
        list.contains(&format!("href=\"/prices/{red}\""))
            && list.contains("href=\"/prices.xlsx?sort=-price\"")
    );
    let page = public.get(&format!("/prices/{red}")).await.expect(200).text;
    for words in ["15.01", "红标", "批准文号", "价格变动", &format!("/prices/{red}/why")] {
        assert!(page.contains(words), "{words} is missing: {page}");
    }
    for words in ["<h2>供货</h2>", "订购</a>", "/orders/", "/listings/"] {
        assert!(!page.contains(words), "{words} is not for the public: {page}");
    }
    public.get("/prices/00000000-0000-4000-8000-000000000000").await.expect(404);
    public.get("/prices/x").await.expect(404);
    let marked = cells(&public, "/prices.xlsx?mark=red").await;
    assert!(
        marked.iter().any(|cell| cell == "15.01") && !marked.iter().any(|cell| cell == "9.01"),
        "{marked:?}"
    );
    public.get("/prices.xlsx?mark=green").await.expect(422);
    // A network that takes too many files waits; the pages stay open.
    let mut last = 200;
    for _ in 0..32 {
        last = public.get("/prices.xlsx").await.status;
    }
    assert_eq!(last, 429);
    assert!(public.get("/prices.xlsx").await.expect(429).text.contains("下载过于集中，请在"));
    public.get("/prices").await.expect(200);
}
app_test!(the_public_sees_products_and_takes_prices_home);
