//! Migrations: two trees with the same versions, SQLite's made from PostgreSQL's (`tests/it/migrations_generated.rs`).
//! Migrating is an explicit command, automatic only for the embedded default.

use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::on_db;
use crate::sql::{AnyConn, Target};

/// The tree of PostgreSQL.
pub const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
/// The tree of SQLite.
pub const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// Brings the database up to this program; returns the versions that were run.
pub fn run(target: &Target) -> Result<Vec<String>, String> {
    target.create()?;
    let mut conn = target.open()?;
    refuse_newer(&mut conn)?;
    let ran = match &mut conn {
        AnyConn::Pg(c) => names(c.run_pending_migrations(POSTGRES)),
        AnyConn::Sqlite(c) => names(c.run_pending_migrations(SQLITE)),
    };
    ran.map_err(|e| format!("数据库升级失败：{e}"))
}

/// Refuses a database that this program does not fit.
pub fn check(target: &Target) -> Result<(), String> {
    let mut conn = target.open()?;
    refuse_newer(&mut conn)?;
    let pending = match &mut conn {
        AnyConn::Pg(c) => c.has_pending_migration(POSTGRES),
        AnyConn::Sqlite(c) => c.has_pending_migration(SQLITE),
    };
    match pending {
        Ok(false) => Ok(()),
        Ok(true) => Err("数据库版本低于本程序；请先运行 jicai migrate".into()),
        Err(e) => Err(format!("无法读取数据库版本：{e}")),
    }
}

fn refuse_newer(conn: &mut AnyConn) -> Result<(), String> {
    let known: Vec<String> = match conn {
        AnyConn::Pg(_) => versions::<diesel::pg::Pg>(&POSTGRES),
        AnyConn::Sqlite(_) => versions::<diesel::sqlite::Sqlite>(&SQLITE),
    };
    let applied =
        on_db!(conn, c => names(c.applied_migrations())).map_err(|e| format!("无法读取数据库版本：{e}"))?;
    match applied.iter().find(|v| !known.contains(v)) {
        Some(version) => {
            Err(format!("数据库由更新版本的程序建立（版本 {version}）；请改用新版本程序，或恢复旧的备份"))
        }
        None => Ok(()),
    }
}

fn versions<DB: diesel::backend::Backend>(tree: &EmbeddedMigrations) -> Vec<String>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let all: Vec<Box<dyn Migration<DB>>> = MigrationSource::<DB>::migrations(tree).unwrap_or_default();
    all.iter().map(|m| m.name().version().to_string()).collect()
}

fn names<E>(list: Result<Vec<MigrationVersion<'_>>, E>) -> Result<Vec<String>, E> {
    list.map(|l| l.iter().map(ToString::to_string).collect())
}
