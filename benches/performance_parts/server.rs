//! The release binary as a child process, on the demo's data.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jicai::platform::sql::Target;

/// This build's program.
pub const BINARY: &str = env!("CARGO_BIN_EXE_jicai");

/// A build's program, for a run that knows nothing of what was said to the measurement: it refuses variables that look like its own
/// and are none.
pub fn command(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("JICAI_BENCH_") {
            command.env_remove(name);
        }
    }
    command
}

/// Variables that name a demo's SQLite database and its keys to the commands of an installation.
pub fn installation(dir: &Path) -> [(&'static str, String); 2] {
    let file = |name: &str| dir.join(name).display().to_string();
    [("DATABASE_URL", format!("sqlite:{}", file("demo.sqlite"))), ("JICAI_KEYS_FILE", file("demo.key"))]
}

/// Where a demo keeps its data: in `dir`, or in the PostgreSQL database that was named.
pub fn target(dir: &Path, database: Option<&str>) -> Target {
    match database {
        Some(url) => Target::Postgres(url.into()),
        None => Target::Sqlite(dir.join("demo.sqlite")),
    }
}

/// Ports of this machine that nobody listens on, each another.
fn free_ports<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("port"));
    held.map(|listener| listener.local_addr().expect("address").port())
}

/// A running server; killed when dropped.
pub struct Demo {
    /// Its address.
    pub url: String,
    /// From the start of the process to the first `200` of `/readyz`, with its data already made.
    pub seconds_to_ready: f64,
    child: Child,
}

impl Demo {
    /// Makes the data, then starts again and measures that start.
    pub async fn start(dir: &Path, database: Option<&str>) -> Self {
        let binary = Path::new(BINARY);
        drop(Self::run(binary, dir, database).await);
        Self::run(binary, dir, database).await
    }

    /// Starts a build's binary.
    pub async fn run(binary: &Path, dir: &Path, database: Option<&str>) -> Self {
        let [port] = free_ports();
        let mut command = command(binary);
        command.arg("demo").arg("--dir").arg(dir).args(["--port", &port.to_string()]);
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        Self::when_ready(command, port).await
    }

    /// Serves what a demo on SQLite made as an installation does, with the page of metrics; that page's address.
    pub async fn serve(dir: &Path) -> (Self, String) {
        let [port, metrics] = free_ports();
        let mut command = command(Path::new(BINARY));
        command.arg("serve").envs(installation(dir)).envs([
            ("JICAI_SERVER_BIND", format!("127.0.0.1:{port}")),
            ("JICAI_PLATFORM_PUBLIC_URL", format!("http://127.0.0.1:{port}")),
            ("JICAI_METRICS_BIND", format!("127.0.0.1:{metrics}")),
            ("JICAI_LOG_LEVEL", "warn".into()),
        ]);
        (Self::when_ready(command, port).await, format!("http://127.0.0.1:{metrics}/metrics"))
    }

    async fn when_ready(mut command: Command, port: u16) -> Self {
        let begun = Instant::now();
        let child = command.stdout(Stdio::null()).spawn().expect("the binary");
        let url = format!("http://127.0.0.1:{port}");
        while !reqwest::get(format!("{url}/readyz")).await.is_ok_and(|r| r.status().is_success()) {
            assert!(begun.elapsed() < Duration::from_secs(120), "the server did not start");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Self { url, seconds_to_ready: begun.elapsed().as_secs_f64(), child }
    }

    /// Resident memory.
    pub fn resident_mib(&self) -> f64 {
        memory_mib(self.child.id(), "VmRSS:").expect("a running server")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the kernel says of a process under a name like `VmRSS:`; none where it has ended.
pub fn memory_mib(process: u32, name: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}
