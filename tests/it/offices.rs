//! The list of the offices: what each says of itself fits together, and everybody sees the navigation of the role.

use std::collections::BTreeSet;
use std::path::Path;

use jicai::offices;
use jicai::platform::sql::{Id, Time};
use jicai::platform::who::{Kinds, OrgKind, Post, Principal};

fn somebody(kind: OrgKind, post: Post) -> Principal {
    Principal {
        user: Id::new(),
        organisation: Id::new(),
        kind,
        other_kinds: Kinds::default(),
        post,
        name: "某人".into(),
        organisation_name: "某单位".into(),
        request_id: None,
        received_at: Time::parse("2024-08-05T09:00:00+08:00").expect("a time"),
    }
}

#[test]
fn everybody_sees_the_menu_of_the_role() {
    use OrgKind::{
        Agency, CityBureau, Distributor, Manufacturer, Observer, ProvincialBureau, PublicHospital,
    };
    use Post::{Admin, Officer, Order, Trade, Viewer};
    let menus = [
        (PublicHospital, Order, "首页 查找药品 采购车 订单 收货地址 公告"),
        (PublicHospital, Admin, "首页 查找药品 订单 收货地址 本单位 用户管理 系统对接 两步验证重置 公告"),
        (Manufacturer, Trade, "首页 查找药品 订单 我的产品 我的编码 配送企业 公告"),
        (
            Manufacturer,
            Admin,
            "首页 查找药品 订单 我的产品 我的编码 配送企业 本单位 用户管理 系统对接 两步验证重置 公告",
        ),
        (Distributor, Trade, "首页 查找药品 订单 公告"),
        (
            Agency,
            Officer,
            "首页 查找药品 订单 红标、黄标药品采购 政策参数 参数试算 单位名录 登记申请 产品待办 调价复核 数据导入 被退回的邮件 两步验证重置 公告",
        ),
        (
            Agency,
            Admin,
            "首页 查找药品 订单 本单位 红标、黄标药品采购 政策参数 参数试算 单位名录 用户管理 两步验证重置 公告",
        ),
        (
            ProvincialBureau,
            Officer,
            "首页 查找药品 订单 红标、黄标药品采购 政策参数 参数试算 单位名录 登记申请 公告",
        ),
        (CityBureau, Officer, "首页 查找药品 订单 红标、黄标药品采购 政策参数 参数试算 单位名录 公告"),
        (Observer, Viewer, "首页 查找药品 公告"),
    ];
    for (kind, post, expected) in menus {
        let who = somebody(kind, post);
        let menu = |training| {
            let labels: Vec<_> = offices::ALL.menu(&who, training).iter().map(|item| item.label).collect();
            labels.join(" ")
        };
        assert_eq!(menu(false), expected, "{kind:?} {post:?}");
        let mails = if who.is(OrgKind::is_provincial) { " 发件箱" } else { "" };
        assert_eq!(menu(true), format!("{expected}{mails}"), "{kind:?} {post:?} in training");
    }
}

#[test]
fn what_the_offices_say_fits_together() {
    let all = offices::ALL.0;
    let distinct = |what: &str, words: Vec<String>| {
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len(), "{what}: {words:?}");
    };
    let items = || all.iter().flat_map(|office| office.menu);
    distinct("places in the menu", items().map(|item| item.place.to_string()).collect());
    distinct("names", all.iter().map(|office| office.name.to_owned()).collect());
    distinct("audited types", offices::ALL.rows().iter().map(|rows| rows.object_type.to_owned()).collect());
    distinct("kinds of sheets", offices::ALL.sheets().map(|spec| spec.kind.to_owned()).collect());
    distinct("deadlines", offices::ALL.deadlines().iter().map(|due| due.name.to_owned()).collect());
    let pages = offices::ALL.routes();
    for item in items() {
        assert!(pages.iter().any(|route| route.path == item.href), "{} leads nowhere", item.label);
    }
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for office in all {
        let folders = ["", "goods", "trade"].map(|floor| src.join(floor).join(office.name));
        assert!(folders.iter().any(|folder| folder.is_dir()), "{} is no folder", office.name);
    }
}
