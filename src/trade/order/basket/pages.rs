//! The pages of the basket. One form: every button sends all of it, so that nothing typed is lost, with or without script.

use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::add::{self, Added, Again};
use super::change::{self, Act, Typed as Quantities};
use super::look;
use super::order_pages::{self, again};
use super::present::{self, Typed};
use super::views::Pasted;
use crate::order::at_hand;
use crate::order::pasted;
use crate::order::present::entry;
use crate::order::standing::keep;
use crate::platform::db::Db;
use crate::platform::error::{Error, FieldError, Result};
use crate::platform::http::flash::with_flash;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::upload::Upload;
use crate::platform::http::view::Tone;
use crate::platform::http::{Query, act, reply};
use crate::platform::idempotency::Key;
use crate::platform::sql::Id;
use crate::platform::who::Principal;
use crate::platform::who::guard::HospitalBuyer;

/// How the basket is opened.
#[derive(Debug, Default, Deserialize)]
pub struct Opening {
    /// The drug that was just put in.
    at: Option<Id>,
}

/// `GET /basket`.
pub async fn show(who: HospitalBuyer, db: Data<Db>, how: Query<Opening>, page: Page) -> Result<HttpResponse> {
    let basket = look::look(&db, &who).await?;
    let drugs = || basket.groups.iter().flat_map(|group| &group.drugs);
    let at = how.at.and_then(|listing| drugs().find(|drug| drug.line.listing_id == Some(listing)));
    let typed = Typed { at: at.map(|drug| drug.line.id), ..Typed::default() };
    page::html(&present::page(page.frame, &basket, typed)?)
}

/// `POST /basket/pasted`: a list, pasted or uploaded.
///
/// # Errors
/// What is wrong is shown with what was pasted.
pub async fn paste(
    who: HospitalBuyer,
    db: Data<Db>,
    (key, upload): (Key, Upload),
    request: HttpRequest,
) -> Result<HttpResponse> {
    let text = upload.form.value("text").to_owned();
    let file = upload.files("file").next().map(|file| file.bytes.clone());
    let take = async {
        let pasted = text.clone();
        // A large sheet takes a while to read.
        let read = web::block(move || match file {
            Some(bytes) if pasted.trim().is_empty() => pasted::of_file("/file", &bytes),
            _ => pasted::of_text("/text", &pasted),
        });
        let read = read.await.map_err(Error::internal)??;
        let passed_over = read.passed_over();
        Ok((add::list(&db, &who, key, read).await?, passed_over))
    };
    act::answer(
        &request,
        take,
        async |(added, passed_over): (Added, Option<String>)| {
            // Where nothing is left to choose, the orders can be looked at next.
            let next = upload.form.value("act") == "check" && added.open == 0;
            let to = if next { "/basket/check" } else { "/basket" };
            act::done(to, format!("{}{}", told(&added), passed_over.unwrap_or_default()))
        },
        async |page, no| {
            let error = no.errors.first().map(|e| e.detail.clone()).unwrap_or(no.detail);
            let pasted = Pasted { text: text.clone(), error, open: true, ..Pasted::default() };
            again(&db, &who, page, Typed { pasted, ..Typed::default() }).await
        },
    )
    .await
}

fn told(added: &Added) -> String {
    let mut parts = vec![format!("已加入 {} 个药品", added.drugs)];
    if added.more > 0 {
        parts.push(format!("{} 个已在采购车中，数量已合并", added.more));
    }
    if added.open > 0 {
        parts.push(format!("{} 行未识别，列在最上面，请选择或去掉", added.open));
    }
    format!("{}。", parts.join("；"))
}

/// `POST /basket/chosen`: the figures that were typed into the rows of the catalogue. What cannot be read stands in the basket as it
/// was typed.
///
/// # Errors
/// What is wrong is shown in the basket.
pub async fn chosen(
    who: HospitalBuyer,
    db: Data<Db>,
    (key, form): (Key, Form),
    request: HttpRequest,
) -> Result<HttpResponse> {
    let typed: Quantities =
        quantities(&form).into_iter().filter(|(_, text)| !text.trim().is_empty()).collect();
    if typed.is_empty() {
        let back = Some(form.value("back")).filter(|to| to.starts_with("/catalogue")).unwrap_or("/catalogue");
        let words = "还没有填写数量。请在要订购的药品后填写数量，再加入采购车。";
        return Ok(with_flash(reply::see_other(back), Tone::Hint, words, None));
    }
    let (new, unread) = add::typed(typed);
    let done = match add::add(&db, &who, key, new).await {
        Ok(added) if unread.is_empty() => {
            let to = if form.value("act") == "check" { "/basket/check" } else { form.value("back") };
            let to = Some(to).filter(|to| to.starts_with("/catalogue") || *to == "/basket/check");
            return act::done(to.unwrap_or("/basket"), told(&added));
        }
        Ok(_) => Vec::new(),
        Err(Error::Refused(no)) if no.status == 422 => no.errors,
        Err(other) => return Err(other),
    };
    let basket = look::look(&db, &who).await?;
    let mut typed = Typed::unread(&basket, &unread);
    typed.wrong.extend(done);
    page::html_with(422, &present::page(page::frame(&request).await?, &basket, typed)?)
}

/// `POST /basket/last-month`: what was ordered last month, once more.
///
/// # Errors
/// What is wrong is shown.
pub async fn last_month(
    who: HospitalBuyer,
    db: Data<Db>,
    key: Key,
    request: HttpRequest,
) -> Result<HttpResponse> {
    put_again(&db, &who, &request, add::last_months(&db, &who, key)).await
}

/// `POST /standing-lists/{id}/take`: a standing list.
///
/// # Errors
/// 404; what is wrong is shown.
pub async fn standing(
    who: HospitalBuyer,
    db: Data<Db>,
    id: Path<Id>,
    key: Key,
    request: HttpRequest,
) -> Result<HttpResponse> {
    put_again(&db, &who, &request, add::standing(&db, &who, key, *id)).await
}

async fn put_again(
    db: &Db,
    who: &Principal,
    request: &HttpRequest,
    put: impl Future<Output = Result<Again>>,
) -> Result<HttpResponse> {
    act::answer(
        request,
        put,
        async |Again { added, left_out }| {
            let mut words = told(&added);
            if !left_out.is_empty() {
                let first = left_out.iter().take(20).cloned().collect::<Vec<_>>().join("、");
                let more = if left_out.len() > 20 { " 等" } else { "" };
                words.push_str(&format!("{} 个不能再订购，没有加入：{first}{more}。", left_out.len()));
            }
            act::done("/basket", words)
        },
        async |page, no| again(db, who, page, Typed { wrong: no.errors, ..Typed::default() }).await,
    )
    .await
}

/// `POST /basket/list`: the basket becomes a standing list.
///
/// # Errors
/// What is wrong is shown.
pub async fn save(
    who: HospitalBuyer,
    db: Data<Db>,
    (key, form): (Key, Form),
    request: HttpRequest,
) -> Result<HttpResponse> {
    let lines = look::look(&db, &who).await?.list_lines();
    act::answer(
        &request,
        keep::save(&db, &who, key, form.value("name"), lines),
        async |_| act::done("/basket", format!("已保存为常购清单“{}”。", form.value("name").trim())),
        async |page, no| {
            again(&db, &who, page, Typed { form: form.clone(), wrong: no.errors, ..Typed::default() }).await
        },
    )
    .await
}

/// What the form says.
fn quantities(form: &Form) -> Quantities {
    let typed =
        |(name, value): &(String, String)| Some((name.strip_prefix("q-")?.parse().ok()?, value.clone()));
    form.fields().iter().filter_map(typed).collect()
}

/// What a button asks for.
fn act_of(form: &Form) -> Act {
    let word = form.value("act");
    let mut parts = word.split(':');
    let (name, id, listing) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let id = id.and_then(|id| id.parse::<Id>().ok());
    match (name, id, listing.and_then(|id| id.parse::<Id>().ok())) {
        ("remove", Some(id), _) => Act::Remove(id),
        ("clear", ..) => Act::Clear,
        ("take", Some(id), Some(listing)) => Act::Take(vec![(id, listing)]),
        ("pick", Some(id), _) => {
            Act::Take(picked(form).into_iter().filter(|(line, _)| *line == id).collect())
        }
        ("pick", None, _) => Act::Take(picked(form)),
        _ => Act::Save,
    }
}

fn picked(form: &Form) -> Vec<(Id, Id)> {
    let pick = |(name, value): &(String, String)| {
        Some((name.strip_prefix("pick-")?.parse().ok()?, value.parse().ok()?))
    };
    form.fields().iter().filter_map(pick).collect()
}

/// `POST /basket`: any button of the form.
///
/// # Errors
/// What is wrong is shown with what was typed.
pub async fn act(who: HospitalBuyer, db: Data<Db>, form: Form, request: HttpRequest) -> Result<HttpResponse> {
    let wanted = act_of(&form);
    let wrong = match change::change(&db, &who, quantities(&form), wanted.clone()).await {
        Ok(wrong) => wrong,
        Err(Error::Refused(no)) if no.status == 422 => no.errors,
        Err(other) => return Err(other),
    };
    let word = form.value("act").to_owned();
    // From the page of the orders a drug in place of another leads back to that page.
    let checks = word == "check" || (!form.value("address_id").is_empty() && matches!(wanted, Act::Take(_)));
    if checks && wrong.is_empty() {
        return order_pages::check_page(&db, &who, &request, form).await;
    }
    if let Some(listing) = word.strip_prefix("add:").and_then(|id| id.parse::<Id>().ok())
        && wrong.is_empty()
    {
        add::drug(&db, &who, listing).await?;
        return Ok(reply::see_other(&format!("/basket?at={listing}")));
    }
    let find = word.strip_prefix("find");
    if wrong.is_empty() && find.is_none() {
        return act::done("/basket", said(&wanted));
    }
    let mut typed = Typed { form, wrong, ..Typed::default() };
    if let Some(line) = find {
        let line = line.trim_start_matches(':').parse().ok();
        look_for(&db, &who, line, &mut typed).await?;
    }
    let page = Page { frame: page::frame(&request).await? };
    let status = if typed.wrong.is_empty() { 200 } else { 422 };
    page::html_with(status, &again(&db, &who, page, typed).await?)
}

fn said(act: &Act) -> &'static str {
    match act {
        Act::Save => "数量已保存。",
        Act::Remove(_) => "已去掉。",
        Act::Clear => "采购车已清空。",
        Act::Take(_) => "已选用。",
    }
}

/// What was found for a line that was not recognised, or for a new one.
async fn look_for(db: &Db, who: &Principal, line: Option<Id>, typed: &mut Typed) -> Result<()> {
    let text = match line {
        Some(line) => typed.form.value(&format!("find-{line}")).to_owned(),
        None => typed.form.value("find").to_owned(),
    };
    match (at_hand::another(db, who, text.clone(), None, at_hand::FOUND).await, line) {
        (Ok(found), Some(line)) => {
            if found.is_empty() {
                let detail = format!("没有找到可订购的“{text}”，请换一种写法");
                typed.wrong.push(FieldError { pointer: change::pointer(line), detail });
            }
            typed.found.insert(line, found);
        }
        (Ok(found), None) => typed.adding = entry::found(&text, &found, false),
        (Err(Error::Refused(no)), None) => typed.adding = entry::not_looked_for(&text, &no.detail),
        (Err(Error::Refused(no)), Some(line)) => {
            typed.wrong.push(FieldError { pointer: change::pointer(line), detail: no.detail });
        }
        (Err(other), _) => return Err(other),
    }
    Ok(())
}
