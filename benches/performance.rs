//! Measures the platform from outside and writes `docs/PERFORMANCE.md`: `cargo bench --bench performance`.
//!
//! Single figures of one machine say little, so what is promised are ratios taken in one run: orders over HTTP against a bare
//! loop that writes the same rows (SQLite), and against pgbench with the statements that the platform itself sent (PostgreSQL).
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_arithmetic,
    clippy::too_many_lines,
    dead_code
)]

#[path = "../tests/it/support/db.rs"]
mod db;
mod performance_parts;

use std::path::Path;

use jicai::platform::sql::Target;
use performance_parts::{
    catalogue, client, disk, flood, heavy, large, lists, pgbench, report::Report, server, staging, verify,
};

/// Seconds that each load lasts.
const SECONDS: u64 = 8;
const CLIENTS: usize = 64;
/// What `JICAI_BENCH_PARTS` may name, several with commas between them.
const PARTS: [&str; 6] = ["orders", "catalogue", "large", "lists", "attacked", "law"];
/// The platform and the bare loop in turn, so that a disturbance meets both.
const ROUNDS: usize = 3;

fn main() {
    // `cargo test --benches` and `cargo bench -- --list` only want to know that it starts.
    if std::env::args().any(|a| a == "--test" || a == "--list") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("runtime");
    runtime.block_on(measure());
}

/// Both engines, or the one that was named: `cargo bench --bench performance -- postgres`; all parts, or those that
/// `JICAI_BENCH_PARTS` names. Only a whole run writes the page.
async fn measure() {
    let only = ["sqlite", "postgres"].into_iter().find(|engine| std::env::args().any(|a| a == *engine));
    let parts = parts();
    let place =
        tempfile::Builder::new().prefix("jicai-perf-").tempdir_in("target").expect("a directory on the disk");
    let mut report = Report::default();
    report.add("fdatasync of 4 KiB, a second", disk::syncs_a_second(place.path()), "");
    if only != Some("postgres") {
        embedded(&mut report, &place.path().join("sqlite"), &parts).await;
    }
    if only != Some("sqlite") {
        postgres(&mut report, &place.path().join("pg"), &parts).await;
    }
    if parts.contains(&"law") && only.is_none() {
        report.law = law();
    }
    if parts.len() == PARTS.len() && only.is_none() {
        report.write();
    } else if let Some(law) = &report.law {
        println!("{law}");
    }
}

fn parts() -> Vec<&'static str> {
    let Ok(named) = std::env::var("JICAI_BENCH_PARTS") else { return PARTS.to_vec() };
    let named: Vec<&str> = named.split(',').map(str::trim).collect();
    assert!(named.iter().all(|part| PARTS.contains(part)), "JICAI_BENCH_PARTS: some of {PARTS:?}");
    PARTS.into_iter().filter(|part| named.contains(part)).collect()
}

/// What the comparison of `jicai rule injection-price` with DuckDB printed, by the Python that `PYTHON` names.
fn law() -> Option<String> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".into());
    let ran = std::process::Command::new(python)
        .args(["benches/rule_speed.py", "--binary", env!("CARGO_BIN_EXE_jicai")])
        .output()
        .expect("Python");
    if !ran.status.success() {
        println!("left out: {}", String::from_utf8_lossy(&ran.stderr));
        return None;
    }
    Some(String::from_utf8(ran.stdout).expect("UTF-8"))
}

async fn embedded(report: &mut Report, dir: &Path, parts: &[&str]) {
    if parts.contains(&"orders") {
        embedded_orders(report, dir).await;
    }
    if parts.contains(&"catalogue") {
        let embedded = server::Demo::start(dir, None).await;
        let (url, work) = (
            format!("sqlite:{}", dir.join("demo.sqlite").display()),
            client::Work::prepare(&embedded.url).await,
        );
        catalogue::measure(report, "SQLite", &url, dir, &work).await;
    }
    if parts.contains(&"large") {
        large::measure(report, "SQLite", &dir.join("large"), None).await;
    }
    if parts.contains(&"lists") {
        lists::measure(report, "SQLite", &dir.join("lists"), None).await;
    }
    if parts.contains(&"attacked") {
        flood::measure(report, &dir.join("flood")).await;
        heavy::measure(report, "SQLite", &dir.join("heavy"), None).await;
        verify::measure(report, &dir.join("verify")).await;
    }
}

async fn embedded_orders(report: &mut Report, dir: &Path) {
    let first = server::Demo::start(dir, None).await;
    report.add("start to ready, s", first.seconds_to_ready, "promised: under 0.5");
    report.add("resident after start, MiB", first.resident_mib(), "promised: under 80");
    let template = client::Work::prepare(&first.url).await.one_order().await;
    drop(first);
    let (database, bare_copy) = (dir.join("demo.sqlite"), dir.join("bare.sqlite"));
    disk::copy(&database, &bare_copy);
    let embedded = server::Demo::start(dir, None).await;
    let work = client::Work::prepare(&embedded.url).await;
    let (mut most, mut most_p99, mut half_p99, mut bare) = (vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        let load = client::closed_loop(&work, CLIENTS, SECONDS / 2).await;
        half_p99.push(client::paced(&work, CLIENTS, SECONDS / 2, load.a_second / 2.0).await.p99_ms);
        bare.push(disk::bare_loop(&bare_copy, &template, SECONDS / 2));
        most.push(load.a_second);
        most_p99.push(load.p99_ms);
    }
    drop(embedded);
    let (most, bare) = (median(most), median(bare));
    let beside = staging::beside(&Target::Sqlite(database.clone()), &template).await;
    report.add(
        "SQLite: orders over HTTP, a second",
        most,
        "64 clients, full durability; medians of three rounds",
    );
    report.add("SQLite: p99 at the most, ms", median(most_p99), "");
    report.add("SQLite: p99 at half of the most, ms", median(half_p99), "promised: under 25");
    let note = "one transaction each, same rows, same durability, in turn with the above";
    report.add("SQLite: bare loop, orders a second", bare, note);
    report.add("SQLite: over HTTP / bare loop", most / bare, "promised: at least 1");
    report.add_staging("SQLite", &beside);
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

async fn postgres(report: &mut Report, dir: &Path, parts: &[&str]) {
    if !parts.iter().any(|part| *part != "law") {
        return;
    }
    let Some((url, log, bin, _held)) = db::durable_server() else {
        println!("no PostgreSQL here: its part is left out");
        return;
    };
    if parts.contains(&"orders") {
        postgres_orders(report, dir, &url, &log, &bin).await;
    }
    if parts.contains(&"catalogue") {
        let pg = server::Demo::start(dir, Some(&url)).await;
        let work = client::Work::prepare(&pg.url).await;
        catalogue::measure(report, "PostgreSQL", &url, dir, &work).await;
    }
    if parts.contains(&"large") {
        let databases = ["this", "that"].map(|name| large::empty_beside(&url, &format!("large_{name}")));
        large::measure(report, "PostgreSQL", &dir.join("large"), Some(databases)).await;
    }
    if parts.contains(&"lists") {
        let databases = ["this", "that"].map(|name| large::empty_beside(&url, &format!("lists_{name}")));
        lists::measure(report, "PostgreSQL", &dir.join("lists"), Some(databases)).await;
    }
    if parts.contains(&"attacked") {
        let database = large::empty_beside(&url, "heavy");
        heavy::measure(report, "PostgreSQL", &dir.join("heavy"), Some(&database)).await;
    }
}

async fn postgres_orders(report: &mut Report, dir: &Path, url: &str, log: &Path, bin: &Path) {
    let pg = server::Demo::start(dir, Some(url)).await;
    report.add("PostgreSQL: start to ready, s", pg.seconds_to_ready, "promised: under 0.5");
    let work = client::Work::prepare(&pg.url).await;
    let script = pgbench::record(url, log, &work).await;
    let most = client::closed_loop(&work, CLIENTS, SECONDS).await;
    let half = client::paced(&work, CLIENTS, SECONDS, most.a_second / 2.0).await;
    let template = work.one_order().await;
    drop(pg);
    let bench = pgbench::run(bin, url, &script, dir, CLIENTS, SECONDS);
    let beside = staging::beside(&Target::Postgres(url.to_owned()), &template).await;
    let note = "64 clients, SERIALIZABLE, synchronous commit";
    report.add("PostgreSQL: orders over HTTP, a second", most.a_second, note);
    report.add("PostgreSQL: p99 at the most, ms", most.p99_ms, "");
    report.add("PostgreSQL: p99 at half of the most, ms", half.p99_ms, "promised: under 25");
    let note = "the same statements, SERIALIZABLE, 64 clients";
    report.add("PostgreSQL: pgbench, orders a second", bench, note);
    report.add("PostgreSQL: over HTTP / pgbench", most.a_second / bench, "promised: at least 0.45");
    report.add_staging("PostgreSQL", &beside);
}
