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

use performance_parts::{client, disk, pgbench, report::Report, server};

/// Seconds that each load lasts.
const SECONDS: u64 = 8;
const CLIENTS: usize = 64;

fn main() {
    // `cargo test --benches` and `cargo bench -- --list` only want to know that it starts.
    if std::env::args().any(|a| a == "--test" || a == "--list") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("runtime");
    runtime.block_on(measure());
}

async fn measure() {
    let place =
        tempfile::Builder::new().prefix("jicai-perf-").tempdir_in("target").expect("a directory on the disk");
    let mut report = Report::default();
    report.add("fdatasync of 4 KiB, a second", disk::syncs_a_second(place.path()), "");

    if std::env::var_os("ONLY_PG").is_none() {
    let embedded = server::Demo::start(&place.path().join("sqlite"), None).await;
    report.add("start to ready, s", embedded.seconds_to_ready, "promised: under 0.5");
    report.add("resident after start, MiB", embedded.resident_mib(), "promised: under 80");
    let work = client::Work::prepare(&embedded.url).await;
    let most = client::closed_loop(&work, CLIENTS, SECONDS).await;
    let half = client::paced(&work, CLIENTS, SECONDS, most.a_second / 2.0).await;
    let template = work.one_order().await;
    drop(embedded);
    let bare = disk::bare_loop(&place.path().join("sqlite/demo.sqlite"), &template, SECONDS / 2);
    report.add("SQLite: orders over HTTP, a second", most.a_second, "64 clients, full durability");
    report.add("SQLite: p99 at the most, ms", most.p99_ms, "");
    report.add("SQLite: p99 at half of the most, ms", half.p99_ms, "promised: under 25");
    report.add(
        "SQLite: bare loop, orders a second",
        bare,
        "one transaction each, same rows, same durability",
    );
    report.add("SQLite: over HTTP / bare loop", most.a_second / bare, "promised: at least 1");
    }

    if let Some((url, log, bin, _held)) = db::durable_server() {
        let pg = server::Demo::start(&place.path().join("pg"), Some(&url)).await;
        report.add("PostgreSQL: start to ready, s", pg.seconds_to_ready, "promised: under 0.5");
        let work = client::Work::prepare(&pg.url).await;
        let script = pgbench::record(&url, &log, &work).await;
        let most = client::closed_loop(&work, CLIENTS, SECONDS).await;
        let half = client::paced(&work, CLIENTS, SECONDS, most.a_second / 2.0).await;
        drop(pg);
        let bench = pgbench::run(&bin, &url, &script, place.path(), CLIENTS, SECONDS);
        report.add(
            "PostgreSQL: orders over HTTP, a second",
            most.a_second,
            "64 clients, SERIALIZABLE, synchronous commit",
        );
        report.add("PostgreSQL: p99 at the most, ms", most.p99_ms, "");
        report.add("PostgreSQL: p99 at half of the most, ms", half.p99_ms, "promised: under 25");
        report.add(
            "PostgreSQL: pgbench, orders a second",
            bench,
            "the same statements, SERIALIZABLE, 64 clients",
        );
        report.add("PostgreSQL: over HTTP / pgbench", most.a_second / bench, "promised: at least 0.45");
    }
    report.write();
}
