//! Routes of orders.

use super::{api, basket, pages, standing};
use crate::platform::http::route::Route;
use crate::platform::routes;

/// For the table.
// A table to read, not a function to follow.
#[allow(clippy::too_many_lines)]
pub fn routes() -> Vec<Route> {
    routes! {
        pages {
            GET "/orders" AnyUser => pages::list::list,
            POST "/orders" HospitalBuyer => pages::new::submit,
            GET "/orders.xlsx" AnyUser => pages::list::export,
            POST "/orders/confirm" SupplierClerk => pages::list::confirm_chosen,
            GET "/orders/new" HospitalBuyer => pages::new::open,
            POST "/orders/new" HospitalBuyer => pages::new::act,
            GET "/orders/find" HospitalBuyer => pages::new::find,
            POST "/orders/check" HospitalBuyer => pages::new::check,
            POST "/orders/draft" HospitalBuyer => pages::new::autosave,
            POST "/orders/drafts/{id}/drop" HospitalBuyer => pages::new::give_up,
            GET "/orders/{id}" AnyUser => pages::one::show,
            GET "/orders/{id}/print" AnyUser => pages::one::print,
            GET "/orders/{id}/export" AnyUser => pages::one::export,
            POST "/orders/{id}/confirm" SupplierClerk => pages::one::confirm,
            POST "/orders/{id}/refuse" SupplierClerk => pages::one::refuse,
            POST "/orders/{id}/cancel" HospitalBuyer => pages::one::cancel,
            POST "/orders/{id}/urge" HospitalBuyer => pages::one::urge,
            POST "/orders/{id}/delete" HospitalBuyer => pages::one::delete,
            GET "/basket" HospitalBuyer => basket::pages::show,
            POST "/basket" HospitalBuyer => basket::pages::act,
            GET "/basket/check" HospitalBuyer => basket::order_pages::check,
            POST "/basket/pasted" HospitalBuyer upload => basket::pages::paste,
            POST "/basket/chosen" HospitalBuyer => basket::pages::chosen,
            POST "/basket/last-month" HospitalBuyer => basket::pages::last_month,
            POST "/basket/list" HospitalBuyer => basket::pages::save,
            POST "/basket/orders" HospitalBuyer => basket::order_pages::submit,
            POST "/standing-lists/{id}/take" HospitalBuyer => basket::pages::standing,
            GET "/standing-lists" HospitalBuyer => standing::pages::lists,
            GET "/standing-lists/{id}" HospitalBuyer => standing::pages::one,
            POST "/standing-lists/{id}" HospitalBuyer => standing::pages::rename,
            POST "/standing-lists/{id}/delete" HospitalBuyer => standing::pages::delete,
        }
        api "orders" "订单" {
            GET "/api/v1/orders.xlsx" AnyUser [OrdersRead] => api::export_orders,
            GET "/api/v1/orders" AnyUser [OrdersRead] => api::orders,
            POST "/api/v1/orders" HospitalBuyer [OrdersWrite] => api::create,
            POST "/api/v1/orders/preview" HospitalBuyer [OrdersWrite] => api::preview,
            GET "/api/v1/orders/{id}" AnyUser [OrdersRead] => api::order,
            PUT "/api/v1/orders/{id}" HospitalBuyer [OrdersWrite] => api::replace,
            DELETE "/api/v1/orders/{id}" HospitalBuyer [OrdersWrite] => api::delete,
            GET "/api/v1/orders/{id}/sheet.xlsx" AnyUser [OrdersRead] => api::export_order,
            POST "/api/v1/orders/{id}/submit" HospitalBuyer [OrdersWrite] => api::submit,
            POST "/api/v1/orders/{id}/confirm" SupplierClerk [OrdersWrite] => api::confirm,
            POST "/api/v1/orders/{id}/refuse" SupplierClerk [OrdersWrite] => api::refuse,
            POST "/api/v1/orders/{id}/cancel" HospitalBuyer [OrdersWrite] => api::cancel,
            POST "/api/v1/orders/{id}/urge" HospitalBuyer [OrdersWrite] => api::urge,
            GET "/api/v1/basket" HospitalBuyer [OrdersRead] => basket::api::show,
            DELETE "/api/v1/basket" HospitalBuyer [OrdersWrite] => basket::api::clear,
            POST "/api/v1/basket/lines" HospitalBuyer [OrdersWrite] => basket::api::add,
            POST "/api/v1/basket/pasted" HospitalBuyer [OrdersWrite] => basket::api::paste,
            POST "/api/v1/basket/last-month" HospitalBuyer [OrdersWrite] => basket::api::last_month,
            POST "/api/v1/standing-lists/{id}/take" HospitalBuyer [OrdersWrite] => basket::api::standing,
            GET "/api/v1/standing-lists" Hospital [OrdersRead] => standing::api::lists,
            POST "/api/v1/standing-lists" HospitalBuyer [OrdersWrite] => standing::api::save,
            GET "/api/v1/standing-lists/{id}" Hospital [OrdersRead] => standing::api::one,
            PUT "/api/v1/standing-lists/{id}" HospitalBuyer [OrdersWrite] => standing::api::rename,
            DELETE "/api/v1/standing-lists/{id}" HospitalBuyer [OrdersWrite] => standing::api::delete,
        }
    }
}
