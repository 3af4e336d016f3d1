//! SQLite's migrations: made from PostgreSQL's, which are written by hand. The test fails if a file differs,
//! `JICAI_BLESS=1` writes it again. Only a new migration may come out new: a database never runs one twice.

use std::fs;
use std::path::Path;

/// Files that are written by hand for SQLite too, and why.
const HAND_WRITTEN: [(&str, &str); 2] = [
    ("2026-11-22-000300_goods/up.sql", "SQLite cannot take NOT NULL from a column: the column moves"),
    (
        "2026-11-22-000700_sealed_apart/up.sql",
        "SQLite cannot drop a column with a reference: the table moves",
    ),
];

/// Types with another name in SQLite.
const TYPES: [(&str, &str); 2] = [("UUID", "BLOB"), ("BYTEA", "BLOB")];
/// Phrases that SQLite has in other words, or does without: it compares texts byte by byte.
const PHRASES: [(&str, &str); 3] = [
    (" COLLATE \"C\"", ""),
    ("gen_random_uuid()", "randomblob(16)"),
    // A column that is added is made when it is read; an index holds it all the same.
    (") STORED", ") VIRTUAL"),
];
/// Tables that SQLite keeps in the order of their key.
const WITHOUT_ROWID: [&str; 1] = ["product_term"];

/// Types, keywords and signs that are the same on both engines.
const SAME: &str = "TEXT BIGINT INTEGER BOOLEAN DATE TIMESTAMP \
    CREATE TABLE UNIQUE INDEX PRIMARY KEY REFERENCES CHECK DEFAULT NOT NULL TRUE FALSE \
    ALTER ADD COLUMN GENERATED ALWAYS VIRTUAL DROP RENAME TO INSERT INTO VALUES UPDATE SET DELETE CASCADE \
    SELECT DISTINCT FROM JOIN LEFT ON AS WHERE AND OR IN IS LIKE EXISTS CASE WHEN THEN ELSE END \
    UNION ALL GROUP HAVING ORDER BY ASC DESC OVER PARTITION ( ) , ; . = < > + - * / |";
/// Functions that both engines have, or that stand in [`PHRASES`].
const FUNCTIONS: &str = "row_number count sum min max coalesce length lower upper substr replace randomblob";

/// A migration as SQLite wants it, or what in it none of the lists holds. Keywords and types are written in capitals,
/// names in small letters.
fn for_sqlite(postgres: &str) -> Result<String, String> {
    let source = PHRASES.iter().fold(postgres.to_owned(), |sql, (from, to)| sql.replace(from, to));
    let (mut sql, mut rest, mut before) = (String::new(), source.as_str(), "");
    while !rest.is_empty() {
        let (part, next) = rest.split_at(length_of_first(rest));
        rest = next;
        if part.trim().is_empty() || part.starts_with("--") || part.starts_with('\'') {
            sql.push_str(part);
            continue;
        }
        let other = TYPES.iter().find(|(name, _)| *name == part).map(|(_, other)| *other);
        if other.is_none() && !is_same(part, before, next) {
            return Err(format!(
                "`{part}` after `{before}` is not known to be the same on SQLite. If it is, add it to SAME or FUNCTIONS; if \
                 SQLite says it otherwise, to TYPES or PHRASES; else write SQLite's file by hand and add it to HAND_WRITTEN \
                 with the reason (all in tests/it/migrations_generated.rs)"
            ));
        }
        sql.push_str(other.unwrap_or(part));
        before = part;
    }
    for table in WITHOUT_ROWID {
        let start = sql.find(&format!("CREATE TABLE {table} ("));
        if let Some(end) = start.and_then(|start| Some(start + sql[start..].find("\n);")?)) {
            sql.insert_str(end + "\n)".len(), " WITHOUT ROWID");
        }
    }
    Ok(sql)
}

fn is_in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// How long the first comment, text, blank, word or sign is.
fn length_of_first(sql: &str) -> usize {
    let first = sql.chars().next().unwrap();
    let end = match first {
        '\'' => sql[1..].find('\'').map(|end| end + 2),
        '-' if sql.starts_with("--") => sql.find('\n'),
        _ if first.is_whitespace() => sql.find(|c: char| !c.is_whitespace()),
        _ if is_in_word(first) => sql.find(|c| !is_in_word(c)),
        _ => Some(first.len_utf8()),
    };
    end.unwrap_or(sql.len())
}

/// Whether both engines read a word or sign alike. Two names side by side are a type, or an alias without AS.
fn is_same(part: &str, before: &str, next: &str) -> bool {
    let is_name = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase()) && !word.contains(|c: char| c.is_ascii_uppercase())
    };
    match is_name(part) {
        true if next.starts_with('(') => FUNCTIONS.split(' ').any(|function| function == part),
        true => !is_name(before),
        false if (before, part) == ("ALTER", "COLUMN") => false,
        false => part.bytes().all(|b| b.is_ascii_digit()) || SAME.split_whitespace().any(|word| word == part),
    }
}

/// The lines that differ between what is there and what was made.
fn difference(there: &str, made: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (there.lines().collect(), made.lines().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let said =
        |sign: &str, lines: &[&str]| lines.iter().map(|line| format!("{sign} {line}\n")).collect::<String>();
    let (gone, come) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    format!("from line {}\n{}{}", head + 1, said("-", gone), said("+", come))
}

/// What is wrong with one file of SQLite's tree; nothing is wrong with one that is just written.
fn fault(file: &str, bless: bool) -> Option<String> {
    let path = Path::new("migrations/sqlite").join(file);
    let made = for_sqlite(&fs::read_to_string(Path::new("migrations/postgres").join(file)).unwrap());
    let there = fs::read_to_string(&path).unwrap_or_default();
    if HAND_WRITTEN.iter().any(|(by_hand, _)| *by_hand == file) {
        let needed = !there.is_empty() && made.as_ref() != Ok(&there);
        return (!needed).then(|| format!("{file} is missing, or needs no entry in HAND_WRITTEN\n"));
    }
    match made {
        Err(what) => Some(format!("{file}: {what}\n")),
        Ok(made) if made == there => None,
        Ok(made) if bless => {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, made).unwrap();
            None
        }
        Ok(made) => Some(format!("{file} differs {}", difference(&there, &made))),
    }
}

#[test]
fn the_migrations_of_sqlite_are_those_of_postgres() {
    let bless = std::env::var_os("JICAI_BLESS").is_some();
    let folders = fs::read_dir("migrations/postgres").unwrap();
    let mut folders: Vec<_> =
        folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    folders.sort();
    let files = folders.iter().flat_map(|folder| ["up", "down"].map(|way| format!("{folder}/{way}.sql")));
    let faults: Vec<_> = files.filter_map(|file| fault(&file, bless)).collect();
    assert!(
        faults.is_empty(),
        "migrations/sqlite is not what migrations/postgres makes it; change PostgreSQL's files only, and run \
         JICAI_BLESS=1 cargo test --test it migrations_generated\n\n{}",
        faults.join("\n")
    );
}

#[test]
fn types_are_translated_and_comments_and_texts_left_alone() {
    let postgres = "-- A UUID (JSONB).
CREATE TABLE product_term (
    id UUID NOT NULL PRIMARY KEY,
    sort_key TEXT COLLATE \"C\" NOT NULL,
    note TEXT NOT NULL DEFAULT 'it''s a UUID -- or jsonb'
);
CREATE TABLE other (
    content BYTEA
);
";
    let sqlite = "-- A UUID (JSONB).
CREATE TABLE product_term (
    id BLOB NOT NULL PRIMARY KEY,
    sort_key TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT 'it''s a UUID -- or jsonb'
) WITHOUT ROWID;
CREATE TABLE other (
    content BLOB
);
";
    assert_eq!(for_sqlite(postgres).as_deref(), Ok(sqlite));
}

#[test]
fn what_the_lists_do_not_hold_is_refused_with_what_to_do() {
    for (sql, what) in [
        ("CREATE TABLE a (\n    b JSONB NOT NULL\n);", "`JSONB`"),
        ("CREATE TABLE a (\n    b jsonb NOT NULL\n);", "`jsonb`"),
        ("CREATE TABLE a (\n    b VARCHAR(20)\n);", "`VARCHAR`"),
        ("ALTER TABLE a ADD COLUMN b Numeric;", "`Numeric`"),
        ("ALTER TABLE a ALTER COLUMN b DROP NOT NULL;", "`COLUMN` after `ALTER`"),
        ("ALTER TABLE a ADD CONSTRAINT c CHECK (b > 0);", "`CONSTRAINT`"),
        ("DROP TABLE IF EXISTS a;", "`IF`"),
        ("UPDATE a SET b = now();", "`now`"),
        ("UPDATE a SET b = c::TEXT;", "`:`"),
        ("CREATE TABLE a (\n    b TEXT[]\n);", "`[`"),
        ("CREATE TABLE a (\n    b TEXT COLLATE \"zh\"\n);", "`COLLATE`"),
    ] {
        let refused = for_sqlite(sql).unwrap_err();
        assert!(refused.starts_with(what) && refused.contains("HAND_WRITTEN"), "{sql}: {refused}");
    }
}
