//! Routes of supervision.

use super::{api, pages};
use crate::platform::http::route::Route;
use crate::platform::routes;

/// For the table.
pub fn routes() -> Vec<Route> {
    routes! {
        pages {
            GET "/supervision/marked" Authority => pages::marked,
            GET "/supervision/marked.xlsx" Authority => pages::export,
            GET "/supervision/mails" AgencyOfficer => pages::mails,
            POST "/supervision/mails" AgencyOfficer => pages::send_again,
        }
        api "supervision" "监管" {
            GET "/api/v1/marked-purchases.xlsx" Authority => api::export,
            GET "/api/v1/marked-purchases" Authority => api::list,
        }
    }
}
