//! Routes of organisations.

use super::{api, directory, own, pages, registration};
use crate::platform::http::route::Route;
use crate::platform::routes;

/// For the table.
pub fn routes() -> Vec<Route> {
    routes! {
        pages {
            GET "/organisation" AnyUser => own::pages::own,
            GET "/registration" Anyone => registration::pages::begin,
            POST "/registration" Anyone => registration::pages::save,
            GET "/registration/status" Anyone => registration::pages::status,
            GET "/registration/change" Anyone => registration::pages::edit,
            POST "/registration/change" Anyone => registration::pages::change,
            POST "/registration/files" Anyone upload => registration::pages::add_files,
            GET "/registration/files/{id}" Anyone => registration::pages::file,
            POST "/registration/submit" Anyone => registration::pages::submit,
            GET "/welcome" Anyone => registration::welcome::show,
            POST "/welcome" Anyone => registration::welcome::open,
            GET "/registrations" ProvinceOfficer => registration::office::list,
            GET "/registrations/{id}" ProvinceOfficer => registration::office::show,
            POST "/registrations/{id}/decide" ProvinceOfficer => registration::office::decide,
            GET "/organisations" Authority => directory::pages::list,
            GET "/organisations.xlsx" Authority => directory::pages::export,
            GET "/organisations/{id}" Authority => directory::pages::show,
            POST "/organisations/{id}/state" ProvinceOfficer => directory::pages::set_state,
            POST "/organisation/files" OrgAdmin upload => own::pages::add_files,
            POST "/organisation/contact" OrgAdmin => own::pages::set_contact,
            GET "/addresses" Hospital => pages::addresses,
            POST "/addresses" Hospital => pages::add_address,
            GET "/addresses/{id}" Hospital => pages::address,
            POST "/addresses/{id}" Hospital => pages::change_address,
            POST "/addresses/{id}/delete" Hospital => pages::delete_address,
            GET "/distributors" Supplier => pages::distributors,
            POST "/distributors" ManufacturerClerk => pages::appoint,
            POST "/distributors/{id}/end" ManufacturerClerk => pages::end,
        }
        api "party" "收货地址与配送企业" {
            GET "/api/v1/registrations" ProvinceOfficer => registration::api::list,
            GET "/api/v1/registrations/{id}" ProvinceOfficer => registration::api::show,
            POST "/api/v1/registrations/{id}/decisions" ProvinceOfficer => registration::api::decide,
            GET "/api/v1/organisations" Authority => directory::api::list,
            GET "/api/v1/organisations/{id}" Authority => directory::api::show,
            PUT "/api/v1/organisations/{id}/state" ProvinceOfficer => directory::api::set_state,
            GET "/api/v1/organisation" AnyUser [OrganisationRead] => own::api::show,
            POST "/api/v1/organisation/files" OrgAdmin upload => own::api::add_files,
            PUT "/api/v1/organisation/contact" OrgAdmin => own::api::set_contact,
            GET "/api/v1/addresses" Hospital [AddressesRead] => api::addresses,
            POST "/api/v1/addresses" Hospital [AddressesWrite] => api::add_address,
            PUT "/api/v1/addresses/{id}" Hospital [AddressesWrite] => api::change_address,
            DELETE "/api/v1/addresses/{id}" Hospital [AddressesWrite] => api::delete_address,
            GET "/api/v1/distributors" ManufacturerClerk [DistributorsRead] => api::distributors,
            POST "/api/v1/distributors" ManufacturerClerk [DistributorsWrite] => api::appoint,
            DELETE "/api/v1/distributors/{id}" ManufacturerClerk [DistributorsWrite] => api::end,
        }
    }
}
