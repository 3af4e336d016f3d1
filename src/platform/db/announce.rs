//! Work that is due is announced: a write marks it with [`due`], and once it has committed those who wait hear of it, in this
//! process at once, in others on PostgreSQL's channel. Anyone who waits looks now and then without being told, for an
//! announcement may be lost; none is ever early.
//!
//! No write notifies by itself: PostgreSQL puts the commits of those that do one behind the other. One thread a process tells
//! the others what was due since it told them last, and hears them, on a connection of its own.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use tokio::sync::watch;

use crate::sql::{AnyConn, Id, Target};

/// Between two looks at the channel, and between two notifications; twice as long is the way from one process to another.
/// A look reads what has come in on the socket and asks the server nothing.
const LOOK: Duration = Duration::from_millis(50);
/// Pause after the connection was lost.
const LOST: Duration = Duration::from_secs(5);
/// What is still to be told when the process ends may take so long.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What may be due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A job to be run.
    Job,
    /// A mail to be sent.
    Mail,
    /// An event that has no place in the feed.
    Event,
    /// A version of the rules that was confirmed.
    Rules,
}

impl Work {
    const ALL: [Self; 4] = [Self::Job, Self::Mail, Self::Event, Self::Rules];
    /// All of them in one number.
    const EVERYTHING: u8 = 0b1111;

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

thread_local! {
    /// What the write on this thread has marked; a closure of a write stays on its thread from its beginning to its end.
    static MARKED: Cell<u8> = const { Cell::new(0) };
}

/// Marks work as due, in the running write: announced when that has committed, forgotten when it is refused.
pub fn due(work: Work) {
    MARKED.set(MARKED.get() | work.bit());
}

/// Runs a closure of a write and returns with its value what it marked as due.
pub(super) fn marked<T>(run: impl FnOnce() -> T) -> (T, u8) {
    MARKED.set(0);
    let value = run();
    (value, MARKED.take())
}

/// Hears of one kind of work.
pub struct Announced(watch::Receiver<()>);

impl Announced {
    /// What was announced until now is about to be looked at.
    pub fn looking(&mut self) {
        self.0.mark_unchanged();
    }

    /// Ready at the first announcement since the last [`Announced::looking`].
    pub async fn heard(&mut self) {
        if self.0.changed().await.is_err() {
            // The database was closed: nothing comes any more.
            std::future::pending::<()>().await;
        }
    }
}

/// What the database's doors and those who wait have in common. Cheap to clone.
#[derive(Clone)]
pub(super) struct Bell(Arc<Inner>);

struct Inner {
    here: Arc<Here>,
    /// Where others may work on the same database and can be told.
    wire: Option<(Target, Mutex<Option<JoinHandle<()>>>)>,
}

/// Those who wait in this process, and what the other processes are still to be told.
struct Here {
    waiting: [watch::Sender<()>; Work::ALL.len()],
    untold: AtomicU8,
    closed: AtomicBool,
}

impl Here {
    fn wake(&self, due: u8) {
        for (work, waiting) in Work::ALL.into_iter().zip(&self.waiting) {
            if due & work.bit() != 0 {
                waiting.send_replace(());
            }
        }
    }
}

impl Bell {
    pub(super) fn new(target: &Target) -> Self {
        let waiting = Work::ALL.map(|_| watch::Sender::new(()));
        let here = Here { waiting, untold: AtomicU8::new(0), closed: AtomicBool::new(false) };
        let wire = matches!(target, Target::Postgres(_)).then(|| (target.clone(), Mutex::default()));
        Self(Arc::new(Inner { here: Arc::new(here), wire }))
    }

    /// Announces what a write that has committed marked as due.
    pub(super) fn ring(&self, due: u8) {
        if due == 0 {
            return;
        }
        self.0.here.wake(due);
        self.0.here.untold.fetch_or(due, Ordering::SeqCst);
        self.connect();
    }

    /// For anyone who waits for such work.
    pub(super) fn announced(&self, work: Work) -> Announced {
        self.connect();
        let [job, mail, event, rules] = &self.0.here.waiting;
        let waiting = match work {
            Work::Job => job,
            Work::Mail => mail,
            Work::Event => event,
            Work::Rules => rules,
        };
        Announced(waiting.subscribe())
    }

    /// Starts the thread at the first need of it: a command that only reads has none.
    fn connect(&self) {
        let Some((target, thread)) = &self.0.wire else { return };
        let mut thread = thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            let wire = Wire { target: target.clone(), here: self.0.here.clone(), own: Id::new() };
            let started =
                std::thread::Builder::new().name("jicai-announce".into()).spawn(move || wire.serve());
            match started {
                Ok(running) => *thread = Some(running),
                Err(cause) => tracing::warn!(%cause, "announcements to other processes"),
            }
        }
    }
}

impl Drop for Inner {
    /// A command's last write is announced before the process ends.
    fn drop(&mut self) {
        self.here.closed.store(true, Ordering::SeqCst);
        let Some((_, thread)) = &mut self.wire else { return };
        let Some(thread) = thread.get_mut().unwrap_or_else(PoisonError::into_inner) else { return };
        thread.thread().unpark();
        let until = Instant::now() + LAST_WORDS;
        while !thread.is_finished() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// The thread that talks with the other processes.
struct Wire {
    target: Target,
    here: Arc<Here>,
    /// Tells our own notifications from others'.
    own: Id,
}

impl Wire {
    fn serve(self) {
        let mut conn = None;
        loop {
            let closed = self.here.closed.load(Ordering::SeqCst);
            let talked = self.talk(&mut conn);
            if closed {
                return;
            }
            match talked {
                Ok(()) => std::thread::park_timeout(LOOK),
                Err(cause) => {
                    tracing::warn!(cause, "announcements between processes");
                    conn = None;
                    std::thread::park_timeout(LOST);
                }
            }
        }
    }

    fn talk(&self, slot: &mut Option<AnyConn>) -> Result<(), String> {
        let conn = match slot {
            Some(conn) => conn,
            None => {
                let conn = slot.insert(self.target.open()?);
                conn.batch_execute("LISTEN jicai").map_err(|e| e.to_string())?;
                // Whatever was told while nobody listened here.
                self.here.wake(Work::EVERYTHING);
                conn
            }
        };
        let due = self.here.untold.swap(0, Ordering::SeqCst);
        if due != 0
            && let Err(cause) = conn.batch_execute(&format!("NOTIFY jicai, '{due} {}'", self.own))
        {
            self.here.untold.fetch_or(due, Ordering::SeqCst);
            return Err(cause.to_string());
        }
        if let AnyConn::Pg(conn) = conn {
            for told in conn.notifications_iter() {
                self.hear(&told.map_err(|e| e.to_string())?.payload);
            }
        }
        Ok(())
    }

    fn hear(&self, told: &str) {
        let Some((due, by)) = told.split_once(' ') else { return };
        if by != self.own.to_string() {
            // What cannot be read comes from a later version of the program: look at everything.
            self.here.wake(due.parse().unwrap_or(Work::EVERYTHING));
        }
    }
}
