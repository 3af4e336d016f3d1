//! The release binary as a child process, on the demo's data.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running demo; killed when dropped.
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
        let binary = Path::new(env!("CARGO_BIN_EXE_jicai"));
        drop(Self::run(binary, dir, database).await);
        Self::run(binary, dir, database).await
    }

    /// Starts a build's binary.
    pub async fn run(binary: &Path, dir: &Path, database: Option<&str>) -> Self {
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").expect("port").local_addr().expect("address").port();
        let mut command = Command::new(binary);
        command.arg("demo").arg("--dir").arg(dir).args(["--port", &port.to_string()]);
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        let begun = Instant::now();
        let child = command.stdout(Stdio::null()).spawn().expect("the binary");
        let url = format!("http://127.0.0.1:{port}");
        while !reqwest::get(format!("{url}/readyz")).await.is_ok_and(|r| r.status().is_success()) {
            assert!(begun.elapsed() < Duration::from_secs(120), "the demo did not start");
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
