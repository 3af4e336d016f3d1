//! A fresh migrated database for each test, on either engine.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use jicai::platform::db::{Db, Limits, migrate};
use jicai::platform::sql::Target;
use tempfile::TempDir;

/// A database that goes away with its test.
pub struct TestDb {
    target: Target,
    _dir: Option<TempDir>,
    drop_as: Option<(String, String)>,
}

impl TestDb {
    /// A copy of a migrated SQLite file.
    pub fn sqlite() -> Self {
        // In memory, since nothing removes the directory of what lives until the end.
        static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
        let template = TEMPLATE.get_or_init(|| {
            let dir = tempfile::tempdir_in(scratch()).expect("tempdir");
            let path = dir.path().join("template.sqlite");
            migrate::run(&Target::Sqlite(path.clone())).expect("migrate");
            std::fs::read(path).expect("template")
        });
        let dir = tempfile::tempdir_in(scratch()).expect("tempdir");
        let path = dir.path().join("jicai.sqlite");
        std::fs::write(&path, template).expect("copy of the template");
        Self { target: Target::Sqlite(path), _dir: Some(dir), drop_as: None }
    }

    /// A copy of a migrated PostgreSQL database; none where no server can be had, unless one is required.
    pub fn postgres() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = server()?;
        let name = format!("jicai_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut admin = admin(&server.admin_url);
        admin
            .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {}{COPY}", server.template))
            .expect("create database");
        let url = with_database(&server.admin_url, &name);
        Some(Self {
            target: Target::Postgres(url),
            _dir: None,
            drop_as: Some((server.admin_url.clone(), name)),
        })
    }

    /// Where it is.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// For `DATABASE_URL`.
    pub fn url(&self) -> String {
        match &self.target {
            Target::Postgres(url) => url.clone(),
            Target::Sqlite(path) => format!("sqlite:{}", path.display()),
        }
    }

    /// The doors.
    pub fn open(&self) -> Db {
        // Patient, so that a slow machine fails no test.
        let limits = Limits { wait: Duration::from_secs(300), ..Limits::default() };
        Db::open(&self.target, limits).expect("open")
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Some((admin_url, name)) = &self.drop_as {
            // A database that cannot be dropped goes away with the cluster.
            let _ = PgConnection::establish(admin_url)
                .map(|mut c| c.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")));
        }
    }
}

/// True if `JICAI_REQUIRE` names it: then its absence is a failure.
pub fn required(what: &str) -> bool {
    std::env::var("JICAI_REQUIRE").is_ok_and(|list| list.split(',').any(|w| w.trim() == what))
}

struct Server {
    admin_url: String,
    template: String,
    _cluster: Option<Cluster>,
}

/// Held open as long as the tests run: when this end of the pipe closes, however that comes about, the shell that started
/// the server stops it and removes its directory.
struct Cluster {
    #[allow(dead_code)] // Only the benches read it.
    dir: PathBuf,
    _shell: Child,
}

fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER
        .get_or_init(|| {
            let found = match std::env::var("TEST_POSTGRES_URL") {
                Ok(url) => Some((url, None)),
                Err(_) => postgres_binaries().map(|bin| {
                    let (url, cluster) = start_cluster(&bin, scratch(), FAST);
                    (url, Some(cluster))
                }),
            };
            let Some((admin_url, cluster)) = found else {
                assert!(
                    !required("postgres"),
                    "JICAI_REQUIRE names postgres, but no server's binaries were found"
                );
                eprintln!("skipped on PostgreSQL: no server's binaries and no TEST_POSTGRES_URL");
                return None;
            };
            let template = format!("jicai_template_{}", std::process::id());
            admin(&admin_url).batch_execute(&format!("CREATE DATABASE {template}")).expect("create template");
            migrate::run(&Target::Postgres(with_database(&admin_url, &template))).expect("migrate");
            Some(Server { admin_url, template, _cluster: cluster })
        })
        .as_ref()
}

fn admin(url: &str) -> PgConnection {
    PgConnection::establish(url).expect("the PostgreSQL server answers")
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (base, query) = url.split_once('?').map_or((url, String::new()), |(b, q)| (b, format!("?{q}")));
    let (server, _) = base.rsplit_once('/').expect("a database in the URL");
    format!("{server}/{name}{query}")
}

fn postgres_binaries() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|d| d.filter_map(|e| Some(e.ok()?.path().join("bin"))).collect())
        .unwrap_or_default();
    found.sort();
    found.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    found.into_iter().find(|dir| dir.join("initdb").is_file() && dir.join("postgres").is_file())
}

/// A server that keeps its promises to the disk, for measurements: its URL, its log, and what holds it open.
#[allow(dead_code)] // Only the benches ask for it.
pub fn durable_server() -> Option<(String, PathBuf, PathBuf, Box<dyn std::any::Any>)> {
    let bin = postgres_binaries()?;
    let (url, cluster) = start_cluster(&bin, &std::env::temp_dir(), "");
    let log = cluster.dir.join("server.log");
    Some((url, log, bin, Box::new(cluster)))
}

/// Tests need no durability, and are quicker without. Their databases are too short-lived for autovacuum.
const FAST: &str = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off \
    -c wal_level=minimal -c max_wal_senders=0";

/// Copies the template's files, some 550, without writing each page into the log as well: half the cost.
const COPY: &str = " STRATEGY = FILE_COPY";

/// Where databases of tests stand: in memory where that is large enough, since the product waits for the disk with every write
/// and nobody needs what a test kept. Otherwise among the temporary files.
fn scratch() -> &'static Path {
    static SCRATCH: OnceLock<PathBuf> = OnceLock::new();
    SCRATCH.get_or_init(|| {
        let memory = Path::new("/dev/shm");
        if free_kibibytes(memory).is_some_and(|free| free >= ENOUGH) {
            memory.into()
        } else {
            std::env::temp_dir()
        }
    })
}

/// KiB that the databases of a whole run take at most at any time, with room to spare.
const ENOUGH: u64 = 2 << 20;

fn free_kibibytes(folder: &Path) -> Option<u64> {
    let said = Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    String::from_utf8(said.stdout).ok()?.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

fn start_cluster(bin: &Path, parent: &Path, options: &str) -> (String, Cluster) {
    let dir = tempfile::Builder::new().prefix("jicai-pg-").tempdir_in(parent).expect("tempdir").keep();
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("address").port();
    // PostgreSQL refuses to run as root, so root lends the directory to another user.
    let as_root = std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0);
    let user = if as_root {
        ["postgres", "nobody"].into_iter().find(|u| user_exists(u)).expect("another user")
    } else {
        ""
    };
    if as_root {
        let done = Command::new("chown").arg(user).arg(&dir).status().expect("chown");
        assert!(done.success(), "chown {user}");
    }
    let script = format!(
        "set -e; cd '{dir}'; export LC_ALL=C; \
         '{bin}/initdb' -D data -U jicai -A trust -E UTF8 --no-locale -N >initdb.log 2>&1; \
         '{bin}/postgres' -D data -k '{dir}' -p {port} -c listen_addresses=127.0.0.1 {options} \
           -c max_connections=300 >server.log 2>&1 & \
         server=$!; cat >/dev/null || true; kill -QUIT $server; wait $server || true; cd /; rm -rf '{dir}'",
        dir = dir.display(),
        bin = bin.display(),
    );
    let mut command = if as_root {
        let mut c = Command::new("setpriv");
        c.args([&format!("--reuid={user}"), "--clear-groups", "--", "sh", "-c", &script]);
        c
    } else {
        let mut c = Command::new("sh");
        c.args(["-c", &script]);
        c
    };
    let shell =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("sh");
    let url = format!("postgres://jicai@127.0.0.1:{port}/postgres");
    let patience = Instant::now();
    while PgConnection::establish(&url).is_err() {
        let log = || std::fs::read_to_string(dir.join("server.log")).unwrap_or_default();
        assert!(patience.elapsed() < Duration::from_secs(60), "PostgreSQL did not start: {}", log());
        std::thread::sleep(Duration::from_millis(100));
    }
    (url, Cluster { dir, _shell: shell })
}

fn user_exists(name: &str) -> bool {
    std::fs::read_to_string("/etc/passwd")
        .is_ok_and(|p| p.lines().any(|l| l.starts_with(&format!("{name}:"))))
}
