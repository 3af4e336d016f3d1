//! Which days are worked, as far as this province knows: the notices on holidays that ship with the program and those that
//! officers added since.

mod days;
pub mod notice;

pub use days::{Days, read_days};

use std::sync::LazyLock;

use super::error::{Error, Result};
use super::sql::AnyConn;
use crate::rules::calendar::{Calendar, CalendarError};

/// The job that counts provisional due days again, once a notice is confirmed. The office that keeps such days registers it.
pub const RECOUNT: &str = "calendar.recount";

/// Says beside a due day that it may still change.
pub const PROVISIONAL: &str = "暂定，放假安排公布后重新计算";

/// What ships, read once.
static SHIPPED: LazyLock<std::result::Result<Calendar, CalendarError>> = LazyLock::new(Calendar::shipped);

/// The calendar as it is known in this moment of the database.
///
/// # Errors
/// Of the database.
pub fn current(conn: &mut AnyConn) -> Result<Calendar> {
    let mut calendar = SHIPPED.clone().map_err(Error::internal)?;
    for row in notice::confirmed(conn)? {
        calendar.put(row.law()?);
    }
    Ok(calendar)
}
