//! How people and systems prove who they are: users, sessions, tokens, the second step, and their pages.
//!
//! - [`users`]: people's accounts; [`people`] is who works in an organisation, [`manage`] what their administrator does with them,
//!   [`invite`] how they begin.
//! - [`password`]: how passwords are kept, [`strength`]: which may be used, [`change`]: how they are changed and reset.
//!   [`mailbox`]: where mails go.
//! - [`login`]: the log-in, with its lock-out by [`attempts`]; [`limit`]: the limit by address; [`totp`] and [`enrol`]: the
//!   second step, [`resets`]: how it is taken away.
//! - [`session`]: the portal's sessions. [`jwt`]: the API's access tokens, [`token`]: what the API hands out and takes,
//!   [`refresh`]: what prolongs it. [`keys`]: what tokens are signed with.
//! - [`api_client`]: an organisation's own systems, with the scopes that they may use.
//! - [`link`]: links in mails that work once, and log-ins that wait for their second step. [`seal`]: what is kept sealed in the
//!   database.

use jicai_platform::{self as platform, on_db, save, text_enum, versioned};

pub mod api;
pub mod api_client;
pub mod attempts;
pub mod change;
pub mod devices;
pub mod door;
pub mod enrol;
pub mod invite;
pub mod jwt;
pub mod keys;
mod letters;
pub mod limit;
pub mod link;
pub mod login;
pub mod mailbox;
pub mod manage;
pub mod name;
pub mod office;
pub mod pages;
pub mod password;
pub mod people;
pub mod refresh;
pub mod resets;
pub mod routes;
pub mod seal;
pub mod session;
pub mod strength;
pub mod token;
pub mod totp;
pub mod users;
pub mod views;

pub use door::Auth;
