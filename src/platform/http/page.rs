//! Pages: the frame around them, filled for the visitor.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ContentType};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use chrono::Duration;
use futures_util::future::LocalBoxFuture;

use super::site::{CookieKind, Site, data};
use super::view::{Frame, NavItem, Viewer};
use super::{csrf, flash};
use crate::clock::{self, Clock};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::office::{MenuItem, Offices};
use crate::outbox;
use crate::sql::{self, AnyConn, Time};
use crate::who::Principal;
use crate::who::guard::{self, Guard, ProvinceOfficer, Visitor};

/// The frame of the page that answers this request.
#[derive(Debug, Clone)]
pub struct Page {
    /// Goes into the template.
    pub frame: Frame,
}

/// Marks a request whose answer carries the form token; the middleware makes sure that the visitor has its cookie.
#[derive(Debug, Clone, Copy)]
pub struct TokenShown;

impl FromRequest for Page {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(Self { frame: frame(&request).await? }) })
    }
}

/// The frame for the visitor of this request.
pub async fn frame(request: &HttpRequest) -> Result<Frame> {
    let visitor = guard::visitor(request)?;
    let site = data::<Site>(request)?;
    let (db, now) = (data::<Db>(request)?, data::<Clock>(request)?.now());
    let mut frame = bare(request, &site, &visitor);
    let who = visitor.principal.clone();
    let menu = match &who {
        Some(who) => data::<Offices>(request)?.menu(who, site.clock_page.is_some()),
        None => Vec::new(),
    };
    let live = db.read(move |c| live(c, &menu, who.as_ref(), now)).await?;
    frame.legal_time = live.legal.minute();
    frame.offices = live.offices;
    let path = request.path();
    for office in &mut frame.offices {
        office.current = path == office.href || path.starts_with(&format!("{}/", office.href));
    }
    if let Some(viewer) = &mut frame.viewer {
        viewer.unread = live.unread;
    }
    let officer = visitor.principal.is_some_and(|p| ProvinceOfficer::is(&p));
    frame.clock = site.clock_page.clone().filter(|_| officer);
    Ok(frame)
}

struct Live {
    legal: Time,
    offices: Vec<NavItem>,
    unread: u32,
}

/// What stands on every page, in one statement.
fn live(conn: &mut AnyConn, menu: &[&MenuItem], who: Option<&Principal>, now: Time) -> Result<Live> {
    let mut questions = vec![sql::fixed(clock::OFFSET_SECONDS)];
    let mut offices = Vec::new();
    if let Some(who) = who {
        questions.push(outbox::count_unread(who.user));
        for item in menu {
            let waiting = (item.waiting)(who);
            offices.push((item.label, item.href, waiting.len()));
            questions.extend(waiting);
        }
    }
    let mut answers = sql::counts(conn, questions)?.into_iter();
    let legal = now.plus(Duration::seconds(answers.next().unwrap_or(0)));
    let unread = shown(answers.next().unwrap_or(0));
    let item = |(label, href, questions): (&str, &str, usize)| NavItem {
        label: label.into(),
        href: href.into(),
        waiting: shown(answers.by_ref().take(questions).sum()),
        current: false,
    };
    Ok(Live { legal, unread, offices: offices.into_iter().map(item).collect() })
}

fn shown(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// What of the frame needs no database: enough for an error page while the database is away.
pub fn bare(request: &HttpRequest, site: &Site, visitor: &Visitor) -> Frame {
    let secure = site.origin.is_secure();
    let flash = request.cookie(CookieKind::Flash.name(secure)).and_then(|c| flash::take(request, c.value()));
    if !visitor.form_token.is_empty() {
        request.extensions_mut().insert(TokenShown);
    }
    Frame {
        platform: site.name.clone(),
        notice: site.notice.clone(),
        foot: site.foot.clone(),
        viewer: visitor.principal.as_ref().map(viewer),
        flash: flash.into_iter().collect(),
        token: csrf::masked(&visitor.form_token),
        help: help(request.path()),
        ..Frame::default()
    }
}

/// Help has an anchor for the first segment of each page's address.
fn help(path: &str) -> String {
    match path.trim_start_matches('/').split('/').next().unwrap_or_default() {
        "" => "/help#start".into(),
        "help" => "/help".into(),
        part => format!("/help#{part}"),
    }
}

fn viewer(who: &Principal) -> Viewer {
    Viewer {
        organisation: who.organisation_name.clone(),
        name: who.name.clone(),
        role: format!("{}·{}", who.kind.label(), who.post.label()),
        unread: 0,
    }
}

/// A page with status 200.
///
/// # Errors
/// Internal, where the template fails.
pub fn html(template: &impl askama::Template) -> Result<HttpResponse> {
    html_with(200, template)
}

/// A page with that status.
///
/// # Errors
/// Internal, where the template fails.
pub fn html_with(status: u16, template: &impl askama::Template) -> Result<HttpResponse> {
    let text = template.render().map_err(Error::internal)?;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    Ok(HttpResponse::build(status)
        .insert_header(ContentType::html())
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text))
}
