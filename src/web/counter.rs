//! What belongs to no office, or shows what several know, as the house asks it of an office.

use super::{
    calendar_api, clock_api, docs, feed_api, imports, imports_api, messages_api, pages, policy_api, resume,
};
use crate::platform::attachment::{self, Attachment};
use crate::platform::calendar::notice::{self, CalendarNotice};
use crate::platform::http::assets;
use crate::platform::http::route::Route;
use crate::platform::office::{MenuItem, Office};
use crate::platform::policy::proposal::{self, Proposal};
use crate::platform::routes;
use crate::platform::schema::{attachment as attachments, calendar_notice, policy_proposal};
use crate::platform::who::OrgKind;
use crate::platform::who::guard::{AgencyOfficer, Guard};
use crate::row_source;

/// The counter itself.
pub const OFFICE: Office = Office {
    menu: &[
        MenuItem::new(10, "首页", "/", |_| true),
        MenuItem::new(100, "政策参数", "/policy", |who| who.is(OrgKind::is_authority))
            .counting(|who| vec![proposal::waiting_for(who), notice::waiting_for(who)]),
        MenuItem::new(110, "参数试算", "/what-if", |who| who.is(OrgKind::is_authority)),
        MenuItem::new(150, "数据导入", "/imports", AgencyOfficer::is),
        MenuItem::new(250, "发件箱", "/demo/outbox", |who| who.is(OrgKind::is_provincial)).only_in_training(),
    ],
    rows: &[
        row_source!(policy_proposal, Proposal),
        row_source!(calendar_notice, CalendarNotice),
        row_source!(attachments, Attachment),
    ],
    desk: resume::desk,
    tasks: imports::register,
    ..Office::new("web", routes)
};

// A table to read, not a function to follow.
#[allow(clippy::too_many_lines)]
fn routes() -> Vec<Route> {
    routes! {
        pages {
            GET "/healthz" Anyone => docs::alive,
            GET "/readyz" Anyone => docs::ready,
            GET "/static/{file:.*}" Anyone => assets::serve,
            GET "/api/v1/openapi.json" Anyone => docs::openapi,
            GET "/api/docs" Anyone => docs::to_swagger,
            GET "/api/docs/{file:.*}" Anyone => docs::swagger,
        }
        pages {
            GET "/" Anyone => pages::start::show,
            GET "/help" Anyone => pages::help::show,
            GET "/resume/{id}" AnyUser => resume::show,
            POST "/resume/{id}/drop" AnyUser => resume::give_up,
            GET "/messages" AnyUser => pages::messages::list,
            POST "/messages" AnyUser => pages::messages::open_all,
            POST "/messages/{id}" AnyUser => pages::messages::open,
            GET "/messages/choices" AnyUser => pages::messages::choices,
            POST "/messages/choices" AnyUser => pages::messages::choose,
            GET "/files/{id}" AnyUser => attachment::file,
            GET "/imports" AgencyOfficer => pages::imports::list,
            POST "/imports" AgencyOfficer upload => pages::imports::hand_in,
            GET "/imports/templates/{kind}" AgencyOfficer => pages::imports::template,
            GET "/imports/{id}" AgencyOfficer => pages::imports::one,
            POST "/imports/{id}/confirm" AgencyOfficer => pages::imports::confirm,
            POST "/imports/{id}/drop" AgencyOfficer => pages::imports::give_up,
            GET "/imports/{id}/sheet.xlsx" AgencyOfficer => pages::imports::sheet,
            GET "/policy" Authority => pages::policy::show,
            GET "/policy/versions/{day}" Authority => pages::policy::version,
            GET "/policy/propose" ProvinceOfficer => pages::policy::propose::open,
            POST "/policy/propose" ProvinceOfficer upload => pages::policy::propose::submit,
            GET "/policy/proposals/{id}" Authority => pages::policy::propose::show,
            POST "/policy/proposals/{id}/confirm" ProvinceOfficer => pages::policy::propose::confirm,
            POST "/policy/proposals/{id}/reject" ProvinceOfficer => pages::policy::propose::reject,
            POST "/policy/proposals/{id}/withdraw" ProvinceOfficer => pages::policy::propose::withdraw,
            GET "/calendar" Authority => pages::calendar::show,
            GET "/calendar/propose" ProvinceOfficer => pages::calendar::open,
            POST "/calendar/propose" ProvinceOfficer => pages::calendar::submit,
            GET "/calendar/notices/{id}" Authority => pages::calendar::one,
            POST "/calendar/notices/{id}/confirm" ProvinceOfficer => pages::calendar::confirm,
            POST "/calendar/notices/{id}/reject" ProvinceOfficer => pages::calendar::reject,
            GET "/what-if" Authority => pages::what_if::open,
            POST "/what-if" Authority upload => pages::what_if::compute,
            GET "/demo/clock" ProvinceOfficer => pages::clock::show,
            POST "/demo/clock" ProvinceOfficer => pages::clock::advance,
            GET "/demo/outbox" Provincial => pages::outbox::show,
        }
        api "messages" "消息" {
            GET "/api/v1/messages" AnyUser => messages_api::list,
            POST "/api/v1/messages/read" AnyUser => messages_api::open_all,
            POST "/api/v1/messages/{id}/read" AnyUser => messages_api::open,
            GET "/api/v1/messages/choices" AnyUser => messages_api::choices,
            PUT "/api/v1/messages/choices" AnyUser => messages_api::choose,
        }
        api "files" "证照、证明与报告" {
            GET "/api/v1/files/{id}" AnyUser => attachment::file,
        }
        api "imports" "数据导入" {
            GET "/api/v1/imports" AgencyOfficer => imports_api::list,
            POST "/api/v1/imports" AgencyOfficer upload => imports_api::hand_in,
            GET "/api/v1/imports/{id}" AgencyOfficer => imports_api::one,
            POST "/api/v1/imports/{id}/confirm" AgencyOfficer => imports_api::confirm,
            POST "/api/v1/imports/{id}/drop" AgencyOfficer => imports_api::give_up,
            GET "/api/v1/imports/{id}/sheet.xlsx" AgencyOfficer => imports_api::sheet,
            GET "/api/v1/import-templates/{kind}" AgencyOfficer => imports_api::template,
        }
        api "policy" "政策参数与试算" {
            GET "/api/v1/policy" Authority => policy_api::show,
            GET "/api/v1/policy/versions" Authority => policy_api::versions,
            GET "/api/v1/policy/proposals" Authority => policy_api::proposals,
            POST "/api/v1/policy/proposals" ProvinceOfficer => policy_api::propose,
            GET "/api/v1/policy/proposals/{id}" Authority => policy_api::proposal,
            POST "/api/v1/policy/proposals/{id}/confirm" ProvinceOfficer => policy_api::confirm,
            POST "/api/v1/policy/proposals/{id}/reject" ProvinceOfficer => policy_api::reject,
            POST "/api/v1/policy/proposals/{id}/withdraw" ProvinceOfficer => policy_api::withdraw,
            POST "/api/v1/what-if" Authority => policy_api::what_if,
        }
        api "calendar" "工作日" {
            GET "/api/v1/calendar" Authority => calendar_api::show,
            POST "/api/v1/calendar/notices" ProvinceOfficer => calendar_api::propose,
            GET "/api/v1/calendar/notices/{id}" Authority => calendar_api::one,
            POST "/api/v1/calendar/notices/{id}/confirm" ProvinceOfficer => calendar_api::confirm,
            POST "/api/v1/calendar/notices/{id}/reject" ProvinceOfficer => calendar_api::reject,
        }
        api "feed" "变更流" {
            GET "/api/v1/feed" AnyUser [FeedRead] => feed_api::feed,
        }
        api "clock" "法定时间" {
            GET "/api/v1/legal-clock" Anyone => clock_api::show,
            POST "/api/v1/legal-clock" ProvinceOfficer => clock_api::advance,
        }
    }
}
