//! Counts the statements that a database is sent, through the instrumentation of every connection to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Once, OnceLock};
use std::time::Duration;

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use jicai::platform::db::{Db, Limits};
use jicai::platform::sql::Target;

type Seen = Arc<Mutex<Vec<String>>>;

fn watched() -> &'static Mutex<BTreeMap<String, Seen>> {
    static WATCHED: OnceLock<Mutex<BTreeMap<String, Seen>>> = OnceLock::new();
    WATCHED.get_or_init(Mutex::default)
}

/// A connection that tells what it sends, if its database is watched.
#[derive(Default)]
struct Told(Option<Seen>);

impl Instrumentation for Told {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                self.0 = watched().lock().expect("lock").get(url).cloned();
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                if let Some(seen) = &self.0 {
                    let text = query.to_string();
                    // What a new connection sets, the checkpoints and the announcements belong to no operation.
                    let of_none = ["SET ", "PRAGMA ", "LISTEN ", "NOTIFY "];
                    if !of_none.iter().any(|start| text.starts_with(start)) {
                        seen.lock().expect("lock").push(text);
                    }
                }
            }
            _ => {}
        }
    }
}

/// One watched database.
pub struct Watch(Seen);

impl Watch {
    /// Watches a database; before it is opened.
    pub fn over(target: &Target) -> Self {
        static TOLD: Once = Once::new();
        TOLD.call_once(|| {
            set_default_instrumentation(|| Some(Box::new(Told::default()))).expect("instrumentation");
        });
        let url = match target {
            Target::Postgres(url) => url.clone(),
            Target::Sqlite(path) => path.to_str().expect("UTF-8").to_owned(),
        };
        let seen = Seen::default();
        watched().lock().expect("lock").insert(url, seen.clone());
        Self(seen)
    }

    /// The same database through new doors, watched.
    pub fn anew(db: &Db) -> (Self, Db) {
        let watch = Self::over(db.target());
        let limits = Limits { wait: Duration::from_secs(300), ..Limits::default() };
        (watch, Db::open(db.target(), limits).expect("open"))
    }

    /// How much was sent since somebody took it.
    pub fn count(&self) -> usize {
        self.0.lock().expect("lock").len()
    }

    /// What was sent since the last call.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("lock"))
    }
}

/// What each operation sent, by the number of its lines or rows.
#[derive(Default)]
pub struct Counts(pub BTreeMap<String, BTreeMap<usize, Vec<String>>>);

impl Counts {
    /// Adds what one run of an operation sent.
    pub fn add(&mut self, operation: &str, size: usize, mut sent: Vec<String>) {
        // What asks whether a connection that has rested still lives depends on the time between two runs.
        sent.retain(|statement| statement != "SELECT 1");
        self.0.entry(operation.into()).or_default().insert(size, sent);
    }

    /// Fails where more lines or rows take more statements than one for each `step` of them.
    pub fn check(&self, step: usize) {
        let mut wrong = Vec::new();
        for (operation, by_size) in &self.0 {
            let (fewest, few) = by_size.first_key_value().expect("a size");
            let counts: Vec<_> = by_size.iter().map(|(size, sent)| (*size, sent.len())).collect();
            println!("{operation}: {counts:?}");
            for (size, sent) in by_size {
                if sent.len().abs_diff(few.len()) > (size - fewest) / step {
                    let sent: Vec<String> = sent.iter().map(|s| s.chars().take(300).collect()).collect();
                    wrong.push(format!("{operation}: {counts:?}\n  {}", sent.join("\n  ")));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
