//! Routes of what the public sees.

use super::{key, pages, prices};
use crate::platform::http::route::Route;
use crate::platform::routes;

/// For the table.
pub fn routes() -> Vec<Route> {
    routes! {
        pages {
            GET "/audit/head" Anyone => pages::audit_head,
            GET "/audit/blocks/{no}.json" Anyone => key::block,
            GET "/audit/blocks/{no}.sig" Anyone => key::signature,
            GET "/verification-key" Anyone => key::show,
            GET "/verification-key.pem" Anyone => key::pem,
            GET "/prices" Anyone => prices::list,
            GET "/prices.xlsx" Anyone => prices::export,
            GET "/prices/{listing}" Anyone => prices::show,
            GET "/prices/{listing}/why" Anyone => prices::why,
            GET "/announcements" Anyone => pages::announcements,
            POST "/announcements" ProvinceOfficer => pages::publish,
            GET "/announcements/new" ProvinceOfficer => pages::announce,
            GET "/announcements/{id}" Anyone => pages::announcement,
            POST "/announcements/{id}/withdraw" ProvinceOfficer => pages::withdraw,
        }
    }
}
