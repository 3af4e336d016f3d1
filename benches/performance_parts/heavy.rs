//! Searches of one person in many orders, and how long somebody else waits beside them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::client::{Person, p99_ms};
use super::copies;
use super::report::Report;
use super::server::{self, BINARY, Demo};

const ORDERS: usize = 300_000;
/// What eight windows of one officer look for: much, little and nothing.
const SEARCHES: [&str; 8] = ["注射", "片", "有限公司", "医院", "zsy", "国药", "阿莫 一", "无此药品"];
const ROUNDS: usize = 3;
/// Each round, alone and beside.
const SECONDS: u64 = 6;
/// Looks at `/api/v1/me`, a second.
const PACE: u64 = 100;

/// Measures on one engine; `database` is an empty PostgreSQL database.
pub async fn measure(report: &mut Report, engine: &str, dir: &Path, database: Option<&str>) {
    let binary = Path::new(BINARY);
    drop(Demo::run(binary, dir, database).await);
    copies::orders(&server::target(dir, database), ORDERS);
    let demo = Demo::run(binary, dir, database).await;
    let (buyer, officer) =
        (Person::log_in(&demo.url, "hospital1a").await, Person::log_in(&demo.url, "officer1").await);
    // The first of each looks through what is not in memory yet.
    for text in SEARCHES {
        officer.ask("/api/v1/orders", &[("q", text)]).await.expect("a page of orders");
    }
    let (mut quiet, mut beside, mut searched, mut refused) = (vec![], vec![], 0, 0);
    for _ in 0..ROUNDS {
        quiet.push(looks(&buyer).await);
        let searching = Searching::start(&officer);
        beside.push(looks(&buyer).await);
        let (found, not) = searching.stop().await;
        (searched, refused) = (searched + found, refused + not);
    }
    let a_second = searched as f64 / (SECONDS * ROUNDS as u64) as f64;
    let note = format!("eight at once by one officer in {ORDERS} orders; {refused} refused");
    report.add(&format!("{engine}: heavy searches beside another's /me, a second"), a_second, &note);
    let (quiet, beside) = (crate::median(quiet), crate::median(beside));
    report.add(
        &format!("{engine}: p99 of /me without them, ms"),
        quiet,
        "100 a second; medians of three rounds",
    );
    report.add(&format!("{engine}: p99 of /me beside them, ms"), beside, "");
    report.add(&format!("{engine}: /me beside / without"), beside / quiet, "promised: at most 3");
}

/// 99 of 100 looks at one's own account took at most so many milliseconds; a late start counts as waiting.
async fn looks(person: &Person) -> f64 {
    let mut running = tokio::task::JoinSet::new();
    let begun = Instant::now();
    for n in 0..SECONDS * PACE {
        let (person, due) = (person.clone(), begun + Duration::from_millis(n * 1000 / PACE));
        tokio::time::sleep_until(due).await;
        running.spawn(async move {
            person.ask("/api/v1/me", &[]).await.expect("one's own account");
            due.elapsed()
        });
    }
    p99_ms(running.join_all().await)
}

/// Searches that follow each other in eight windows.
struct Searching {
    go_on: Arc<AtomicBool>,
    refused: Arc<AtomicUsize>,
    windows: tokio::task::JoinSet<usize>,
}

impl Searching {
    fn start(officer: &Person) -> Self {
        let (go_on, refused) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
        let mut windows = tokio::task::JoinSet::new();
        for text in SEARCHES {
            let (officer, go_on, refused) = (officer.clone(), go_on.clone(), refused.clone());
            windows.spawn(async move {
                let mut found = 0;
                while go_on.load(Ordering::Relaxed) {
                    match officer.ask("/api/v1/orders", &[("q", text)]).await {
                        Some(_) => found += 1,
                        None => _ = refused.fetch_add(1, Ordering::Relaxed),
                    }
                }
                found
            });
        }
        Self { go_on, refused, windows }
    }

    /// How many were answered with a page, and how many otherwise.
    async fn stop(self) -> (usize, usize) {
        self.go_on.store(false, Ordering::Relaxed);
        let found = self.windows.join_all().await.into_iter().sum();
        (found, self.refused.load(Ordering::Relaxed))
    }
}
