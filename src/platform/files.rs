//! Files that people hand in (licences, evidence, reports): in the database, by their SHA-256, in chunks, so that every backup
//! holds them. Which organisation may see one is the office's matter: it keeps the hash in a row of its own.

use std::io::Cursor;

use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::db::Db;
use super::error::{Error, Refusal, Result};
use super::schema::{attachment, import_run, stored_file, stored_file_chunk};
use super::sql::{AnyConn, Time};

/// Bytes in one chunk.
pub const CHUNK: usize = 1024 * 1024;
/// Bytes of one file at most.
pub const LIMIT: usize = 20 * CHUNK;

/// A kept file.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = stored_file)]
pub struct StoredFile {
    /// Its SHA-256, hex: what the offices keep.
    pub sha256: String,
    /// Bytes.
    pub size: i64,
    /// What it is, by its first bytes.
    pub media_type: String,
    /// When it first came.
    pub created_at: Time,
}

impl StoredFile {
    fn chunks(&self) -> i64 {
        let chunk = i64::try_from(CHUNK).unwrap_or(i64::MAX);
        self.size.div_euclid(chunk) + i64::from(self.size.rem_euclid(chunk) > 0)
    }
}

/// What a file is, by its bytes; none for what is not taken, such as SVG and HTML, which can hold scripts.
pub fn sniff(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("application/pdf"),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'P', b'K', 3, 4, ..] => office_document(bytes),
        _ => None,
    }
}

/// Office documents are archives; what they are stands in their parts' names.
fn office_document(bytes: &[u8]) -> Option<&'static str> {
    let archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let has = |name: &str| archive.file_names().flatten().any(|n| n == name);
    if has("xl/vbaProject.bin") || has("word/vbaProject.bin") {
        return None;
    }
    if has("xl/workbook.xml") {
        return Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    }
    if has("word/document.xml") {
        return Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document");
    }
    has("OFD.xml").then_some("application/ofd")
}

/// Takes a file: checks it, then writes it chunk by chunk. Nothing refers to it until the office's own write does; the same
/// file twice is kept once.
///
/// # Errors
/// 422 that names `pointer` where the file is empty, too large, or of a kind that is not taken.
pub async fn store(db: &Db, now: Time, pointer: &str, bytes: Vec<u8>) -> Result<StoredFile> {
    if bytes.is_empty() {
        return Err(Refusal::field(pointer, "文件是空的，请重新选择。").into());
    }
    if bytes.len() > LIMIT {
        return Err(Refusal::field(pointer, "文件超过 20 MB，请压缩或拆分后再上传。").into());
    }
    let (bytes, kind, sha256) = tokio::task::spawn_blocking(move || {
        let kind = sniff(&bytes);
        let sha256 = hex::encode(Sha256::digest(&bytes));
        (bytes, kind, sha256)
    })
    .await
    .map_err(Error::internal)?;
    let Some(kind) = kind else {
        let detail = "不接受该类文件。可上传 PDF、OFD、PNG、JPEG、Excel（xlsx）或 Word（docx），不含宏。";
        return Err(Refusal::field(pointer, detail).into());
    };
    insert_file(db, now, sha256, bytes, kind).await
}

/// Keeps what the platform itself reads and never gives to a browser, such as a sheet to import; its kind is not looked at.
pub async fn keep(db: &Db, now: Time, bytes: Vec<u8>, kind: &str) -> Result<StoredFile> {
    let (bytes, sha256) = tokio::task::spawn_blocking(move || {
        let sha256 = hex::encode(Sha256::digest(&bytes));
        (bytes, sha256)
    })
    .await
    .map_err(Error::internal)?;
    insert_file(db, now, sha256, bytes, kind).await
}

async fn insert_file(db: &Db, now: Time, sha256: String, bytes: Vec<u8>, kind: &str) -> Result<StoredFile> {
    let size = i64::try_from(bytes.len()).map_err(Error::internal)?;
    let file = StoredFile { sha256, size, media_type: kind.into(), created_at: now };
    let row = file.clone();
    let kept = db.write_unaudited("file.begin", move |conn| begin(conn, &row)).await?;
    for (n, chunk) in (0..).zip(bytes.chunks(CHUNK)) {
        let (sha256, chunk) = (file.sha256.clone(), chunk.to_vec());
        db.write_unaudited("file.chunk", move |conn| put_chunk(conn, &sha256, n, &chunk)).await?;
    }
    Ok(kept)
}

fn begin(conn: &mut AnyConn, file: &StoredFile) -> Result<StoredFile> {
    if let Some(kept) = find(conn, &file.sha256)? {
        return Ok(kept);
    }
    diesel::insert_into(stored_file::table).values(file).execute(conn)?;
    Ok(file.clone())
}

fn put_chunk(conn: &mut AnyConn, sha256: &str, n: i32, content: &[u8]) -> Result<()> {
    let there: i64 = stored_file_chunk::table.find((sha256, n)).count().get_result(conn)?;
    if there == 0 {
        diesel::insert_into(stored_file_chunk::table)
            .values((
                stored_file_chunk::sha256.eq(sha256),
                stored_file_chunk::n.eq(n),
                stored_file_chunk::content.eq(content),
            ))
            .execute(conn)?;
    }
    Ok(())
}

fn find(conn: &mut AnyConn, sha256: &str) -> Result<Option<StoredFile>> {
    Ok(stored_file::table.find(sha256).select(StoredFile::as_select()).get_result(conn).optional()?)
}

/// Drops what nothing refers to a day after it came: uploads that broke off or were refused, evidence that was forgotten.
/// Returns how many.
///
/// # Errors
/// Of the database.
pub async fn sweep(db: &Db, now: Time) -> Result<usize> {
    let before = now.plus(chrono::Duration::days(-1));
    db.write_unaudited("file.sweep", move |conn| {
        let attached = attachment::table.filter(attachment::sha256.eq(stored_file::sha256));
        let imported = import_run::table.filter(import_run::sha256.eq(stored_file::sha256));
        let alone: Vec<String> = stored_file::table
            .filter(stored_file::created_at.lt(before))
            .filter(diesel::dsl::not(diesel::dsl::exists(attached)))
            .filter(diesel::dsl::not(diesel::dsl::exists(imported)))
            .select(stored_file::sha256)
            .limit(50)
            .load(conn)?;
        let chunks = stored_file_chunk::table.filter(stored_file_chunk::sha256.eq_any(&alone));
        diesel::delete(chunks).execute(conn)?;
        diesel::delete(stored_file::table.filter(stored_file::sha256.eq_any(&alone))).execute(conn)?;
        Ok(alone.len())
    })
    .await
}

/// A file that came in whole; for the office's write that refers to it.
pub fn whole(conn: &mut AnyConn, sha256: &str) -> Result<StoredFile> {
    let file = find(conn, sha256)?.ok_or_else(|| Refusal::not_found("文件"))?;
    let chunks: i64 =
        stored_file_chunk::table.filter(stored_file_chunk::sha256.eq(sha256)).count().get_result(conn)?;
    if chunks == file.chunks() { Ok(file) } else { Err(Refusal::not_found("文件").into()) }
}

/// The content of a file, checked against its hash.
///
/// # Errors
/// 404 where it is not there whole; internal where it was changed in the database.
pub async fn content(db: &Db, sha256: &str) -> Result<(StoredFile, Vec<u8>)> {
    let sha256 = sha256.to_owned();
    db.read(move |conn| {
        let file = whole(conn, &sha256)?;
        let chunks: Vec<Vec<u8>> = stored_file_chunk::table
            .filter(stored_file_chunk::sha256.eq(&sha256))
            .order(stored_file_chunk::n)
            .select(stored_file_chunk::content)
            .load(conn)?;
        let bytes = chunks.concat();
        if hex::encode(Sha256::digest(&bytes)) != file.sha256 {
            return Err(Error::internal(format!("file {sha256} does not fit its hash")));
        }
        Ok((file, bytes))
    })
    .await
}
