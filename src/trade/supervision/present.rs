//! Marked purchases as the page shows them.

use super::mails::RefusedMails;
use super::model::{HospitalMarked, MarkedPurchase, MarkedPurchases};
use super::views::{HospitalSum, MailsPage, MarkedPage, MarkedRow, MarkedTotal, RefusedMail};
use crate::listing;
use crate::platform::http::place::Place;
use crate::platform::http::place::SORT;
use crate::platform::http::present::whole;
use crate::platform::http::site;
use crate::platform::http::sorting;
use crate::platform::http::view::{Field, Frame, Kind, Link, Table};
use crate::platform::outbox::Mail;
use crate::platform::secret_link;
use crate::platform::sql::Time;

/// Hospitals shown above the list at most.
const HOSPITALS: usize = 10;

/// The page, without its frame.
pub fn marked(place: &Place, found: &MarkedPurchases) -> MarkedPage {
    MarkedPage {
        frame: Frame::default(),
        filters: filters(place, &found.hospitals),
        table: Table {
            id: "marked".into(),
            caption: "标识药品采购明细".into(),
            columns: sorting::heads(MarkedPage::heads(), &["hospital", "amount", "submitted"], place),
            empty: found.page.items.is_empty(),
            empty_text: match place.is_filtered() {
                true => "没有符合条件的采购，请放宽筛选条件。".into(),
                false => "还没有采购黄标、红标药品的订单。".into(),
            },
            empty_link: place.is_filtered().then(|| Link::new("查看全部", "/supervision/marked")),
            paging: place.paging(
                found.page.items.len(),
                found.page.next.as_deref(),
                Some(found.totals.lines),
            ),
            export: Some(place.at("/supervision/marked.xlsx")),
            ..Table::default()
        },
        rows: found.page.items.iter().map(row).collect(),
        total: MarkedTotal { amount: found.totals.amount.display() },
        hospitals: found.hospitals.iter().take(HOSPITALS).map(|h| hospital(place, h)).collect(),
    }
}

fn filters(place: &Place, hospitals: &[HospitalMarked]) -> Vec<Field> {
    let mut named: Vec<(String, String)> =
        hospitals.iter().map(|h| (h.hospital_id.to_string(), h.hospital.clone())).collect();
    named.sort_by(|a, b| a.1.cmp(&b.1));
    let sorted = Some(place.value(SORT)).filter(|sort| !sort.is_empty());
    let sorted = sorted.map(|sort| Field::new(Kind::Hidden, SORT, "").value(sort));
    let all = |list: Vec<(String, String)>| std::iter::once((String::new(), "全部".to_owned())).chain(list);
    vec![
        Field::new(Kind::Select, "mark", "标识").value(place.value("mark")).choices([
            ("", "全部"),
            ("red", "红标"),
            ("yellow", "黄标"),
        ]),
        Field::new(Kind::Select, "hospital", "医疗机构").value(place.value("hospital")).choices(all(named)),
        Field::new(Kind::Text, "city", "市").value(place.value("city")),
        Field::new(Kind::Date, "from", "自").value(place.value("from")),
        Field::new(Kind::Date, "to", "至").value(place.value("to")),
    ]
    .into_iter()
    .chain(sorted)
    .collect()
}

fn row(line: &MarkedPurchase) -> MarkedRow {
    MarkedRow {
        hospital: line.hospital.clone(),
        city: line.city.clone(),
        order: line.number.clone(),
        href: format!("/orders/{}", line.order_id),
        when: line.submitted_at.map(Time::minute).unwrap_or_default(),
        product: line.product.clone(),
        maker: line.maker.clone(),
        mark: listing::present::mark(line.mark),
        price: line.unit_price.display(),
        low: listing::present::price(line.low),
        quantity: whole(line.quantity),
        unit: line.unit.clone(),
        amount: line.amount.display(),
        reason: line.reason.clone().unwrap_or_default(),
        by: line.by.clone(),
        why: listing::present::why_href(Some(line.listing_id)),
    }
}

fn hospital(place: &Place, sum: &HospitalMarked) -> HospitalSum {
    HospitalSum {
        hospital: sum.hospital.clone(),
        red: whole(sum.red),
        yellow: whole(sum.yellow),
        amount: sum.amount.display(),
        href: place.with("hospital", &sum.hospital_id.to_string()),
    }
}

/// The page of refused mails, without its frame.
pub fn mails(place: &Place, found: &RefusedMails) -> MailsPage {
    let waiting = match found.waiting {
        0 => String::new(),
        n => format!("另有 {} 封在等候发送，平台会自动重试。", whole(n)),
    };
    MailsPage {
        frame: Frame::default(),
        purpose: format!("邮件服务器拒收、平台不再自动重发的通知；核对收件地址后可重新发送。{waiting}"),
        table: Table {
            id: "mails".into(),
            caption: "被退回的邮件".into(),
            columns: MailsPage::heads(),
            empty: found.page.items.is_empty(),
            empty_text: "没有被退回的邮件，所有通知都已送出或正在发送。".into(),
            paging: place.paging(found.page.items.len(), found.page.next.as_deref(), Some(found.refused)),
            choose: true,
            ..Table::default()
        },
        mails: found.page.items.iter().map(mail).collect(),
    }
}

fn mail(mail: &Mail) -> RefusedMail {
    // A link with a secret is the reader's alone.
    let open = site::is_local(&mail.link) && secret_link::forget_secret(&mail.link).is_none();
    RefusedMail {
        id: mail.id.to_string(),
        to: mail.recipient.clone(),
        subject: mail.subject.clone(),
        link: open.then(|| Link::new(mail.subject.clone(), mail.link.clone())),
        reason: mail.last_error.clone().unwrap_or_else(|| "邮件服务器没有说明原因".into()),
        attempts: whole(mail.attempts.into()),
        when: mail.legal_at.minute(),
    }
}
