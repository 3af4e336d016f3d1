//! The start page of each role: what waits, by deadline; how things stand; what is new.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::{Datelike, NaiveDate};

use crate::listing::Mark;
use crate::order::list::{self, Filter, OrderPage, OrderRow};
use crate::order::model::OrderState;
use crate::order::pages::new::KEPT;
use crate::order::{form, waiting};
use crate::party::registration::{self, RegistrationState};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::kept::{self, Kept};
use crate::platform::http::page::{self, Page};
use crate::platform::http::present::{left, whole};
use crate::platform::http::site;
use crate::platform::http::view::{
    Figure, Link, News, StartHospital, StartOfficer, StartSupplier, Todo, Tone,
};
use crate::platform::outbox::{self, Message};
use crate::platform::sql::{Id, Time};
use crate::platform::who::guard::{AgencyOfficer, Anyone, Guard, ProvinceOfficer};
use crate::platform::who::{Function, Principal, Side};
use crate::{catalogue, party, publication};

/// Things that wait, shown at most; the list behind holds the rest.
const MOST: i64 = 20;
/// Messages shown.
const NEWS: i64 = 5;

/// `GET /`.
///
/// # Errors
/// Of the database.
pub async fn show(who: Anyone, db: Data<Db>, page: Page) -> Result<HttpResponse> {
    let Some(who) = who.0 else { return publication::pages::welcome(&db, page).await };
    let received = who.received_at;
    let now = db.read(move |c| clock::legal_now(c, received)).await?;
    let news = news(&db, &who).await?;
    let frame = page.frame;
    if who.side() == Some(Side::Hospital) {
        let (todos, figures) =
            (hospital_todos(&db, &who, now).await?, hospital_figures(&db, &who, now).await?);
        return page::html(&StartHospital { frame, todos, figures, news });
    }
    if who.side() == Some(Side::Supplier) {
        let todos = supplier_todos(&db, &who, now).await?;
        let figures = supplier_figures(&db, &who, now).await?;
        return page::html(&StartSupplier { frame, todos, figures, news });
    }
    if who.side().is_none() {
        return page::html(&StartOfficer { frame, todos: Vec::new(), figures: Vec::new(), news });
    }
    let (todos, figures) = (officer_todos(&db, &who, now).await?, officer_figures(&db, &who, now).await?);
    page::html(&StartOfficer { frame, todos, figures, news })
}

async fn news(db: &Db, who: &Principal) -> Result<Vec<News>> {
    let user = who.user;
    let found = db.read(move |c| outbox::messages(c, user, None, NEWS)).await?;
    let piece = |message: Message| News {
        date: message.legal_at.day().to_string(),
        link: Link::new(
            message.title,
            if site::is_local(&message.link) { message.link } else { "/messages".into() },
        ),
    };
    Ok(found.into_iter().map(piece).collect())
}

async fn hospital_todos(db: &Db, who: &Principal, now: Time) -> Result<Vec<Todo>> {
    if who.function != Function::Order {
        return Ok(Vec::new());
    }
    let user = who.user;
    let kept = db.read(move |c| kept::starting(c, user, KEPT)).await?;
    let late = waiting::for_answer(db, who, true, MOST).await?;
    let drafts = waiting::drafts(db, who, MOST).await?;
    let mut all: Vec<Todo> = late.iter().map(|order| late_answer(order, &order.supplier, now)).collect();
    all.extend(drafts.iter().map(draft));
    let ahead = now.0 - who.received_at.0;
    all.extend(kept.iter().filter_map(|kept| unsent(kept, kept.saved_at.plus(ahead))));
    Ok(all)
}

fn late_answer(order: &OrderRow, of: &str, now: Time) -> Todo {
    let (words, tone) = order.respond_by.map(|by| left(by, now)).unwrap_or_default();
    Todo {
        what: "供货企业逾期未答复".into(),
        about: format!("{of}，{}，{} 元", order.summary, order.total.display()),
        due: order.respond_by.map(Time::minute).unwrap_or_default(),
        left: words,
        tone,
        href: format!("/orders/{}", order.id),
    }
}

fn draft(order: &OrderRow) -> Todo {
    Todo {
        what: "提交草稿".into(),
        about: format!("{}，{}，{} 元", order.supplier, order.summary, order.total.display()),
        href: format!("/orders/new?order={}", order.id),
        tone: Tone::Waiting,
        ..Todo::default()
    }
}

/// An order form that was not sent; one that belongs to a draft order is shown with that.
fn unsent(kept: &Kept, saved_at: Time) -> Option<Todo> {
    let typed = form::OrderForm::of(&kept.form());
    (typed.order.is_empty() && !typed.lines.is_empty()).then(|| Todo {
        what: "继续填写订单".into(),
        about: format!("{} 个品种，{} 自动保存", typed.lines.len(), saved_at.minute()),
        href: format!("/orders/new?draft={}", typed.draft),
        tone: Tone::Waiting,
        ..Todo::default()
    })
}

async fn supplier_todos(db: &Db, who: &Principal, now: Time) -> Result<Vec<Todo>> {
    let orders = waiting::for_answer(db, who, false, MOST).await?;
    let todo = |order: &OrderRow| {
        let (words, tone) = order.respond_by.map(|by| left(by, now)).unwrap_or_default();
        Todo {
            what: if who.function.answers_orders() { "确认或拒绝订单" } else { "订单待答复" }.into(),
            about: format!("{}，{}，{} 元", order.hospital, order.summary, order.total.display()),
            due: order.respond_by.map(Time::minute).unwrap_or_default(),
            left: words,
            tone,
            href: format!("/orders/{}", order.id),
        }
    };
    Ok(orders.iter().map(todo).collect())
}

async fn officer_todos(db: &Db, who: &Principal, now: Time) -> Result<Vec<Todo>> {
    let mut all = registrations(db, who).await?;
    all.extend(goods(db, who).await?);
    let late = waiting::for_answer(db, who, true, MOST).await?;
    all.extend(
        late.iter().map(|order| late_answer(order, &format!("{} → {}", order.hospital, order.supplier), now)),
    );
    Ok(all)
}

/// Applications that this officer can decide on: the second is not the first.
async fn registrations(db: &Db, who: &Principal) -> Result<Vec<Todo>> {
    if !ProvinceOfficer::is(who) {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for state in [RegistrationState::Submitted, RegistrationState::Reviewed] {
        let rows = db.read(move |c| registration::store::list(c, Some(state), "", None, MOST)).await?;
        all.extend(rows.into_iter().filter(|r| r.reviewer_id != Some(who.user)).map(|row| {
            Todo {
                what: if state == RegistrationState::Submitted {
                    "初审登记申请"
                } else {
                    "复核登记申请"
                }
                .into(),
                about: format!("{}，{}，{}", row.name, row.kind_labels(), row.city),
                href: format!("/registrations/{}", row.id),
                tone: Tone::Waiting,
                ..Todo::default()
            }
        }));
    }
    Ok(all)
}

/// Claims to enterprise codes, and changes of products that a colleague proposed.
async fn goods(db: &Db, who: &Principal) -> Result<Vec<Todo>> {
    if !AgencyOfficer::is(who) {
        return Ok(Vec::new());
    }
    let user = who.user;
    let (claims, names, proposals) = db
        .read(move |c| {
            let claims = catalogue::claim::waiting(c, MOST)?;
            let ids: Vec<Id> = claims.iter().map(|claim| claim.organisation_id).collect();
            let names: BTreeMap<Id, String> =
                party::store::organisations(c, &ids)?.into_iter().map(|o| (o.id, o.name)).collect();
            Ok((claims, names, catalogue::proposal::waiting(c, Some(user), MOST)?))
        })
        .await?;
    let todo = |what: &str, about: String| Todo {
        what: what.into(),
        about,
        href: "/products/work".into(),
        tone: Tone::Waiting,
        ..Todo::default()
    };
    let claim = |claim: &catalogue::claim::Claim| {
        let name = names.get(&claim.organisation_id).cloned().unwrap_or_default();
        todo("审核编码认领", format!("{name}认领企业代码 {}", claim.code))
    };
    let mut all: Vec<Todo> = claims.iter().map(claim).collect();
    all.extend(
        proposals.iter().map(|p| todo("复核产品修改", format!("{}提出：{}", p.proposed_name, p.reason))),
    );
    Ok(all)
}

/// The orders since the first of the month.
async fn this_month(db: &Db, who: &Principal, now: Time, mark: Option<Mark>) -> Result<OrderPage> {
    let filter = Filter { from: Some(first_of_month(now)), mark, ..Filter::default() };
    list::list(db, who, filter, None, 1).await
}

fn first_of_month(now: Time) -> NaiveDate {
    now.day().with_day(1).unwrap_or_else(|| now.day())
}

fn figure(label: &str, value: String, unit: &str, href: String) -> Figure {
    Figure { label: label.into(), value, unit: unit.into(), note: String::new(), href: Some(href) }
}

/// A state's orders of the month: how many, for how much.
fn of_state(page: &OrderPage, state: OrderState, label: &str, from: NaiveDate) -> Figure {
    let found = page.states.iter().find(|s| s.state == state);
    let (count, total) = found.map(|s| (s.count, s.total)).unwrap_or_default();
    let mut figure = figure(label, whole(count), "张", format!("/orders?state={state}&from={from}"));
    figure.note = format!("{} 元", total.display());
    figure
}

async fn hospital_figures(db: &Db, who: &Principal, now: Time) -> Result<Vec<Figure>> {
    let (all, red) =
        (this_month(db, who, now, None).await?, this_month(db, who, now, Some(Mark::Red)).await?);
    let from = first_of_month(now);
    Ok(vec![
        of_state(&all, OrderState::Submitted, "本月待企业确认", from),
        of_state(&all, OrderState::Confirmed, "本月已确认", from),
        of_state(&all, OrderState::Refused, "本月被拒绝", from),
        red_figure(&red, from),
    ])
}

fn red_figure(red: &OrderPage, from: NaiveDate) -> Figure {
    let mut all = figure(
        "本月含红标药品的订单",
        whole(red.totals.count),
        "张",
        format!("/orders?mark=red&from={from}"),
    );
    all.note = format!("{} 元", red.totals.total.display());
    all
}

async fn supplier_figures(db: &Db, who: &Principal, now: Time) -> Result<Vec<Figure>> {
    let all = this_month(db, who, now, None).await?;
    let from = first_of_month(now);
    Ok(vec![
        of_state(&all, OrderState::Submitted, "本月待确认", from),
        of_state(&all, OrderState::Confirmed, "本月已确认", from),
        of_state(&all, OrderState::Refused, "本月已拒绝", from),
        of_state(&all, OrderState::Cancelled, "本月被撤销", from),
    ])
}

async fn officer_figures(db: &Db, who: &Principal, now: Time) -> Result<Vec<Figure>> {
    let all = this_month(db, who, now, None).await?;
    let (yellow, red) = (
        this_month(db, who, now, Some(Mark::Yellow)).await?,
        this_month(db, who, now, Some(Mark::Red)).await?,
    );
    let from = first_of_month(now);
    let mut marked =
        figure("本月黄标订单", whole(yellow.totals.count), "张", "/supervision/marked?mark=yellow".into());
    marked.note = format!("{} 元", yellow.totals.total.display());
    Ok(vec![
        of_state(&all, OrderState::Submitted, "本月待企业确认", from),
        of_state(&all, OrderState::Confirmed, "本月已确认", from),
        marked,
        Figure { href: Some(format!("/supervision/marked?mark=red&from={from}")), ..red_figure(&red, from) },
    ])
}
