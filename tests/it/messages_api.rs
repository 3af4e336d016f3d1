//! The message centre at the API.

use chrono::Duration;
use jicai::platform::outbox::{self, Letter, Topic};
use jicai::platform::who::Post;
use serde_json::{Value, json};

use crate::support::{TestApp, Who, app_test};

async fn send(app: &TestApp, subject: &str, kind: Topic) {
    let letter = Letter {
        subject: subject.into(),
        text: format!("{subject}。"),
        html: format!("<p>{subject}。</p>"),
        kind,
        due: Some(app.now().plus(Duration::hours(3))),
        link: "/orders".into(),
    };
    let hospital = app.organisation(Who::Hospital).id;
    app.db
        .write(&app.system(), move |tx| {
            outbox::notify(tx, hospital, &[Post::Order], &letter)?;
            tx.note("test.notify", "test", hospital, &json!({}))
        })
        .await
        .expect("sent");
    app.clock.advance(Duration::seconds(1));
}

fn titles(list: &Value) -> Vec<&str> {
    list["items"].as_array().expect("items").iter().filter_map(|item| item["title"].as_str()).collect()
}

async fn messages_are_listed_and_opened(app: &TestApp) {
    for (subject, kind) in [("一", Topic::Order), ("二", Topic::Tender), ("三", Topic::Order)] {
        send(app, subject, kind).await;
    }
    app.take_mails().await;
    let mine = app.api(Who::Hospital).await;
    let all = mine.get("/api/v1/messages").await.expect(200).json();
    assert_eq!(titles(&all), ["三", "二", "一"], "the latest first");
    assert_eq!(all["items"][1]["kind"], "tender");
    assert_eq!((&all["items"][1]["body"], &all["items"][1]["link"]), (&json!("二。"), &json!("/orders")));
    assert!(all["items"][1]["due_at"].is_string() && all["items"][1]["read_at"].is_null(), "{all}");
    let first = mine.get("/api/v1/messages?limit=2").await.expect(200).json();
    let next = first["next"].as_str().expect("another page");
    let rest = mine.get(&format!("/api/v1/messages?limit=2&after={next}")).await.expect(200).json();
    assert_eq!((titles(&first), titles(&rest)), (vec!["三", "二"], vec!["一"]));
    assert!(rest["next"].is_null());
    // Opened by its owner only; the time of the first opening stays.
    let path = format!("/api/v1/messages/{}/read", all["items"][1]["id"].as_str().expect("id"));
    app.api(Who::Finance).await.post(&path, &json!({})).await.problem(404, "NOT_FOUND");
    assert_eq!(titles(&mine.get("/api/v1/messages?unread=true").await.json()).len(), 3);
    mine.post(&path, &json!({})).await.expect(204);
    let read = mine.get("/api/v1/messages?kind=tender").await.json()["items"][0]["read_at"].clone();
    assert!(read.is_string(), "{read}");
    app.clock.advance(Duration::minutes(1));
    app.api(Who::Hospital).await.post(&path, &json!({})).await.expect(204);
    assert_eq!(mine.get("/api/v1/messages?kind=tender").await.json()["items"][0]["read_at"], read);
    assert_eq!(titles(&mine.get("/api/v1/messages?unread=true").await.json()), ["三", "一"]);
    assert_eq!(
        titles(&mine.get("/api/v1/messages?unread=true&kind=tender").await.json()),
        Vec::<&str>::new()
    );
    // What is due: not opened, with a date that has not passed.
    let due = async |query: &str| {
        app.api(Who::Hospital).await.get(&format!("/api/v1/messages?{query}")).await.json()
    };
    assert_eq!(titles(&due("due=true").await), ["三", "一"]);
    assert_eq!(titles(&due("due=true&limit=1").await), ["三"]);
    assert_eq!(titles(&due("due=true&kind=tender").await), Vec::<&str>::new());
    app.clock.advance(Duration::hours(3));
    assert_eq!(titles(&due("due=true").await), Vec::<&str>::new());
    assert_eq!(titles(&due("due=false&unread=true").await), ["三", "一"]);
    let mine = app.api(Who::Hospital).await;
    mine.post("/api/v1/messages/read", &json!({})).await.expect(204);
    assert_eq!(titles(&mine.get("/api/v1/messages?unread=true").await.json()), Vec::<&str>::new());
    for (query, pointer) in [
        ("kind=orders", "/kind"),
        ("unread=yes", "/unread"),
        ("due=1", "/due"),
        ("limit=0", "/limit"),
        ("after=x", "/after"),
    ] {
        let wrong = mine.get(&format!("/api/v1/messages?{query}")).await.problem(422, "INVALID");
        assert_eq!(wrong["errors"][0]["pointer"], pointer);
    }
}
app_test!(messages_are_listed_and_opened);

async fn what_comes_by_mail_is_ones_own_choice(app: &TestApp) {
    let mine = app.api(Who::Hospital).await;
    let path = "/api/v1/messages/choices";
    let all = mine.get(path).await.expect(200).json();
    let items = all["items"].as_array().expect("items");
    assert!(items.iter().all(|item| item["by_mail"] == true), "{all}");
    let kinds: Vec<&str> = items.iter().filter_map(|item| item["kind"].as_str()).collect();
    let sent = ["notice", "order", "listing", "work", "organisation", "account", "legal"];
    assert_eq!(kinds, sent, "about tenders nothing is sent yet");
    let chosen = mine.json("PUT", path, &json!({ "by_mail": ["listing"] })).await.expect(200).json();
    let by_mail: Vec<&str> = chosen["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter(|item| item["by_mail"] == true)
        .filter_map(|item| item["kind"].as_str())
        .collect();
    assert_eq!(by_mail, ["listing", "account", "legal"], "the last two whatever is chosen");
    assert_eq!(mine.get(path).await.json(), chosen);
    for (kind, mails) in [(Topic::Order, 0), (Topic::Listing, 1), (Topic::Legal, 1)] {
        send(app, "通知", kind).await;
        assert_eq!(app.take_mails().await.len(), mails, "{kind}");
    }
    assert_eq!(titles(&mine.get("/api/v1/messages").await.json()).len(), 3, "the message comes in any case");
    let wrong = mine.json("PUT", path, &json!({ "by_mail": ["orders"] })).await.problem(422, "INVALID");
    assert_eq!(wrong["errors"][0]["pointer"], "/by_mail/0");
    mine.json("PUT", path, &json!({})).await.problem(422, "INVALID");
    let other = app.api(Who::OtherHospital).await.get(path).await.json();
    assert!(other["items"].as_array().expect("items").iter().all(|item| item["by_mail"] == true), "{other}");
}
app_test!(what_comes_by_mail_is_ones_own_choice);
