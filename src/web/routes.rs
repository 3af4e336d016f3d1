//! The one route table: nothing is registered anywhere else.

use crate::offices;
use crate::platform::http::route::Route;

/// All routes, office by office.
pub fn table() -> Vec<Route> {
    offices::ALL.routes()
}
