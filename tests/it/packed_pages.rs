//! Pages travel packed, small, and with a form token that is another text each time; files by what they hold.

use std::io::Read;

use crate::support::shop::Shop;
use crate::support::{TestApp, Who, app_test};

fn token(page: &str) -> &str {
    let rest = page.split_once("name=\"form_token\" value=\"").expect("a token").1;
    rest.split_once('"').expect("its end").0
}

async fn the_token_is_masked_anew_in_each_page(app: &TestApp) {
    let clerk = app.portal(Who::Hospital).await;
    let (one, two) = (clerk.get("/messages").await.expect(200), clerk.get("/messages").await.expect(200));
    let (one, two) = (token(&one.text).to_owned(), token(&two.text));
    assert_ne!(one.as_str(), two);
    // A token of a page is good; another session's, a broken one and none are not.
    let stranger = app.portal(Who::Enterprise).await.get("/messages").await.expect(200);
    let broken = one.get(..40).expect("a long one").to_owned();
    for wrong in [token(&stranger.text), &broken, ".", ".!", ""] {
        let answer = clerk.form("/logout", &[("form_token", wrong)]).await;
        assert_eq!(answer.status, 403, "{wrong}");
    }
    clerk.form("/logout", &[("form_token", &one)]).await.expect(303);
}
app_test!(the_token_is_masked_anew_in_each_page);

async fn a_list_seen_again_is_under_ten_kilobytes(app: &TestApp) {
    Shop::open(app).await;
    let clerk = app.portal(Who::Hospital).await;
    for path in ["/catalogue", "/orders", "/messages", "/prices", "/"] {
        let request = clerk.request("GET", path).header("accept-encoding", "gzip");
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.headers()["content-encoding"], "gzip", "{path}");
        assert!(answer.bytes().await.expect("a body").len() < 10_000, "{path}");
    }
    let page = clerk.get("/orders").await.expect(200);
    let sheet =
        page.text.split("href=\"").find(|at| at.starts_with("/static/css/theme.css?v=")).expect("a sheet");
    let sheet = sheet.split_once('"').expect("its end").0.to_owned();
    let cached = clerk.get(&sheet).await.expect(200);
    // Packed it is the same file under another tag, and is not sent again either.
    let packed = clerk.request("GET", &sheet).header("accept-encoding", "gzip").send().await.expect("packed");
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    let tag = packed.headers()["etag"].to_str().expect("a tag").to_owned();
    assert_ne!(tag, cached.header("etag"));
    let mut text = String::new();
    let bytes = packed.bytes().await.expect("bytes");
    flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).expect("gzip");
    assert_eq!(text, cached.text);
    let again = clerk.request("GET", &sheet).header("accept-encoding", "gzip").header("if-none-match", &tag);
    assert_eq!(again.send().await.expect("again").status(), 304);
    assert_eq!(cached.header("cache-control"), "public, max-age=31536000, immutable");
    let other = clerk.get("/static/css/theme.css?v=0.1.0").await.expect(200);
    assert_eq!(other.header("cache-control"), "no-cache");
}
app_test!(a_list_seen_again_is_under_ten_kilobytes);
