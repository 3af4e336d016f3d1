//! The API in OpenAPI 3.1, gathered from the handlers' own annotations. A test compares it with the route table.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::{accounts, catalogue, listing, order, party, platform, supervision};

/// The description of the API.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "jicai 医药集中采购平台",
        description = "JSON in snake_case; decimals are strings; times are RFC 3339 with offset; lists are paged with \
                       `after` and `limit`. Errors are `application/problem+json` (RFC 9457) with a stable `code`. \
                       A POST that creates something asks for an `Idempotency-Key`, where it names that header."
    ),
    paths(
        accounts::api::log_in,
        accounts::api::refresh,
        accounts::api::revoke,
        accounts::api::me,
        platform::attachment::file,
        party::own::api::show,
        party::own::api::add_files,
        party::registration::api::list,
        party::registration::api::show,
        party::registration::api::decide,
        party::directory::api::list,
        party::directory::api::show,
        party::directory::api::set_state,
        accounts::api::account::second_step,
        accounts::api::account::begin,
        accounts::api::account::confirm,
        accounts::api::account::renew_codes,
        accounts::api::account::remove,
        accounts::api::account::change_email,
        accounts::api::account::sessions,
        accounts::api::account::end_sessions,
        accounts::api::account::end_session,
        super::messages_api::list,
        super::messages_api::open,
        super::messages_api::open_all,
        super::messages_api::choices,
        super::messages_api::choose,
        accounts::api::machines::token,
        accounts::api::machines::list,
        accounts::api::machines::create,
        accounts::api::machines::rotate,
        accounts::api::machines::revoke,
        accounts::api::users::list,
        accounts::api::users::show,
        accounts::api::users::invite,
        accounts::api::users::invite_again,
        accounts::api::users::change_function,
        accounts::api::users::disable,
        accounts::api::users::enable,
        listing::api::products,
        listing::api::product,
        listing::api::listing,
        listing::api::explain,
        listing::api::suppliers,
        listing::api::cut_price,
        listing::api::change_price,
        listing::api::renew,
        party::api::addresses,
        party::api::add_address,
        party::api::change_address,
        party::api::delete_address,
        party::api::distributors,
        party::api::appoint,
        party::api::end,
        order::api::export_orders,
        order::api::orders,
        order::api::create,
        order::api::preview,
        order::api::order,
        order::api::replace,
        order::api::delete,
        order::api::export_order,
        order::api::submit,
        order::api::confirm,
        order::api::refuse,
        order::api::cancel,
        supervision::api::export,
        supervision::api::list,
        super::feed_api::feed,
        catalogue::api::my_products,
        catalogue::api::my_codes,
        catalogue::api::my_claims,
        catalogue::api::my_claim,
        catalogue::api::make_claim,
        catalogue::api::withdraw,
        catalogue::api::work,
        catalogue::api::judge,
        catalogue::api::change,
        catalogue::api::settle,
        catalogue::api::decide,
        super::imports_api::hand_in,
        super::imports_api::list,
        super::imports_api::one,
        super::imports_api::confirm,
        super::imports_api::give_up,
        super::imports_api::sheet,
        super::imports_api::template,
        super::clock_api::show,
        super::clock_api::advance,
        super::policy_api::show,
        super::policy_api::versions,
        super::policy_api::proposals,
        super::policy_api::propose,
        super::policy_api::proposal,
        super::policy_api::confirm,
        super::policy_api::reject,
        super::policy_api::what_if,
    ),
    modifiers(&Bearer),
    tags(
        (name = "auth", description = "登录与令牌"),
        (name = "files", description = "证照、证明与报告"),
        (name = "account", description = "我的账号：两步验证与登录"),
        (name = "messages", description = "消息"),
        (name = "users", description = "本单位用户"),
        (name = "clients", description = "系统对接"),
        (name = "products", description = "药品与挂网价"),
        (name = "party", description = "收货地址与配送企业"),
        (name = "orders", description = "订单"),
        (name = "supervision", description = "监管"),
        (name = "feed", description = "变更流"),
        (name = "policy", description = "政策参数与试算"),
        (name = "ownership", description = "产品归属与维护"),
        (name = "imports", description = "数据导入"),
        (name = "clock", description = "法定时间"),
    )
)]
pub struct ApiDoc;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}
