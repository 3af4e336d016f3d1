//! An organisation with more people than a page holds: the last one is reached, in the API and in the portal.

use std::collections::BTreeSet;

use jicai::accounts::users::{User, UserState};
use jicai::platform::schema::app_user;
use jicai::platform::sql::Id;
use jicai::platform::who::Post;

use diesel::prelude::*;

use crate::support::office::morning;
use crate::support::{TestApp, Who, app_test};

fn login(n: usize) -> String {
    format!("many-{n:04}")
}

async fn hire(app: &TestApp, organisation: Id) {
    let person = move |n| User {
        id: Id::new(),
        organisation_id: organisation,
        login: login(n),
        display_name: login(n),
        email: String::new(),
        function: Post::Viewer,
        state: UserState::Invited,
        password_hash: "$none".into(),
        stamp: Id::new(),
        created_at: morning(),
        version: 1,
    };
    app.db
        .write_unaudited("test.people", move |c| {
            for n in 1..=1001 {
                diesel::insert_into(app_user::table).values(person(n)).execute(c)?;
            }
            Ok(())
        })
        .await
        .expect("people");
}

/// The address in the page's link to the next one.
fn next(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("rel=\"next\" href=\"")?;
    Some(rest.split_once('"')?.0.replace("&amp;", "&").replace("&#38;", "&"))
}

async fn the_last_of_a_thousand_and_one_is_reached(app: &TestApp) {
    hire(app, app.organisation(Who::Hospital).id).await;
    let api = app.api(Who::HospitalAdmin).await;
    let (mut seen, mut after, mut pages) = (BTreeSet::new(), String::new(), 0);
    loop {
        let page = api.get(&format!("/api/v1/users{after}")).await.expect(200).json();
        for one in page["items"].as_array().expect("items") {
            assert!(seen.insert(one["login"].as_str().expect("a login").to_owned()), "twice: {one}");
        }
        pages += 1;
        match page["next"].as_str() {
            Some(next) => after = format!("?after={next}"),
            None => break,
        }
    }
    assert!(pages > 1, "{pages}");
    for n in [1, 500, 501, 1000, 1001] {
        assert!(seen.contains(&login(n)), "{n}");
    }
    assert!(seen.len() >= 1004, "{}", seen.len());
    let portal = app.portal(Who::HospitalAdmin).await;
    let (mut at, mut shown) = (Some("/users".to_owned()), String::new());
    while let Some(path) = at {
        let page = portal.get(&path).await.expect(200).text;
        at = next(&page);
        shown.push_str(&page);
    }
    for n in [1, 500, 501, 1000, 1001] {
        assert!(shown.contains(&login(n)), "{n}");
    }
}
app_test!(the_last_of_a_thousand_and_one_is_reached);
