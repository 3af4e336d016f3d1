//! The page that the measurement writes.

use std::fmt::Write;

/// Figures in the order in which they were taken.
#[derive(Default)]
pub struct Report(Vec<(String, f64, String)>);

impl Report {
    /// Adds a figure and prints it.
    pub fn add(&mut self, what: &str, figure: f64, note: &str) {
        println!("{what}: {figure:.3} {note}");
        self.0.push((what.into(), figure, note.into()));
    }

    /// Writes `docs/PERFORMANCE.md`.
    pub fn write(&self) {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let mut page = format!(
            "# Performance\n\nWritten by `cargo bench --bench performance` (release build, {cores} cores, load generator and \
             server on the same machine).\nAn order is one `POST /api/v1/orders` with three lines, a token and an idempotency \
             key: seven rows.\nRead the ratios; single figures belong to the machine and its disk.\n\n| what | figure | |\n|---|---:|---|\n"
        );
        for (what, figure, note) in &self.0 {
            let _ = writeln!(page, "| {what} | {figure:.2} | {note} |");
        }
        page.push_str(
            "\n`benches/rule_speed.py` measures `jicai rule injection-price` beside DuckDB; `benches/rules.rs` the rules.\n",
        );
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/PERFORMANCE.md"), page)
            .expect("docs/PERFORMANCE.md");
    }
}
