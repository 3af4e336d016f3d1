//! Migrations: both trees hold the same versions, go up, down and up again, and make what `schema/` says.

use std::collections::BTreeMap;

use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use jicai::on_db;
use jicai::platform::db::migrate;
use jicai::platform::sql::{AnyConn, Target};

use crate::support::TestDb;

/// Column → (type of the diesel schema, nullable), by table.
type Tables = BTreeMap<String, BTreeMap<String, (String, bool)>>;

/// What `schema/` says, read from its text: the macro leaves nothing to ask at run time.
fn declared() -> Tables {
    let text = concat!(
        include_str!("../../src/platform/schema/accounts.rs"),
        include_str!("../../src/platform/schema/catalogue.rs"),
        include_str!("../../src/platform/schema/ground.rs"),
        include_str!("../../src/platform/schema/listings.rs"),
        include_str!("../../src/platform/schema/order.rs"),
        include_str!("../../src/platform/schema/party.rs"),
        include_str!("../../src/platform/schema/publication.rs"),
    );
    let mut tables = Tables::new();
    for block in text.split("diesel::table! {").skip(1) {
        let mut lines = block.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("use "));
        let name = lines.next().unwrap().split_whitespace().next().unwrap().to_owned();
        let columns = lines
            .map_while(|line| line.strip_suffix(',')?.split_once(" -> "))
            .map(|(column, kind)| {
                let inner = kind.strip_prefix("Nullable<").and_then(|k| k.strip_suffix('>'));
                (column.to_owned(), (inner.unwrap_or(kind).to_owned(), inner.is_some()))
            })
            .collect();
        tables.insert(name, columns);
    }
    assert!(tables.len() > 20, "{tables:?}");
    tables
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

const POSTGRES: &str = "SELECT table_name::text, column_name::text, data_type::text AS kind, is_nullable = 'YES' AS nullable
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations'
     AND is_generated = 'NEVER'";
const SQLITE: &str =
    "SELECT m.name AS table_name, c.name AS column_name, c.type AS kind, c.\"notnull\" = 0 AS nullable
     FROM sqlite_schema m JOIN pragma_table_info(m.name) c
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name <> '__diesel_schema_migrations'";

fn there(conn: &mut AnyConn) -> Tables {
    let columns: Vec<Column> = match conn {
        AnyConn::Pg(c) => diesel::sql_query(POSTGRES).load(c).unwrap(),
        AnyConn::Sqlite(c) => diesel::sql_query(SQLITE).load(c).unwrap(),
    };
    let mut tables = Tables::new();
    for column in columns {
        let kind = diesel_type(&column.kind.to_lowercase());
        tables
            .entry(column.table_name)
            .or_default()
            .insert(column.column_name, (kind.into(), column.nullable));
    }
    tables
}

/// The diesel type that a column of either engine is declared as.
fn diesel_type(sql: &str) -> &'static str {
    match sql {
        "text" => "Text",
        "bigint" => "BigInt",
        "integer" => "Integer",
        "boolean" => "Bool",
        "date" => "Date",
        "timestamp" | "timestamp without time zone" => "Timestamp",
        "uuid" => "SqlId",
        "bytea" => "Binary",
        // SQLite keeps keys and bytes alike.
        "blob" => "SqlId or Binary",
        other => panic!("unknown column type {other}"),
    }
}

fn same(found: &Tables, declared: &Tables) {
    let names = |t: &Tables| t.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(found), names(declared));
    for (table, columns) in declared {
        let there = &found[table];
        assert_eq!(
            there.keys().collect::<Vec<_>>(),
            columns.keys().collect::<Vec<_>>(),
            "columns of {table}"
        );
        for (column, (kind, nullable)) in columns {
            let (found_kind, found_nullable) = &there[column];
            assert_eq!(found_nullable, nullable, "nullability of {table}.{column}");
            assert!(
                found_kind.split(" or ").any(|k| k == kind),
                "type of {table}.{column}: {found_kind}, declared {kind}"
            );
        }
    }
}

fn revert_all(conn: &mut AnyConn) -> usize {
    match conn {
        AnyConn::Pg(c) => c.revert_all_migrations(migrate::POSTGRES).unwrap().len(),
        AnyConn::Sqlite(c) => c.revert_all_migrations(migrate::SQLITE).unwrap().len(),
    }
}

fn up_down_up(target: &Target) {
    let mut conn = target.open().unwrap();
    same(&there(&mut conn), &declared());
    let reverted = revert_all(&mut conn);
    assert_eq!(there(&mut conn), Tables::new(), "down leaves nothing behind");
    drop(conn);
    let ran = migrate::run(target).unwrap();
    assert_eq!(ran.len(), reverted);
    same(&there(&mut target.open().unwrap()), &declared());
    assert_eq!(migrate::run(target).unwrap(), Vec::<String>::new(), "nothing to do the second time");
}

#[test]
fn up_down_up_and_the_schema_on_sqlite() {
    up_down_up(TestDb::sqlite().target());
}

#[test]
fn up_down_up_and_the_schema_on_postgres() {
    if let Some(test) = TestDb::postgres() {
        up_down_up(test.target());
    }
}

fn names<DB: diesel::backend::Backend>(tree: EmbeddedMigrations) -> Vec<String>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let all = MigrationSource::<DB>::migrations(&tree).unwrap();
    let mut names: Vec<String> = all.iter().map(|m| m.name().to_string()).collect();
    names.sort();
    names
}

#[test]
fn both_trees_hold_the_same_versions_and_names() {
    let postgres = names::<diesel::pg::Pg>(migrate::POSTGRES);
    assert!(postgres.len() >= 4, "{postgres:?}");
    assert_eq!(postgres, names::<diesel::sqlite::Sqlite>(migrate::SQLITE));
}

fn refuses_newer(target: &Target) {
    let mut conn = target.open().unwrap();
    let insert = "INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('29990101000000', '2999-01-01 00:00:00')";
    on_db!(&mut conn, c => diesel::sql_query(insert).execute(c)).unwrap();
    for refused in [migrate::check(target).unwrap_err(), migrate::run(target).unwrap_err()] {
        assert!(refused.contains("29990101000000") && refused.contains("请改用新版本程序"), "{refused}");
    }
}

#[test]
fn a_newer_database_is_refused_on_sqlite() {
    refuses_newer(TestDb::sqlite().target());
}

#[test]
fn a_newer_database_is_refused_on_postgres() {
    if let Some(test) = TestDb::postgres() {
        refuses_newer(test.target());
    }
}

#[test]
fn a_file_is_created_by_migrating_only() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/new.db");
    let target = Target::Sqlite(path.clone());
    let refused = migrate::check(&target).unwrap_err();
    assert!(refused.contains("请先运行 jicai migrate"), "{refused}");
    assert!(!path.exists());
    assert!(!migrate::run(&target).unwrap().is_empty());
    assert!(path.exists());
}
