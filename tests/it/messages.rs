//! The message centre: what is due, what is unread, what comes by mail as well.

use chrono::Duration;
use jicai::platform::outbox::{self, Letter, Topic};
use jicai::platform::who::Post;
use serde_json::json;

use crate::support::{TestApp, Who, app_test};

async fn send(app: &TestApp, subject: &str, kind: Topic, due_in: Option<i64>) {
    let letter = Letter {
        subject: subject.into(),
        text: format!("{subject}。"),
        html: format!("<p>{subject}。</p>"),
        kind,
        due: due_in.map(|hours| app.now().plus(Duration::hours(hours))),
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

async fn what_is_due_stands_first_until_it_is_opened(app: &TestApp) {
    send(app, "明天到期的事", Topic::Order, Some(24)).await;
    send(app, "今天到期的事", Topic::Tender, Some(3)).await;
    send(app, "已过期的事", Topic::Order, Some(-1)).await;
    send(app, "没有期限的事", Topic::Notice, None).await;
    let mine = app.portal(Who::Hospital).await;
    let page = mine.get("/messages").await.expect(200).text;
    let due = page
        .split("有期限的事项")
        .nth(1)
        .expect("a section")
        .split("</section>")
        .next()
        .expect("its end")
        .to_owned();
    let at = |word: &str| due.find(word);
    assert!(at("今天到期的事") < at("明天到期的事") && at("今天到期的事").is_some(), "{due}");
    assert!(at("已过期的事").is_none() && at("没有期限的事").is_none(), "{due}");
    let unread = mine.get("/messages?kind=tender&unread=true").await.expect(200).text;
    let list = unread.split("name=\"unread\"").nth(1).expect("the filters").to_owned();
    assert!(list.contains("今天到期的事") && !list.contains("没有期限的事"), "{list}");
    let list = mine.get("/messages?due=true").await.expect(200).text;
    let list = list.split("name=\"due\"").nth(1).expect("the filters").to_owned();
    assert!(list.contains("今天到期的事") && list.contains("明天到期的事"), "{list}");
    assert!(!list.contains("没有期限的事") && !list.contains("已过期的事"), "{list}");
    mine.form("/messages", &[]).await.expect(303);
    let read = mine.get("/messages").await.expect(200).text;
    assert!(!read.contains("有期限的事项") && read.contains("没有期限的事"));
    assert!(mine.get("/messages?unread=true").await.expect(200).text.contains("没有符合条件的消息"));
    assert_eq!(app.take_mails().await.len(), 4);
}
app_test!(what_is_due_stands_first_until_it_is_opened);

async fn each_person_chooses_what_comes_by_mail(app: &TestApp) {
    let mine = app.portal(Who::Hospital).await;
    let page = mine.get("/messages/choices").await.expect(200).text;
    assert_eq!(page.matches(" checked").count(), 7, "everything at first: {page}");
    assert!(!page.contains("tender"), "nothing is sent about it yet");
    assert_eq!(page.matches(" disabled").count(), 2);
    mine.form("/messages/choices", &[("kinds", "listing"), ("kinds", "nonsense")]).await.expect(303);
    let page = mine.get("/messages/choices").await.expect(200).text;
    assert_eq!(page.matches(" checked").count(), 3, "listings, the account and legal notices: {page}");
    for kind in [Topic::Order, Topic::Listing, Topic::Legal] {
        send(app, kind.label(), kind, None).await;
    }
    let subjects: Vec<String> = app.take_mails().await.into_iter().map(|(_, subject)| subject).collect();
    assert_eq!(subjects, ["挂网与价格", "法定通知"], "nobody is without the legal ones");
    let page = mine.get("/messages").await.expect(200).text;
    for kind in [Topic::Order, Topic::Listing, Topic::Legal] {
        assert!(page.contains(&format!(">{}</button>", kind.label())), "in the portal everything comes");
    }
    mine.form("/messages/choices", &[("kinds", "order")]).await.expect(303);
    send(app, "订单又来了", Topic::Order, None).await;
    assert_eq!(app.take_mails().await.len(), 1, "the last word counts");
}
app_test!(each_person_chooses_what_comes_by_mail);
