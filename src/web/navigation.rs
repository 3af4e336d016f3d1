//! The offices that a role may use, with the number of things that wait there.

use crate::accounts::resets;
use crate::catalogue::worklist;
use crate::order::waiting;
use crate::party::registration;
use crate::platform::error::Result;
use crate::platform::http::view::NavItem;
use crate::platform::policy::proposal;
use crate::platform::sql::AnyConn;
use crate::platform::who::guard::{AgencyOfficer, Guard, ProvinceOfficer};
use crate::platform::who::{Function, OrgKind, Principal, Side};
use crate::supervision::mails;

/// For the frame of every page.
///
/// # Errors
/// Of the database.
pub fn offices(conn: &mut AnyConn, who: &Principal) -> Result<Vec<NavItem>> {
    let mut all = vec![item("首页", "/", 0), item("查找药品", "/catalogue", 0)];
    if who.side().is_some() {
        all.push(item("订单", "/orders", waiting::count(conn, who)?));
    }
    if who.side() == Some(Side::Hospital) {
        all.push(item("收货地址", "/addresses", 0));
    }
    if who.is(OrgKind::is_manufacturer) {
        all.push(item("我的产品", "/my/products", 0));
        all.push(item("我的编码", "/my/claims", 0));
        all.push(item("配送企业", "/distributors", 0));
    }
    if who.function == Function::Admin {
        all.push(item("本单位", "/organisation", 0));
    }
    if who.is(OrgKind::is_authority) {
        all.push(item("标识药品采购", "/supervision/marked", 0));
        all.push(item("政策参数", "/policy", proposal::waiting_for(conn, who)?));
        all.push(item("参数试算", "/what-if", 0));
        all.push(item("单位名录", "/organisations", 0));
    }
    if ProvinceOfficer::is(who) {
        all.push(item("登记申请", "/registrations", registration::store::waiting(conn)?));
    }
    if AgencyOfficer::is(who) {
        all.push(item("产品待办", "/products/work", worklist::waiting(conn, who.user)?));
        all.push(item("数据导入", "/imports", 0));
        all.push(item("被退回的邮件", "/supervision/mails", mails::count(conn, who)?));
    }
    if who.function == Function::Admin {
        all.push(item("用户管理", "/users", 0));
        if who.is(|kind| kind.is_hospital() || kind.is_supplier()) {
            all.push(item("系统对接", "/clients", 0));
        }
    }
    if who.function == Function::Admin || AgencyOfficer::is(who) {
        all.push(item("两步验证重置", "/totp-resets", resets::waiting(conn, who)?));
    }
    all.push(item("公告", "/announcements", 0));
    Ok(all)
}

/// As [`offices`], in demo and training: officers may look at the mails that were written.
///
/// # Errors
/// Of the database.
pub fn training_offices(conn: &mut AnyConn, who: &Principal) -> Result<Vec<NavItem>> {
    let mut all = offices(conn, who)?;
    if who.is(OrgKind::is_authority) {
        all.push(item("发件箱", "/demo/outbox", 0));
    }
    Ok(all)
}

fn item(label: &str, href: &str, waiting: i64) -> NavItem {
    let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
    NavItem { label: label.into(), href: href.into(), waiting, current: false }
}
