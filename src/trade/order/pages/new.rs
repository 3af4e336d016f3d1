//! The order form: filled in, checked, looked at once more, submitted. Everything typed survives every button, every refusal
//! and a closed window.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{Duration, Timelike};
use serde::Deserialize;
use serde_json::json;

use crate::order::adding::Told;
use crate::order::at_hand::{self, AtHand};
use crate::order::form::{FormAct, OrderForm, field_of};
use crate::order::model::OrderState;
use crate::order::present::{conflict, entry};
use crate::order::show::OrderDetail;
use crate::order::views::{Adding, FoundPart, NewOrder, Preview};
use crate::order::{enter, show};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{Error, FieldError, Refusal, Result};
use crate::platform::http::form::{Form, KEY_FIELD};
use crate::platform::http::page::{self, Page};
use crate::platform::http::{Query, act, kept, reply};
use crate::platform::idempotency::Key;
use crate::platform::policy::Policies;
use crate::platform::sql::{Id, Time};
use crate::platform::who::Principal;
use crate::platform::who::guard::HospitalBuyer;

/// What unsent order forms are kept under.
pub const KEPT: &str = "order:";
/// Days until the goods are wanted, where nothing else is said.
const WANTED_AFTER: i64 = 3;

/// How the form is opened.
#[derive(Debug, Default, Deserialize)]
pub struct Opening {
    /// With this product.
    listing: Option<Id>,
    /// As it was kept.
    draft: Option<Id>,
    /// With what stands in a draft order.
    order: Option<Id>,
    /// With what was ordered before.
    copy: Option<Id>,
}

/// `GET /orders/new`.
///
/// # Errors
/// 404 for a draft that is gone.
pub async fn open(who: HospitalBuyer, db: Data<Db>, how: Query<Opening>, page: Page) -> Result<HttpResponse> {
    let mut form = match (how.order, how.copy, how.draft) {
        (Some(order), ..) => of_order(&db, &who, order).await?,
        (_, Some(order), _) => OrderForm::again(&show::show(&db, &who, order).await?.view),
        (_, _, Some(draft)) => of_kept(&db, &who, draft).await?,
        _ => OrderForm { draft: Id::new().to_string(), ..OrderForm::default() },
    };
    let told = how.listing.and_then(|listing| form.add(listing));
    let shown = FormShown { told, is_kept: how.draft.is_some(), ..FormShown::as_it_is(FormAct::Edit) };
    page::html(&form_page(&db, &who, page, form, shown).await?)
}

async fn of_order(db: &Db, who: &Principal, id: Id) -> Result<OrderForm> {
    let order = show::show(db, who, id).await?.view;
    if order.order.state != OrderState::Draft {
        let detail = format!("订单 {} 已提交，不能再修改。请回到订单页查看。", order.order.number);
        return Err(Refusal::wrong_state(detail).into());
    }
    Ok(OrderForm::of_order(&order))
}

async fn of_kept(db: &Db, who: &Principal, draft: Id) -> Result<OrderForm> {
    let (user, key) = (who.user, format!("{KEPT}{draft}"));
    let kept = db.read(move |c| kept::find(c, user, &key)).await?;
    let kept = kept.ok_or_else(|| Refusal::not_found("草稿"))?;
    Ok(OrderForm { draft: draft.to_string(), ..OrderForm::of(&kept.form()) })
}

/// `POST /orders/new`: any button of the form.
///
/// # Errors
/// Of the database; what is wrong with the form is shown with it.
pub async fn act(who: HospitalBuyer, db: Data<Db>, sent: Form, request: HttpRequest) -> Result<HttpResponse> {
    let act = FormAct::of(&sent);
    let mut form = OrderForm::of(&sent);
    let told = form.apply(&act);
    match (&act, form.changes()) {
        (FormAct::Preview, _) => return preview(&db, &who, &request, form).await,
        (FormAct::Keep, _) => return keep_for_later(&db, &who, &request, form).await,
        (FormAct::Theirs, Some((order, _))) => {
            let theirs = of_order(&db, &who, order).await?;
            form = OrderForm { draft: form.draft, ..theirs };
        }
        _ => {}
    }
    let page = Page { frame: page::frame(&request).await? };
    let shown = FormShown { told, ..FormShown::as_it_is(act) };
    page::html(&form_page(&db, &who, page, form, shown).await?)
}

/// 「存为草稿」. It is kept in any case; where a colleague changed the draft order meanwhile, that is told.
async fn keep_for_later(
    db: &Db,
    who: &Principal,
    request: &HttpRequest,
    form: OrderForm,
) -> Result<HttpResponse> {
    let kept = keep(db, who, &form).await;
    act::answer_on(
        &[409, 413],
        request,
        async { kept.and(enter::check_fresh(db, who, &form).await) },
        async |()| {
            let page = Page { frame: page::frame(request).await? };
            let shown = FormShown { is_kept: true, ..FormShown::as_it_is(FormAct::Keep) };
            page::html(&form_page(db, who, page, form.clone(), shown).await?)
        },
        async |page, no| form_page(db, who, page, form.clone(), FormShown::wrong(no)).await,
    )
    .await
}

async fn preview(
    db: &Db,
    who: &Principal,
    request: &HttpRequest,
    mut form: OrderForm,
) -> Result<HttpResponse> {
    if form.draft.parse::<Id>().is_err() {
        form.draft = Id::new().to_string();
    }
    let at_hand = look(db, who, &mut form).await?;
    let fresh = enter::check_fresh(db, who, &form).await;
    let checked = async { fresh.and(enter::check(db, who, &form).await) }.await;
    if let Ok(looked) = &checked {
        form.take_prices(looked);
    }
    act::answer_on(
        &[409, 422],
        request,
        async { checked },
        async |looked| {
            let mut view = entry::preview(&form, &at_hand, &looked);
            // The form's own name: looked at twice and sent twice it is still one order.
            view.hidden.push((KEY_FIELD.into(), form.draft.clone()));
            page::html(&Preview { frame: page::frame(request).await?, ..view })
        },
        async |page, no| form_page(db, who, page, form.clone(), FormShown::wrong(no)).await,
    )
    .await
}

/// `POST /orders`: submits.
///
/// # Errors
/// Of the database; what is refused is shown with the form.
pub async fn submit(
    who: HospitalBuyer,
    db: Data<Db>,
    policies: Data<Policies>,
    key: Key,
    sent: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let mut form = OrderForm::of(&sent);
    let submitted = enter::submit(&db, &who, &policies, key, &mut form).await;
    act::answer_on(
        &[409, 422],
        &request,
        async { submitted },
        async |done| {
            forget(&db, &who, &form).await?;
            let words = format!("订单 {} 已提交，等待 {} 确认。", done.number, done.supplier);
            act::done(&format!("/orders/{}", done.id), words)
        },
        async |page, no| {
            let mut form = form.clone();
            if no.code == "IDEMPOTENCY_KEY_REUSED" {
                form.begin_anew();
            }
            form_page(&db, &who, page, form, FormShown::wrong(no)).await
        },
    )
    .await
}

/// `POST /orders/check`: what is wrong with the field that was just left, as JSON for the page's script.
pub async fn check(who: HospitalBuyer, db: Data<Db>, sent: Form) -> Result<HttpResponse> {
    let mut form = OrderForm::of(&sent);
    look(&db, &who, &mut form).await?;
    let errors = match enter::check(&db, &who, &form).await {
        Ok(_) => Vec::new(),
        Err(Error::Refused(refusal)) if refusal.status == 422 => refusal.errors,
        Err(other) => return Err(other),
    };
    let name = sent.value("check");
    let wrong = errors.into_iter().find(|e| field_of(e) == name).map(|e| e.detail).unwrap_or_default();
    Ok(reply::ok(&json!({ "errors": { name: wrong } })))
}

/// `POST /orders/draft`: keeps the form, as JSON for the page's script.
///
/// # Errors
/// 413; of the database.
pub async fn autosave(who: HospitalBuyer, db: Data<Db>, sent: Form) -> Result<HttpResponse> {
    let form = OrderForm::of(&sent);
    match keep(&db, &who, &form).await {
        Err(Error::Refused(no)) if matches!(no.status, 409 | 413) => {
            return Ok(reply::ok(&json!({ "error": no.detail })));
        }
        ended => ended?,
    }
    Ok(reply::ok(&json!({ "saved_at": saved_at(&db, who.received_at).await? })))
}

async fn saved_at(db: &Db, now: Time) -> Result<String> {
    let now = db.read(move |c| clock::legal_now(c, now)).await?.local();
    Ok(format!("{:02}:{:02}", now.hour(), now.minute()))
}

async fn keep(db: &Db, who: &Principal, form: &OrderForm) -> Result<()> {
    let Ok(draft) = form.draft.parse::<Id>() else {
        return Err(Refusal::unreadable("页面内容不完整，请返回并刷新页面后重新提交。").into());
    };
    kept::save(db, who.user, &format!("{KEPT}{draft}"), &Form::from_fields(form.fields()), who.received_at)
        .await
}

async fn forget(db: &Db, who: &Principal, form: &OrderForm) -> Result<()> {
    let (user, key) = (who.user, format!("{KEPT}{}", form.draft));
    db.write_unaudited("form.drop", move |c| kept::drop_form(c, user, &key)).await
}

/// `POST /orders/drafts/{id}/drop`: gives an unsent form up.
pub async fn give_up(who: HospitalBuyer, db: Data<Db>, id: actix_web::web::Path<Id>) -> Result<HttpResponse> {
    let form = OrderForm { draft: id.to_string(), ..OrderForm::default() };
    forget(&db, &who, &form).await?;
    act::done("/", "未提交的订单草稿已删除。")
}

/// What is being typed.
#[derive(Debug, Default, Deserialize)]
pub struct Typing {
    /// So far.
    #[serde(default)]
    q: String,
    /// Who delivers the lines that stand there.
    #[serde(default)]
    supplier_id: String,
}

/// `GET /orders/find`: what fits what is being typed, for the page's script.
///
/// # Errors
/// Of the database.
pub async fn find(who: HospitalBuyer, db: Data<Db>, typed: Query<Typing>) -> Result<HttpResponse> {
    let supplier = typed.supplier_id.parse().ok();
    let adding = match typed.q.trim() {
        "" => Adding::default(),
        text => found(&db, &who, text, supplier, at_hand::AT_ONCE).await?,
    };
    page::html(&FoundPart { adding })
}

/// Products for another line, or why none was looked for.
async fn found(db: &Db, who: &Principal, text: &str, supplier: Option<Id>, most: usize) -> Result<Adding> {
    match at_hand::another(db, who, text.to_owned(), supplier, most).await {
        Ok(found) => Ok(entry::found(text, &found, supplier.is_some())),
        Err(Error::Refused(refusal)) => Ok(entry::not_looked_for(text, &refusal.detail)),
        Err(other) => Err(other),
    }
}

/// What the form is shown for.
struct FormShown {
    act: FormAct,
    wrong: Vec<FieldError>,
    conflict: bool,
    is_kept: bool,
    told: Option<Told>,
}

impl FormShown {
    fn as_it_is(act: FormAct) -> Self {
        Self { act, wrong: Vec::new(), conflict: false, is_kept: false, told: None }
    }

    fn wrong(refusal: Refusal) -> Self {
        let conflict = matches!(refusal.code, "STALE_VERSION" | "WRONG_STATE");
        let mut wrong = refusal.errors;
        if wrong.is_empty() {
            let detail = match refusal.code {
                "IDEMPOTENCY_KEY_REUSED" => {
                    "这一页已经提交过，内容与上次不同，这次没有提交。请先在“订单”中查看那一张；\
                     如确需再订一张，请核对后再次提交。"
                        .into()
                }
                _ => refusal.detail,
            };
            wrong.push(FieldError { pointer: "/main".into(), detail });
        }
        Self { wrong, conflict, ..Self::as_it_is(FormAct::Edit) }
    }
}

/// The draft order that the form changes, as it is now; none where it is gone.
async fn theirs(db: &Db, who: &Principal, form: &OrderForm) -> Result<Option<OrderDetail>> {
    let Some((id, _)) = form.changes() else { return Ok(None) };
    match show::show(db, who, id).await {
        Ok(detail) => Ok(Some(detail)),
        Err(Error::Refused(no)) if no.status == 404 => Ok(None),
        Err(other) => Err(other),
    }
}

/// What is known about the form; its empty fields get what is usual.
async fn look(db: &Db, who: &Principal, form: &mut OrderForm) -> Result<AtHand> {
    let at_hand = at_hand::look(db, who, form.asked()).await?;
    if form.wanted_on.is_empty() {
        form.wanted_on = at_hand.now.plus(Duration::days(WANTED_AFTER)).day().to_string();
    }
    if form.address.is_empty() {
        form.address = at_hand.addresses.first().map(|a| a.id.to_string()).unwrap_or_default();
    }
    if form.supplier.is_empty() {
        form.supplier = at_hand.suppliers.first().map(|s| s.id.to_string()).unwrap_or_default();
    }
    Ok(at_hand)
}

async fn form_page(
    db: &Db,
    who: &Principal,
    page: Page,
    mut form: OrderForm,
    shown: FormShown,
) -> Result<NewOrder> {
    let at_hand = look(db, who, &mut form).await?;
    let note = form.follow_supplier(&at_hand);
    let mut view = entry::form(&form, &at_hand, &shown.wrong)?;
    if shown.act == FormAct::Find {
        let supplier = form.supplier.parse().ok().filter(|_| !form.lines.is_empty());
        view.adding = found(db, who, &form.find, supplier, at_hand::FOUND).await?;
    }
    if shown.act == FormAct::Keep {
        view.draft_saved = saved_at(db, who.received_at).await?;
    }
    if matches!(shown.act, FormAct::Add(_))
        && let Some(line) = view.lines.last_mut()
    {
        line.quantity.focus = true;
    }
    if let Some(told) = shown.told {
        if let Some(line) = told.line.and_then(|at| view.lines.get_mut(at)) {
            line.quantity.focus = true;
        }
        view.notes.push(told.text);
    }
    view.notes.extend(note);
    if shown.conflict {
        view.conflict = Some(conflict::conflict(theirs(db, who, &form).await?.as_ref()));
    }
    view.give_up = shown.is_kept.then(|| entry::give_up(&form));
    Ok(NewOrder { frame: page.frame, ..view })
}
