//! What stands in a cell of a table: words, links, marks and acts, one after the other.

use std::fmt::Display;

use askama::Template;

use super::{Badge, Confirm, Link, RiskMark};

/// A cell.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "components/cell.html")]
pub struct Cell {
    parts: Vec<Part>,
    pub(crate) class: &'static str,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Break,
    Code(String),
    Span(&'static str, Cell),
    Link(CellLink),
    Badge(Badge),
    Mark(RiskMark),
    Why(String, String),
    Act(String, Confirm),
    Post(String, Button),
    Press(Button),
    Figure(Button),
    Letter(String, String, Option<Link>),
}

#[derive(Clone, Debug, Default)]
struct CellLink {
    href: String,
    text: String,
    about: String,
    class: &'static str,
    opens: bool,
}

/// A button of a row.
#[derive(Clone, Debug, Default)]
pub struct Button {
    /// The id of the form that it sends.
    pub form: String,
    /// What it sends.
    pub name: String,
    /// With which value.
    pub value: String,
    /// What it says.
    pub text: String,
    /// Which row it belongs to, for readers who do not see it.
    pub about: String,
}

impl Cell {
    fn of(part: Part) -> Self {
        Self { parts: vec![part], class: "" }
    }

    fn with(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    /// Words.
    pub fn text(text: impl Display) -> Self {
        Self::of(Part::Text(text.to_string()))
    }

    /// Words in grey, where there is nothing to tell.
    pub fn quiet(text: &str) -> Self {
        Self::span("quiet", text)
    }

    /// A code or a number that is copied.
    pub fn code(text: impl Into<String>) -> Self {
        Self::of(Part::Code(text.into()))
    }

    /// Words in a class of the style sheet.
    pub fn span(class: &'static str, cell: impl Into<Self>) -> Self {
        Self::of(Part::Span(class, cell.into()))
    }

    /// The link that opens the row, also with Enter.
    pub fn opens(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self::of(Part::Link(CellLink {
            href: href.into(),
            text: text.into(),
            opens: true,
            ..CellLink::default()
        }))
    }

    /// Another link; `about` says which row it belongs to, for readers who do not see it.
    pub fn link(href: impl Into<String>, text: impl Into<String>, about: impl Into<String>) -> Self {
        Self::of(Part::Link(CellLink {
            href: href.into(),
            text: text.into(),
            about: about.into(),
            ..CellLink::default()
        }))
    }

    /// As [`Cell::link`], with the class of the style sheet that the link has.
    #[must_use]
    pub fn link_class(mut self, class: &'static str) -> Self {
        if let Some(Part::Link(link)) = self.parts.last_mut() {
            link.class = class;
        }
        self
    }

    /// As [`Cell::link`], opening the row too.
    #[must_use]
    pub fn opening(mut self) -> Self {
        if let Some(Part::Link(link)) = self.parts.last_mut() {
            link.opens = true;
        }
        self
    }

    /// An act that asks once.
    pub fn act(token: &str, act: Confirm) -> Self {
        Self::of(Part::Act(token.into(), act))
    }

    /// A button that acts at once; its value is the address that takes the POST.
    pub fn post(token: &str, button: Button) -> Self {
        Self::of(Part::Post(token.into(), button))
    }

    /// A button that sends the form that the rows are chosen with.
    pub fn press(button: Button) -> Self {
        Self::of(Part::Press(button))
    }

    /// A box for a figure that another form sends; what the button would say, its label says.
    pub fn figure(button: Button) -> Self {
        Self::of(Part::Figure(button))
    }

    /// A mail that is unfolded.
    pub fn letter(subject: impl Into<String>, body: impl Into<String>, link: Option<Link>) -> Self {
        Self::of(Part::Letter(subject.into(), body.into(), link))
    }

    /// The same with something behind it, after a space.
    #[must_use]
    pub fn and(self, other: impl Into<Self>) -> Self {
        self.with(Part::Text(" ".into())).then(other)
    }

    /// The same with something right behind it.
    #[must_use]
    pub fn then(mut self, other: impl Into<Self>) -> Self {
        self.parts.extend(other.into().parts);
        self
    }

    /// The same with something on the next line.
    #[must_use]
    pub fn line(self, other: impl Into<Self>) -> Self {
        if self.is_empty() { other.into() } else { self.with(Part::Break).then(other) }
    }

    /// The same with smaller words under it.
    #[must_use]
    pub fn below(self, other: impl Into<Self>) -> Self {
        self.then(Self::span("below", other))
    }

    /// The link 「为什么」 after it.
    #[must_use]
    pub fn why(self, href: impl Into<String>, about: impl Into<String>) -> Self {
        self.with(Part::Text(" ".into())).with(Part::Why(href.into(), about.into()))
    }

    /// The same in a class of the style sheet.
    #[must_use]
    pub fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }

    /// True where nothing stands in it.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::of(Part::Text(text))
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::of(Part::Text(text.into()))
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::of(Part::Text(text.clone()))
    }
}

impl From<Badge> for Cell {
    fn from(badge: Badge) -> Self {
        Self::of(Part::Badge(badge))
    }
}

impl From<RiskMark> for Cell {
    fn from(mark: RiskMark) -> Self {
        Self::of(Part::Mark(mark))
    }
}
