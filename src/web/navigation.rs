//! The offices that a role may use, with the question how many things wait there.

use crate::accounts::resets;
use crate::catalogue::worklist;
use crate::order::waiting;
use crate::party::registration;
use crate::platform::http::site::Office;
use crate::platform::policy::proposal;
use crate::platform::sql::Question;
use crate::platform::who::guard::{AgencyOfficer, Guard, ProvinceOfficer};
use crate::platform::who::{Function, OrgKind, Principal, Side};
use crate::supervision::mails;

/// For the frame of every page.
pub fn offices(who: &Principal) -> Vec<Office> {
    let mut all = vec![item("首页", "/", []), item("查找药品", "/catalogue", [])];
    if who.side().is_some() {
        all.push(item("订单", "/orders", waiting::count(who)));
    }
    if who.side() == Some(Side::Hospital) {
        all.push(item("收货地址", "/addresses", []));
    }
    if who.is(OrgKind::is_manufacturer) {
        all.push(item("我的产品", "/my/products", []));
        all.push(item("我的编码", "/my/claims", []));
        all.push(item("配送企业", "/distributors", []));
    }
    if who.function == Function::Admin {
        all.push(item("本单位", "/organisation", []));
    }
    if who.is(OrgKind::is_authority) {
        all.push(item("标识药品采购", "/supervision/marked", []));
        all.push(item("政策参数", "/policy", [proposal::waiting_for(who)]));
        all.push(item("参数试算", "/what-if", []));
        all.push(item("单位名录", "/organisations", []));
    }
    if ProvinceOfficer::is(who) {
        all.push(item("登记申请", "/registrations", [registration::store::waiting()]));
    }
    if AgencyOfficer::is(who) {
        all.push(item("产品待办", "/products/work", worklist::waiting(who.user)));
        all.push(item("数据导入", "/imports", []));
        all.push(item("被退回的邮件", "/supervision/mails", mails::count(who)));
    }
    if who.function == Function::Admin {
        all.push(item("用户管理", "/users", []));
        if who.is(|kind| kind.is_hospital() || kind.is_supplier()) {
            all.push(item("系统对接", "/clients", []));
        }
    }
    if who.function == Function::Admin || AgencyOfficer::is(who) {
        all.push(item("两步验证重置", "/totp-resets", [resets::waiting(who)]));
    }
    all.push(item("公告", "/announcements", []));
    all
}

/// As [`offices`], in demo and training: officers may look at the mails that were written.
pub fn training_offices(who: &Principal) -> Vec<Office> {
    let mut all = offices(who);
    if who.is(OrgKind::is_authority) {
        all.push(item("发件箱", "/demo/outbox", []));
    }
    all
}

fn item(label: &'static str, href: &'static str, waiting: impl IntoIterator<Item = Question>) -> Office {
    Office { label, href, waiting: waiting.into_iter().collect() }
}
