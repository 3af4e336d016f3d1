//! Who is asking: roles, the types that handlers ask for, what an organisation's system may do. How somebody proves who they are
//! is the office of accounts.
//!
//! - [`role`]: the one list of roles, organisation kind × post. [`guard`]: the same as types for handlers' signatures.
//! - [`scope`]: what an organisation's own system may do. [`actors`]: the catalogue's actors beside the list of roles.
//! - [`person`]: when two accounts are one person.
//! - [`region`]: what an authority looks after.

pub mod actors;
pub mod guard;
pub mod person;
pub mod region;
pub mod role;
pub mod scope;

pub use region::Region;
pub use role::{Kinds, OrgKind, Post, Principal, Side};
