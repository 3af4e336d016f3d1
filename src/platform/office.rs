//! What an office is to the house: one value that says all that navigation, start pages, imports, the audit, the periodic
//! tasks and the route table ask of it. The program lists its offices once, top to bottom; nothing else names them all.

use std::time::Duration;

use super::audit::RowSource;
use super::deadlines::Deadline;
use super::error::{Refusal, Result};
use super::http::present::whole;
use super::http::route::Route;
use super::http::view::{Figure, Todo, Tone};
use super::import::{Loader, Spec};
use super::jobs::Registry;
use super::policy::Policies;
use super::sql::{AnyConn, Question, Time, counts};
use super::who::Principal;

/// Things of one kind that wait, shown on a start page at most; a last line says how many more there are.
pub const MOST_TODOS: i64 = 20;

/// The line under things of one kind where more wait than are shown: how many more, and where they are.
///
/// # Errors
/// Of the database.
pub fn rest(conn: &mut AnyConn, shown: usize, all: Question, what: &str, href: &str) -> Result<Option<Todo>> {
    let shown = i64::try_from(shown).unwrap_or(i64::MAX);
    let more = counts(conn, vec![all])?.first().copied().unwrap_or(0) - shown;
    Ok((more > 0).then(|| Todo {
        what: what.into(),
        about: format!("另有 {} 件，查看全部", whole(more)),
        href: href.into(),
        further: more - 1,
        tone: Tone::Waiting,
        ..Todo::default()
    }))
}

/// What falls due: when, and what.
pub type Upcoming = (Time, String);

/// One office.
#[derive(Clone, Copy)]
pub struct Office {
    /// Its folder.
    pub name: &'static str,
    /// Its lines of the route table.
    pub routes: fn() -> Vec<Route>,
    /// Its entries in the navigation.
    pub menu: &'static [MenuItem],
    /// Its part of somebody's start page, at such a legal time.
    pub desk: fn(&mut AnyConn, &Principal, Time) -> Result<Desk>,
    /// What falls due next in somebody's sight, from such a legal time on: when, and what.
    pub upcoming: fn(&mut AnyConn, &Principal, Time) -> Result<Vec<Upcoming>>,
    /// Its audited types and where their rows are.
    pub rows: &'static [RowSource],
    /// The kinds of sheets that it imports.
    pub sheets: &'static [&'static Spec],
    /// What time does to its rows.
    pub deadlines: &'static [Deadline],
    /// Registers the handlers of its jobs, and what it does by itself at intervals.
    pub tasks: fn(&mut Registry, &Means),
}

impl Office {
    /// An office that has routes and nothing else.
    pub const fn new(name: &'static str, routes: fn() -> Vec<Route>) -> Self {
        Self {
            name,
            routes,
            menu: &[],
            desk: |_, _, _| Ok(Desk::default()),
            upcoming: |_, _, _| Ok(Vec::new()),
            rows: &[],
            sheets: &[],
            deadlines: &[],
            tasks: |_, _| {},
        }
    }
}

/// An entry in the navigation.
#[derive(Clone, Copy)]
pub struct MenuItem {
    /// Where it stands: the entries of all offices are sorted by it, with gaps for later ones.
    pub place: u8,
    /// Its name.
    pub label: &'static str,
    /// Its address.
    pub href: &'static str,
    /// Who sees it.
    pub seen_by: fn(&Principal) -> bool,
    /// How many things wait there: the sum of the answers.
    pub waiting: fn(&Principal) -> Vec<Question>,
    /// Whether it stands in demo and training only.
    pub training: bool,
}

impl MenuItem {
    /// An entry at which nothing waits.
    pub const fn new(
        place: u8,
        label: &'static str,
        href: &'static str,
        seen_by: fn(&Principal) -> bool,
    ) -> Self {
        Self { place, label, href, seen_by, waiting: |_| Vec::new(), training: false }
    }

    /// With the number of things that wait. Cheap: it stands on every page.
    #[must_use]
    pub const fn counting(mut self, waiting: fn(&Principal) -> Vec<Question>) -> Self {
        self.waiting = waiting;
        self
    }

    /// In demo and training only.
    #[must_use]
    pub const fn only_in_training(mut self) -> Self {
        self.training = true;
        self
    }
}

/// A part of a start page.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    /// What waits, sorted by deadline.
    pub todos: Vec<Todo>,
    /// How things stand.
    pub figures: Vec<Figure>,
}

/// What jobs and tasks work with.
pub struct Means {
    /// The province's rules.
    pub policies: Policies,
    /// All offices.
    pub offices: Offices,
}

/// The offices of the program, top to bottom.
#[derive(Clone, Copy)]
pub struct Offices(pub &'static [Office]);

impl Desk {
    /// How many things wait, shown or not.
    pub fn waiting(&self) -> i64 {
        self.todos.iter().map(|todo| 1 + todo.further).sum()
    }
}

impl Offices {
    /// The route table.
    pub fn routes(self) -> Vec<Route> {
        self.0.iter().flat_map(|office| (office.routes)()).collect()
    }

    /// What somebody sees in the navigation.
    pub fn menu(self, who: &Principal, training: bool) -> Vec<&'static MenuItem> {
        let all = self.0.iter().flat_map(|office| office.menu);
        let mut seen: Vec<_> =
            all.filter(|item| (training || !item.training) && (item.seen_by)(who)).collect();
        seen.sort_by_key(|item| item.place);
        seen
    }

    /// Somebody's start page at such a legal time.
    ///
    /// # Errors
    /// Of the database.
    pub fn desk(self, conn: &mut AnyConn, who: &Principal, now: Time) -> Result<Desk> {
        let mut whole = Desk::default();
        for office in self.0 {
            let Desk { todos, figures } = (office.desk)(conn, who, now)?;
            whole.todos.extend(todos);
            whole.figures.extend(figures);
        }
        Ok(whole)
    }

    /// What falls due next in somebody's sight, the earliest first.
    ///
    /// # Errors
    /// Of the database.
    pub fn upcoming(self, conn: &mut AnyConn, who: &Principal, now: Time) -> Result<Vec<Upcoming>> {
        let mut all = Vec::new();
        for office in self.0 {
            all.extend((office.upcoming)(conn, who, now)?);
        }
        all.sort_by_key(|(at, _)| *at);
        Ok(all)
    }

    /// Every audited type.
    pub fn rows(self) -> Vec<RowSource> {
        self.0.iter().flat_map(|office| office.rows).copied().collect()
    }

    /// Every kind of sheet.
    pub fn sheets(self) -> impl Iterator<Item = &'static Spec> {
        self.0.iter().flat_map(|office| office.sheets).copied()
    }

    /// The kind of sheet of that name.
    ///
    /// # Errors
    /// 404.
    pub fn sheet(self, kind: &str) -> Result<&'static Spec> {
        self.sheets().find(|spec| spec.kind == kind).ok_or_else(|| Refusal::not_found("导入种类").into())
    }

    /// What checks and loads every kind of sheet by the province's rules.
    pub fn loader(self, policies: &Policies) -> Loader {
        Loader { specs: self.sheets().collect(), policies: policies.clone(), gap: Duration::ZERO }
    }

    /// What time does to the rows of all offices.
    pub fn deadlines(self) -> Vec<Deadline> {
        self.0.iter().flat_map(|office| office.deadlines).copied().collect()
    }

    /// Registers the jobs and tasks of every office.
    pub fn register(self, registry: &mut Registry, policies: &Policies) {
        let means = Means { policies: policies.clone(), offices: self };
        for office in self.0 {
            (office.tasks)(registry, &means);
        }
    }
}
