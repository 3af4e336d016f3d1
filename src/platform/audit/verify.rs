//! Recomputes the audit from its entries on, and names what was altered, removed or added by hand.

use std::fmt;

use diesel::prelude::*;

use super::head::Anchor;
use super::rows::{self, RowSource};
use super::seal::{Block, GENESIS};
use super::{Entry, head};
use crate::platform::clock::Time;
use crate::platform::db::{AnyConn, Id};
use crate::platform::error::{Error, Result};
use crate::platform::schema::{audit_block, audit_entry, audit_sealed, audit_unsealed};
use crate::rules::merkle::Tree;

/// Blocks and entries held at once.
const PAGE: i64 = 500;

/// What was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Blocks of the chain.
    pub blocks: u64,
    /// Entries, sealed or not.
    pub entries: u64,
    /// Of them those that no block holds yet.
    pub unsealed: u64,
    /// Kept heads that were compared.
    pub anchors: u64,
    /// Rows that were compared.
    pub rows: u64,
    /// Findings.
    pub findings: u64,
}

/// One thing that is not as the platform left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// An entry's content does not fit its hash.
    EntryAltered { id: Id, block: Option<i64>, at: Time, action: String, object: String },
    /// An entry that waited for a block is gone.
    EntryRemoved { id: Id, at: Time },
    /// An entry that neither waits for a block nor is in one.
    EntryAdded { id: Id, at: Time, action: String, object: String },
    /// A block holds fewer entries than were sealed.
    EntriesRemoved { block: i64, sealed_at: Time, sealed: i64, there: i64 },
    /// A block holds more entries than were sealed.
    EntriesAdded { block: i64, sealed_at: Time, sealed: i64, there: i64 },
    /// The entries of a block fit their own hashes, but are not those that were sealed.
    RootDiffers { block: i64, sealed_at: Time },
    /// A block's content does not fit its hash.
    BlockAltered { block: i64 },
    /// A block is not chained to the one before.
    ChainBroken { block: i64 },
    /// Numbers of blocks are missing.
    BlocksMissing { first: i64, last: i64 },
    /// Entries name a block that is not there.
    BlockRemoved { block: i64, entries: i64 },
    /// A kept head names a block behind the end of the chain.
    AnchorAhead { block: i64, last: i64 },
    /// A kept head names another hash.
    AnchorDiffers { block: i64 },
    /// A row is not what the audit says.
    RowAltered { kind: &'static str, id: Id, entry: Id, members: Vec<String> },
    /// A row is gone without an entry.
    RowRemoved { kind: &'static str, id: Id, entry: Id },
    /// A row is there without an entry.
    RowAdded { kind: &'static str, id: Id },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EntryAltered { id, block, at, action, object } => {
                let place = block.map_or_else(|| "尚未封存".into(), |no| format!("第 {no} 区块"));
                write!(f, "审计记录 {id}（{place}，{}，{action}，{object}）的内容被改动", at.minute())
            }
            Self::EntryRemoved { id, at } => {
                write!(f, "审计记录 {id}（尚未封存，{}）被删除", at.minute())
            }
            Self::EntryAdded { id, at, action, object } => write!(
                f,
                "审计记录 {id}（{}，{action}，{object}）既不在任何区块中，也不在待封存之列：系绕过平台写入",
                at.minute()
            ),
            Self::EntriesRemoved { block, sealed_at, sealed, there } => write!(
                f,
                "第 {block} 区块（封存于 {}）封存时有 {sealed} 条审计记录，现有 {there} 条：有记录被删除",
                sealed_at.minute()
            ),
            Self::EntriesAdded { block, sealed_at, sealed, there } => write!(
                f,
                "第 {block} 区块（封存于 {}）封存时有 {sealed} 条审计记录，现有 {there} 条：有记录被补入",
                sealed_at.minute()
            ),
            Self::RootDiffers { block, sealed_at } => write!(
                f,
                "第 {block} 区块（封存于 {}）中的审计记录与封存时不同：有记录连同其摘要被替换",
                sealed_at.minute()
            ),
            Self::BlockAltered { block } => write!(f, "第 {block} 区块本身的内容被改动"),
            Self::ChainBroken { block } => {
                write!(f, "第 {block} 区块与前一区块不相衔接：前面的区块被改写或替换")
            }
            Self::BlocksMissing { first, last } if first == last => write!(f, "第 {first} 区块被删除"),
            Self::BlocksMissing { first, last } => write!(f, "第 {first} 至 {last} 区块被删除"),
            Self::BlockRemoved { block, entries } => {
                write!(f, "有 {entries} 条审计记录属于第 {block} 区块，而该区块已被删除")
            }
            Self::AnchorAhead { block, last } => write!(
                f,
                "锚点证明曾有第 {block} 区块，而数据库只到第 {last} 区块：末尾的区块被截去，或恢复了较旧的备份"
            ),
            Self::AnchorDiffers { block } => {
                write!(
                    f,
                    "第 {block} 区块的摘要与锚点不同：该区块或其之前的记录被整体改写，或恢复了另一份备份"
                )
            }
            Self::RowAltered { kind, id, entry, members } => {
                write!(f, "{kind} {id} 与最后一条审计记录 {entry} 不符：{}", members.join("；"))
            }
            Self::RowRemoved { kind, id, entry } => {
                write!(f, "{kind} {id} 已不存在，而最后一条审计记录 {entry} 之后没有删除的记录")
            }
            Self::RowAdded { kind, id } => write!(f, "{kind} {id} 没有对应的审计记录：系绕过平台写入"),
        }
    }
}

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
    chain(conn, &mut tally, &mut found)?;
    unsealed(conn, &mut tally, &mut found)?;
    strangers(conn, tally.entries, &mut found)?;
    orphans(conn, &mut found)?;
    compare_anchors(conn, anchors, &mut tally, &mut found)?;
    for source in sources {
        rows::compare(conn, source, &mut tally, &mut found)?;
    }
    tally.findings = findings;
    Ok(tally)
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
        let mut query = audit_unsealed::table
            .left_join(audit_entry::table.on(audit_entry::id.eq(audit_unsealed::id)))
            .order((audit_unsealed::at, audit_unsealed::id))
            .limit(PAGE)
            .select((audit_unsealed::all_columns, Option::<Entry>::as_select()))
            .into_boxed();
        if let Some((at, id)) = last {
            let same_time = audit_unsealed::at.eq(at).and(audit_unsealed::id.gt(id));
            query = query.filter(audit_unsealed::at.gt(at).or(same_time));
        }
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

/// Entries that neither wait nor are sealed. They are looked for only where the numbers do not agree, because the key of an
/// entry has no index among the sealed ones: it would cost each sealing more than all the rest.
fn strangers(conn: &mut AnyConn, known: u64, found: &mut dyn FnMut(Finding)) -> Result<()> {
    let there: i64 = audit_entry::table.count().get_result(conn)?;
    if u64::try_from(there).map_err(Error::internal)? == known {
        return Ok(());
    }
    let entries: Vec<Entry> = audit_entry::table
        .left_join(audit_sealed::table.on(audit_sealed::entry_id.eq(audit_entry::id)))
        .left_join(audit_unsealed::table.on(audit_unsealed::id.eq(audit_entry::id)))
        .filter(audit_sealed::entry_id.is_null().and(audit_unsealed::id.is_null()))
        .order((audit_entry::at, audit_entry::id))
        .limit(PAGE)
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
