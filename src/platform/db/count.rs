//! How many statements a database was asked, for tests of what a page, an order or an idle server costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::Connection;
use diesel::connection::{Instrumentation, InstrumentationEvent};

use crate::log::SlowQueries;
use crate::sql::AnyConn;

/// Statements so far on every connection that is counted here. Cheap to clone; clones count together.
#[derive(Debug, Clone, Default)]
pub struct Statements(Arc<AtomicU64>);

impl Statements {
    /// Statements so far, those that begin and end transactions among them.
    pub fn so_far(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts what is asked through `conn` from now on.
    pub(super) fn count(&self, conn: &mut AnyConn) {
        // A connection has one instrument: this one takes the place of the log's and does its work too.
        conn.set_instrumentation(Counting { statements: self.clone(), slow: SlowQueries::default() });
    }
}

struct Counting {
    statements: Statements,
    slow: SlowQueries,
}

impl Instrumentation for Counting {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            self.statements.0.fetch_add(1, Ordering::Relaxed);
        }
        self.slow.on_connection_event(event);
    }
}
