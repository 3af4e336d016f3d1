//! Recomputes the audit from its entries on, and names what was altered, removed or added by hand.

use diesel::prelude::*;

use super::Entry;
use super::contents;
use super::finding::{Finding, Tally};
use super::head::{Anchor, head};
use super::made::MadeRows;
use super::rows::{self, RowSource};
use super::seal::{Block, GENESIS};
use crate::error::{Error, Result};
use crate::rules::merkle::Tree;
use crate::schema::{audit_block, audit_entry, audit_sealed, audit_unsealed};
use crate::sql::{AnyConn, Id, SqlId, Time};
use crate::{keyset, on_db};

/// Blocks and entries held at once.
const PAGE: i64 = 500;

/// Verifies chain, entries, anchors, and the rows of `sources`. Memory does not grow with the audit. To be run in one
/// transaction that sees one state.
pub fn run(
    conn: &mut AnyConn,
    anchors: &[Anchor],
    sources: &[RowSource],
    report: &mut dyn FnMut(&Finding),
) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut findings = 0;
    let mut found = |finding: Finding| {
        findings += 1;
        report(&finding);
    };
    let sealed = chain(conn, &mut tally, &mut found);
    let sealed = named("audit_block", sealed, &mut found)?;
    let waiting = unsealed(conn, &mut tally, &mut found);
    // Who belongs neither here nor there is only known where all were read.
    if named("audit_unsealed", waiting, &mut found)? && sealed {
        let ended = strangers(conn, tally.entries, &mut found);
        named("audit_entry", ended, &mut found)?;
    }
    orphans(conn, &mut found)?;
    compare_anchors(conn, anchors, &mut tally, &mut found)?;
    let mut made = MadeRows::default();
    for source in sources {
        let ended = rows::compare(conn, source, &mut tally, &mut made, &mut found);
        named(source.object_type, ended, &mut found)?;
    }
    if !sources.is_empty() {
        let kinds: Vec<_> = sources.iter().map(|source| source.object_type).collect();
        made.compare(conn, &kinds, &mut tally, &mut found)?;
        let ended = contents::compare(conn, &mut found);
        named("policy_version, stored_file", ended, &mut found)?;
    }
    tally.findings = findings;
    Ok(tally)
}

/// One value that cannot be read ends its part with a finding, and not all the rest; false where it did.
fn named(part: &'static str, ended: Result<()>, found: &mut dyn FnMut(Finding)) -> Result<bool> {
    match ended {
        Err(error) if rows::is_unreadable(&error) => {
            found(Finding::PartUnreadable { part, cause: error.to_string() });
            Ok(false)
        }
        ended => ended.map(|()| true),
    }
}

fn chain(conn: &mut AnyConn, tally: &mut Tally, found: &mut dyn FnMut(Finding)) -> Result<()> {
    let (mut last, mut hash) = (0, GENESIS.to_owned());
    loop {
        let page: Vec<Block> = audit_block::table
            .filter(audit_block::no.gt(last))
            .order(audit_block::no)
            .limit(PAGE)
            .select(Block::as_select())
            .load(conn)?;
        if page.is_empty() {
            return Ok(());
        }
        for block in page {
            let follows = block.no == last + 1;
            if !follows {
                found(Finding::BlocksMissing { first: last + 1, last: block.no - 1 });
            }
            if block.computed_hash()? != block.hash {
                found(Finding::BlockAltered { block: block.no });
            }
            if follows && block.prev_hash != hash {
                found(Finding::ChainBroken { block: block.no });
            }
            entries_of(conn, &block, tally, found)?;
            tally.blocks += 1;
            (last, hash) = (block.no, block.hash);
        }
    }
}

fn entries_of(
    conn: &mut AnyConn,
    block: &Block,
    tally: &mut Tally,
    found: &mut dyn FnMut(Finding),
) -> Result<()> {
    let mut tree = Tree::default();
    let (mut place, mut altered) = (0, false);
    loop {
        let page: Vec<(i64, Option<Entry>)> = audit_sealed::table
            .left_join(audit_entry::table.on(audit_entry::id.eq(audit_sealed::entry_id)))
            .filter(audit_sealed::block_no.eq(block.no).and(audit_sealed::place.gt(place)))
            .order(audit_sealed::place)
            .limit(PAGE)
            .select((audit_sealed::place, Option::<Entry>::as_select()))
            .load(conn)?;
        let Some((end, _)) = page.last() else { break };
        place = *end;
        for entry in page.iter().filter_map(|(_, entry)| entry.as_ref()) {
            altered |= is_altered(entry, Some(block.no), found);
            tree.push(entry.leaf_hash.as_bytes());
        }
    }
    tally.entries += tree.len();
    let there = i64::try_from(tree.len()).map_err(Error::internal)?;
    let (no, sealed_at, sealed) = (block.no, block.sealed_at, block.entry_count);
    if there < sealed {
        found(Finding::EntriesRemoved { block: no, sealed_at, sealed, there });
    } else if there > sealed {
        found(Finding::EntriesAdded { block: no, sealed_at, sealed, there });
    } else if hex::encode(tree.root()) != block.merkle_root && !altered {
        found(Finding::RootDiffers { block: no, sealed_at });
    }
    Ok(())
}

fn is_altered(entry: &Entry, block: Option<i64>, found: &mut dyn FnMut(Finding)) -> bool {
    let altered = entry.computed_leaf() != entry.leaf_hash;
    if altered {
        let Entry { id, at, ref action, .. } = *entry;
        found(Finding::EntryAltered { id, block, at, action: action.clone(), object: object(entry) });
    }
    altered
}

fn object(entry: &Entry) -> String {
    format!("{} {}", entry.object_type, entry.object_id)
}

fn unsealed(conn: &mut AnyConn, tally: &mut Tally, found: &mut dyn FnMut(Finding)) -> Result<()> {
    let mut last: Option<(Time, Id)> = None;
    loop {
        let query = audit_unsealed::table
            .left_join(audit_entry::table.on(audit_entry::id.eq(audit_unsealed::id)))
            .limit(PAGE)
            .select((audit_unsealed::all_columns, Option::<Entry>::as_select()))
            .into_boxed();
        let query = keyset!(query, last, audit_unsealed::at => asc, audit_unsealed::id => asc);
        let page: Vec<((Time, Id, String), Option<Entry>)> = query.load(conn)?;
        let Some(((at, id, _), _)) = page.last() else { return Ok(()) };
        last = Some((*at, *id));
        for ((at, id, leaf), entry) in page {
            let Some(entry) = entry else {
                found(Finding::EntryRemoved { id, at });
                continue;
            };
            tally.entries += 1;
            tally.unsealed += 1;
            if !is_altered(&entry, None, found) && entry.leaf_hash != leaf {
                let (action, object) = (entry.action.clone(), object(&entry));
                found(Finding::EntryAltered { id, block: None, at, action, object });
            }
        }
    }
}

#[derive(QueryableByName)]
struct Stranger {
    #[diesel(sql_type = SqlId)]
    id: Id,
}

/// Entries that neither wait nor are sealed, the first [`PAGE`] of them. They are looked for only where the numbers do not agree, because the key of an
/// entry has no index among the sealed ones: it would cost each sealing more than all the rest.
fn strangers(conn: &mut AnyConn, known: u64, found: &mut dyn FnMut(Finding)) -> Result<()> {
    let there: i64 = audit_entry::table.count().get_result(conn)?;
    if u64::try_from(there).map_err(Error::internal)? == known {
        return Ok(());
    }
    // As sets: SQLite joins tables that have no index for it row by row, half a minute for 20,000 entries.
    let rest = format!(
        "SELECT id FROM audit_entry EXCEPT SELECT entry_id FROM audit_sealed EXCEPT SELECT id FROM audit_unsealed LIMIT {PAGE}"
    );
    let rest: Vec<Stranger> = on_db!(conn, c => diesel::sql_query(rest).load(c))?;
    let entries: Vec<Entry> = audit_entry::table
        .filter(audit_entry::id.eq_any(rest.into_iter().map(|row| row.id)))
        .order((audit_entry::at, audit_entry::id))
        .select(Entry::as_select())
        .load(conn)?;
    for entry in entries {
        let object = object(&entry);
        found(Finding::EntryAdded { id: entry.id, at: entry.at, action: entry.action, object });
    }
    Ok(())
}

/// Entries of blocks that are not there: somebody removed the block and forgot them, past the foreign key.
fn orphans(conn: &mut AnyConn, found: &mut dyn FnMut(Finding)) -> Result<()> {
    let there = audit_block::table.filter(audit_block::no.eq(audit_sealed::block_no));
    let lost: Vec<(i64, i64)> = audit_sealed::table
        .filter(diesel::dsl::not(diesel::dsl::exists(there)))
        .group_by(audit_sealed::block_no)
        .select((audit_sealed::block_no, diesel::dsl::count_star()))
        .order(audit_sealed::block_no)
        .limit(PAGE)
        .load(conn)?;
    for (block, entries) in lost {
        found(Finding::BlockRemoved { block, entries });
    }
    Ok(())
}

fn compare_anchors(
    conn: &mut AnyConn,
    anchors: &[Anchor],
    tally: &mut Tally,
    found: &mut dyn FnMut(Finding),
) -> Result<()> {
    let last = head(conn)?.map_or(0, |head| head.no);
    for anchor in anchors {
        tally.anchors += 1;
        let kept: Option<String> =
            audit_block::table.find(anchor.block).select(audit_block::hash).get_result(conn).optional()?;
        match kept {
            Some(hash) if hash == anchor.hash => {}
            Some(_) => found(Finding::AnchorDiffers { block: anchor.block }),
            None if anchor.block > last => found(Finding::AnchorAhead { block: anchor.block, last }),
            // A gap in the middle was named already.
            None => {}
        }
    }
    Ok(())
}
