//! What attackers do to what is kept: large bodies, writes of people who were locked meanwhile, values that cannot be read,
//! files without end.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use diesel::prelude::*;
use jicai::accounts::users::UserState;
use jicai::offices;
use jicai::platform::attachment::MOST_OF_ONE;
use jicai::platform::audit::verify;
use jicai::platform::schema::{app_user, attachment, organisation};
use jicai::platform::sql::Id;
use jicai::platform::who::Principal;
use serde_json::json;

use crate::support::shop::Shop;
use crate::support::{TestApp, Who, app_test};

/// F11: of forty uploads from one address that never end the platform takes in four, and somebody else's upload still comes in.
/// What they take of memory is measured by the bench, in a process of the server's own.
async fn uploads_that_never_end_are_taken_in_by_fours(app: &TestApp) {
    let address: SocketAddr = app.base.trim_start_matches("http://").parse().expect("an address");
    let clerk = app.api(Who::HospitalAdmin).await;
    let token = match &clerk.credential {
        crate::support::Credential::Bearer(token) => token.clone(),
        other => panic!("{other:?}"),
    };
    let uploads = (0..40).map(|_| {
        let token = token.clone();
        tokio::task::spawn_blocking(move || {
            use std::io::Write;
            let mut stream = TcpStream::connect(address).expect("connected");
            stream.set_write_timeout(Some(Duration::from_secs(2))).expect("a limit");
            let head = format!(
                "POST /api/v1/organisation/files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
                 content-type: multipart/form-data; boundary=b\r\ncontent-length: {}\r\n\r\n",
                20 * 1024 * 1024
            );
            stream.write_all(head.as_bytes()).expect("a head");
            // The platform does not read on where it has no room, and what the sockets hold by themselves is less.
            let block = [b'x'; 64 * 1024];
            let is_taken = (0..19 * 16).all(|_| stream.write_all(&block).is_ok());
            (stream, is_taken)
        })
    });
    let held = futures_util::future::join_all(uploads).await;
    let taken = held.iter().filter(|upload| upload.as_ref().expect("no panic").1).count();
    assert!(taken <= 4, "{taken} taken in");
    drop(held);
    let pdf: &[u8] = b"%PDF-1.4\n%%EOF\n";
    clerk.upload("/api/v1/organisation/files", &[], &[("files", "a.pdf", pdf)]).await.expect(201);
    // A large one comes through whole.
    let mut large = b"%PDF-1.4\n".to_vec();
    large.resize(12 * 1024 * 1024, b'y');
    let made = clerk.upload("/api/v1/organisation/files", &[], &[("files", "b.pdf", &large)]).await;
    let made = made.expect(201).json();
    assert_eq!(made["items"][0]["size"], large.len());
    let id = made["items"][0]["id"].as_str().expect("id").to_owned();
    let back = clerk.get(&format!("/api/v1/files/{id}")).await.expect(200);
    assert_eq!(back.header("content-length"), large.len().to_string());
}
app_test!(uploads_that_never_end_are_taken_in_by_fours);

/// Somebody who was locked or moved while the write waited changes nothing.
async fn who_was_locked_meanwhile_changes_nothing(app: &TestApp) {
    let (who, elsewhere) = (app.person(Who::Hospital), app.organisation(Who::OtherHospital).id);
    let asked = Principal { request_id: Some("a request".into()), ..who.clone() };
    let note = |who: &Principal| {
        let actor = who.actor();
        let db = app.db.clone();
        async move { db.write(&actor, |tx| tx.note("test.note", "setting", Id::new(), &json!({}))).await }
    };
    note(&asked).await.expect("a person at work");
    let set = |state: UserState, at: Id| {
        let (db, id) = (app.db.clone(), who.user);
        async move {
            db.write_unaudited("test", move |c| {
                diesel::update(app_user::table.find(id))
                    .set((app_user::state.eq(state), app_user::organisation_id.eq(at)))
                    .execute(c)?;
                Ok(())
            })
            .await
            .expect("set");
        }
    };
    set(UserState::Disabled, who.organisation).await;
    let refused = note(&asked).await.expect_err("locked").to_string();
    assert!(refused.contains("停用或调整"), "{refused}");
    set(UserState::Active, elsewhere).await;
    note(&asked).await.expect_err("moved");
    // A job that somebody began goes on.
    set(UserState::Disabled, who.organisation).await;
    note(&who).await.expect("a job");
}
app_test!(who_was_locked_meanwhile_changes_nothing);

/// F13: one value that cannot be read is named with its table and key, and all others are compared.
async fn an_unreadable_value_is_a_finding_and_no_end(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (unreadable, altered) = (app.organisation(Who::Observer).id, shop.address.id);
    app.db
        .write_unaudited("test", move |c| {
            use jicai::platform::schema::delivery_address;
            diesel::update(organisation::table.find(unreadable))
                .set(organisation::state.eq("no such state"))
                .execute(c)?;
            diesel::update(delivery_address::table.find(altered))
                .set(delivery_address::recipient.eq("somebody else"))
                .execute(c)?;
            Ok(())
        })
        .await
        .expect("by hand");
    let (tally, said) = app
        .db
        .read(|c| {
            let mut said = Vec::new();
            let sources = offices::ALL.rows();
            let tally = verify::run(c, &[], &sources, &mut |finding| said.push(finding.to_string()))?;
            Ok((tally, said))
        })
        .await
        .expect("verified");
    assert_eq!(tally.findings, 2, "{said:#?}");
    let of = |id: Id| said.iter().find(|line| line.contains(&id.to_string())).expect("a finding");
    assert!(of(unreadable).contains("organisation") && of(unreadable).contains("无法读取"), "{said:#?}");
    assert!(of(altered).contains("recipient"), "{said:#?}");
    app.take_mails().await;
}
app_test!(an_unreadable_value_is_a_finding_and_no_end);

/// F19: an organisation's files have a quota.
async fn an_organisations_files_have_a_quota(app: &TestApp) {
    let admin = app.api(Who::HospitalAdmin).await;
    let pdf: &[u8] = b"%PDF-1.4\n%%EOF\n";
    admin.upload("/api/v1/organisation/files", &[], &[("files", "a.pdf", pdf)]).await.expect(201);
    app.db
        .write_unaudited("test", |c| {
            let size = MOST_OF_ONE - 10;
            diesel::update(attachment::table).set(attachment::size.eq(size)).execute(c)?;
            Ok(())
        })
        .await
        .expect("full");
    let more: &[u8] = b"%PDF-1.4\n%%EOF more\n";
    let full = admin.upload("/api/v1/organisation/files", &[], &[("files", "b.pdf", more)]).await;
    assert!(full.problem(422, "FILES_FULL")["detail"].as_str().expect("words").contains("已满"));
}
app_test!(an_organisations_files_have_a_quota);

/// F19: asking for a reset takes as long whether there is such an account or not.
async fn a_reset_takes_as_long_for_a_name_that_nobody_has(app: &TestApp) {
    let visitor = app.visitor().await;
    for account in ["hospital", "nobody"] {
        let begun = std::time::Instant::now();
        visitor.form("/password/forgotten", &[("account", account)]).await.expect(303);
        let took = begun.elapsed();
        assert!(took >= Duration::from_millis(100), "{account}: {took:?}");
    }
    app.take_mails().await;
}
app_test!(a_reset_takes_as_long_for_a_name_that_nobody_has);

/// F12: searches of one person keep nobody from looking at one row, and two of them run at once.
async fn heavy_reads_have_connections_of_their_own(app: &TestApp) {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let officer = app.person(Who::Officer).user;
    let heavy = (0..8).map(|_| {
        let (db, running, most) = (app.db.clone(), running.clone(), most.clone());
        tokio::spawn(async move {
            db.read_much(officer, move |_| {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(300));
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            })
            .await
        })
    });
    let heavy: Vec<_> = heavy.collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let other = app.api(Who::Hospital).await;
    for _ in 0..10 {
        let begun = std::time::Instant::now();
        other.get("/api/v1/me").await.expect(200);
        assert!(begun.elapsed() < Duration::from_millis(250), "{:?}", begun.elapsed());
    }
    for one in heavy {
        one.await.expect("no panic").expect("read");
    }
    assert_eq!(most.load(Ordering::SeqCst), 2);
}
app_test!(heavy_reads_have_connections_of_their_own);

/// F9: the versions of the rules and the files are compared with their hashes.
async fn altered_rules_and_files_are_named(app: &TestApp) {
    let _shop = Shop::open(app).await;
    let admin = app.api(Who::HospitalAdmin).await;
    let pdf: &[u8] = b"%PDF-1.4\n%%EOF\n";
    admin.upload("/api/v1/organisation/files", &[], &[("files", "a.pdf", pdf)]).await.expect(201);
    let verify = || async {
        app.db
            .read(|c| {
                let mut said = Vec::new();
                verify::run(c, &[], &offices::ALL.rows(), &mut |finding| said.push(finding.to_string()))?;
                Ok(said)
            })
            .await
            .expect("verified")
    };
    assert!(verify().await.is_empty());
    app.db
        .write_unaudited("test", |c| {
            use jicai::platform::schema::{policy_version, stored_file_chunk};
            let changed =
                diesel::update(policy_version::table).set(policy_version::content.eq("{}")).execute(c)?;
            assert!(changed > 0);
            diesel::update(stored_file_chunk::table)
                .set(stored_file_chunk::content.eq(b"%PDF-1.4\n%%EOX\n".to_vec()))
                .execute(c)?;
            Ok(())
        })
        .await
        .expect("by hand");
    let said = verify().await;
    assert!(said.iter().any(|line| line.contains("policy_version default@")), "{said:#?}");
    assert!(said.iter().any(|line| line.starts_with("stored_file")), "{said:#?}");
    app.take_mails().await;
}
app_test!(altered_rules_and_files_are_named);
