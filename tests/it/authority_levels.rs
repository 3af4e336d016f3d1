//! Which level of authority may do what: every act that an officer may and a hospital may not, against a table written by hand.
//! What holds for the whole province is done by the agency, or by the agency and the provincial bureau; bureaus of cities and
//! counties look, and compute for themselves.

use std::collections::BTreeMap;

use jicai::platform::who::{OrgKind, Post};
use jicai::web::routes;

/// Acts of the agency's officers alone.
const AGENCY: &[&str] = &[
    "POST /api/v1/claims/{id}/decision",
    "POST /api/v1/imports",
    "POST /api/v1/imports/{id}/confirm",
    "POST /api/v1/imports/{id}/drop",
    "POST /api/v1/listings/{id}/prices",
    "POST /api/v1/price-proposals/{id}/decision",
    "POST /api/v1/product-proposals/{id}/decision",
    "POST /api/v1/products/{id}/changes",
    "POST /api/v1/products/{id}/group",
    "POST /claims/{id}/decision",
    "POST /imports",
    "POST /imports/{id}/confirm",
    "POST /imports/{id}/drop",
    "POST /listings/{id}/prices",
    "POST /price-proposals/{id}/decision",
    "POST /product-proposals/{id}/decision",
    "POST /products/{id}",
    "POST /products/{id}/group",
    "POST /supervision/mails",
    "POST /totp-resets",
    "POST /totp-resets/{id}/{decision}",
];

/// Acts of officers of the agency and the provincial bureau.
const PROVINCE: &[&str] = &[
    "POST /announcements",
    "POST /announcements/{id}/withdraw",
    "POST /api/v1/calendar/notices",
    "POST /api/v1/calendar/notices/{id}/confirm",
    "POST /api/v1/calendar/notices/{id}/reject",
    "POST /api/v1/legal-clock",
    "POST /api/v1/listings/{id}/renewals",
    "POST /api/v1/policy/proposals",
    "POST /api/v1/policy/proposals/{id}/confirm",
    "POST /api/v1/policy/proposals/{id}/reject",
    "POST /api/v1/policy/proposals/{id}/withdraw",
    "POST /api/v1/registrations/{id}/decisions",
    "POST /calendar/notices/{id}/confirm",
    "POST /calendar/notices/{id}/reject",
    "POST /calendar/propose",
    "POST /demo/clock",
    "POST /listings/{id}/renewals",
    "POST /organisations/{id}/state",
    "POST /policy/proposals/{id}/confirm",
    "POST /policy/proposals/{id}/reject",
    "POST /policy/proposals/{id}/withdraw",
    "POST /policy/propose",
    "POST /registrations/{id}/decide",
    "PUT /api/v1/organisations/{id}/state",
];

/// Acts of every officer: they change nothing.
const EVERY: &[&str] = &["POST /api/v1/what-if", "POST /what-if"];

#[test]
fn every_act_of_an_authority_stands_at_its_level() {
    use OrgKind::{Agency, CityBureau, CountyBureau, ProvincialBureau, PublicHospital};
    let mut levels: BTreeMap<String, &str> = BTreeMap::new();
    for route in routes::table() {
        let may = |kind, post| (route.rule.admits)(kind, post);
        let authorities =
            [Agency, ProvincialBureau, CityBureau, CountyBureau].map(|kind| may(kind, Post::Officer));
        let of_officers = authorities.contains(&true) && !may(PublicHospital, Post::Order);
        if route.method == "GET" || route.rule.open || !of_officers {
            continue;
        }
        let level = match authorities {
            [true, false, false, false] => "agency",
            [true, true, false, false] => "province",
            [true, true, true, true] => "every",
            other => panic!("{} {}: {other:?} is no level", route.method, route.path),
        };
        levels.insert(format!("{} {}", route.method, route.path), level);
    }
    let table = [(AGENCY, "agency"), (PROVINCE, "province"), (EVERY, "every")];
    let table: BTreeMap<String, &str> =
        table.iter().flat_map(|(acts, level)| acts.iter().map(|act| ((*act).to_owned(), *level))).collect();
    assert_eq!(levels, table);
}
