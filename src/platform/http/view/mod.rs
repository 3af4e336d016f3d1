//! What templates show: plain strings, already formatted, so that no template computes and no handler writes HTML.
//!
//! Money is written `1,234.50`, units stand in the column head; times `2024-09-10 17:00`; shares `80.00%`.

mod cell;
mod field;
mod frame;
mod pages;
mod parts;
mod table;

pub use crate::text_enum::Tone;
pub use cell::{Button, Cell};
pub use field::{Choice, Field, FieldError, Kind, focus_first};
pub use frame::{Flash, Foot, Frame, Link, NavItem, Viewer};
pub use pages::{
    Clock, ErrorPage, Login, MailChoice, MailChoices, MessageRow, Messages, Outbox, Question, StartHospital,
    StartOfficer, StartSupplier,
};
pub use parts::{Badge, Confirm, Event, Figure, Job, News, Pair, Recheck, RiskMark, Step, Todo, Why};
pub use table::{Bulk, Column, ColumnChoice, Order, Paging, Table, TableCell, TableRow, sortable};
