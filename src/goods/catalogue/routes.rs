//! Routes of product data: claims and corrections.

use super::{api, edit_pages, office_pages, pages};
use crate::platform::http::route::Route;
use crate::platform::routes;

/// For the table.
pub fn routes() -> Vec<Route> {
    routes! {
        pages {
            GET "/my/claims" Manufacturer => pages::my_claims,
            POST "/my/claims" ManufacturerClerk upload => pages::make_claim,
            POST "/my/claims/{id}/withdraw" ManufacturerClerk => pages::withdraw,
            GET "/products/work" AgencyOfficer => office_pages::work,
            GET "/products/{id}" AgencyOfficer => edit_pages::edit,
            POST "/products/{id}" AgencyOfficer => edit_pages::change,
            POST "/products/{id}/group" AgencyOfficer => edit_pages::settle,
            POST "/claims/{id}/decision" AgencyOfficer => office_pages::judge,
            POST "/product-proposals/{id}/decision" AgencyOfficer => office_pages::decide,
        }
        api "ownership" "产品归属与维护" {
            GET "/api/v1/my/products" Manufacturer [OwnProductsRead] => api::my_products,
            GET "/api/v1/my/codes" Manufacturer [OwnProductsRead] => api::my_codes,
            GET "/api/v1/my/claims" Manufacturer [OwnProductsRead] => api::my_claims,
            POST "/api/v1/my/claims" ManufacturerClerk upload => api::make_claim,
            GET "/api/v1/my/claims/{id}" Manufacturer [OwnProductsRead] => api::my_claim,
            POST "/api/v1/my/claims/{id}/withdraw" ManufacturerClerk => api::withdraw,
            GET "/api/v1/product-work" AgencyOfficer => api::work,
            POST "/api/v1/claims/{id}/decision" AgencyOfficer => api::judge,
            POST "/api/v1/products/{id}/changes" AgencyOfficer => api::change,
            POST "/api/v1/products/{id}/group" AgencyOfficer => api::settle,
            POST "/api/v1/product-proposals/{id}/decision" AgencyOfficer => api::decide,
        }
    }
}
