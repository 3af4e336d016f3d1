//! Routes of log-in, accounts, users and systems.

use super::{api, pages};
use crate::platform::http::route::Route;
use crate::platform::routes;

/// For the table.
// A table to read, not a function to follow.
#[allow(clippy::too_many_lines)]
pub fn routes() -> Vec<Route> {
    routes! {
        pages {
            GET "/login" Anyone => pages::login,
            POST "/login" Anyone => pages::log_in,
            POST "/login/code" Anyone => pages::log_in_with_code,
            POST "/logout" AnyUser => pages::log_out,
            GET "/invitation" Anyone => pages::links::invited,
            POST "/invitation" Anyone => pages::links::accept,
            GET "/password/forgotten" Anyone => pages::links::forgotten,
            POST "/password/forgotten" Anyone => pages::links::send_reset,
            GET "/password/reset" Anyone => pages::links::reset,
            POST "/password/reset" Anyone => pages::links::set_password,
            GET "/account/email/confirm" Anyone => pages::links::new_mailbox,
            POST "/account/email/confirm" Anyone => pages::links::confirm_mailbox,
            GET "/account/email/undo" Anyone => pages::links::old_mailbox,
            POST "/account/email/undo" Anyone => pages::links::undo_mailbox,
            GET "/clients" ClientKeeper => pages::api_clients::list,
            POST "/clients" ClientKeeper => pages::api_clients::create,
            POST "/clients/{id}/rotate" ClientKeeper => pages::api_clients::rotate,
            POST "/clients/{id}/revoke" ClientKeeper => pages::api_clients::revoke,
            GET "/account" AnyUser => pages::account::show,
            POST "/account/sessions/end-others" AnyUser => pages::account::end_others,
            POST "/account/sessions/{key}/end" AnyUser => pages::account::end_session,
            GET "/account/totp" AnyUser => pages::totp::show,
            POST "/account/totp" AnyUser => pages::totp::begin,
            GET "/account/totp/confirm" AnyUser => pages::totp::picture,
            POST "/account/totp/confirm" AnyUser => pages::totp::confirm,
            POST "/account/totp/codes" AnyUser => pages::totp::codes,
            POST "/account/totp/off" AnyUser => pages::totp::off,
            GET "/totp-resets" ResetKeeper => pages::totp::waiting,
            POST "/totp-resets" ResetKeeper => pages::totp::ask,
            POST "/totp-resets/{id}/{decision}" ResetKeeper => pages::totp::decide,
            GET "/account/email" AnyUser => pages::account::email,
            POST "/account/email" AnyUser => pages::account::change_email,
            GET "/account/password" AnyUser => pages::account::password,
            POST "/account/password" AnyUser => pages::account::change_password,
            GET "/users" OrgAdmin => pages::users::list,
            POST "/users" OrgAdmin => pages::users::invite,
            GET "/users/new" OrgAdmin => pages::users::new,
            GET "/users/{id}" OrgAdmin => pages::users::show,
            POST "/users/{id}/function" OrgAdmin => pages::users::change_function,
            POST "/users/{id}/disable" OrgAdmin => pages::users::disable,
            POST "/users/{id}/enable" OrgAdmin => pages::users::enable,
            POST "/users/{id}/invite" OrgAdmin => pages::users::invite_again,
        }
        api "auth" "登录与令牌" {
            POST "/api/v1/tokens" Anyone => api::log_in,
            POST "/api/v1/tokens/refresh" Anyone => api::refresh,
            POST "/api/v1/tokens/revoke" Anyone => api::revoke,
            GET "/api/v1/me" AnyUser => api::me,
        }
        api "clients" "系统对接" {
            POST "/api/v1/tokens/client" Anyone => api::api_clients::token,
            GET "/api/v1/clients" ClientKeeper => api::api_clients::list,
            POST "/api/v1/clients" ClientKeeper => api::api_clients::create,
            POST "/api/v1/clients/{id}/rotate" ClientKeeper => api::api_clients::rotate,
            DELETE "/api/v1/clients/{id}" ClientKeeper => api::api_clients::revoke,
        }
        api "account" "我的账号：两步验证与登录" {
            GET "/api/v1/account/totp" AnyUser => api::account::second_step,
            POST "/api/v1/account/totp" AnyUser => api::account::begin,
            POST "/api/v1/account/totp/confirmation" AnyUser => api::account::confirm,
            POST "/api/v1/account/totp/recovery-codes" AnyUser => api::account::renew_codes,
            POST "/api/v1/account/totp/removal" AnyUser => api::account::remove,
            PUT "/api/v1/account/email" AnyUser => api::account::change_email,
            GET "/api/v1/account/sessions" AnyUser => api::account::sessions,
            DELETE "/api/v1/account/sessions" AnyUser => api::account::end_sessions,
            DELETE "/api/v1/account/sessions/{id}" AnyUser => api::account::end_session,
        }
        api "users" "本单位用户" {
            GET "/api/v1/users" OrgAdmin => api::users::list,
            POST "/api/v1/users" OrgAdmin => api::users::invite,
            GET "/api/v1/users/{id}" OrgAdmin => api::users::show,
            PUT "/api/v1/users/{id}/function" OrgAdmin => api::users::change_function,
            POST "/api/v1/users/{id}/disable" OrgAdmin => api::users::disable,
            POST "/api/v1/users/{id}/enable" OrgAdmin => api::users::enable,
            POST "/api/v1/users/{id}/invitation" OrgAdmin => api::users::invite_again,
        }
    }
}
