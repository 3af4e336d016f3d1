//! The one route table, grouped by office. Nothing is registered anywhere else. The word after the address is the role that
//! may; the same type stands first among the handler's arguments, and the compiler compares the two.

use actix_web::http::Method;

use super::route::{Route, Size};
use super::{clock_api, docs, feed_api, imports_api, messages_api, pages, policy_api};
use crate::platform::who::guard;
use crate::platform::who::scope::Scope;
use crate::{accounts, catalogue, listing, order, party, platform, publication, supervision};

/// `"office" { METHOD "/address" Role => handler, … }`; `[Scope]` after the role where an organisation's own system may call it
/// within that scope, `upload` before the arrow where files come in.
macro_rules! table {
    ($($office:literal {
        $($method:ident $path:literal $role:ident $([$scope:ident])? $($upload:ident)? => $handler:expr,)*
    })*) => {
        vec![$($(
            Route::new::<guard::$role, _, _>(
                $office, Method::$method, $path, size!($($upload)?), $handler,
            ).scoped(scope!($($scope)?)),
        )*)*]
    };
}

macro_rules! scope {
    () => {
        None
    };
    ($scope:ident) => {
        Some(Scope::$scope)
    };
}

macro_rules! size {
    () => {
        Size::Body
    };
    (upload) => {
        Size::Upload
    };
}

/// All routes.
// A table to read, not a function to follow.
#[allow(clippy::too_many_lines)]
pub fn table() -> Vec<Route> {
    table! {
        "运行" {
            GET "/healthz" Anyone => docs::alive,
            GET "/readyz" Anyone => docs::ready,
            GET "/static/{file:.*}" Anyone => platform::http::assets::serve,
            GET "/api/v1/openapi.json" Anyone => docs::openapi,
            GET "/api/docs" Anyone => docs::to_swagger,
            GET "/api/docs/{file:.*}" Anyone => docs::swagger,
        }
        "登录" {
            POST "/api/v1/tokens" Anyone => accounts::api::log_in,
            POST "/api/v1/tokens/client" Anyone => accounts::api::machines::token,
            POST "/api/v1/tokens/refresh" Anyone => accounts::api::refresh,
            POST "/api/v1/tokens/revoke" Anyone => accounts::api::revoke,
            GET "/api/v1/me" AnyUser => accounts::api::me,
            GET "/login" Anyone => accounts::pages::login,
            POST "/login" Anyone => accounts::pages::log_in,
            POST "/login/code" Anyone => accounts::pages::log_in_with_code,
            POST "/logout" AnyUser => accounts::pages::log_out,
            GET "/invitation" Anyone => accounts::pages::links::invited,
            POST "/invitation" Anyone => accounts::pages::links::accept,
            GET "/password/forgotten" Anyone => accounts::pages::links::forgotten,
            POST "/password/forgotten" Anyone => accounts::pages::links::send_reset,
            GET "/password/reset" Anyone => accounts::pages::links::reset,
            POST "/password/reset" Anyone => accounts::pages::links::set_password,
            GET "/account/email/confirm" Anyone => accounts::pages::links::new_mailbox,
            POST "/account/email/confirm" Anyone => accounts::pages::links::confirm_mailbox,
        }
        "账号与用户" {
            GET "/clients" ClientKeeper => accounts::pages::machines::list,
            POST "/clients" ClientKeeper => accounts::pages::machines::create,
            POST "/clients/{id}/rotate" ClientKeeper => accounts::pages::machines::rotate,
            POST "/clients/{id}/revoke" ClientKeeper => accounts::pages::machines::revoke,
            GET "/api/v1/clients" ClientKeeper => accounts::api::machines::list,
            POST "/api/v1/clients" ClientKeeper => accounts::api::machines::create,
            POST "/api/v1/clients/{id}/rotate" ClientKeeper => accounts::api::machines::rotate,
            DELETE "/api/v1/clients/{id}" ClientKeeper => accounts::api::machines::revoke,
            GET "/messages/choices" AnyUser => pages::messages::choices,
            POST "/messages/choices" AnyUser => pages::messages::choose,
            GET "/account" AnyUser => accounts::pages::account::show,
            POST "/account/sessions/end-others" AnyUser => accounts::pages::account::end_others,
            POST "/account/sessions/{key}/end" AnyUser => accounts::pages::account::end_session,
            GET "/account/totp" AnyUser => accounts::pages::totp::show,
            POST "/account/totp" AnyUser => accounts::pages::totp::begin,
            GET "/account/totp/confirm" AnyUser => accounts::pages::totp::picture,
            POST "/account/totp/confirm" AnyUser => accounts::pages::totp::confirm,
            POST "/account/totp/codes" AnyUser => accounts::pages::totp::codes,
            POST "/account/totp/off" AnyUser => accounts::pages::totp::off,
            GET "/totp-resets" ResetKeeper => accounts::pages::totp::waiting,
            POST "/totp-resets" ResetKeeper => accounts::pages::totp::ask,
            POST "/totp-resets/{id}/{decision}" ResetKeeper => accounts::pages::totp::decide,
            GET "/api/v1/account/totp" AnyUser => accounts::api::account::second_step,
            POST "/api/v1/account/totp" AnyUser => accounts::api::account::begin,
            POST "/api/v1/account/totp/confirmation" AnyUser => accounts::api::account::confirm,
            POST "/api/v1/account/totp/recovery-codes" AnyUser => accounts::api::account::renew_codes,
            POST "/api/v1/account/totp/removal" AnyUser => accounts::api::account::remove,
            GET "/account/email" AnyUser => accounts::pages::account::email,
            POST "/account/email" AnyUser => accounts::pages::account::change_email,
            PUT "/api/v1/account/email" AnyUser => accounts::api::account::change_email,
            GET "/api/v1/account/sessions" AnyUser => accounts::api::account::sessions,
            DELETE "/api/v1/account/sessions" AnyUser => accounts::api::account::end_sessions,
            DELETE "/api/v1/account/sessions/{id}" AnyUser => accounts::api::account::end_session,
            GET "/account/password" AnyUser => accounts::pages::account::password,
            POST "/account/password" AnyUser => accounts::pages::account::change_password,
            GET "/users" OrgAdmin => accounts::pages::users::list,
            POST "/users" OrgAdmin => accounts::pages::users::invite,
            GET "/users/new" OrgAdmin => accounts::pages::users::new,
            GET "/users/{id}" OrgAdmin => accounts::pages::users::show,
            POST "/users/{id}/function" OrgAdmin => accounts::pages::users::change_function,
            POST "/users/{id}/disable" OrgAdmin => accounts::pages::users::disable,
            POST "/users/{id}/enable" OrgAdmin => accounts::pages::users::enable,
            POST "/users/{id}/invite" OrgAdmin => accounts::pages::users::invite_again,
            GET "/api/v1/users" OrgAdmin => accounts::api::users::list,
            POST "/api/v1/users" OrgAdmin => accounts::api::users::invite,
            GET "/api/v1/users/{id}" OrgAdmin => accounts::api::users::show,
            PUT "/api/v1/users/{id}/function" OrgAdmin => accounts::api::users::change_function,
            POST "/api/v1/users/{id}/disable" OrgAdmin => accounts::api::users::disable,
            POST "/api/v1/users/{id}/enable" OrgAdmin => accounts::api::users::enable,
            POST "/api/v1/users/{id}/invitation" OrgAdmin => accounts::api::users::invite_again,
        }
        "首页与消息" {
            GET "/" Anyone => pages::start::show,
            GET "/messages" AnyUser => pages::messages::list,
            POST "/messages" AnyUser => pages::messages::open_all,
            POST "/messages/{id}" AnyUser => pages::messages::open,
            GET "/api/v1/messages" AnyUser => messages_api::list,
            POST "/api/v1/messages/read" AnyUser => messages_api::open_all,
            POST "/api/v1/messages/{id}/read" AnyUser => messages_api::open,
            GET "/api/v1/messages/choices" AnyUser => messages_api::choices,
            PUT "/api/v1/messages/choices" AnyUser => messages_api::choose,
            GET "/audit/head" Anyone => publication::pages::audit_head,
            GET "/audit/blocks/{no}.json" Anyone => publication::key::block,
            GET "/audit/blocks/{no}.sig" Anyone => publication::key::signature,
            GET "/verification-key" Anyone => publication::key::show,
            GET "/verification-key.pem" Anyone => publication::key::pem,
            GET "/prices" Anyone => publication::prices::list,
            GET "/announcements" Anyone => publication::pages::announcements,
            POST "/announcements" ProvinceOfficer => publication::pages::publish,
            GET "/announcements/new" ProvinceOfficer => publication::pages::announce,
            GET "/announcements/{id}" Anyone => publication::pages::announcement,
            POST "/announcements/{id}/withdraw" ProvinceOfficer => publication::pages::withdraw,
        }
        "药品" {
            GET "/catalogue" AnyUser => listing::pages::search,
            GET "/catalogue.xlsx" AnyUser => listing::pages::export,
            GET "/catalogue/{product}" AnyUser => listing::pages::product,
            GET "/listings/{id}/why" AnyUser => listing::pages::why,
            POST "/listings/{id}/renewals" ProvinceOfficer => listing::pages::renew,
        }
        "订单" {
            GET "/orders" AnyUser => order::pages::list::list,
            POST "/orders" HospitalBuyer => order::pages::new::submit,
            GET "/orders.xlsx" AnyUser => order::pages::list::export,
            POST "/orders/confirm" SupplierClerk => order::pages::list::confirm_chosen,
            GET "/orders/new" HospitalBuyer => order::pages::new::open,
            POST "/orders/new" HospitalBuyer => order::pages::new::act,
            POST "/orders/check" HospitalBuyer => order::pages::new::check,
            POST "/orders/draft" HospitalBuyer => order::pages::new::autosave,
            POST "/orders/drafts/{id}/drop" HospitalBuyer => order::pages::new::give_up,
            GET "/orders/{id}" AnyUser => order::pages::one::show,
            GET "/orders/{id}/print" AnyUser => order::pages::one::print,
            GET "/orders/{id}/export" AnyUser => order::pages::one::export,
            POST "/orders/{id}/confirm" SupplierClerk => order::pages::one::confirm,
            POST "/orders/{id}/refuse" SupplierClerk => order::pages::one::refuse,
            POST "/orders/{id}/cancel" HospitalBuyer => order::pages::one::cancel,
            POST "/orders/{id}/delete" HospitalBuyer => order::pages::one::delete,
        }
        "监管" {
            GET "/supervision/marked" Authority => supervision::pages::marked,
            GET "/supervision/marked.xlsx" Authority => supervision::pages::export,
            GET "/supervision/mails" AgencyOfficer => supervision::pages::mails,
            POST "/supervision/mails" AgencyOfficer => supervision::pages::send_again,
        }
        "演示与培训" {
            GET "/demo/clock" Officer => pages::clock::show,
            POST "/demo/clock" Officer => pages::clock::advance,
            GET "/demo/outbox" Authority => pages::outbox::show,
        }
        "文件" {
            GET "/files/{id}" AnyUser => platform::attachment::file,
            GET "/api/v1/files/{id}" AnyUser => platform::attachment::file,
        }
        "产品" {
            GET "/my/products" Manufacturer => catalogue::pages::my_products,
            GET "/my/claims" Manufacturer => catalogue::pages::my_claims,
            POST "/my/claims" ManufacturerClerk upload => catalogue::pages::make_claim,
            POST "/my/claims/{id}/withdraw" ManufacturerClerk => catalogue::pages::withdraw,
            GET "/products/work" AgencyOfficer => catalogue::office_pages::work,
            GET "/products/{id}" AgencyOfficer => catalogue::edit_pages::edit,
            POST "/products/{id}" AgencyOfficer => catalogue::edit_pages::change,
            POST "/products/{id}/group" AgencyOfficer => catalogue::edit_pages::settle,
            POST "/claims/{id}/decision" AgencyOfficer => catalogue::office_pages::judge,
            POST "/product-proposals/{id}/decision" AgencyOfficer => catalogue::office_pages::decide,
            GET "/api/v1/my/products" Manufacturer [OwnProductsRead] => catalogue::api::my_products,
            GET "/api/v1/my/codes" Manufacturer [OwnProductsRead] => catalogue::api::my_codes,
            GET "/api/v1/my/claims" Manufacturer [OwnProductsRead] => catalogue::api::my_claims,
            POST "/api/v1/my/claims" ManufacturerClerk upload => catalogue::api::make_claim,
            GET "/api/v1/my/claims/{id}" Manufacturer [OwnProductsRead] => catalogue::api::my_claim,
            POST "/api/v1/my/claims/{id}/withdraw" ManufacturerClerk => catalogue::api::withdraw,
            GET "/api/v1/product-work" AgencyOfficer => catalogue::api::work,
            POST "/api/v1/claims/{id}/decision" AgencyOfficer => catalogue::api::judge,
            POST "/api/v1/products/{id}/changes" AgencyOfficer => catalogue::api::change,
            POST "/api/v1/products/{id}/group" AgencyOfficer => catalogue::api::settle,
            POST "/api/v1/product-proposals/{id}/decision" AgencyOfficer => catalogue::api::decide,
        }
        "数据导入" {
            GET "/imports" AgencyOfficer => pages::imports::list,
            POST "/imports" AgencyOfficer upload => pages::imports::hand_in,
            GET "/imports/templates/{kind}" AgencyOfficer => pages::imports::template,
            GET "/imports/{id}" AgencyOfficer => pages::imports::one,
            POST "/imports/{id}/confirm" AgencyOfficer => pages::imports::confirm,
            POST "/imports/{id}/drop" AgencyOfficer => pages::imports::give_up,
            GET "/imports/{id}/sheet.xlsx" AgencyOfficer => pages::imports::sheet,
            GET "/api/v1/imports" AgencyOfficer => imports_api::list,
            POST "/api/v1/imports" AgencyOfficer upload => imports_api::hand_in,
            GET "/api/v1/imports/{id}" AgencyOfficer => imports_api::one,
            POST "/api/v1/imports/{id}/confirm" AgencyOfficer => imports_api::confirm,
            POST "/api/v1/imports/{id}/drop" AgencyOfficer => imports_api::give_up,
            GET "/api/v1/imports/{id}/sheet.xlsx" AgencyOfficer => imports_api::sheet,
            GET "/api/v1/import-templates/{kind}" AgencyOfficer => imports_api::template,
        }
        "单位" {
            GET "/organisation" AnyUser => party::own::pages::own,
            GET "/registration" Anyone => party::registration::pages::begin,
            POST "/registration" Anyone => party::registration::pages::save,
            GET "/registration/status" Anyone => party::registration::pages::status,
            GET "/registration/change" Anyone => party::registration::pages::edit,
            POST "/registration/change" Anyone => party::registration::pages::change,
            POST "/registration/files" Anyone upload => party::registration::pages::add_files,
            GET "/registration/files/{id}" Anyone => party::registration::pages::file,
            POST "/registration/submit" Anyone => party::registration::pages::submit,
            GET "/welcome" Anyone => party::registration::welcome::show,
            POST "/welcome" Anyone => party::registration::welcome::open,
            GET "/registrations" ProvinceOfficer => party::registration::office::list,
            GET "/registrations/{id}" ProvinceOfficer => party::registration::office::show,
            POST "/registrations/{id}/decide" ProvinceOfficer => party::registration::office::decide,
            GET "/organisations" Authority => party::directory::pages::list,
            GET "/organisations.xlsx" Authority => party::directory::pages::export,
            GET "/organisations/{id}" Authority => party::directory::pages::show,
            POST "/organisations/{id}/state" ProvinceOfficer => party::directory::pages::set_state,
            GET "/api/v1/registrations" ProvinceOfficer => party::registration::api::list,
            GET "/api/v1/registrations/{id}" ProvinceOfficer => party::registration::api::show,
            POST "/api/v1/registrations/{id}/decisions" ProvinceOfficer => party::registration::api::decide,
            GET "/api/v1/organisations" Authority => party::directory::api::list,
            GET "/api/v1/organisations/{id}" Authority => party::directory::api::show,
            PUT "/api/v1/organisations/{id}/state" ProvinceOfficer => party::directory::api::set_state,
            POST "/organisation/files" OrgAdmin upload => party::own::pages::add_files,
            GET "/api/v1/organisation" AnyUser [OrganisationRead] => party::own::api::show,
            POST "/api/v1/organisation/files" OrgAdmin upload => party::own::api::add_files,
            GET "/addresses" Hospital => party::pages::addresses,
            POST "/addresses" Hospital => party::pages::add_address,
            GET "/addresses/{id}" Hospital => party::pages::address,
            POST "/addresses/{id}" Hospital => party::pages::change_address,
            POST "/addresses/{id}/delete" Hospital => party::pages::delete_address,
            GET "/distributors" Supplier => party::pages::distributors,
            POST "/distributors" ManufacturerClerk => party::pages::appoint,
            POST "/distributors/{id}/end" ManufacturerClerk => party::pages::end,
        }
        "参数" {
            GET "/policy" Authority => pages::policy::show,
            GET "/policy/versions/{day}" Authority => pages::policy::version,
            GET "/policy/propose" ProvinceOfficer => pages::policy::propose::open,
            POST "/policy/propose" ProvinceOfficer upload => pages::policy::propose::submit,
            GET "/policy/proposals/{id}" Authority => pages::policy::propose::show,
            POST "/policy/proposals/{id}/confirm" ProvinceOfficer => pages::policy::propose::confirm,
            POST "/policy/proposals/{id}/reject" ProvinceOfficer => pages::policy::propose::reject,
            GET "/what-if" Authority => pages::what_if::open,
            POST "/what-if" Authority upload => pages::what_if::compute,
            GET "/api/v1/policy" Authority => policy_api::show,
            GET "/api/v1/policy/versions" Authority => policy_api::versions,
            GET "/api/v1/policy/proposals" Authority => policy_api::proposals,
            POST "/api/v1/policy/proposals" ProvinceOfficer => policy_api::propose,
            GET "/api/v1/policy/proposals/{id}" Authority => policy_api::proposal,
            POST "/api/v1/policy/proposals/{id}/confirm" ProvinceOfficer => policy_api::confirm,
            POST "/api/v1/policy/proposals/{id}/reject" ProvinceOfficer => policy_api::reject,
            POST "/api/v1/what-if" Authority => policy_api::what_if,
        }
        "接口" {
            GET "/api/v1/products" AnyUser [ProductsRead] => listing::api::products,
            GET "/api/v1/products/{id}" AnyUser [ProductsRead] => listing::api::product,
            GET "/api/v1/listings/{id}" AnyUser [ProductsRead] => listing::api::listing,
            GET "/api/v1/listings/{id}/explanation" AnyUser [ProductsRead] => listing::api::explain,
            GET "/api/v1/listings/{id}/suppliers" AnyUser [ProductsRead] => listing::api::suppliers,
            POST "/api/v1/listings/{id}/price-cuts" ManufacturerClerk [PricesWrite] => listing::api::cut_price,
            POST "/api/v1/listings/{id}/prices" Officer => listing::api::change_price,
            POST "/api/v1/listings/{id}/renewals" ProvinceOfficer => listing::api::renew,
            GET "/api/v1/addresses" Hospital [AddressesRead] => party::api::addresses,
            POST "/api/v1/addresses" Hospital [AddressesWrite] => party::api::add_address,
            PUT "/api/v1/addresses/{id}" Hospital [AddressesWrite] => party::api::change_address,
            DELETE "/api/v1/addresses/{id}" Hospital [AddressesWrite] => party::api::delete_address,
            GET "/api/v1/distributors" ManufacturerClerk [DistributorsRead] => party::api::distributors,
            POST "/api/v1/distributors" ManufacturerClerk [DistributorsWrite] => party::api::appoint,
            DELETE "/api/v1/distributors/{id}" ManufacturerClerk [DistributorsWrite] => party::api::end,
            GET "/api/v1/orders.xlsx" AnyUser [OrdersRead] => order::api::export_orders,
            GET "/api/v1/orders" AnyUser [OrdersRead] => order::api::orders,
            POST "/api/v1/orders" HospitalBuyer [OrdersWrite] => order::api::create,
            POST "/api/v1/orders/preview" HospitalBuyer [OrdersWrite] => order::api::preview,
            GET "/api/v1/orders/{id}" AnyUser [OrdersRead] => order::api::order,
            PUT "/api/v1/orders/{id}" HospitalBuyer [OrdersWrite] => order::api::replace,
            DELETE "/api/v1/orders/{id}" HospitalBuyer [OrdersWrite] => order::api::delete,
            GET "/api/v1/orders/{id}/sheet.xlsx" AnyUser [OrdersRead] => order::api::export_order,
            POST "/api/v1/orders/{id}/submit" HospitalBuyer [OrdersWrite] => order::api::submit,
            POST "/api/v1/orders/{id}/confirm" SupplierClerk [OrdersWrite] => order::api::confirm,
            POST "/api/v1/orders/{id}/refuse" SupplierClerk [OrdersWrite] => order::api::refuse,
            POST "/api/v1/orders/{id}/cancel" HospitalBuyer [OrdersWrite] => order::api::cancel,
            GET "/api/v1/marked-purchases.xlsx" Authority => supervision::api::export,
            GET "/api/v1/marked-purchases" Authority => supervision::api::list,
            GET "/api/v1/feed" AnyUser [FeedRead] => feed_api::feed,
            GET "/api/v1/legal-clock" Anyone => clock_api::show,
            POST "/api/v1/legal-clock" Officer => clock_api::advance,
        }
    }
}
