//! One line of the route table: method, address, role, scope and handler. The role is the handler's first argument, which the
//! compiler checks, so that the table cannot promise what the handler does not keep.

use std::sync::{Arc, OnceLock};

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, guard as on, web};
use futures_util::future::LocalBoxFuture;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{HttpMethod, OpenApi, SecurityRequirement};

use super::operation::{self, Answers, Argument, Tag, Told};
use super::query;
use crate::error::Result;
use crate::who::guard::{Guard, Visitor};
use crate::who::scope::Scope;
use crate::who::{OrgKind, Post};

pub use jicai_macros::{operation, operation_of};

/// An office's routes: `pages { … }` for the portal, `api "tag" "description" { … }` for the API, in which a line is
/// `METHOD "/address" Role => handler,`. `[Scope]` stands after the role where an organisation's own system may call it within
/// that scope, `upload` before the arrow where files come in.
#[macro_export]
macro_rules! routes {
    (@pages $(
        $method:ident $path:literal $role:ident $($upload:ident)? => $($handler:ident)::+,
    )*) => {
        vec![$($crate::http::route::Route::page::<$crate::who::guard::$role, _, _>(
            ::actix_web::http::Method::$method,
            $path,
            $crate::routes!(@size $($upload)?),
            $($handler)::+,
        )),*]
    };
    (@api $tag:literal $description:literal $(
        $method:ident $path:literal $role:ident $([$scope:ident])? $($upload:ident)? => $($handler:ident)::+,
    )*) => {{
        let tag = $crate::http::operation::Tag { name: $tag, description: $description };
        vec![$($crate::http::route::Route::api::<
            $crate::who::guard::$role,
            $crate::http::route::operation_of!($($handler)::+),
            _,
            _,
        >(
            ::actix_web::http::Method::$method,
            $path,
            $crate::routes!(@scope $($scope)?),
            $crate::routes!(@size $($upload)?),
            tag,
            $($handler)::+,
        )),*]
    }};
    (@scope) => {
        None
    };
    (@scope $scope:ident) => {
        Some($crate::who::scope::Scope::$scope)
    };
    (@size) => {
        $crate::http::route::Size::Body
    };
    (@size upload) => {
        $crate::http::route::Size::Upload
    };
    ($($kind:ident $($tag:literal $description:literal)? { $($lines:tt)* })*) => {
        [$($crate::routes!(@$kind $($tag $description)? $($lines)*)),*].into_iter().flatten().collect()
    };
}

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
    pub admits: fn(OrgKind, Post) -> bool,
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

/// What a handler tells of itself at such an address.
type Tell = fn(&str) -> Told;

/// One line of the table.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The address, with its parameters in braces.
    pub path: &'static str,
    /// Who may.
    pub rule: Rule,
    /// How much it takes.
    pub size: Size,
    told: Option<(Tag, Tell)>,
    answer: Answer,
}

/// The arguments of a handler: a role first.
pub trait Arguments {
    /// The role that the handler asks for.
    type Role: Guard;
}

/// The arguments of a handler of the API.
pub trait Described {
    /// The parameters that they read at such an address.
    fn parameters(path: &str) -> Vec<Parameter>;
}

macro_rules! arguments {
    ($($rest:ident)*) => {
        impl<G: Guard, $($rest),*> Arguments for (G, $($rest,)*) {
            type Role = G;
        }

        impl<G: Guard, $($rest: Argument),*> Described for (G, $($rest,)*) {
            fn parameters(_path: &str) -> Vec<Parameter> {
                let each: Vec<Vec<Parameter>> = vec![$($rest::parameters(_path)),*];
                each.concat()
            }
        }
    };
}
arguments!();
arguments!(A);
arguments!(A B);
arguments!(A B C);
arguments!(A B C D);
arguments!(A B C D E);
arguments!(A B C D E F);
arguments!(A B C D E F H);

impl Route {
    /// A line of the portal; the handler's first argument must be `G`.
    pub fn page<G, F, Args>(method: Method, path: &'static str, size: Size, handler: F) -> Self
    where
        G: Guard,
        F: Handler<Args, Output = Result<HttpResponse>> + Send + Sync,
        Args: FromRequest + Arguments<Role = G> + 'static,
    {
        let rule = Rule::of::<G>();
        Self { method, path, rule, size, told: None, answer: Answer::new(handler, |_| Ok(())) }
    }

    /// A line of the API; `P` is what `#[operation]` says above the handler.
    pub fn api<G, P, F, Args>(
        method: Method,
        path: &'static str,
        scope: Option<Scope>,
        size: Size,
        tag: Tag,
        handler: F,
    ) -> Self
    where
        G: Guard,
        P: Answers,
        F: Handler<Args, Output = Result<HttpResponse>> + Send + Sync,
        Args: FromRequest + Arguments<Role = G> + Described + 'static,
    {
        let rule = Rule { scope, ..Rule::of::<G>() };
        let tell: Tell = |path| Told::new::<P>(Args::parameters(path));
        let known = OnceLock::new();
        let only_known = move |query: &str| match query {
            "" => Ok(()),
            query => query::only(query, known.get_or_init(|| tell(path).query())),
        };
        Self { method, path, rule, size, told: Some((tag, tell)), answer: Answer::new(handler, only_known) }
    }

    /// Adds it to the description of the API; a page adds nothing.
    pub fn describe(&self, document: &mut OpenApi) {
        let (Some((tag, tell)), Some(method)) = (self.told, self.http_method()) else { return };
        let Told { mut operation, schemas } = tell(self.path);
        operation.tags = Some(vec![tag.name.to_owned()]);
        if !self.rule.open {
            operation.security = Some(vec![SecurityRequirement::new("bearer", [""; 0])]);
        }
        operation::refuse(&mut operation, self.path);
        document.paths.add_path_operation(self.path, vec![method], operation);
        document.components.get_or_insert_default().schemas.extend(schemas);
        let tags = document.tags.get_or_insert_default();
        if !tags.iter().any(|known| known.name == tag.name) {
            tags.push(TagBuilder::new().name(tag.name).description(Some(tag.description)).build());
        }
    }

    fn http_method(&self) -> Option<HttpMethod> {
        match self.method {
            Method::GET => Some(HttpMethod::Get),
            Method::POST => Some(HttpMethod::Post),
            Method::PUT => Some(HttpMethod::Put),
            Method::PATCH => Some(HttpMethod::Patch),
            Method::DELETE => Some(HttpMethod::Delete),
            _ => None,
        }
    }

    /// For the server.
    pub fn build(&self) -> actix_web::Route {
        let route = match self.method {
            Method::GET => web::route().guard(on::Any(on::Get()).or(on::Head())),
            _ => web::method(self.method.clone()),
        };
        route.to(self.answer.clone())
    }

    /// True where a request of that method is for this line.
    pub fn serves(&self, method: &Method) -> bool {
        self.method == *method || (self.method == Method::GET && *method == Method::HEAD)
    }
}

type Answered = std::result::Result<HttpResponse, actix_web::Error>;
type Answering = dyn Fn(HttpRequest, Payload) -> LocalBoxFuture<'static, Answered> + Send + Sync;

/// A handler whose arguments are read here already: to actix all handlers are of one type, so that its part of the work is
/// compiled once and not for each of them.
#[derive(Clone)]
struct Answer(Arc<Answering>);

impl Answer {
    /// `admit` refuses an address by its query.
    fn new<F, Args>(handler: F, admit: impl Fn(&str) -> Result<()> + Send + Sync + 'static) -> Self
    where
        F: Handler<Args, Output = Result<HttpResponse>> + Send + Sync,
        Args: FromRequest + 'static,
    {
        Self(Arc::new(move |request, mut payload| {
            let (handler, admitted) = (handler.clone(), admit(request.query_string()));
            Box::pin(async move {
                admitted?;
                let arguments = Args::from_request(&request, &mut payload).await.map_err(Into::into)?;
                Ok(handler.call(arguments).await?)
            })
        }))
    }
}

impl Handler<(HttpRequest, web::Payload)> for Answer {
    type Output = Answered;
    type Future = LocalBoxFuture<'static, Answered>;

    fn call(&self, (request, payload): (HttpRequest, web::Payload)) -> Self::Future {
        (self.0)(request, payload.into_inner())
    }
}
