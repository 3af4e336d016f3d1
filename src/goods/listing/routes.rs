//! Routes of drugs and their prices.

use super::{api, cut_pages, mine_pages, office_pages, pages};
use crate::platform::http::route::Route;
use crate::platform::routes;

/// For the table.
pub fn routes() -> Vec<Route> {
    routes! {
        pages {
            GET "/catalogue" AnyUser => pages::search,
            GET "/catalogue.xlsx" AnyUser => pages::export,
            GET "/catalogue/{product}" AnyUser => pages::product,
            GET "/listings/{id}/why" AnyUser => pages::why,
            GET "/my/products" Manufacturer => mine_pages::list,
            GET "/my/products.xlsx" Manufacturer => mine_pages::export,
            GET "/listings/{id}/price-cuts" ManufacturerClerk => cut_pages::ask,
            POST "/listings/{id}/price-cuts" ManufacturerClerk => cut_pages::cut,
            GET "/listings/work" AgencyOfficer => office_pages::work,
            POST "/listings/{id}/prices" AgencyOfficer => office_pages::propose,
            POST "/price-proposals/{id}/decision" AgencyOfficer => office_pages::decide,
            POST "/listings/{id}/renewals" ProvinceOfficer => pages::renew,
            POST "/listings/{id}/price-withdrawals" AnyUser => pages::withdraw,
        }
        api "products" "药品与挂网价" {
            GET "/api/v1/products" AnyUser [ProductsRead] => api::products,
            GET "/api/v1/products/{id}" AnyUser [ProductsRead] => api::product,
            GET "/api/v1/listings/{id}" AnyUser [ProductsRead] => api::listing,
            GET "/api/v1/listings/{id}/explanation" AnyUser [ProductsRead] => api::explain,
            GET "/api/v1/listings/{id}/suppliers" AnyUser [ProductsRead] => api::suppliers,
            POST "/api/v1/listings/{id}/price-cuts" ManufacturerClerk [PricesWrite] => api::cut_price,
            POST "/api/v1/listings/{id}/prices" AgencyOfficer => api::propose_price,
            GET "/api/v1/price-proposals" AgencyOfficer => api::price_proposals,
            POST "/api/v1/price-proposals/{id}/decision" AgencyOfficer => api::decide_price,
            POST "/api/v1/listings/{id}/renewals" ProvinceOfficer => api::renew,
            POST "/api/v1/listings/{id}/price-withdrawals" AnyUser [PricesWrite] => api::withdraw_price,
        }
    }
}
