//! One line of the route table: method, address, role and handler. The role is the handler's first argument, which the
//! compiler checks, so that the table cannot promise what the handler does not keep.

use actix_web::http::Method;
use actix_web::{FromRequest, Handler, HttpResponse, Responder, guard as on, web};

use crate::platform::error::{Refusal, Result};
use crate::platform::who::guard::{Guard, Visitor};
use crate::platform::who::scope::Scope;
use crate::platform::who::{Function, OrgKind};

/// Who may use a route.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Name of the role's type.
    pub role: &'static str,
    /// True where nobody needs to log in.
    pub open: bool,
    /// Refuses a visitor with 401 or 403.
    pub admit: fn(&Visitor) -> Result<()>,
    /// Whether such a person may.
    pub admits: fn(OrgKind, Function) -> bool,
    /// What an organisation's own system must be allowed here; none where only people may.
    pub scope: Option<Scope>,
}

impl Rule {
    /// The rule of a role.
    pub const fn of<G: Guard>() -> Self {
        Self { role: G::NAME, open: G::OPEN, admit: G::admit, admits: G::admits, scope: None }
    }
}

/// How much a route takes in one request; the configuration says how many bytes that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// JSON and forms.
    Body,
    /// Files and sheets.
    Upload,
}

/// One line of the table.
pub struct Route {
    /// The office, for people.
    pub office: &'static str,
    /// The method.
    pub method: Method,
    /// The address, with its parameters in braces.
    pub path: &'static str,
    /// Who may.
    pub rule: Rule,
    /// How much it takes.
    pub size: Size,
    build: Box<dyn Fn() -> actix_web::Route + Send + Sync>,
}

/// Arguments of a handler, by their first.
pub trait First {
    /// The role that the handler asks for.
    type Role: Guard;
}

macro_rules! first {
    ($($rest:ident)*) => {
        impl<G: Guard, $($rest),*> First for (G, $($rest,)*) {
            type Role = G;
        }
    };
}
first!();
first!(A);
first!(A B);
first!(A B C);
first!(A B C D);
first!(A B C D E);
first!(A B C D E F);
first!(A B C D E F H);

impl Route {
    /// A line; the handler's first argument must be `G`.
    pub fn new<G, F, Args>(
        office: &'static str,
        method: Method,
        path: &'static str,
        size: Size,
        handler: F,
    ) -> Self
    where
        G: Guard,
        F: Handler<Args> + Send + Sync,
        Args: FromRequest + First<Role = G> + 'static,
        F::Output: Responder + 'static,
    {
        let verb = method.clone();
        let build = move || match verb {
            Method::GET => web::route().guard(on::Any(on::Get()).or(on::Head())).to(handler.clone()),
            _ => web::method(verb.clone()).to(handler.clone()),
        };
        Self { office, method, path, rule: Rule::of::<G>(), size, build: Box::new(build) }
    }

    /// With the scope that it asks of an organisation's own system.
    #[must_use]
    pub fn scoped(mut self, scope: Option<Scope>) -> Self {
        self.rule.scope = scope;
        self
    }

    /// For the server.
    pub fn build(&self) -> actix_web::Route {
        (self.build)()
    }

    /// True where a request of that method is for this line.
    pub fn serves(&self, method: &Method) -> bool {
        self.method == *method || (self.method == Method::GET && *method == Method::HEAD)
    }
}

/// What an address answers to a method that it does not know.
///
/// # Errors
/// Always 405.
pub async fn method_not_allowed() -> Result<HttpResponse> {
    Err(Refusal::new(405, "METHOD_NOT_ALLOWED", "该地址不支持这种操作，请核对请求方法。").into())
}

/// What an address that no line knows answers.
///
/// # Errors
/// Always 404.
pub async fn not_found() -> Result<HttpResponse> {
    Err(Refusal::new(404, "NOT_FOUND", "没有这个地址，请从首页或左侧菜单重新进入。").into())
}
