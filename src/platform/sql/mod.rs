//! Values of columns, and the connection that carries them: what both engines share below the database's two doors.

mod conn;
mod counts;
mod keyset;
pub mod like;
mod time;
mod total;
mod types;

pub use conn::{AnyConn, MultiBackend, Target};
pub use counts::{Question, at_most, counts, fixed, sums};
pub use time::{Time, shanghai};
pub use total::{Total, money_sum, two_numbers};
pub use types::{Id, Money, SqlId};
