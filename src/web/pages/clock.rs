//! The procedure's clock, moved forward by officers in demo and training, so that deadlines can be lived through.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{Datelike, Duration, NaiveDateTime, NaiveTime, TimeZone};

use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{FieldError, Refusal, Result};
use crate::platform::http::form::{Form, KEY_FIELD};
use crate::platform::http::page::{self, Page};
use crate::platform::http::view::{Clock, Field, Kind, Pair, Question};
use crate::platform::http::{Site, act};
use crate::platform::idempotency::Key;
use crate::platform::input::half_width;
use crate::platform::office::Offices;
use crate::platform::sql::{Id, Time, shanghai};
use crate::platform::who::Principal;
use crate::platform::who::guard::ProvinceOfficer;

/// Deadlines shown at most.
const UPCOMING: usize = 20;

/// Where the page is.
pub const PATH: &str = "/demo/clock";

/// Refuses pages of demo and training anywhere else, as if they were not there.
///
/// # Errors
/// 404.
pub fn only_in_training(site: &Site) -> Result<()> {
    match site.clock_page {
        Some(_) => Ok(()),
        None => {
            Err(Refusal::new(404, "NOT_FOUND", "没有这个页面。地址可能写错或已变更，请从首页重新进入。")
                .into())
        }
    }
}

/// `GET /demo/clock`.
///
/// # Errors
/// 404 in production.
pub async fn show(
    who: ProvinceOfficer,
    db: Data<Db>,
    site: Data<Site>,
    offices: Data<Offices>,
    page: Page,
) -> Result<HttpResponse> {
    only_in_training(&site)?;
    page::html(&view(&db, **offices, &who, page, None).await?)
}

/// `POST /demo/clock`.
///
/// # Errors
/// 404 in production; what is wrong is shown with the form.
pub async fn advance(
    who: ProvinceOfficer,
    db: Data<Db>,
    site: Data<Site>,
    offices: Data<Offices>,
    key: Key,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    only_in_training(&site)?;
    if form.value("act") == "ask"
        && let Some(question) = question(&db, **offices, &who, &request, &form).await?
    {
        return page::html(&question);
    }
    let words = |now: Time| format!("法定时间已推进到 {}，到期的事情将在一分钟内处理。", now.minute());
    act::answer(
        &request,
        async { crate::web::clock::advance(&db, &who.actor(), target(&form)?, key).await },
        async |now| act::done(PATH, words(now)),
        async |page, no| view(&db, **offices, &who, page, Some((&form, &no))).await,
    )
    .await
}

/// Asks before the clock is moved: from when to when, and what ends on the way. None where the time is no good: then that is told.
async fn question(
    db: &Db,
    offices: Offices,
    who: &Principal,
    request: &HttpRequest,
    form: &Form,
) -> Result<Option<Question>> {
    let Ok(to) = target(form) else { return Ok(None) };
    let reader = who.clone();
    let (legal, upcoming) = db
        .read(move |c| {
            let legal = clock::legal_now(c, reader.received_at)?;
            Ok((legal, offices.upcoming(c, &reader, legal)?))
        })
        .await?;
    if to <= legal {
        return Ok(None);
    }
    let ending = upcoming.iter().filter(|(at, _)| *at <= to).count();
    Ok(Some(Question {
        frame: page::frame(request).await?,
        title: format!("把法定时间推进到 {} 吗", to.minute()),
        consequence: "推进后不能退回，对所有单位同时生效。".into(),
        facts: vec![
            Pair::new("现在", legal.minute()),
            Pair::new("推进到", to.minute()),
            Pair::new("期间到期的事项", format!("{ending} 项")),
        ],
        action: PATH.into(),
        hidden: vec![("to".into(), written(to)), (KEY_FIELD.into(), form.value(KEY_FIELD).into())],
        label: "推进时间".into(),
        back: PATH.into(),
    }))
}

/// A step's button, else what was typed.
fn target(form: &Form) -> Result<Time> {
    let step = form.value("step");
    let typed = half_width(if step.is_empty() { form.value("to") } else { step });
    let local = NaiveDateTime::parse_from_str(&typed.trim().replace(' ', "T"), "%Y-%m-%dT%H:%M").ok();
    let at = local.filter(|at| (1..=9999).contains(&at.year()));
    let at = at.and_then(|at| shanghai().from_local_datetime(&at).single());
    at.map(|at| Time::from_utc(at.to_utc())).ok_or_else(|| {
        Refusal::field("/to", format!("新的法定时间应写成 2024-08-06 09:00，您填的是 {}", form.value("to")))
            .into()
    })
}

async fn view(
    db: &Db,
    offices: Offices,
    who: &Principal,
    page: Page,
    wrong: Option<(&Form, &Refusal)>,
) -> Result<Clock> {
    let who = who.clone();
    let (legal, upcoming) = db
        .read(move |c| {
            let legal = clock::legal_now(c, who.received_at)?;
            Ok((legal, offices.upcoming(c, &who, legal)?))
        })
        .await?;
    let upcoming = upcoming.into_iter().take(UPCOMING).map(|(at, what)| (at.minute(), what)).collect();
    let mut to =
        Field::new(Kind::DateTime, "to", "新的法定时间").value(written(legal.plus(Duration::hours(1))));
    if let Some((form, refusal)) = wrong {
        // A button sends no field of its own, so what is wrong stands under the field all the same.
        let errors = [FieldError { pointer: "/to".into(), detail: refusal.detail.clone() }];
        to = form.refill(to, &errors);
        to.focus = true;
    }
    Ok(Clock { frame: page.frame, to, steps: steps(legal), upcoming, idempotency_key: Id::new().to_string() })
}

fn steps(legal: Time) -> Vec<(String, String)> {
    let morning = |days: i64| {
        let day = legal.day().checked_add_signed(Duration::days(days)).unwrap_or(legal.day());
        day.and_time(NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default())
            .format("%Y-%m-%dT%H:%M")
            .to_string()
    };
    vec![
        ("一小时后".into(), written(legal.plus(Duration::hours(1)))),
        ("一天后".into(), written(legal.plus(Duration::days(1)))),
        ("明天 09:00".into(), morning(1)),
        ("三天后 09:00".into(), morning(3)),
        ("七天后 09:00".into(), morning(7)),
        ("三十天后 09:00".into(), morning(30)),
    ]
}

/// As the browser's field for a time wants it.
fn written(at: Time) -> String {
    at.local().format("%Y-%m-%dT%H:%M").to_string()
}
