//! The list of orders for hospital, supplier and officer.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::order::answer::Chosen;
use crate::order::list::{self, Cursor, OrderFilter};
use crate::order::present::list::{FILTERS, page as view};
use crate::order::{answer, export};
use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::http::flash::with_flash;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::{DEFAULT_LIMIT, Paging};
use crate::platform::http::place::ListAddress;
use crate::platform::http::reply;
use crate::platform::http::view::{Frame, Pair, Question, Tone};
use crate::platform::sheet;
use crate::platform::sql::Id;
use crate::platform::who::guard::{AnyUser, SupplierClerk};

/// Orders in an export at most.
const MOST_EXPORTED: i64 = 20_000;
/// Orders that are confirmed at once at most: a page.
const MOST_AT_ONCE: usize = 200;
/// Of them in one write.
const IN_ONE_WRITE: usize = 50;

fn filter(place: &ListAddress) -> OrderFilter {
    OrderFilter {
        state: place.choice("state"),
        q: Some(place.value("q").to_owned()),
        from: place.day("from"),
        to: place.day("to"),
        mark: place.choice("mark"),
        overdue: place.is("overdue", "true"),
        sort: place.choice("sort"),
    }
}

/// `GET /orders`.
///
/// # Errors
/// 403 for who has nothing to do with orders.
pub async fn list(who: AnyUser, db: Data<Db>, request: HttpRequest, page: Page) -> Result<HttpResponse> {
    let place = ListAddress::of(&request, &FILTERS);
    let after: Option<Cursor> = Paging { after: place.after(), limit: None }.after()?;
    let found = place.found(list::list(&db, &who, filter(&place), after, DEFAULT_LIMIT)).await?;
    page::html(&view(page.frame, &who, &place, &found))
}

/// `GET /orders.xlsx`: what is filtered, as a sheet.
///
/// # Errors
/// As the list.
pub async fn export(who: AnyUser, db: Data<Db>, request: HttpRequest) -> Result<HttpResponse> {
    let place = ListAddress::of(&request, &FILTERS);
    let filter = filter(&place);
    place.understood()?;
    let all = list::all(&db, &who, filter, MOST_EXPORTED).await?;
    let chosen = place.columns().to_vec();
    sheet::download("订单", move || export::chosen(&all, &chosen)).await
}

/// `POST /orders/confirm`: confirms the chosen orders, each by itself; `act=ask` asks first, with their number and sum.
///
/// # Errors
/// Of the database; what could not be confirmed is told.
pub async fn confirm_chosen(
    who: SupplierClerk,
    db: Data<Db>,
    page: Page,
    form: Form,
) -> Result<HttpResponse> {
    let chosen = form.values("chosen").filter(|c| !c.is_empty()).take(MOST_AT_ONCE);
    let chosen: Vec<(Id, i64)> = chosen.map(chosen_order).collect::<Result<_>>()?;
    if form.value("act") == "ask" && !chosen.is_empty() {
        let about = answer::about(&db, &who, chosen.iter().map(|(id, _)| *id).collect()).await?;
        return page::html(&question(page.frame, &form, &about));
    }
    let (mut done, mut failed) = (0, Vec::new());
    for part in chosen.chunks(IN_ONE_WRITE) {
        let (confirmed, refused) = answer::confirm_several(&db, &who, part.to_vec()).await?;
        done += confirmed;
        failed.extend(refused);
    }
    let back = reply::see_other("/orders?state=submitted");
    let reasons: String = failed.iter().take(3).map(String::as_str).collect();
    Ok(match (done, failed.len()) {
        (0, 0) => with_flash(back, Tone::Hint, "没有选中订单。请先在要确认的订单前打勾。", None),
        (_, 0) => with_flash(back, Tone::Done, format!("已确认 {done} 张订单，医疗机构会收到通知。"), None),
        (_, n) => with_flash(back, Tone::Wrong, format!("已确认 {done} 张，{n} 张未能确认：{reasons}"), None),
    })
}

fn question(frame: Frame, form: &Form, about: &Chosen) -> Question {
    let mut facts = vec![
        Pair::new("订单", format!("{} 笔", about.count)),
        Pair::new("金额合计", format!("{} 元", about.total.display())),
    ];
    if about.red > 0 {
        facts.push(Pair::new("其中含红标药品", format!("{} 笔", about.red)));
    }
    let chosen = form.values("chosen").filter(|c| !c.is_empty()).take(MOST_AT_ONCE);
    Question {
        frame,
        title: format!("确认这 {} 笔订单吗", about.count),
        consequence: "确认后不能改为拒绝，医疗机构会收到通知。".into(),
        facts,
        action: "/orders/confirm".into(),
        hidden: chosen.map(|one| ("chosen".to_owned(), one.to_owned())).collect(),
        label: format!("确认 {} 笔订单", about.count),
        back: "/orders?state=submitted".into(),
    }
}

fn chosen_order(value: &str) -> Result<(Id, i64)> {
    let parsed =
        value.split_once(':').and_then(|(id, version)| Some((id.parse().ok()?, version.parse().ok()?)));
    parsed.ok_or_else(|| Refusal::unreadable("页面内容不完整，请刷新页面后重新选择。").into())
}
