//! One connection type over both engines, and how each is opened.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

/// A connection to whichever engine `DATABASE_URL` names.
#[derive(diesel::MultiConnection)]
pub enum AnyConn {
    /// PostgreSQL, the production engine.
    Pg(PgConnection),
    /// SQLite, the embedded default.
    Sqlite(SqliteConnection),
}

/// Runs an expression with the concrete connection, for what the shared dialect lacks.
#[macro_export]
macro_rules! on_db {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::sql::AnyConn::Pg($c) => $body,
            $crate::sql::AnyConn::Sqlite($c) => $body,
        }
    };
}

/// Where the data lives, read from the scheme of `DATABASE_URL`; never guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `postgres://…` or `postgresql://…`, handed to libpq as it is.
    Postgres(String),
    /// `sqlite:PATH` or `sqlite://PATH`.
    Sqlite(PathBuf),
}

impl Target {
    /// Reads a database URL.
    ///
    /// # Errors
    /// A Chinese sentence that says what is accepted.
    pub fn parse(url: &str) -> Result<Self, String> {
        let known = "请写成 sqlite:文件路径、postgres://… 或 postgresql://…";
        match url.split_once(':') {
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                Ok(Self::Postgres(url.into()))
            }
            Some(("sqlite", rest)) => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                if path.is_empty() || path.starts_with(":memory") {
                    return Err(format!("DATABASE_URL 没有写出数据库文件的路径；{known}"));
                }
                Ok(Self::Sqlite(path.into()))
            }
            // The password may stand in it, so the text itself is not repeated.
            Some((scheme, _)) if scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '+') => {
                Err(format!("DATABASE_URL 的类型“{scheme}”无法识别；{known}"))
            }
            _ => Err(format!("DATABASE_URL 无法识别；{known}")),
        }
    }

    /// Opens a connection that may write.
    pub fn open(&self) -> Result<AnyConn, String> {
        match self {
            // What a write reads it finds by keys: planned once for all, where planning anew took longer than running.
            Self::Postgres(url) => open_postgres(url, "SET plan_cache_mode = force_generic_plan"),
            Self::Sqlite(path) => open_sqlite(path, "").map(AnyConn::Sqlite),
        }
    }

    /// Opens a connection that only reads, where the engine can tell the two apart.
    pub fn open_reader(&self) -> Result<AnyConn, String> {
        match self {
            Self::Postgres(url) => open_postgres(url, "SET default_transaction_read_only = on"),
            Self::Sqlite(path) => open_sqlite(path, "PRAGMA query_only = ON;").map(AnyConn::Sqlite),
        }
    }

    /// Creates an empty SQLite file if there is none. Only `migrate` and `demo` call this.
    pub fn create(&self) -> Result<(), String> {
        if let Self::Sqlite(path) = self
            && !path.exists()
        {
            if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
                std::fs::create_dir_all(parent)
                    .map_err(|e| format!("无法建立目录 {}：{e}", parent.display()))?;
            }
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(path).map_err(|e| format!("无法建立数据库文件 {}：{e}", path.display()))?;
        }
        Ok(())
    }

    /// Leaves an SQLite file, with what SQLite keeps beside it, to its owner alone. What it makes later has the file's own mode.
    pub fn keep_private(&self) -> Result<(), String> {
        #[cfg(unix)]
        if let Self::Sqlite(path) = self {
            use std::os::unix::fs::PermissionsExt;
            for ending in ["", "-wal", "-shm", "-journal"] {
                let mut file = path.clone().into_os_string();
                file.push(ending);
                let Ok(found) = std::fs::metadata(&file) else { continue };
                if found.permissions().mode() & 0o077 != 0 {
                    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).map_err(|e| {
                        format!("无法把数据库文件 {} 设为仅本用户可读写：{e}", path.display())
                    })?;
                }
            }
        }
        Ok(())
    }
}

fn open_postgres(url: &str, own: &str) -> Result<AnyConn, String> {
    let mut conn = PgConnection::establish(url).map_err(|e| e.to_string())?;
    // Long texts of the audit are pressed four times as fast by lz4, where the server has it.
    let common = "SET TIME ZONE 'UTC'; SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
                  SELECT set_config(name, 'lz4', false) FROM pg_settings \
                  WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)";
    conn.batch_execute(&format!("{common}; {own}")).map_err(|e| e.to_string())?;
    Ok(AnyConn::Pg(conn))
}

fn open_sqlite(path: &Path, extra: &str) -> Result<SqliteConnection, String> {
    if !path.is_file() {
        return Err(format!("数据库文件 {} 不存在；请先运行 jicai migrate", path.display()));
    }
    let text = path.to_str().ok_or("数据库文件路径须为 UTF-8")?;
    let mut c = SqliteConnection::establish(text).map_err(|e| e.to_string())?;
    // busy_timeout first: switching to WAL may itself meet a lock.
    c.batch_execute("PRAGMA busy_timeout = 10000;").map_err(|e| e.to_string())?;
    c.batch_execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;",
    )
    .and_then(|()| c.batch_execute(extra))
    .map_err(|e| e.to_string())?;
    Ok(c)
}
