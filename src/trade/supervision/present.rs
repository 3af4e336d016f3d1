//! Marked purchases as the page shows them.

use super::columns::columns;
use super::mails::RefusedMails;
use super::model::{HospitalMarked, MarkedPurchases};
use super::views::{HospitalSum, MailsPage, MarkedPage};
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::place::ListAddress;
use crate::platform::http::present::whole;
use crate::platform::http::site;
use crate::platform::http::view::{Bulk, Button, Cell, Choice, Field, Frame, Kind, Link, Table};
use crate::platform::outbox::Mail;
use crate::platform::secret_link;

/// Hospitals shown above the list at most.
const HOSPITALS: usize = 10;

/// The page, without its frame.
pub fn marked(place: &ListAddress, found: &MarkedPurchases) -> MarkedPage {
    MarkedPage {
        frame: Frame::default(),
        filters: filters(place, &found.hospitals),
        table: Table {
            caption: "红标、黄标药品采购明细".into(),
            empty_text: match place.is_filtered() {
                true => "没有符合条件的采购，请放宽筛选条件。".into(),
                false => "还没有采购黄标、红标药品的订单。".into(),
            },
            empty_link: place.is_filtered().then(|| Link::new("查看全部", "/supervision/marked?from=")),
            paging: place.paging(
                found.page.items.len(),
                found.page.next.as_deref(),
                Some(found.totals.lines),
            ),
            export: Some(place.at("/supervision/marked.xlsx")),
            ..columns(found.totals).table("marked", &found.page.items, place, "")
        },
        hospitals: found.hospitals.iter().take(HOSPITALS).map(|h| hospital(place, h)).collect(),
    }
}

fn filters(place: &ListAddress, hospitals: &[HospitalMarked]) -> Vec<Field> {
    let mut named: Vec<(String, String)> =
        hospitals.iter().map(|h| (h.hospital_id.to_string(), h.hospital.clone())).collect();
    named.sort_by(|a, b| a.1.cmp(&b.1));
    let all = |list: Vec<(String, String)>| std::iter::once((String::new(), "全部".to_owned())).chain(list);
    [
        Field::new(Kind::Select, "mark", "标识").choices([("", "全部"), ("red", "红标"), ("yellow", "黄标")]),
        Field::new(Kind::Select, "hospital", "医疗机构").choices(all(named)),
        Field::new(Kind::Text, "city", "市"),
        Field::new(Kind::Date, "from", "提交日自"),
        Field::new(Kind::Date, "to", "提交日至"),
    ]
    .map(|field| place.field(field))
    .into_iter()
    .chain(place.kept())
    .collect()
}

fn hospital(place: &ListAddress, sum: &HospitalMarked) -> HospitalSum {
    HospitalSum {
        hospital: sum.hospital.clone(),
        red: whole(sum.red),
        yellow: whole(sum.yellow),
        amount: sum.amount.display(),
        href: place.with("hospital", &sum.hospital_id.to_string()),
    }
}

/// The page of refused mails.
pub fn mails(frame: Frame, place: &ListAddress, found: &RefusedMails) -> MailsPage {
    let waiting = match found.waiting {
        0 => String::new(),
        n => format!("另有 {} 封在等候发送，平台会自动重试。", whole(n)),
    };
    let mails = &found.page.items;
    let table = Table {
        caption: "被退回的邮件".into(),
        empty_text: "没有被退回的邮件，所有通知都已送出或正在发送。".into(),
        paging: place.paging(mails.len(), found.page.next.as_deref(), Some(found.refused)),
        ..mail_columns().table("mails", mails, place, "")
    };
    let bulk = Bulk {
        action: "/supervision/mails".into(),
        token: frame.token.clone(),
        counted: "封邮件",
        acts: vec![Choice { value: "send".into(), text: "重新发送所选邮件".into() }],
    };
    let choice = |mail: &Mail| Choice {
        value: mail.id.to_string(),
        text: format!("选择发给 {} 的邮件", mail.recipient),
    };
    MailsPage {
        purpose: format!(
            "邮件服务器拒收、平台不再自动重发的通知，以及单位没有在用人员可以收取的通知；核对收件地址或请该单位补设人员后可重新发送。{waiting}"
        ),
        table: table.choose(bulk, mails.iter().map(choice)),
        frame,
    }
}

fn mail_columns() -> Columns<'static, Mail> {
    Columns::new([
        Column::name("收件人", |mail: &Mail| mail.recipient.clone()),
        Column::text("subject", "主题", |mail: &Mail| {
            // A link with a secret is the reader's alone.
            let open = site::is_local(&mail.link) && secret_link::forget_secret(&mail.link).is_none();
            if open { Cell::opens(&mail.link, &mail.subject) } else { Cell::from(&mail.subject) }
        })
        .under(|mail| Cell::from(mail.legal_at).line(&mail.subject)),
        Column::text("reason", "退回原因", |mail: &Mail| {
            let reason = mail.last_error.as_deref().unwrap_or("邮件服务器没有说明原因");
            Cell::from(reason).below(format!("已试发 {} 次", whole(mail.attempts.into())))
        })
        .class("reason-cell"),
        Column::text("when", "写信时间", |mail: &Mail| mail.legal_at).class("nowrap").wide_only(),
        Column::acts(|mail: &Mail| {
            Cell::press(Button {
                form: "mails-chosen".into(),
                name: "one".into(),
                value: mail.id.to_string(),
                text: "重新发送".into(),
                about: format!("给 {}", mail.recipient),
            })
        }),
    ])
}
