//! Help: for each part of the portal what its pages are for, how the work goes, and whom to ask. One page, open to everybody,
//! with an anchor for each part; every page links to its own.

use actix_web::HttpResponse;
use askama::Template;

use crate::platform::error::Result;
use crate::platform::http::page::{self, Page};
use crate::platform::http::view::Frame;
use crate::platform::who::guard::Anyone;

/// What is said of one part of the portal.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// First segments of the addresses that it is about; the first one is its anchor.
    pub segments: &'static [&'static str],
    /// Its name, as in the menu.
    pub title: &'static str,
    /// What its pages are for.
    pub purpose: &'static str,
    /// How the work goes, in steps.
    pub steps: &'static [&'static str],
    /// Whom to ask.
    pub whom: Whom,
}

impl Part {
    /// Where it stands on the page.
    #[must_use]
    pub fn anchor(&self) -> &'static str {
        self.segments.first().copied().unwrap_or_default()
    }
}

/// Whom to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// The agency that runs the platform.
    Agency,
    /// The administrator of one's own organisation.
    Administrator,
    /// The other side of an order.
    OtherSide,
}

impl Whom {
    /// In words, with the agency's telephone where it is known.
    #[must_use]
    pub fn words(self, telephone: &str) -> String {
        let agency = match telephone {
            "" => "采购机构".to_owned(),
            number => format!("采购机构（{number}）"),
        };
        match self {
            Self::Agency => agency,
            Self::Administrator => format!("本单位管理员；管理员办不了的，找{agency}"),
            Self::OtherSide => format!("订单页“对方联系电话”所列的人；平台使用问题找{agency}"),
        }
    }
}

/// `GET /help`.
#[derive(Debug, Template)]
#[template(path = "help.html")]
pub struct HelpPage {
    /// The frame.
    pub frame: Frame,
    /// What it says.
    pub parts: &'static [Part],
}

/// `GET /help`.
///
/// # Errors
/// Of the database.
pub async fn show(_: Anyone, page: Page) -> Result<HttpResponse> {
    page::html(&HelpPage { frame: page.frame, parts: &PARTS })
}

/// Everything that is said, in the order of a day's work.
pub const PARTS: [Part; 19] = [
    Part {
        segments: &["start", ""],
        title: "待办事项（首页）",
        purpose: "登录后先看这里：需要您办理的事按期限排列，概况中的数字点开就是对应的列表。",
        steps: &[
            "点开一件待办，办完后它自动消失。",
            "数字与点开的列表不一致时，请刷新页面；仍不一致请来电。",
        ],
        whom: Whom::Agency,
    },
    Part {
        segments: &["login", "password", "invitation", "welcome", "resume"],
        title: "登录、密码与开通账号",
        purpose: "用登录名和密码登录；忘记密码、首次开通、登录过期后续办都在这里。",
        steps: &[
            "忘记密码：在登录页选“忘记密码”，到邮箱打开链接重设，链接限时有效。",
            "连续输错会暂时不能登录，页面写明何时可以再试。",
            "填写途中登录过期的，重新登录后平台会问您是否继续填写，已填内容不丢。",
        ],
        whom: Whom::Administrator,
    },
    Part {
        segments: &["catalogue", "products"],
        title: "药品目录与药品页",
        purpose: "查找药品，比较价格、包装和风险标识；医疗机构从这里下单。",
        steps: &[
            "在查找框输入品名、企业、编码、批准文号、规格或拼音首字母，可同时输入几个词。",
            "红标、黄标旁的“为什么”写明计算过程和依据；药品页列出可以改订的同组药品。",
            "点“订购”填写数量；点列表上方的导出可得到当前筛选的全部药品。",
        ],
        whom: Whom::Agency,
    },
    Part {
        segments: &["orders"],
        title: "订单",
        purpose: "医疗机构填写、提交、催办和撤销订单；供货企业在期限内确认或拒绝。",
        steps: &[
            "填写：选供货企业和药品，填数量，核对后提交；未提交的自动存为草稿。",
            "红标药品须勾选“仍需采购”并写明采购理由，也可一键改订同组的低价药品。",
            "企业逾期未确认的，可在订单页催办（每日一次）、拨打对方联系电话，或撤销并改订。",
            "企业可在列表勾选多笔一并确认；拒绝须写明理由，医疗机构会看到。",
        ],
        whom: Whom::OtherSide,
    },
    Part {
        segments: &["standing-lists", "basket"],
        title: "采购车与常购清单",
        purpose: "一次采购多个企业的多种药品：先收集，再按供货企业自动分单提交。",
        steps: &[
            "从目录加入，或粘贴、上传含编码（或品名）和数量的清单；认不出的行会留下等您处理。",
            "常用的组合可存为常购清单，下次一次放入。",
        ],
        whom: Whom::Agency,
    },
    Part {
        segments: &["addresses"],
        title: "收货地址",
        purpose: "维护本单位的收货人、电话和地址；设为默认的在下单时自动选中。",
        steps: &["修改只影响以后的订单；已提交的订单保留提交时的地址。"],
        whom: Whom::Administrator,
    },
    Part {
        segments: &["my", "listings"],
        title: "我的药品与挂网价",
        purpose: "生产企业查看本企业药品的挂网价、标识和执行日，认领企业代码，下调挂网价。",
        steps: &[
            "下调挂网价：填新价和执行日，先看试算（换算、标识变化），再提交。",
            "未到执行日的新价可以撤回，须写明理由。",
            "药品没有列出的，先在“企业代码认领”提交证明材料。",
        ],
        whom: Whom::Agency,
    },
    Part {
        segments: &["distributors"],
        title: "配送企业",
        purpose: "生产企业委托配送企业、终止委托；只有受委托的企业才能接收订单。",
        steps: &["终止后，未确认的订单仍由原企业办理。"],
        whom: Whom::Administrator,
    },
    Part {
        segments: &["registration", "registrations"],
        title: "单位登记",
        purpose: "新单位申请登记；采购机构初审、复核。",
        steps: &[
            "申请人填写资料、上传证照后提交，凭编号随时查看进度；要求补正的按意见修改后再提交。",
            "初审和复核须由两人办理，以邮箱认人；同一人不能复核自己初审的申请。",
        ],
        whom: Whom::Agency,
    },
    Part {
        segments: &["organisation", "organisations"],
        title: "本单位与单位名录",
        purpose: "查看登记资料、证照、岗位与人员，维护订单联系电话；采购机构查阅名录、暂停或恢复单位。",
        steps: &["资料有变化时上传新的证照，并联系采购机构变更。"],
        whom: Whom::Administrator,
    },
    Part {
        segments: &["users", "clients", "totp-resets"],
        title: "用户与系统对接",
        purpose: "本单位管理员开通、停用账号，分配岗位，管理医院信息系统等的对接凭证。",
        steps: &["对接凭证的密钥只显示一次，遗失后请更换。", "停用立即生效，该用户当即退出登录。"],
        whom: Whom::Administrator,
    },
    Part {
        segments: &["account"],
        title: "我的账号",
        purpose: "修改密码和邮箱，设置登录的第二步验证，查看并下线登录设备。",
        steps: &["更换邮箱须在新邮箱打开确认链接；不是您本人操作的，可从旧邮箱撤回。"],
        whom: Whom::Administrator,
    },
    Part {
        segments: &["messages"],
        title: "消息",
        purpose: "平台发给您的全部通知；可选择哪些同时发到邮箱。",
        steps: &["法定通知和账号安全通知总会发到邮箱。"],
        whom: Whom::Administrator,
    },
    Part {
        segments: &["imports", "files"],
        title: "数据导入",
        purpose: "采购机构上传目录、价格等表格，检查后导入。",
        steps: &[
            "下载模板，按模板填写后上传；检查结果列出每一处错误所在的行。",
            "检查无误后确认导入；中断的导入会接着完成，同一文件不会重复导入。",
        ],
        whom: Whom::Agency,
    },
    Part {
        segments: &["supervision"],
        title: "红标、黄标药品采购",
        purpose: "主管部门查看辖区内标识药品的采购情况、采购理由和合计。",
        steps: &["默认显示本月；改变起止日期可查看其他时段。"],
        whom: Whom::Agency,
    },
    Part {
        segments: &["policy", "what-if"],
        title: "政策参数与试算",
        purpose: "查看各项规则使用的参数及依据；经办人提出修改，另一人确认后按日施行；试算比较不同参数的结果。",
        steps: &["修改须写明文号和施行日，由另一名经办人确认后才生效；施行前可以撤回。"],
        whom: Whom::Agency,
    },
    Part {
        segments: &["calendar", "demo"],
        title: "工作日历与法定时间",
        purpose: "查看放假安排和工作日；期限按工作日计算，尚未公布安排的日期标为暂定。",
        steps: &["新的放假通知由一人录入、另一人确认，受影响的期限随即重算并告知双方。"],
        whom: Whom::Agency,
    },
    Part {
        segments: &["announcements", "prices"],
        title: "公告与挂网价格（公开）",
        purpose: "不登录即可查看公告、挂网价格、风险标识及其计算过程。",
        steps: &["价格旁的“为什么”写明计算过程；可按说明在自己的电脑上验算。"],
        whom: Whom::Agency,
    },
    Part {
        segments: &["audit", "verification-key"],
        title: "存证公示",
        purpose: "平台的每一次办理都有记录并由平台签名，任何人可以核对记录没有被改动。",
        steps: &["定期保存公示的存证码；核对办法见页面说明。"],
        whom: Whom::Agency,
    },
];
