//! The page that the measurement writes.

use std::fmt::Write;

use super::staging::Beside;

/// Figures in the order in which they were taken.
#[derive(Default)]
pub struct Report {
    figures: Vec<(String, f64, String)>,
    /// What the comparison of the law on a file printed.
    pub law: Option<String>,
}

impl Report {
    /// Adds a figure and prints it.
    pub fn add(&mut self, what: &str, figure: f64, note: &str) {
        println!("{what}: {figure:.3} {note}");
        self.figures.push((what.into(), figure, note.into()));
    }

    /// Orders while 300,000 rows are staged, in one process.
    pub fn add_staging(&mut self, engine: &str, beside: &Beside) {
        self.add(
            &format!("{engine}: 300,000 rows staged in, s"),
            beside.seconds,
            "200 orders a second beside it",
        );
        self.add(&format!("{engine}: p99 of the orders without the import, ms"), beside.quiet_ms, "");
        self.add(&format!("{engine}: p99 of the orders beside the import, ms"), beside.staged_ms, "");
        let ratio = beside.staged_ms / beside.quiet_ms;
        self.add(&format!("{engine}: beside / without"), ratio, "promised: under 5");
    }

    /// Writes `docs/PERFORMANCE.md`.
    pub fn write(&self) {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let mut page = format!(
            "# Performance\n\nWritten by `cargo bench --bench performance` (release build, {cores} cores, load generator and \
             server on the same machine).\n`JICAI_BENCH_PARTS` names the parts of a run that writes no page, such as \
             `JICAI_BENCH_PARTS=attacked`: `orders`, `catalogue`, `large`, `lists`, `attacked`, `law`.\nAn order is one `POST /api/v1/orders` with three lines, a token and an idempotency \
             key: seven rows.\nRead the ratios; single figures belong to the machine and its disk.\n\n| what | figure | |\n|---|---:|---|\n"
        );
        for (what, figure, note) in &self.figures {
            let _ = writeln!(page, "| {what} | {figure:.2} | {note} |");
        }
        if let Some(law) = &self.law {
            let _ = write!(
                page,
                "\n`jicai rule injection-price` beside DuckDB, the same sums in integers, CSV to CSV, one core each \
                 (`benches/rule_speed.py`; promised: twice as fast, under 32 MiB):\n\n```\n{law}```\n"
            );
        }
        page.push_str("\n`benches/rules.rs` measures the rules one by one.\n");
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/PERFORMANCE.md"), page)
            .expect("docs/PERFORMANCE.md");
    }
}
