//! What a verification finds, said in words.

use std::cmp::Ordering;
use std::fmt;

use crate::sql::{Id, Time};

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
    /// Published imports from before their rows had a digest.
    pub undigested: u64,
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
    /// The rows that came with an import are not those that were published.
    MadeDiffers { kind: &'static str, batch: Id, made: i64, there: i64 },
    /// What is known by its hash is another by now.
    ContentAltered { kind: &'static str, key: String },
    /// A row holds what its column cannot.
    RowUnreadable { kind: &'static str, id: Id, cause: String },
    /// Something of a part cannot be read; the rest of the part was not looked at.
    PartUnreadable { part: &'static str, cause: String },
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
            Self::EntriesRemoved { block, sealed_at, sealed, there } => {
                write!(f, "{}：有记录被删除", counted(*block, *sealed_at, *sealed, *there))
            }
            Self::EntriesAdded { block, sealed_at, sealed, there } => {
                write!(f, "{}：有记录被补入", counted(*block, *sealed_at, *sealed, *there))
            }
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
            Self::AnchorDiffers { block } => write!(
                f,
                "第 {block} 区块的摘要与锚点不同：该区块或其之前的记录被整体改写，或恢复了另一份备份"
            ),
            Self::RowAltered { kind, id, entry, members } => {
                write!(f, "{kind} {id} 与最后一条审计记录 {entry} 不符：{}", members.join("；"))
            }
            Self::MadeDiffers { kind, batch, made, there } => {
                write!(f, "导入批次 {batch} {}", differs(kind, *made, *there))
            }
            Self::ContentAltered { kind, key } => write!(f, "{kind} {key} 的内容与其摘要不符：内容被改动"),
            Self::RowUnreadable { kind, id, cause } => write!(f, "{kind} {id} 无法读取：{cause}"),
            Self::PartUnreadable { part, cause } => {
                write!(f, "{part} 中有内容无法读取，其余部分未能核对：{cause}")
            }
            Self::RowRemoved { kind, id, entry } => {
                write!(f, "{kind} {id} 已不存在，而最后一条审计记录 {entry} 之后没有删除的记录")
            }
            Self::RowAdded { kind, id } => write!(f, "{kind} {id} 没有对应的审计记录：系绕过平台写入"),
        }
    }
}

/// How many entries a block had and has.
fn counted(block: i64, sealed_at: Time, sealed: i64, there: i64) -> String {
    format!("第 {block} 区块（封存于 {}）封存时有 {sealed} 条审计记录，现有 {there} 条", sealed_at.minute())
}

/// What became of an import's rows.
fn differs(kind: &str, made: i64, there: i64) -> String {
    let what = match made.cmp(&there) {
        Ordering::Equal => return format!("的 {kind} 与发布时的摘要不符（{made} 行）：有内容被改动或替换"),
        Ordering::Greater => "删除",
        Ordering::Less => "写入",
    };
    format!("发布时有 {made} 行 {kind}，现有 {there} 行：有数据被绕过平台{what}")
}
