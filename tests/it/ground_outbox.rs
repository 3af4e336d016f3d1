//! Mail and messages: stored with the write, sent once, again where it may help, never where it was refused.

use std::collections::BTreeMap;

use chrono::Duration;
use jicai::accounts::users::UserState;
use jicai::platform::clock::Clock;
use jicai::platform::db::{Db, Limits};
use jicai::platform::error::Refusal;
use jicai::platform::outbox::sender::{MailTls, Sender};
use jicai::platform::outbox::worker::{self, Mailer};
use jicai::platform::outbox::{self, Letter, Mail, MailState, Topic};
use jicai::platform::sql::Id;
use jicai::platform::who::{OrgKind, Post};
use serde_json::json;

use crate::support::both_engines;
use crate::support::people::{actor, organisation, person};
use crate::support::smtp::{self, Manner};

fn letter(n: usize) -> Letter {
    Letter {
        subject: format!("订单 {n} 待确认"),
        text: "您好，有一张订单待确认。".into(),
        html: "<p>您好，有一张订单待确认。</p>".into(),
        kind: Topic::Order,
        due: None,
        link: "/orders/7".into(),
    }
}

fn mailer(sender: Sender) -> Mailer {
    Mailer {
        sender,
        from: "集中采购平台 <noreply@jicai.test>".parse().unwrap(),
        origin: "https://jicai.test".into(),
    }
}

fn smtp_sender(server: &smtp::Server) -> Sender {
    Sender::smtp("127.0.0.1", server.address.port(), MailTls::None, None).unwrap()
}

async fn mails(db: &Db) -> Vec<Mail> {
    db.read(|c| outbox::mails(c, None, None, 500)).await.unwrap()
}

async fn notify(db: &Db, organisation: Id, posts: &'static [Post], letter: Letter) {
    db.write(&actor(), move |tx| {
        outbox::notify(tx, organisation, posts, &letter)?;
        tx.note("test.notify", "test", organisation, &json!({}))
    })
    .await
    .unwrap();
}

/// One organisation with one person who reads mail.
async fn one_reader(db: &Db) -> Id {
    let organisation = organisation(db, OrgKind::Distributor, 1).await;
    person(db, organisation, "li.si", Post::Trade, UserState::Active, "li.si@supplier.test").await;
    organisation
}

async fn those_with_the_function_are_told(db: Db) {
    let (ours, other) =
        (organisation(&db, OrgKind::Manufacturer, 1).await, organisation(&db, OrgKind::Distributor, 2).await);
    let trade = person(&db, ours, "trade", Post::Trade, UserState::Active, "trade@ours.test").await;
    let silent = person(&db, ours, "no-mail", Post::Trade, UserState::Active, "").await;
    let admin = person(&db, ours, "admin", Post::Admin, UserState::Active, "admin@ours.test").await;
    person(&db, ours, "gone", Post::Trade, UserState::Disabled, "gone@ours.test").await;
    let foreign = person(&db, other, "foreign", Post::Trade, UserState::Active, "trade@other.test").await;

    notify(&db, ours, &[Post::Trade], letter(1)).await;
    let stored = mails(&db).await;
    assert_eq!(stored.len(), 1, "{stored:?}");
    assert_eq!((stored[0].recipient.as_str(), stored[0].state), ("trade@ours.test", MailState::Waiting));

    notify(&db, ours, &[], letter(2)).await;
    let mut second: Vec<String> =
        mails(&db).await.into_iter().filter(|m| m.subject.contains('2')).map(|m| m.recipient).collect();
    second.sort();
    assert_eq!(second, ["admin@ours.test", "trade@ours.test"]);

    let messages = db
        .read(move |c| {
            [trade, silent, admin, foreign]
                .iter()
                .map(|u| Ok(outbox::messages(c, *u, None, 10)?.len()))
                .collect::<jicai::platform::error::Result<Vec<usize>>>()
        })
        .await
        .unwrap();
    assert_eq!(messages, [2, 2, 1, 0]);
}
both_engines!(those_with_the_function_are_told);

async fn a_refused_write_tells_nobody(db: Db) {
    let organisation = one_reader(&db).await;
    let refused: Result<(), _> = db
        .write(&actor(), move |tx| {
            outbox::notify(tx, organisation, &[], &letter(1))?;
            Err(Refusal::wrong_state("不可以").into())
        })
        .await;
    assert!(refused.is_err());
    assert_eq!(mails(&db).await.len(), 0);
}
both_engines!(a_refused_write_tells_nobody);

async fn messages_are_opened_by_their_owner_only(db: Db) {
    let organisation = one_reader(&db).await;
    let (owner, other) = (
        person(&db, organisation, "owner", Post::Admin, UserState::Active, "").await,
        person(&db, organisation, "other", Post::Viewer, UserState::Active, "").await,
    );
    notify(&db, organisation, &[Post::Admin], letter(1)).await;
    assert_eq!(db.read(move |c| outbox::unread(c, owner)).await.unwrap(), 1);
    let id = db.read(move |c| outbox::messages(c, owner, None, 1)).await.unwrap()[0].id;
    let now = Clock::default().now();
    let foreign = db.write_unaudited("test", move |c| outbox::open_message(c, other, id, now)).await;
    assert!(matches!(foreign, Err(jicai::platform::error::Error::Refused(r)) if r.status == 404));
    db.write_unaudited("test", move |c| outbox::open_message(c, owner, id, now)).await.unwrap();
    assert_eq!(db.read(move |c| outbox::unread(c, owner)).await.unwrap(), 0);
}
both_engines!(messages_are_opened_by_their_owner_only);

async fn a_mail_goes_out_over_smtp(db: Db) {
    let organisation = one_reader(&db).await;
    notify(&db, organisation, &[Post::Trade], letter(4711)).await;
    let server = smtp::start(Manner::Takes);
    let (clock, mailer) = (Clock::default(), mailer(smtp_sender(&server)));
    assert_eq!(worker::run(&db, &clock, &mailer).await.unwrap(), 1);
    assert_eq!(worker::run(&db, &clock, &mailer).await.unwrap(), 0, "nothing is sent twice");

    let taken = server.mails.lock().unwrap().clone();
    assert_eq!(taken.len(), 1);
    assert!(taken[0].from.contains("<noreply@jicai.test>"), "{}", taken[0].from);
    assert!(taken[0].to.contains("<li.si@supplier.test>"), "{}", taken[0].to);
    let data = &taken[0].data;
    let stored = &mails(&db).await[0];
    assert!(data.contains(&format!("Message-ID: <{}@jicai.test>", stored.id)), "{data}");
    // 订单 in base64 of UTF-8, as RFC 2047 has it.
    assert!(data.contains("=?utf-8?b?6K6i5Y2V"), "{data}");
    assert!(
        data.contains("multipart/alternative") && data.contains("text/plain") && data.contains("text/html"),
        "{data}"
    );
    for part in data.split("base64").skip(1) {
        let encoded: String = part.split("--").next().unwrap().split_whitespace().collect();
        let body =
            String::from_utf8(base64::Engine::decode(&base64::prelude::BASE64_STANDARD, encoded).unwrap())
                .unwrap();
        assert!(body.contains("有一张订单待确认") && body.contains("https://jicai.test/orders/7"), "{body}");
    }
    assert_eq!((stored.state, stored.attempts), (MailState::Sent, 1));
    assert!(stored.sent_at.is_some() && stored.lease_until.is_none());
    let lines = server.lines.lock().unwrap().clone();
    assert!(lines.iter().any(|l| l.starts_with("EHLO")) && lines.iter().any(|l| l == "DATA"), "{lines:?}");
}
both_engines!(a_mail_goes_out_over_smtp);

/// What a reader of the table, of a backup or of the officers' page could still open: nothing, once the mail has left.
async fn a_secret_link_is_forgotten_when_the_mail_has_left(db: Db) {
    let link = "/invitation?key=Zb7o0qKxXw1fJ2V4m8s9tEoGq3rYp5uNcD6aH1iLkMw";
    // SHA-256 of the part after "key=", computed with `sha256sum`.
    let digest = "68d42750a8e4d0fffc9ea573ba8861a5a1eba35647da7049e7f0e290f510858b";
    db.write(&actor(), move |tx| {
        outbox::mail(tx, "li.si@supplier.test", &Letter { link: link.into(), ..letter(1) })?;
        tx.note("test.mail", "test", Id::new(), &json!({}))
    })
    .await
    .unwrap();
    let clock = Clock::default();
    let refusing = smtp::start(Manner::RefusesForGood);
    worker::run(&db, &clock, &mailer(smtp_sender(&refusing))).await.unwrap();
    let stored = mails(&db).await.remove(0);
    assert_eq!((stored.state, stored.link.as_str()), (MailState::Refused, link), "it has to be sent yet");
    let id = stored.id;
    db.write(&actor(), move |tx| outbox::try_again(tx, id)).await.unwrap();
    let taking = smtp::start(Manner::Takes);
    assert_eq!(worker::run(&db, &clock, &mailer(smtp_sender(&taking))).await.unwrap(), 1);
    let sent = taking.mails.lock().unwrap()[0].data.clone();
    let part: String =
        sent.split("base64").nth(1).unwrap().split("--").next().unwrap().split_whitespace().collect();
    let body = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, part).unwrap();
    assert!(String::from_utf8(body).unwrap().contains(&format!("https://jicai.test{link}")), "{sent}");
    let stored = mails(&db).await.remove(0);
    assert_eq!((stored.state, stored.link), (MailState::Sent, format!("/invitation?key_sha256={digest}")));
    assert!(!format!("{}{}", stored.body_text, stored.body_html).contains("key="));
}
both_engines!(a_secret_link_is_forgotten_when_the_mail_has_left);

/// The demo sends nothing: its page is where the link is read.
async fn the_demo_keeps_the_link(db: Db) {
    let link = "/invitation?key=Zb7o0qKxXw1fJ2V4m8s9tEoGq3rYp5uNcD6aH1iLkMw";
    db.write(&actor(), move |tx| {
        outbox::mail(tx, "li.si@supplier.test", &Letter { link: link.into(), ..letter(1) })?;
        tx.note("test.mail", "test", Id::new(), &json!({}))
    })
    .await
    .unwrap();
    assert_eq!(worker::run(&db, &Clock::default(), &mailer(Sender::memory())).await.unwrap(), 1);
    let stored = mails(&db).await.remove(0);
    assert_eq!((stored.state, stored.link.as_str()), (MailState::Sent, link));
    let organisation = one_reader(&db).await;
    let system = actor();
    let portal = db.write(&system, move |tx| {
        outbox::notify(tx, organisation, &[], &Letter { link: link.into(), ..letter(2) })?;
        tx.note("test.notify", "test", organisation, &json!({}))
    });
    assert!(portal.await.is_err(), "a message in the portal never carries a secret");
}
both_engines!(the_demo_keeps_the_link);

async fn a_refusal_for_good_stops_the_mail(db: Db) {
    let organisation = one_reader(&db).await;
    notify(&db, organisation, &[], letter(1)).await;
    let server = smtp::start(Manner::RefusesForGood);
    let (clock, refusing) = (Clock::default(), mailer(smtp_sender(&server)));
    assert_eq!(worker::run(&db, &clock, &refusing).await.unwrap(), 0);
    let stored = mails(&db).await.remove(0);
    assert_eq!(stored.state, MailState::Refused);
    assert!(
        stored.last_error.as_deref().is_some_and(|e| e.contains("no such person here")),
        "{:?}",
        stored.last_error
    );
    clock.advance(Duration::days(2));
    assert_eq!(worker::run(&db, &clock, &refusing).await.unwrap(), 0);
    assert_eq!(mails(&db).await[0].attempts, 1, "never again by itself");
    assert_eq!(db.read(|c| outbox::count(c, MailState::Refused)).await.unwrap(), 1);

    // An officer mended the address and lets it go again.
    db.write(&actor(), move |tx| outbox::try_again(tx, stored.id)).await.unwrap();
    let takes = smtp::start(Manner::Takes);
    assert_eq!(worker::run(&db, &clock, &mailer(smtp_sender(&takes))).await.unwrap(), 1);
}
both_engines!(a_refusal_for_good_stops_the_mail);

async fn a_server_that_is_down_makes_mail_wait(db: Db) {
    let organisation = one_reader(&db).await;
    notify(&db, organisation, &[], letter(1)).await;
    // A port that nobody listens on.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let down = mailer(Sender::smtp("127.0.0.1", port, MailTls::None, None).unwrap());
    let clock = Clock::default();
    let mut pauses = Vec::new();
    for attempt in 1..=4 {
        let before = clock.now();
        assert_eq!(worker::run(&db, &clock, &down).await.unwrap(), 0);
        let stored = mails(&db).await.remove(0);
        assert_eq!((stored.state, stored.attempts), (MailState::Waiting, attempt));
        assert!(stored.last_error.is_some() && stored.lease_until.is_none());
        let pause = (stored.next_try_at.0 - before.0).num_seconds();
        let least = 30 * 2_i64.pow(u32::try_from(attempt).unwrap() - 1);
        assert!((least..=least + least / 4 + 5).contains(&pause), "attempt {attempt}: {pause} s");
        pauses.push(pause);
        clock.advance(Duration::seconds(pause + 1));
    }
    // A server that says later is the same as none.
    let later = smtp::start(Manner::RefusesForNow);
    assert_eq!(worker::run(&db, &clock, &mailer(smtp_sender(&later))).await.unwrap(), 0);
    assert_eq!(mails(&db).await[0].state, MailState::Waiting);
    clock.advance(Duration::hours(2));
    let up = smtp::start(Manner::Takes);
    assert_eq!(worker::run(&db, &clock, &mailer(smtp_sender(&up))).await.unwrap(), 1);
    assert_eq!(up.mails.lock().unwrap().len(), 1);
}
both_engines!(a_server_that_is_down_makes_mail_wait);

async fn what_cannot_be_sent_for_five_days_is_given_up(db: Db) {
    let organisation = one_reader(&db).await;
    notify(&db, organisation, &[], letter(1)).await;
    let later = smtp::start(Manner::RefusesForNow);
    let (clock, mailer) = (Clock::default(), mailer(smtp_sender(&later)));
    clock.advance(Duration::days(5) + Duration::minutes(1));
    worker::run(&db, &clock, &mailer).await.unwrap();
    let stored = mails(&db).await.remove(0);
    assert_eq!(stored.state, MailState::Refused);
    assert!(stored.last_error.is_some_and(|e| e.contains("5 天")));
}
both_engines!(what_cannot_be_sent_for_five_days_is_given_up);

async fn an_address_that_is_none_is_refused(db: Db) {
    let organisation = organisation(&db, OrgKind::Distributor, 1).await;
    person(&db, organisation, "li.si", Post::Trade, UserState::Active, "li si at home").await;
    notify(&db, organisation, &[], letter(1)).await;
    let server = smtp::start(Manner::Takes);
    worker::run(&db, &Clock::default(), &mailer(smtp_sender(&server))).await.unwrap();
    let stored = mails(&db).await.remove(0);
    assert_eq!(stored.state, MailState::Refused);
    assert!(stored.last_error.is_some_and(|e| e.contains("收件地址")));
}
both_engines!(an_address_that_is_none_is_refused);

/// Two servers, each with four workers in a row, on one database: each mail once.
async fn two_servers_send_each_mail_once(db: Db) {
    let organisation = one_reader(&db).await;
    for n in 0..60 {
        notify(&db, organisation, &[], letter(n)).await;
    }
    let second = Db::open(db.target(), Limits::default()).unwrap();
    let sender = Sender::memory();
    let workers = (0..8).map(|n| {
        let (db, mailer) = (if n % 2 == 0 { db.clone() } else { second.clone() }, mailer(sender.clone()));
        tokio::spawn(async move { worker::run(&db, &Clock::default(), &mailer).await.unwrap() })
    });
    let mut sent = 0;
    for worker in workers.collect::<Vec<_>>() {
        sent += worker.await.unwrap();
    }
    let Sender::Memory(list) = sender else { panic!("memory") };
    let mut times: BTreeMap<Id, usize> = BTreeMap::new();
    for mail in list.lock().unwrap().iter() {
        *times.entry(mail.id).or_default() += 1;
    }
    assert_eq!((sent, times.len()), (60, 60));
    assert!(times.values().all(|n| *n == 1), "{times:?}");
    assert_eq!(db.read(|c| outbox::count(c, MailState::Sent)).await.unwrap(), 60);
}
both_engines!(two_servers_send_each_mail_once);

/// An instance that died in the middle gives its mails back after its lease.
async fn mails_of_a_dead_instance_are_taken_over(db: Db) {
    let organisation = one_reader(&db).await;
    notify(&db, organisation, &[], letter(1)).await;
    // A server that accepts and says nothing: the sender hangs until it is dropped, as if the process were killed.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let hanging = mailer(Sender::smtp("127.0.0.1", port, MailTls::None, None).unwrap());
    let clock = Clock::default();
    let reached = tokio::task::spawn_blocking(move || silent.accept().unwrap());
    let _open = tokio::select! {
        sent = worker::run(&db, &clock, &hanging) => panic!("it does not hang: {sent:?}"),
        connection = reached => connection.unwrap(),
    };
    let server = smtp::start(Manner::Takes);
    let mailer = mailer(smtp_sender(&server));
    assert_eq!(worker::run(&db, &clock, &mailer).await.unwrap(), 0, "leased");
    clock.advance(Duration::seconds(301));
    assert_eq!(worker::run(&db, &clock, &mailer).await.unwrap(), 1);
}
both_engines!(mails_of_a_dead_instance_are_taken_over);

#[tokio::test]
async fn files_are_written_whole() {
    let dir = tempfile::tempdir().unwrap();
    let test = crate::support::TestDb::sqlite();
    let db = test.open();
    let organisation = one_reader(&db).await;
    notify(&db, organisation, &[], letter(1)).await;
    assert_eq!(
        worker::run(&db, &Clock::default(), &mailer(Sender::File(dir.path().into()))).await.unwrap(),
        1
    );
    let id = mails(&db).await[0].id;
    let text = std::fs::read_to_string(dir.path().join(format!("{id}.eml"))).unwrap();
    assert!(text.contains("To: li.si@supplier.test"), "{text}");
}

/// A mail of this test only, with the template of the audit's head.
#[derive(askama::Template)]
#[template(path = "mail/audit_head.txt")]
struct HeadLetter {
    day: String,
    block: i64,
    hash: String,
    sealed_at: String,
    anchor: String,
}

#[test]
fn html_is_escaped_and_text_is_not() {
    let letter = HeadLetter {
        day: "2026-11-21".into(),
        block: 7,
        hash: "<b>&".into(),
        sealed_at: String::new(),
        anchor: String::new(),
    };
    let letter = Letter::new(&letter, "/x").unwrap();
    assert!(letter.text.contains("<b>&"), "{}", letter.text);
    assert!(!letter.html.contains("<b>"), "{}", letter.html);
    assert_eq!(letter.subject.lines().count(), 1);
    assert!(letter.subject.contains("第 7 区块"), "{}", letter.subject);
}

#[test]
fn a_letter_is_a_subject_an_empty_line_and_its_lines() {
    let files: Vec<_> = std::fs::read_dir("templates/mail").unwrap().map(|f| f.unwrap().path()).collect();
    assert!(files.len() >= 16, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let right = lines.len() > 2 && !lines[0].is_empty() && lines[1].is_empty() && !lines[2].is_empty();
        assert!(right && file.extension().is_some_and(|e| e == "txt"), "{}", file.display());
    }
}
