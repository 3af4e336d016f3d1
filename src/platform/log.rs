//! The log: JSON lines (or text) with the fields of the request's span, among them its id, and the slow-query log.

use std::cell::RefCell;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use super::config::{Log, LogFormat};
use super::loading;

/// Starts the log on standard error; does nothing where one runs already (tests).
///
/// # Errors
/// Where the level cannot be read.
pub fn start(log: &Log) -> Result<(), String> {
    let filter: Targets = log.level.parse().map_err(|e| format!("log.level：无法识别（{e}）"))?;
    let registry = tracing_subscriber::registry().with(filter);
    // Colours are for eyes: in a file they are rubbish.
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match log.format {
        LogFormat::Json => registry
            .with(lines.json().flatten_event(true).with_current_span(true).with_span_list(false))
            .try_init(),
        LogFormat::Text => registry.with(lines).try_init(),
    };
    drop(started);
    Ok(())
}

static SLOW_MICROS: AtomicU64 = AtomicU64::new(u64::MAX);

/// Logs and counts every statement that takes longer than `threshold`, on connections opened from now on.
///
/// # Errors
/// Where diesel refuses the instrument.
pub fn watch_slow_queries(threshold: Duration) -> Result<(), String> {
    SLOW_MICROS.store(u64::try_from(threshold.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    set_default_instrumentation(|| Some(Box::new(SlowQueries::default()))).map_err(|e| e.to_string())
}

#[derive(Default)]
struct SlowQueries {
    started: RefCell<Option<Instant>>,
}

impl Instrumentation for SlowQueries {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => *self.started.borrow_mut() = Some(Instant::now()),
            InstrumentationEvent::FinishQuery { query, error, .. } => {
                let Some(taken) = self.started.borrow_mut().take().map(|s| s.elapsed()) else { return };
                let slow = taken.as_micros() >= u128::from(SLOW_MICROS.load(Ordering::Relaxed));
                if slow && !loading::is_under_way() {
                    metrics::counter!("jicai_db_slow_queries_total").increment(1);
                    let text = statement(&query.to_string());
                    let millis = u64::try_from(taken.as_millis()).unwrap_or(u64::MAX);
                    tracing::warn!(target: "jicai::slow_query", millis, failed = error.is_some(), statement = text, "slow query");
                }
            }
            _ => {}
        }
    }
}

/// The statement without its values, which may be about people.
fn statement(shown: &str) -> String {
    shown.split(" -- binds:").next().unwrap_or_default().chars().take(1000).collect()
}
