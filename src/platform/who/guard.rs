//! Roles as types: the first argument of every handler says who may call it. The route table reads the same types, so the
//! table, the handler and the test over all routes cannot disagree.

use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::{Ready, ready};

use super::Principal;
use super::role::{OrgKind, Post};
use super::scope::Scope;
use crate::error::{Error, Refusal, Result};

/// Who stands in front of the counter. The middleware puts it among the request's extensions before any handler runs.
#[derive(Debug, Clone, Default)]
pub struct Visitor {
    /// The person, where one proved who they are.
    pub principal: Option<Principal>,
    /// What forms of this visitor carry; empty at the API.
    pub form_token: String,
    /// What the database knows the portal session by; at the API the key of the log-in that the token came from.
    pub session: Option<String>,
    /// True where nothing may be done but to set up the second step.
    pub confined: bool,
    /// What an organisation's system may do; none for a person.
    pub scopes: Option<Vec<Scope>>,
}

impl Visitor {
    /// A system within its scopes: on a route that asks for `scope` it acts as a person who does such things.
    ///
    /// # Errors
    /// 403 `PEOPLE_ONLY` where the route has no scope; 403 `SCOPE_MISSING`, which names the scope.
    pub fn narrow(&mut self, scope: Option<Scope>) -> Result<()> {
        let (Some(scopes), Some(who)) = (&self.scopes, &mut self.principal) else { return Ok(()) };
        let Some(scope) = scope else {
            let detail = "这项业务只能由用户登录后办理，不向系统对接开放。";
            return Err(Refusal::new(403, "PEOPLE_ONLY", detail).into());
        };
        if !scopes.contains(&scope) {
            let detail = format!(
                "该系统对接没有“{}”（{}）权限，请本单位管理员新建含此权限的系统对接。",
                scope.label(),
                scope.as_str()
            );
            return Err(Refusal::new(403, "SCOPE_MISSING", detail).with("scope", scope.as_str()).into());
        }
        who.post = scope.post(who);
        Ok(())
    }
}

/// A role as a type.
pub trait Guard: FromRequest + 'static {
    /// The type's name, for the route table and its test.
    const NAME: &'static str;
    /// True where nobody needs to log in.
    const OPEN: bool = false;

    /// Whether such a person may call the handler.
    fn admits(kind: OrgKind, post: Post) -> bool;

    /// Whether such a person may.
    fn is(who: &Principal) -> bool {
        who.is(|kind| Self::admits(kind, who.post))
    }

    /// Whether this visitor may.
    ///
    /// # Errors
    /// 401 `LOGIN_REQUIRED`, 403 `FORBIDDEN`.
    fn admit(visitor: &Visitor) -> Result<()> {
        match &visitor.principal {
            _ if Self::OPEN => Ok(()),
            None => Err(Refusal::new(401, "LOGIN_REQUIRED", "请先登录。").into()),
            Some(who) => Self::check(who),
        }
    }

    /// As [`Guard::is`], for operations.
    ///
    /// # Errors
    /// 403 `FORBIDDEN`.
    fn check(who: &Principal) -> Result<()> {
        if Self::is(who) {
            return Ok(());
        }
        let detail = format!(
            "您的岗位（{}·{}）无此权限。如需办理，请联系本单位管理员。",
            who.kind.label(),
            who.post.label()
        );
        Err(Refusal::new(403, "FORBIDDEN", detail).into())
    }
}

/// Anybody, logged in or not.
#[derive(Debug, Clone)]
pub struct Anyone(pub Option<Principal>);

impl Guard for Anyone {
    const NAME: &'static str = "Anyone";
    const OPEN: bool = true;
    fn admits(_: OrgKind, _: Post) -> bool {
        true
    }
}

impl FromRequest for Anyone {
    type Error = Error;
    type Future = Ready<Result<Self>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(visitor(request).map(|v| Self(v.principal)))
    }
}

/// The visitor that the middleware found.
///
/// # Errors
/// Internal, where a route was registered past the route table.
pub fn visitor(request: &HttpRequest) -> Result<Visitor> {
    request
        .extensions()
        .get::<Visitor>()
        .cloned()
        .ok_or_else(|| Error::internal("a route without its middleware"))
}

fn admitted<G: Guard>(request: &HttpRequest) -> Result<Principal> {
    let visitor = visitor(request)?;
    G::admit(&visitor)?;
    visitor.principal.ok_or_else(|| Error::internal("a guard that admits nobody in particular"))
}

/// Declares roles: one line each, with the kinds and posts that have it.
macro_rules! roles {
    ($($(#[$meta:meta])* $name:ident($kind:pat, $post:pat) if $admits:expr;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub struct $name(pub Principal);

        impl Guard for $name {
            const NAME: &'static str = stringify!($name);
            fn admits($kind: OrgKind, $post: Post) -> bool {
                $admits
            }
        }

        impl FromRequest for $name {
            type Error = Error;
            type Future = Ready<Result<Self>>;
            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                ready(admitted::<Self>(request).map(Self))
            }
        }

        impl Deref for $name {
            type Target = Principal;
            fn deref(&self) -> &Principal {
                &self.0
            }
        }
    )+};
}

roles! {
    /// Anybody who is logged in.
    AnyUser(_, _) if true;
    /// Administrator of an organisation's own users.
    OrgAdmin(_, post) if post == Post::Admin;
    /// Administrator of an organisation's own users, or officer of the agency: who may take away a second step.
    ResetKeeper(kind, post) if post == Post::Admin || (kind == OrgKind::Agency && post == Post::Officer);
    /// Administrator of a hospital or an enterprise, which may have systems of its own.
    ClientKeeper(kind, post) if post == Post::Admin && (kind.is_hospital() || kind.is_supplier());
    /// Anybody of a hospital.
    Hospital(kind, _) if kind.is_hospital();
    /// Orders for a hospital. 采购
    HospitalBuyer(kind, post) if kind.is_hospital() && post == Post::Order;
    /// Reports a hospital's volumes. 报量
    HospitalReporter(kind, post) if kind.is_hospital() && post == Post::Report;
    /// Approves in a hospital what another submitted. 复核
    HospitalChecker(kind, post) if kind.is_hospital() && post == Post::Check;
    /// Pays for a hospital. 财务
    HospitalFinance(kind, post) if kind.is_hospital() && post == Post::Finance;
    /// Anybody of a manufacturer or distributor.
    Supplier(kind, _) if kind.is_supplier();
    /// Answers orders for a manufacturer or distributor. 业务、订单配送
    SupplierClerk(kind, post) if kind.is_supplier() && post.answers_orders();
    /// Anybody of a manufacturer.
    Manufacturer(kind, _) if kind.is_manufacturer();
    /// Acts for a manufacturer in what concerns its products. 业务、挂网申报
    ManufacturerClerk(kind, post) if kind.is_manufacturer() && post.lists();
    /// Anybody of a hospital, a manufacturer or a distributor: the two sides of an order.
    Trader(kind, _) if kind.is_hospital() || kind.is_supplier();
    /// Anybody of the agency or a bureau.
    Authority(kind, _) if kind.is_authority();
    /// Anybody of the agency or the provincial bureau, which look after the whole province.
    Provincial(kind, _) if kind.is_provincial();
    /// Officer of the procurement agency.
    AgencyOfficer(kind, post) if kind == OrgKind::Agency && post == Post::Officer;
    /// Officer of the provincial bureau.
    ProvincialOfficer(kind, post) if kind == OrgKind::ProvincialBureau && post == Post::Officer;
    /// Officer of the agency or the provincial bureau, whose acts hold for the whole province.
    ProvinceOfficer(kind, post)
        if kind.is_provincial() && post == Post::Officer;
    /// Witness of openings.
    Observer(kind, _) if kind == OrgKind::Observer;
}
