//! A change of how drug names are read reaches the products of before.

use diesel::prelude::*;
use jicai::catalogue::{readings, terms};
use jicai::platform::schema::search_term;
use sha2::{Digest, Sha256};

use crate::support::shop::Shop;
use crate::support::{TestApp, Who, app_test};

async fn found(app: &TestApp, word: &str) -> usize {
    let page =
        app.api(Who::Hospital).await.get(&format!("/api/v1/products?q={word}")).await.expect(200).json();
    page["items"].as_array().expect("items").len()
}

/// Initials of an earlier form, as an update finds them; the sweep makes them anew.
async fn initials_of_an_earlier_form_are_made_again(app: &TestApp) {
    Shop::open(app).await;
    let before = found(app, "qms").await;
    assert!(before > 0, "青霉素 is found by its initials");
    app.db
        .write_unaudited("test.form", |c| {
            let all = diesel::update(search_term::table);
            Ok(all.set((search_term::initials.eq("xx"), search_term::made_as.eq(0))).execute(c)?)
        })
        .await
        .expect("an earlier form");
    assert_eq!(found(app, "qms").await, 0);
    terms::renew(&app.db).await.expect("the sweep");
    assert_eq!(found(app, "qms").await, before);
    let earlier = search_term::table.filter(search_term::made_as.ne(readings::FORM)).count();
    assert_eq!(app.db.read(move |c| Ok(earlier.get_result::<i64>(c)?)).await.expect("count"), 0);
}
app_test!(initials_of_an_earlier_form_are_made_again);

/// Whoever changes a reading, or takes another dictionary, counts [`readings::FORM`] up and writes both down here.
#[test]
fn other_readings_are_another_form() {
    let characters = ('\u{4e00}'..='\u{9fff}').map(String::from);
    let words = readings::WORDS.iter().map(|(word, _)| (*word).to_owned());
    let mut digest = Sha256::new();
    for text in characters.chain(words) {
        digest.update(format!("{text} {:?}\n", readings::pieces(&text)));
    }
    let digest: String = digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((readings::FORM, digest.as_str()), (1, "476cf05f508381be"));
}
