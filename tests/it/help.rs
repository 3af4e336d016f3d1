//! Help: every page leads to a part of it that is there, open to everybody.

use std::collections::BTreeSet;

use jicai::web::pages::help::PARTS;
use jicai::web::routes;

use crate::support::{TestApp, Who, app_test};

/// First segments of addresses that are no pages: files, probes, the API.
const NO_PAGES: [&str; 8] =
    ["api", "static", "healthz", "readyz", "files", "verification-key.pem", "help", "metrics"];

#[test]
fn every_page_has_its_part() {
    let told: Vec<&str> = PARTS.iter().flat_map(|part| part.segments).copied().collect();
    assert_eq!(told.len(), told.iter().collect::<BTreeSet<_>>().len(), "no anchor stands twice");
    let lacking: BTreeSet<&str> = routes::table()
        .iter()
        .filter(|route| route.method == "GET" && !route.path.ends_with(".xlsx"))
        .filter_map(|route| route.path.trim_start_matches('/').split('/').next())
        .filter(|segment| !NO_PAGES.contains(segment) && !told.contains(segment))
        .collect();
    assert!(lacking.is_empty(), "pages without help: {lacking:?}");
}

async fn every_page_leads_to_its_part(app: &TestApp) {
    let clerk = app.portal(Who::Hospital).await;
    let help = clerk.get("/help").await.expect(200).text;
    for (path, anchor) in
        [("/", "start"), ("/orders", "orders"), ("/catalogue", "catalogue"), ("/account", "account")]
    {
        let page = clerk.get(path).await.expect(200);
        assert!(page.text.contains(&format!("href=\"/help#{anchor}\"")), "{path}: {}", page.text);
        assert!(help.contains(&format!("id=\"{anchor}\"")), "{anchor}");
    }
    let visitor = app.visitor().await;
    let public = visitor.get("/prices").await.expect(200);
    assert!(public.text.contains("href=\"/help#prices\""), "{}", public.text);
    let open = visitor.get("/help").await.expect(200).text;
    for words in ["这一页做什么", "怎么办", "找谁", "id=\"prices\"", "id=\"registration\""] {
        assert!(open.contains(words), "{words}");
    }
    // Nobody who is not logged in is sent to a menu that he does not have.
    let nowhere = visitor.get("/no/such/page").await.expect(404).text;
    assert!(nowhere.contains("没有这个页面") && nowhere.contains("回到首页"), "{nowhere}");
    assert!(!nowhere.contains("左侧菜单") && !nowhere.contains("去登录"), "{nowhere}");
}
app_test!(every_page_leads_to_its_part);
