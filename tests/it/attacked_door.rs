//! What attackers and strangers do at the door: floods of failures, of applications, of evidence.

use chrono::Duration;
use diesel::prelude::*;
use jicai::accounts::invite::{self, Person};
use jicai::party::registration;
use jicai::platform::error::Error;
use jicai::platform::schema::{attachment, outbox_mail, stored_file};
use jicai::platform::who::{Post, Principal};
use serde_json::json;

use crate::support::app::PASSWORD;
use crate::support::office::credit_code;
use crate::support::{Actor, Answer, TestApp, Who, app_test};

async fn knock(app: &TestApp, login: &str, password: &str, from: &str) -> Answer {
    let stranger = app.api(Who::Anonymous).await;
    let request = stranger.request("POST", "/api/v1/tokens").header("x-forwarded-for", from);
    stranger.send(request.json(&json!({ "login": login, "password": password }))).await
}

/// F4: wrong passwords from anywhere lock a name where they come from, not everywhere.
async fn strangers_lock_a_name_only_where_they_are(db: jicai::platform::db::Db) {
    let proxies = vec!["127.0.0.1".parse().expect("address")];
    let setup = crate::support::app::Setup { trusted_proxies: proxies, ..Default::default() };
    let app = TestApp::start_as(db, setup).await;
    for _ in 0..5 {
        knock(&app, "hospital", "wrong", "203.0.113.1").await.problem(401, "LOGIN_FAILED");
    }
    let locked = knock(&app, "hospital", PASSWORD, "203.0.113.1").await;
    let seconds: i64 = locked.header("retry-after").parse().expect("seconds");
    let said = locked.problem(429, "LOGIN_LOCKED")["detail"].as_str().expect("words").to_owned();
    assert!((50..=61).contains(&seconds) && said.contains("分钟后再试"), "{seconds} {said}");
    assert!(said.contains("联系本单位管理员"), "{said}");
    knock(&app, "hospital", PASSWORD, "198.51.100.1").await.expect(201);
    // A flood from everywhere locks the name, but not where its owner got in before.
    for n in 0..41 {
        knock(&app, "hospital", "wrong", &format!("203.0.113.{}", 10 + n)).await.problem(401, "LOGIN_FAILED");
    }
    knock(&app, "hospital", PASSWORD, "203.0.113.200").await.problem(429, "LOGIN_LOCKED");
    knock(&app, "hospital", PASSWORD, "198.51.100.1").await.expect(201);
    app.finish().await;
}
crate::support::both_engines!(strangers_lock_a_name_only_where_they_are);

/// F4, R-15: a system with an old secret keeps neither people nor other systems of its hospital out.
async fn a_system_with_an_old_secret_is_in_nobodys_way(app: &TestApp) {
    let admin = app.api(Who::HospitalAdmin).await;
    let mut systems = Vec::new();
    for name in ["药房系统", "采购系统"] {
        let body = json!({ "name": name, "scopes": ["orders:read"] });
        let made = admin.post("/api/v1/clients", &body).await.expect(201).json();
        systems.push((made["id"].clone(), made["client_secret"].clone()));
    }
    let stranger = app.api(Who::Anonymous).await;
    let token = |id: &serde_json::Value, secret: &str| {
        let body = json!({ "client_id": id, "client_secret": secret });
        let stranger = &stranger;
        async move { stranger.json("POST", "/api/v1/tokens/client", &body).await }
    };
    let (mut failed, mut refused) = (0, None);
    for _ in 0..100 {
        let answer = token(&systems[0].0, "an old secret").await;
        match answer.status {
            401 => failed += 1,
            _ => refused = Some(answer),
        }
    }
    assert!((60..80).contains(&failed), "{failed}");
    let refused = refused.expect("a limit");
    let seconds: i64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=10).contains(&seconds), "{seconds}");
    let said = refused.problem(429, "TOO_MANY_TRIES")["detail"].as_str().expect("words").to_owned();
    assert!(said.contains(&format!("{seconds} 秒后再试")) && said.contains("密钥"), "{said}");
    knock(app, "hospital", PASSWORD, "").await.expect(201);
    let secret = systems[1].1.as_str().expect("secret");
    token(&systems[1].0, secret).await.expect(201);
    // The right secret of the same system passes as well.
    let secret = systems[0].1.as_str().expect("secret");
    token(&systems[0].0, secret).await.expect(201);
    app.take_mails().await;
}
app_test!(a_system_with_an_old_secret_is_in_nobodys_way);

/// F4, R-15: others' failures at one address keep nobody out who got in from there before.
async fn a_right_password_passes_where_it_got_in_before(app: &TestApp) {
    knock(app, "hospital", PASSWORD, "").await.expect(201);
    let here = "127.0.0.1".parse().expect("address");
    while app.auth.limit.take(here, app.now()).is_ok() {}
    let refused = knock(app, "nobody", "wrong", "").await;
    let seconds: i64 = refused.header("retry-after").parse().expect("seconds");
    let said = refused.problem(429, "TOO_MANY_TRIES")["detail"].as_str().expect("words").to_owned();
    assert!(said.contains(&format!("{seconds} 秒后再试")) && said.contains("联系本单位管理员"), "{said}");
    for _ in 0..3 {
        knock(app, "hospital", PASSWORD, "").await.expect(201);
    }
    knock(app, "otherhospital", PASSWORD, "").await.problem(429, "TOO_MANY_TRIES");
    // Guessing from there meets the lock of the name.
    for _ in 0..5 {
        knock(app, "hospital", "wrong", "").await.problem(401, "LOGIN_FAILED");
    }
    knock(app, "hospital", PASSWORD, "").await.problem(429, "LOGIN_LOCKED");
}
app_test!(a_right_password_passes_where_it_got_in_before);

async fn apply(actor: &Actor, n: u32, email: &str) -> Answer {
    let code = credit_code(n);
    let fields = [
        ("name", "请立即转账到下列账户医院"),
        ("credit_code", code.as_str()),
        ("kind", "private_hospital"),
        ("city", "霁阳市"),
        ("address", "霁阳市滨江路 18 号"),
        ("contact_name", "周文清"),
        ("phone", "0770-5550188"),
        ("email", email),
    ];
    actor.form("/registration", &fields).await
}

fn key_of(answer: &Answer) -> String {
    answer.header("location").split_once("key=").expect("a key").1.to_owned()
}

/// F3: one network begins a few applications and is then refused.
async fn a_flood_of_applications_is_refused(app: &TestApp) {
    let visitor = app.visitor().await;
    let (mut begun, mut refused) = (0, 0);
    for n in 0..60 {
        let answer = apply(&visitor, 600 + n, &format!("flood{n}@example.cn")).await;
        match answer.status {
            303 => begun += 1,
            429 => {
                refused += 1;
                let seconds: i64 = answer.header("retry-after").parse().expect("seconds");
                assert!(seconds > 0 && answer.text.contains("分钟后再试"), "{seconds}: {}", answer.text);
            }
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert_eq!((begun, refused), (20, 40));
    assert_eq!(app.take_mails().await.len(), 20);
}
app_test!(a_flood_of_applications_is_refused);

/// F3: no free text of a stranger goes to a mailbox that nobody confirmed.
async fn a_strangers_words_go_to_no_mailbox(app: &TestApp) {
    let visitor = app.visitor().await;
    let key = key_of(&apply(&visitor, 701, "victim@example.cn").await.expect(303));
    let pdf: &[u8] = b"%PDF-1.4\n%%EOF\n";
    visitor.upload("/registration/files", &[("key", &key)], &[("files", "a.pdf", pdf)]).await.expect(303);
    let fields = [("key", key.as_str()), ("statement", "请立即转账")];
    visitor.form("/registration/submit", &fields).await.expect(303);
    let texts: Vec<(String, String)> = app
        .db
        .read(|c| {
            Ok(outbox_mail::table
                .filter(outbox_mail::recipient.eq("victim@example.cn"))
                .select((outbox_mail::subject, outbox_mail::body_text))
                .load(c)?)
        })
        .await
        .expect("mails");
    assert_eq!(texts.len(), 2);
    for (subject, body) in &texts {
        assert!(subject.contains("登记申请") && !format!("{subject}{body}").contains("转账"), "{body}");
    }
    app.take_mails().await;
}
app_test!(a_strangers_words_go_to_no_mailbox);

/// F3: an application does not keep the true owner of a credit code from applying; officers see both.
async fn an_application_blocks_nobody_elses_code(app: &TestApp) {
    let visitor = app.visitor().await;
    let pdf: &[u8] = b"%PDF-1.4\n%%EOF\n";
    for email in ["thief@example.cn", "owner@example.cn"] {
        let key = key_of(&apply(&visitor, 702, email).await.expect(303));
        visitor.upload("/registration/files", &[("key", &key)], &[("files", "a.pdf", pdf)]).await.expect(303);
        visitor.form("/registration/submit", &[("key", &key), ("statement", "")]).await.expect(303);
    }
    let list = app.api(Who::Officer).await.get("/api/v1/registrations").await.expect(200).json();
    let (id, other) = (&list["items"][0]["id"], &list["items"][1]["number"]);
    let page = app.portal(Who::Officer).await.get(&format!("/registrations/{}", id.as_str().unwrap())).await;
    let page = page.expect(200);
    assert!(page.text.contains("同一信用代码的其他申请") && page.text.contains(other.as_str().unwrap()));
    app.take_mails().await;
}
app_test!(an_application_blocks_nobody_elses_code);

/// F3, F11: much is taken from a stranger only with a key, which is looked at before the body; what is never submitted has a
/// ceiling and is forgotten.
async fn evidence_of_strangers_is_bounded(app: &TestApp) {
    let visitor = app.visitor().await;
    let large = |n: u8| {
        let mut bytes = b"%PDF-1.4\n".to_vec();
        bytes.resize(15 * 1024 * 1024, n);
        bytes
    };
    let bytes = large(1);
    let sent: [crate::support::actor::Sent<'_>; 1] = [("files", "a.pdf", &bytes)];
    visitor.upload("/registration/files", &[("key", "made up")], &sent).await.expect(413);
    visitor.upload("/registration/files?key=made-up", &[("key", "made up")], &sent).await.expect(413);
    let key = key_of(&apply(&visitor, 703, "slow@example.cn").await.expect(303));
    let path = format!("/registration/files?key={key}");
    for n in 1..=4 {
        let bytes = large(n);
        visitor.upload(&path, &[("key", &key)], &[("files", "a.pdf", &bytes)]).await.expect(303);
    }
    let bytes = large(5);
    let full = visitor.upload(&path, &[("key", &key)], &[("files", "a.pdf", &bytes)]).await.expect(422);
    assert!(full.text.contains("提交前的证明材料合计最多 60 MB"), "{}", full.text);
    let count = || async {
        app.db
            .read(|c| {
                let files: i64 = stored_file::table.count().get_result(c)?;
                Ok((attachment::table.count().get_result::<i64>(c)?, files))
            })
            .await
            .expect("count")
    };
    assert_eq!(count().await, (4, 4));
    let (db, system) = (&app.db, app.system());
    app.clock.advance(Duration::days(29));
    assert_eq!(registration::door::sweep(db, &system, app.now()).await.expect("swept"), 0);
    app.clock.advance(Duration::days(2));
    assert_eq!(registration::door::sweep(db, &system, app.now()).await.expect("swept"), 1);
    assert_eq!(count().await, (0, 0));
    app.take_mails().await;
}
app_test!(evidence_of_strangers_is_bounded);

/// a link alone moves nobody's mails; the old mailbox can take the change back.
async fn a_new_mailbox_needs_the_person_and_can_be_taken_back(app: &TestApp) {
    let mine = app.portal(Who::Hospital).await;
    let fields = [("email", "mistyped@example.cn"), ("password", PASSWORD)];
    mine.form("/account/email", &fields).await.expect(303);
    let link = app.links_to("mistyped@example.cn").await.pop().expect("a link");
    let key = link.split_once("key=").expect("a key").1.to_owned();
    // A scanner, or whoever reads that mailbox.
    let scanner = app.visitor().await;
    let page = scanner.get(&link).await.expect(200).text;
    assert!(page.contains("name=\"password\""), "{page}");
    for password in ["", "not the password"] {
        let fields = [("key", key.as_str()), ("password", password)];
        let refused = scanner.form("/account/email/confirm", &fields).await.expect(422);
        assert!(refused.text.contains("登录密码不正确"), "{}", refused.text);
    }
    // The person, logged in, needs no password again.
    assert!(!mine.get(&link).await.expect(200).text.contains("name=\"password\""));
    let other = app.portal(Who::OtherHospital).await;
    other.form("/account/email/confirm", &[("key", &key)]).await.expect(422);
    mine.form("/account/email/confirm", &[("key", &key)]).await.expect(303);
    app.clock.advance(Duration::seconds(1));
    // What a thief would do now.
    let ask = [("account", "hospital")];
    scanner.form("/password/forgotten", &ask).await.expect(303);
    let reset = app.links_to("mistyped@example.cn").await.pop().expect("a link");
    let fields = [("key", reset.split_once("key=").expect("a key").1), ("password", "the thief's own words")];
    let fields = [fields[0], fields[1], ("again", "the thief's own words")];
    scanner.form("/password/reset", &fields).await.expect(303);
    app.clock.advance(Duration::days(6));
    let links = app.links_to("hospital@example.cn").await;
    let undo = links.iter().find(|l| l.starts_with("/account/email/undo?key=")).expect("an undo link");
    let page = scanner.get(undo).await.expect(200).text;
    assert!(page.contains("hospital@example.cn") && page.contains("撤回"), "{page}");
    let key = undo.split_once("key=").expect("a key").1;
    scanner.form("/account/email/undo", &[("key", key)]).await.expect(303);
    scanner.form("/account/email/undo", &[("key", key)]).await.expect(404);
    knock(app, "hospital", "the thief's own words", "").await.problem(401, "LOGIN_FAILED");
    let links = app.links_to("hospital@example.cn").await;
    let reset = links.iter().rfind(|link| link.starts_with("/password/reset")).expect("a link");
    let new = "green otter on a ladder";
    let fields = [("key", reset.split_once("key=").expect("a key").1), ("password", new), ("again", new)];
    scanner.form("/password/reset", &fields).await.expect(303);
    knock(app, "hospital", new, "").await.expect(201);
    app.take_mails().await;
}
app_test!(a_new_mailbox_needs_the_person_and_can_be_taken_back);

/// one mailbox is one person, whatever accounts it has.
async fn one_mailbox_is_one_person(app: &TestApp) {
    // The invitation of a colleague's mailbox is refused where two decide.
    let admin = Principal { post: Post::Admin, ..app.person(Who::Officer) };
    let person = |email: &str| Person {
        login: "officer9".into(),
        display_name: "钱文".into(),
        email: email.into(),
        function: Post::Officer,
    };
    let refused = invite::invite(&app.db, &admin, None, person(" Officer@Example.cn ")).await;
    let Err(Error::Refused(refused)) = refused else { panic!("invited") };
    assert_eq!((refused.status, refused.errors[0].pointer.as_str()), (422, "/email"));
    assert!(refused.detail.contains("officer"), "{}", refused.detail);
    invite::invite(&app.db, &admin, None, person("officer9@example.cn"))
        .await
        .expect("a mailbox of their own");
    // Accounts of one mailbox that are there already.
    let second = app.person(Who::SecondOfficer).user;
    app.db
        .write_unaudited("test", move |c| {
            use jicai::platform::schema::app_user;
            diesel::update(app_user::table.find(second))
                .set(app_user::email.eq("OFFICER@example.cn "))
                .execute(c)?;
            Ok(())
        })
        .await
        .expect("moved");
    let visitor = app.visitor().await;
    let pdf: &[u8] = b"%PDF-1.4\n%%EOF\n";
    let key = key_of(&apply(&visitor, 704, "owner@example.cn").await.expect(303));
    visitor.upload("/registration/files", &[("key", &key)], &[("files", "a.pdf", pdf)]).await.expect(303);
    visitor.form("/registration/submit", &[("key", &key), ("statement", "")]).await.expect(303);
    let decide = async |who: Who, act: &str| {
        let actor = app.api(who).await;
        let list = actor.get("/api/v1/registrations").await.expect(200).json();
        let row = &list["items"][0];
        let path = format!("/api/v1/registrations/{}/decisions", row["id"].as_str().expect("id"));
        let request = actor.request("POST", &path).header("if-match", format!("\"{}\"", row["version"]));
        actor.send(request.json(&json!({ "act": act, "words": "" }))).await
    };
    decide(Who::Officer, "approve").await.expect(200);
    decide(Who::SecondOfficer, "confirm").await.problem(403, "SAME_PERSON");
    decide(Who::Bureau, "confirm").await.expect(200);
    app.take_mails().await;
}
app_test!(one_mailbox_is_one_person);
