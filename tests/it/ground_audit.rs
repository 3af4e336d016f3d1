//! The audit: sealed into a chain, and whatever was altered, removed or added by hand is named.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::MigrationHarness;
use jicai::accounts::users::UserState;
use jicai::catalogue::model::ImportBatch;
use jicai::platform::audit::finding::{Finding, Tally};
use jicai::platform::audit::head::{Anchor, head};
use jicai::platform::audit::{self, Audited, Head, RowSource, seal, verify};
use jicai::platform::clock::Clock;
use jicai::platform::db::{Db, Limits, migrate};
use jicai::platform::outbox::{self, MailState};
use jicai::platform::schema::{
    audit_block, audit_entry, import_batch, organisation as organisations, setting, three_same_group,
};
use jicai::platform::sql::{AnyConn, Id, Target};
use jicai::platform::who::{Kinds, OrgKind, Post};
use jicai::rules::canonical::digest;
use jicai::rules::merkle::Tree;
use jicai::{catalogue, listing, on_db, order, row_source};
use serde::Serialize;
use serde_json::json;

use crate::support::both_engines;
use crate::support::office::{Scene, id_of};
use crate::support::people::{actor, organisation, person};

/// The root of the first `n` of the leaves that the tests of certificate transparency use (RFC 6962).
#[test]
fn roots_are_those_of_rfc_6962() {
    let leaves =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut tree = Tree::default();
    assert_eq!(hex::encode(tree.root()), roots[0]);
    for (leaf, root) in leaves.iter().zip(&roots[1..]) {
        tree.push(&hex::decode(leaf).unwrap());
        assert_eq!(hex::encode(tree.root()), *root);
    }
}

/// An audited row of this test: a group's content stands for a price.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = three_same_group)]
struct Group {
    id: Id,
    generic_name: String,
    brand: String,
    content: String,
    batch_id: Option<Id>,
    created_at: jicai::platform::sql::Time,
    version: i64,
}

impl Audited for Group {
    const TYPE: &'static str = "three_same_group";
    fn id(&self) -> Id {
        self.id
    }
}

fn sources() -> Vec<RowSource> {
    vec![row_source!(three_same_group, Group)]
}

async fn create(db: &Db, n: usize) -> Group {
    db.write(&actor(), move |tx| {
        let row = Group {
            id: Id::new(),
            generic_name: format!("注射用测试药 {n}"),
            brand: "测试".into(),
            content: "5.80".into(),
            batch_id: None,
            created_at: tx.now(),
            version: 1,
        };
        diesel::insert_into(three_same_group::table).values(&row).execute(tx.conn)?;
        tx.record("test.create", None, Some(&row), None)?;
        Ok(row)
    })
    .await
    .unwrap()
}

async fn change(db: &Db, before: &Group, content: &str) -> Group {
    let (before, content) = (before.clone(), content.to_owned());
    db.write(&actor(), move |tx| {
        let after = Group { content: content.clone(), version: before.version + 1, ..before.clone() };
        diesel::update(three_same_group::table.find(before.id))
            .set((three_same_group::content.eq(&after.content), three_same_group::version.eq(after.version)))
            .execute(tx.conn)?;
        tx.record("test.change", Some(&before), Some(&after), None)?;
        Ok(after)
    })
    .await
    .unwrap()
}

async fn delete(db: &Db, row: &Group) {
    let row = row.clone();
    db.write(&actor(), move |tx| {
        diesel::delete(three_same_group::table.find(row.id)).execute(tx.conn)?;
        tx.record("test.delete", Some(&row), None, None)
    })
    .await
    .unwrap();
}

async fn seal(db: &Db) -> usize {
    seal::run(db, &Clock::default()).await.unwrap()
}

fn check(target: &Target, anchors: &[Anchor], sources: &[RowSource]) -> (Tally, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut conn = target.open().unwrap();
    let tally = verify::run(&mut conn, anchors, sources, &mut |f| findings.push(f.clone())).unwrap();
    assert_eq!(tally.findings, findings.len() as u64);
    (tally, findings)
}

fn findings(db: &Db, anchors: &[Anchor]) -> Vec<Finding> {
    check(db.target(), anchors, &sources()).1
}

/// With a database tool, past the platform and its foreign keys.
fn tamper(db: &Db, sql: &str) {
    let mut conn = db.target().open().unwrap();
    let free = match &conn {
        AnyConn::Sqlite(_) => "PRAGMA foreign_keys = OFF",
        AnyConn::Pg(_) => "SET session_replication_role = replica",
    };
    conn.batch_execute(free).unwrap();
    conn.batch_execute(sql).unwrap();
}

/// How an engine writes a key in a statement.
fn literal(db: &Db, id: Id) -> String {
    match db.target() {
        Target::Sqlite(_) => format!("x'{}'", id.0.simple()),
        Target::Postgres(_) => format!("'{id}'"),
    }
}

fn anchor(head: &Head) -> Anchor {
    serde_json::from_str(&head.anchor_line().unwrap()).unwrap()
}

async fn head_of(db: &Db) -> Head {
    db.read(head).await.unwrap().expect("a block")
}

async fn entry_of(db: &Db, id: Id) -> Id {
    db.read(move |c| {
        Ok(audit_entry::table
            .filter(audit_entry::object_id.eq(id))
            .order(audit_entry::at.desc())
            .select(audit_entry::id)
            .first(c)?)
    })
    .await
    .unwrap()
}

/// Three blocks: creation of rows 0…9, a change of row 0, the removal of row 1.
async fn history(db: &Db) -> (Vec<Group>, Vec<Anchor>) {
    let mut rows = Vec::new();
    for n in 0..10 {
        rows.push(create(db, n).await);
    }
    let mut anchors = Vec::new();
    assert_eq!(seal(db).await, 1);
    anchors.push(anchor(&head_of(db).await));
    rows[0] = change(db, &rows[0], "5.90").await;
    assert_eq!(seal(db).await, 1);
    anchors.push(anchor(&head_of(db).await));
    delete(db, &rows[1]).await;
    assert_eq!(seal(db).await, 1);
    anchors.push(anchor(&head_of(db).await));
    rows.remove(1);
    (rows, anchors)
}

async fn an_untouched_audit_is_found_whole(db: Db) {
    assert_eq!(seal(&db).await, 0, "nothing to seal, no block");
    assert!(db.read(head).await.unwrap().is_none());
    let (rows, anchors) = history(&db).await;
    let waiting = create(&db, 99).await;
    let (tally, found) = check(db.target(), &anchors, &sources());
    assert_eq!(found, []);
    let expected =
        Tally { blocks: 3, entries: 13, unsealed: 1, anchors: 3, rows: 10, undigested: 0, findings: 0 };
    assert_eq!(tally, expected);
    assert_eq!(rows.len() + 1, 10);
    assert_eq!(waiting.version, 1);
    let first: (String, i64) = db
        .read(|c| {
            Ok(audit_block::table
                .find(1)
                .select((audit_block::prev_hash, audit_block::entry_count))
                .first(c)?)
        })
        .await
        .unwrap();
    assert_eq!(first, ("0".repeat(64), 10));
}
both_engines!(an_untouched_audit_is_found_whole);

async fn an_altered_row_is_named_with_what_differs(db: Db) {
    let (rows, anchors) = history(&db).await;
    tamper(
        &db,
        &format!("UPDATE three_same_group SET content = '0.01' WHERE id = {}", literal(&db, rows[0].id)),
    );
    let found = findings(&db, &anchors);
    let entry = entry_of(&db, rows[0].id).await;
    let members = vec!["content：\"5.90\" → \"0.01\"".to_owned()];
    assert_eq!(found, [Finding::RowAltered { kind: "three_same_group", id: rows[0].id, entry, members }]);
    let said = found[0].to_string();
    assert!(
        said.contains(&rows[0].id.to_string()) && said.contains("5.90") && said.contains("0.01"),
        "{said}"
    );
}
both_engines!(an_altered_row_is_named_with_what_differs);

async fn removed_and_added_rows_are_named(db: Db) {
    let (rows, anchors) = history(&db).await;
    let stranger = Id::new();
    tamper(
        &db,
        &format!(
            "DELETE FROM three_same_group WHERE id = {};
             INSERT INTO three_same_group (id, generic_name, brand, content, created_at, version) VALUES ({}, '假药', '假', '1', '2026-01-01 00:00:00', 1)",
            literal(&db, rows[3].id),
            literal(&db, stranger)
        ),
    );
    let mut found = findings(&db, &anchors);
    let entry = entry_of(&db, rows[3].id).await;
    let mut expected = vec![
        Finding::RowRemoved { kind: "three_same_group", id: rows[3].id, entry },
        Finding::RowAdded { kind: "three_same_group", id: stranger },
    ];
    found.sort_by_key(ToString::to_string);
    expected.sort_by_key(ToString::to_string);
    assert_eq!(found, expected);
}
both_engines!(removed_and_added_rows_are_named);

async fn a_row_that_comes_back_after_its_removal_is_named(db: Db) {
    let row = create(&db, 1).await;
    delete(&db, &row).await;
    let id = literal(&db, row.id);
    tamper(
        &db,
        &format!(
            "INSERT INTO three_same_group (id, generic_name, brand, content, created_at, version) VALUES ({id}, '甲', '乙', '1', '2026-01-01 00:00:00', 1)"
        ),
    );
    assert_eq!(findings(&db, &[]), [Finding::RowAdded { kind: "three_same_group", id: row.id }]);
}
both_engines!(a_row_that_comes_back_after_its_removal_is_named);

/// Rows of an import are covered by their batch's entry, until they are changed; rows of no batch that is known are not.
async fn imported_rows_are_covered_by_their_batch(db: Db) {
    let batch = Id::new();
    let now = Clock::default().now();
    db.write_unaudited("test.import", move |c| {
        catalogue::batch::open(c, batch, "test", &"0".repeat(64), now)
    })
    .await
    .unwrap();
    let insert = |id: Id, batch: Id| {
        let columns = "id, generic_name, brand, content, batch_id, created_at, version";
        let (key, batch) = (literal(&db, id), literal(&db, batch));
        format!(
            "INSERT INTO three_same_group ({columns}) VALUES ({key}, '{id}', '乙', '1', {batch}, '2026-01-01 00:00:00', 1);"
        )
    };
    let ids = [Id::new(), Id::new(), Id::new()];
    tamper(&db, &format!("{}{}", insert(ids[0], batch), insert(ids[1], batch)));
    let sources = [row_source!(three_same_group, Group), row_source!(import_batch, ImportBatch)];
    assert_eq!(check(db.target(), &[], &sources).1, [], "not published yet");
    db.write(&actor(), move |tx| catalogue::batch::publish(tx, batch, 2)).await.unwrap();
    assert_eq!(check(db.target(), &[], &sources).1, []);
    tamper(&db, &insert(ids[2], Id::new()));
    assert_eq!(
        check(db.target(), &[], &sources).1,
        [Finding::RowAdded { kind: "three_same_group", id: ids[2] }]
    );
    tamper(&db, "UPDATE import_batch SET row_count = 3");
    assert_eq!(check(db.target(), &[], &sources).1.len(), 2, "the batch itself is compared");
}
both_engines!(imported_rows_are_covered_by_their_batch);

/// What an auditor recomputes at home: SHA-256 over the canonical JSON of what the entry says.
async fn a_leaf_is_the_digest_of_the_entry(db: Db) {
    let row = create(&db, 1).await;
    change(&db, &row, "5.90").await;
    let entries: Vec<audit::Entry> =
        db.read(|c| Ok(audit_entry::table.select(audit::Entry::as_select()).load(c)?)).await.unwrap();
    assert_eq!(entries.len(), 2);
    for entry in entries {
        let content = json!({
            "id": entry.id, "at": entry.at, "legal_at": entry.legal_at, "actor_user": entry.actor_user,
            "actor_org": entry.actor_org, "actor_name": entry.actor_name, "action": entry.action,
            "object_type": entry.object_type, "object_id": entry.object_id, "before": entry.before,
            "after": entry.after, "reason": entry.reason, "request_id": entry.request_id,
        });
        assert_eq!(entry.leaf_hash, digest(&content).unwrap());
    }
}
both_engines!(a_leaf_is_the_digest_of_the_entry);

async fn altered_entries_are_named(db: Db) {
    let (rows, anchors) = history(&db).await;
    let entry = entry_of(&db, rows[4].id).await;
    tamper(&db, &format!("UPDATE audit_entry SET actor_name = '别人' WHERE id = {}", literal(&db, entry)));
    let found = check(db.target(), &anchors, &[]).1;
    assert!(
        matches!(found.as_slice(), [Finding::EntryAltered { id, block: Some(1), action, .. }] if *id == entry && action == "test.create"),
        "{found:?}"
    );
    assert!(found[0].to_string().contains(&entry.to_string()));
}
both_engines!(altered_entries_are_named);

/// The hash that the entry would have, had somebody else acted.
async fn forged_leaf(db: &Db, id: Id) -> String {
    let entry: audit::Entry = db
        .read(move |c| Ok(audit_entry::table.find(id).select(audit::Entry::as_select()).first(c)?))
        .await
        .unwrap();
    audit::Entry { actor_name: "别人".into(), ..entry }.computed_leaf()
}

/// Whoever also recomputes the entry's hash is found by the block's root.
async fn an_entry_altered_with_its_hash_is_found(db: Db) {
    let (rows, anchors) = history(&db).await;
    let id = entry_of(&db, rows[4].id).await;
    let leaf = forged_leaf(&db, id).await;
    tamper(
        &db,
        &format!(
            "UPDATE audit_entry SET actor_name = '别人', leaf_hash = '{leaf}' WHERE id = {}",
            literal(&db, id)
        ),
    );
    let found = check(db.target(), &anchors, &[]).1;
    assert!(matches!(found.as_slice(), [Finding::RootDiffers { block: 1, .. }]), "{found:?}");
}
both_engines!(an_entry_altered_with_its_hash_is_found);

async fn removed_and_added_entries_are_named(db: Db) {
    let (rows, anchors) = history(&db).await;
    let entry = entry_of(&db, rows[4].id).await;
    tamper(&db, &format!("DELETE FROM audit_entry WHERE id = {}", literal(&db, entry)));
    let found = check(db.target(), &anchors, &[]).1;
    assert!(
        matches!(found.as_slice(), [Finding::EntriesRemoved { block: 1, sealed: 10, there: 9, .. }]),
        "{found:?}"
    );
    // Its row is now without an entry.
    assert!(findings(&db, &[]).contains(&Finding::RowAdded { kind: "three_same_group", id: rows[4].id }));

    create(&db, 50).await;
    tamper(&db, "INSERT INTO audit_sealed SELECT 2, 2, id FROM audit_unsealed; DELETE FROM audit_unsealed");
    let found = check(db.target(), &anchors, &[]).1;
    assert!(
        found.iter().any(|f| matches!(f, Finding::EntriesAdded { block: 2, sealed: 1, there: 2, .. })),
        "{found:?}"
    );
}
both_engines!(removed_and_added_entries_are_named);

async fn entries_removed_before_they_are_sealed_are_named(db: Db) {
    let (_, anchors) = history(&db).await;
    let row = create(&db, 50).await;
    let id = entry_of(&db, row.id).await;
    tamper(&db, &format!("DELETE FROM audit_entry WHERE id = {}", literal(&db, id)));
    let found = check(db.target(), &anchors, &[]).1;
    assert!(matches!(found.as_slice(), [Finding::EntryRemoved { id: gone, .. }] if *gone == id), "{found:?}");
    assert!(found[0].to_string().contains("被删除"), "{}", found[0]);
    // Whoever also takes it from those that wait leaves a row without an entry.
    tamper(&db, "DELETE FROM audit_unsealed");
    assert_eq!(check(db.target(), &anchors, &[]).1, []);
    assert_eq!(findings(&db, &anchors), [Finding::RowAdded { kind: "three_same_group", id: row.id }]);
}
both_engines!(entries_removed_before_they_are_sealed_are_named);

/// An entry written by hand, or one that somebody keeps from being sealed.
async fn entries_that_no_block_will_hold_are_named(db: Db) {
    let (_, anchors) = history(&db).await;
    let row = create(&db, 50).await;
    let id = entry_of(&db, row.id).await;
    tamper(&db, "DELETE FROM audit_unsealed");
    let found = check(db.target(), &anchors, &[]).1;
    assert!(
        matches!(found.as_slice(), [Finding::EntryAdded { id: added, action, .. }] if *added == id && action == "test.create"),
        "{found:?}"
    );
    assert!(found[0].to_string().contains("绕过平台"), "{}", found[0]);
}
both_engines!(entries_that_no_block_will_hold_are_named);

async fn an_unsealed_entry_altered_with_its_hash_is_named(db: Db) {
    let row = create(&db, 1).await;
    let id = entry_of(&db, row.id).await;
    let leaf = forged_leaf(&db, id).await;
    tamper(&db, &format!("UPDATE audit_entry SET actor_name = '别人', leaf_hash = '{leaf}'"));
    let found = check(db.target(), &[], &[]).1;
    assert!(matches!(found.as_slice(), [Finding::EntryAltered { block: None, .. }]), "{found:?}");
}
both_engines!(an_unsealed_entry_altered_with_its_hash_is_named);

/// What was sealed while the block's number stood in the entry itself stays whole, there and back.
async fn sealing_apart_keeps_old_blocks(db: Db) {
    let (_, anchors) = history(&db).await;
    create(&db, 50).await;
    let before = check(db.target(), &anchors, &sources());
    assert_eq!(before.1, []);
    let mut conn = db.target().open().unwrap();
    loop {
        let reverted = match &mut conn {
            AnyConn::Sqlite(c) => c.revert_last_migration(migrate::SQLITE).unwrap().to_string(),
            AnyConn::Pg(c) => c.revert_last_migration(migrate::POSTGRES).unwrap().to_string(),
        };
        if reverted.starts_with("20261122000700") {
            break;
        }
    }
    let marked: i64 = on_db!(&mut conn, c => diesel::sql_query("SELECT count(block_no) AS n FROM audit_entry").get_result::<Count>(c)).unwrap().n;
    assert_eq!(marked, 12);
    drop(conn);
    migrate::run(db.target()).unwrap();
    assert_eq!(check(db.target(), &anchors, &sources()), before);
}
both_engines!(sealing_apart_keeps_old_blocks);

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

async fn a_cut_end_is_found_by_an_anchor(db: Db) {
    let (_, anchors) = history(&db).await;
    tamper(
        &db,
        "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_sealed WHERE block_no = 3);
         DELETE FROM audit_sealed WHERE block_no = 3; DELETE FROM audit_block WHERE no = 3",
    );
    assert_eq!(check(db.target(), &[], &[]).1, [], "the chain alone cannot know");
    let found = check(db.target(), &anchors, &[]).1;
    assert_eq!(found, [Finding::AnchorAhead { block: 3, last: 2 }]);
    assert!(found[0].to_string().contains("截去"), "{}", found[0]);
}
both_engines!(a_cut_end_is_found_by_an_anchor);

async fn removed_and_altered_blocks_are_named(db: Db) {
    let (_, anchors) = history(&db).await;
    tamper(&db, "DELETE FROM audit_block WHERE no = 2");
    let found = check(db.target(), &anchors, &[]).1;
    assert_eq!(
        found,
        [Finding::BlocksMissing { first: 2, last: 2 }, Finding::BlockRemoved { block: 2, entries: 1 }]
    );
}
both_engines!(removed_and_altered_blocks_are_named);

/// Somebody rewrites a block, its hash and the whole chain behind it: an anchor kept elsewhere tells.
async fn a_rewritten_chain_is_found_by_an_anchor(db: Db) {
    let (_, anchors) = history(&db).await;
    tamper(&db, "UPDATE audit_block SET sealed_at = '2020-01-01 00:00:00' WHERE no = 1");
    let found = check(db.target(), &[], &[]).1;
    assert_eq!(found, [Finding::BlockAltered { block: 1 }]);
    let mut blocks: Vec<seal::Block> = db
        .read(|c| Ok(audit_block::table.order(audit_block::no).select(seal::Block::as_select()).load(c)?))
        .await
        .unwrap();
    let mut previous = seal::GENESIS.to_owned();
    for block in &mut blocks {
        block.prev_hash = previous;
        block.hash = block.computed_hash().unwrap();
        previous = block.hash.clone();
        tamper(
            &db,
            &format!(
                "UPDATE audit_block SET prev_hash = '{}', hash = '{}' WHERE no = {}",
                block.prev_hash, block.hash, block.no
            ),
        );
    }
    assert_eq!(check(db.target(), &[], &[]).1, [], "the chain alone cannot know");
    let found = check(db.target(), &anchors, &[]).1;
    let all = [1, 2, 3].map(|block| Finding::AnchorDiffers { block });
    assert_eq!(found, all);
}
both_engines!(a_rewritten_chain_is_found_by_an_anchor);

async fn a_block_replaced_in_the_middle_breaks_the_chain(db: Db) {
    history(&db).await;
    let mut block: seal::Block =
        db.read(|c| Ok(audit_block::table.find(2).select(seal::Block::as_select()).first(c)?)).await.unwrap();
    block.sealed_at = block.sealed_at.plus(chrono::Duration::hours(-1));
    let hash = block.computed_hash().unwrap();
    db.write_unaudited("test.tamper", move |c| {
        diesel::update(audit_block::table.find(2))
            .set((audit_block::sealed_at.eq(block.sealed_at), audit_block::hash.eq(&hash)))
            .execute(c)?;
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(check(db.target(), &[], &[]).1, [Finding::ChainBroken { block: 3 }]);
}
both_engines!(a_block_replaced_in_the_middle_breaks_the_chain);

/// The older state is whole in itself; only a head that was kept elsewhere tells.
#[tokio::test]
async fn an_older_backup_put_back_is_found_by_an_anchor() {
    let test = crate::support::TestDb::sqlite();
    let db = test.open();
    let row = create(&db, 1).await;
    seal(&db).await;
    let dir = tempfile::tempdir().unwrap();
    let backup = dir.path().join("backup.db");
    db.target().open().unwrap().batch_execute(&format!("VACUUM INTO '{}'", backup.display())).unwrap();
    change(&db, &row, "9.99").await;
    seal(&db).await;
    let kept = anchor(&head_of(&db).await);
    assert_eq!(check(db.target(), std::slice::from_ref(&kept), &sources()).1, []);
    let older = Target::Sqlite(backup);
    assert_eq!(check(&older, &[], &sources()).1, [], "the older state is whole in itself");
    assert_eq!(check(&older, &[kept], &[]).1, [Finding::AnchorAhead { block: 2, last: 1 }]);
}

/// Notes about a row, and equal times, are no reason for alarm.
async fn notes_and_equal_times_do_not_disturb(db: Db) {
    let row = create(&db, 1).await;
    let id = row.id;
    db.write(&actor(), move |tx| tx.note("test.seen", "three_same_group", id, &json!({"by": "x"})))
        .await
        .unwrap();
    // Three changes in one write carry one time.
    db.write(&actor(), move |tx| {
        let mut before = row.clone();
        for content in ["1", "2", "3"] {
            let after = Group { content: content.into(), version: before.version + 1, ..before.clone() };
            diesel::update(three_same_group::table.find(id))
                .set((
                    three_same_group::content.eq(&after.content),
                    three_same_group::version.eq(after.version),
                ))
                .execute(tx.conn)?;
            tx.record("test.change", Some(&before), Some(&after), None)?;
            before = after;
        }
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(findings(&db, &[]), []);
    tamper(&db, "UPDATE three_same_group SET content = '2'");
    assert_eq!(findings(&db, &[]).len(), 1);
}
both_engines!(notes_and_equal_times_do_not_disturb);

/// Many entries make several blocks; two servers that seal at once make one chain of them.
async fn two_servers_seal_each_entry_once(db: Db) {
    let before = 4_300;
    db.write(&actor(), move |tx| {
        for n in 0..before {
            tx.note("test.many", "test", Id::new(), &json!({"n": n}))?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let second = Db::open(db.target(), Limits::default()).unwrap();
    let sealers = (0..6).map(|n| {
        let db = if n % 2 == 0 { db.clone() } else { second.clone() };
        tokio::spawn(async move { seal::run(&db, &Clock::default()).await })
    });
    let mut blocks = 0;
    for sealer in sealers.collect::<Vec<_>>() {
        // Of two that collide one may be told to come again.
        blocks += sealer.await.unwrap().unwrap_or(0);
    }
    blocks += seal(&db).await;
    let sizes: Vec<i64> = db
        .read(|c| Ok(audit_block::table.order(audit_block::no).select(audit_block::entry_count).load(c)?))
        .await
        .unwrap();
    assert_eq!(sizes.len(), blocks);
    assert_eq!(sizes.iter().sum::<i64>(), before);
    assert!(sizes.iter().all(|n| (1..=seal::BLOCK).contains(n)), "{sizes:?}");
    let (tally, found) = check(db.target(), &[], &[]);
    assert_eq!((found, tally.unsealed, tally.entries), (vec![], 0, 4_300));
}
both_engines!(two_servers_seal_each_entry_once);

async fn the_head_is_mailed_once_a_day_to_bureaus_and_observers(db: Db) {
    let bureau = organisation(&db, OrgKind::ProvincialBureau, 1).await;
    let observer = organisation(&db, OrgKind::Observer, 2).await;
    let hospital = organisation(&db, OrgKind::PublicHospital, 3).await;
    // One may be several: a health department that observes as well.
    let department = organisation(&db, OrgKind::HealthDepartment, 4).await;
    db.write_unaudited("test.kinds", move |c| {
        diesel::update(organisations::table.find(department))
            .set(organisations::other_kinds.eq(Kinds(vec![OrgKind::Observer])))
            .execute(c)?;
        Ok(())
    })
    .await
    .unwrap();
    for (org, login, function) in [
        (bureau, "bureau", Post::Officer),
        (observer, "observer", Post::Viewer),
        (department, "department", Post::Viewer),
        (hospital, "hospital", Post::Order),
    ] {
        person(&db, org, login, function, UserState::Active, &format!("{login}@test.test")).await;
    }
    let clock = Clock::default();
    // Nine o'clock in Shanghai, some day ahead.
    let now = clock.now();
    let nine = now.day().succ_opt().unwrap().and_hms_opt(1, 0, 0).unwrap();
    clock.advance(nine - now.0);
    assert!(!audit::head::mail_daily(&db, &clock, &actor()).await.unwrap(), "no block, no mail");
    seal(&db).await;
    assert!(audit::head::mail_daily(&db, &clock, &actor()).await.unwrap());
    assert!(!audit::head::mail_daily(&db, &clock, &actor()).await.unwrap(), "once a day");
    let mails = db.read(|c| outbox::mails(c, Some(MailState::Waiting), None, 10)).await.unwrap();
    let mut readers: Vec<&str> = mails.iter().map(|m| m.recipient.as_str()).collect();
    readers.sort_unstable();
    assert_eq!(readers, ["bureau@test.test", "department@test.test", "observer@test.test"]);
    let hash = head_of(&db).await.hash;
    assert!(mails.iter().all(|m| m.body_text.contains(&hash) && m.body_html.contains(&hash)), "{mails:?}");
    let days: i64 = db
        .read(|c| Ok(setting::table.filter(setting::key.like("audit.%")).count().get_result(c)?))
        .await
        .unwrap();
    assert_eq!(days, 1);

    clock.advance(chrono::Duration::hours(-3) + chrono::Duration::days(1));
    assert!(!audit::head::mail_daily(&db, &clock, &actor()).await.unwrap(), "not before eight");
    clock.advance(chrono::Duration::hours(3));
    assert!(audit::head::mail_daily(&db, &clock, &actor()).await.unwrap(), "the next day");
}
both_engines!(the_head_is_mailed_once_a_day_to_bureaus_and_observers);

/// The rows that the law looks at most: a price raised and an order's amount lowered with a database tool.
async fn prices_and_orders_altered_by_hand_are_named(db: Db) {
    let scene = Scene::new(db.clone()).await;
    let order = id_of(&scene.waiting().await);
    let sources = [listing::store::ROWS, order::store::ROWS];
    let (tally, found) = check(db.target(), &[], &sources);
    assert_eq!((found, tally.rows), (vec![], 6));
    let listing = scene.tablet.listing.id;
    tamper(
        &db,
        &format!("UPDATE listing_price SET unit_price = 1 WHERE listing_id = {}", literal(&db, listing)),
    );
    tamper(&db, &format!("UPDATE order_line SET quantity = 9 WHERE order_id = {}", literal(&db, order)));
    let found = check(db.target(), &[], &sources).1;
    let named: Vec<(&str, Id, &str)> = found
        .iter()
        .map(|f| match f {
            Finding::RowAltered { kind, id, members, .. } => (*kind, *id, members[0].as_str()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        named,
        [
            ("listing", listing, "prices[0].unit_price：\"12.30\" → \"0.000001\""),
            ("purchase_order", order, "lines[0].quantity：10 → 9"),
        ]
    );
}
both_engines!(prices_and_orders_altered_by_hand_are_named);
