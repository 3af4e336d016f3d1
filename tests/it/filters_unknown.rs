//! What a list does not understand is refused by its name; nothing is passed over in silence (S-5).

use serde_json::Value;

use crate::support::shop::Shop;
use crate::support::{Answer, TestApp, Who, app_test};

/// Who is asked, one after the other, until somebody may.
const ASKED: [Who; 4] = [Who::Officer, Who::Hospital, Who::Enterprise, Who::HospitalAdmin];

fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true => "00000000-0000-4000-8000-000000000000",
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().into_iter().flatten().filter_map(|e| e["pointer"].as_str()).collect()
}

async fn asked(app: &TestApp, path: &str) -> Answer {
    let mut last = app.api(Who::Anonymous).await.get(path).await;
    for who in ASKED {
        if !matches!(last.status, 401 | 403) {
            break;
        }
        last = app.api(who).await.get(path).await;
    }
    last
}

/// Every operation that reads, with a parameter that it does not know.
async fn no_operation_passes_over_a_parameter(app: &TestApp) {
    let document = app.api(Who::Officer).await.get("/api/v1/openapi.json").await.expect(200).json();
    let mut count = 0;
    for (path, operations) in document["paths"].as_object().expect("paths") {
        let Some(operation) = operations.get("get") else { continue };
        let problem = asked(app, &format!("{}?nonsense_1=1", filled(path))).await.problem(400, "UNREADABLE");
        assert_eq!(pointers(&problem), ["/nonsense_1"], "{path}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "query" {
                let name = parameter["name"].as_str().expect("a name");
                assert!(problem["detail"].as_str().expect("words").contains(name), "{path}: {name}");
            }
        }
        count += 1;
    }
    assert!(count > 30, "{count}");
}
app_test!(no_operation_passes_over_a_parameter);

/// Those of S-5, and values that mean nothing.
async fn the_api_names_what_it_does_not_understand(app: &TestApp) {
    Shop::open(app).await;
    let (officer, hospital) = (app.api(Who::Officer).await, app.api(Who::Hospital).await);
    for (path, name) in [
        ("/api/v1/orders?status=submitted", "status"),
        ("/api/v1/orders?from_date=2024-08-01", "from_date"),
        ("/api/v1/products?mark=red", "mark"),
        ("/api/v1/feed?since=1", "since"),
        ("/api/v1/organisations?name=x", "name"),
        ("/api/v1/orders?state=nonsense", "state"),
        ("/api/v1/orders?state=", "state"),
        ("/api/v1/orders?from=garbage", "from"),
        ("/api/v1/orders?overdue=perhaps", "overdue"),
        ("/api/v1/orders?mark=green", "mark"),
        ("/api/v1/orders?sort=colour", "sort"),
        ("/api/v1/orders?state=draft&state=submitted", "state"),
        ("/api/v1/orders.xlsx?status=submitted", "status"),
        ("/api/v1/marked-purchases?hospital_id=first", "hospital_id"),
        ("/api/v1/marked-purchases?to=2024-02-30", "to"),
        ("/api/v1/organisations?kind=nonsense", "kind"),
        ("/api/v1/registrations?state=nonsense", "state"),
        ("/api/v1/policy?day=tomorrow", "day"),
    ] {
        let problem = officer.get(path).await.problem(400, "UNREADABLE");
        assert_eq!(pointers(&problem), [format!("/{name}")], "{path}: {problem}");
        let words = problem["errors"][0]["detail"].as_str().expect("words");
        assert!(words.chars().any(|c| c > '\u{2e7f}'), "{path}: {words}");
    }
    // Known ones are answered as before, and a visitor is not told which there are.
    hospital.get("/api/v1/orders?state=submitted&q=x&limit=3&overdue=true").await.expect(200);
    app.api(Who::Anonymous).await.get("/api/v1/orders?status=x").await.expect(401);
}
app_test!(the_api_names_what_it_does_not_understand);

/// The portal says it in words, at the field where there is one, and lists nothing.
async fn a_page_says_what_it_does_not_understand(app: &TestApp) {
    let shop = Shop::open(app).await;
    let buyer = app.portal(Who::Hospital).await;
    let order = serde_json::json!({
        "supplier_id": app.organisation(Who::Enterprise).id, "address_id": shop.address.id,
        "wanted_on": "2024-08-12", "lines": [{ "listing_id": shop.plain.listing.id, "quantity": 20 }],
    });
    app.api(Who::Hospital).await.post("/api/v1/orders", &order).await.expect(201);
    let drug = "注射用青霉素钠";
    assert!(buyer.get("/orders").await.expect(200).text.contains(drug));
    for (query, words, at_field) in [
        ("from=garbage", "garbage", "from"),
        ("to=2100-01-01", "1990 年至 2099 年", "to"),
        ("mark=green", "“green”不在可选范围内", "mark"),
        ("overdue=perhaps", "“perhaps”不在可选范围内", "overdue"),
        ("state=nonsense", "“nonsense”不在可选范围内", ""),
        ("sort=colour", "“colour”不在可选范围内", ""),
        ("status=submitted", "没有名为 status 的查询参数", ""),
    ] {
        let page = buyer.get(&format!("/orders?{query}")).await.expect(200).text;
        assert!(page.contains(words) && page.contains("没有列出任何内容"), "{query}: {page}");
        assert!(!page.contains(drug), "{query} lists orders");
        let marked = page.contains(&format!("id=\"{at_field}\"")) && page.contains("field-wrong");
        assert!(at_field.is_empty() || marked, "{query}: {page}");
        buyer.get(&format!("/orders.xlsx?{query}")).await.expect(422);
    }
    let officer = app.portal(Who::Officer).await;
    for path in [
        "/supervision/marked?from=garbage",
        "/supervision/marked?colour=red",
        "/organisations?kind=nonsense",
        "/organisations?name=x",
        "/registrations?state=nonsense",
        "/registrations?name=x",
        "/messages?kind=nonsense",
        "/messages?unread=perhaps",
        "/messages?status=x",
        "/catalogue?mark=green",
        "/catalogue?open=perhaps",
        "/catalogue?name=x",
        "/prices?name=x",
    ] {
        let page = officer.get(path).await.expect(200).text;
        assert!(page.contains("没有列出任何内容"), "{path}: {page}");
        assert!(!page.contains(drug), "{path}");
    }
    for path in
        ["/supervision/marked.xlsx?from=garbage", "/organisations.xlsx?kind=x", "/catalogue.xlsx?mark=green"]
    {
        officer.get(path).await.expect(422);
    }
    // Where a page stands beside a filter of the same name as the first row's once was.
    buyer.get("/orders?from=2024-08-01&row=51&columns=amount").await.expect(200);
}
app_test!(a_page_says_what_it_does_not_understand);
