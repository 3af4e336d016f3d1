//! What a handler of the API tells of itself: its signature which parameters it reads, `#[operation]` what it answers. Method,
//! address, tag and whether one must log in come from the line of the route.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{Content, Ref, RefOr, Required, ResponseBuilder};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::json::{Json, MaybeJson};
use super::query::Query;
use super::reply::IfMatch;
use super::upload::Upload;
use crate::error::Problem;
use crate::idempotency::Key;
use crate::sql::Id;

/// A group of operations.
#[derive(Debug, Clone, Copy)]
pub struct Tag {
    /// For programs.
    pub name: &'static str,
    /// For people.
    pub description: &'static str,
}

/// An operation with the schemas that it refers to.
pub struct Told {
    /// As OpenAPI has it.
    pub operation: Operation,
    /// Name and schema.
    pub schemas: Vec<(String, RefOr<Schema>)>,
}

/// What `#[operation]` makes of a handler.
pub trait Answers: utoipa::Path + utoipa::__dev::SchemaReferences {}

impl<P: utoipa::Path + utoipa::__dev::SchemaReferences> Answers for P {}

impl Told {
    /// Of a handler that reads such parameters; one that it describes itself stays as it does.
    pub fn new<P: Answers>(parameters: Vec<Parameter>) -> Self {
        let mut schemas = Vec::new();
        P::schemas(&mut schemas);
        let mut operation = P::operation();
        let mut all = operation.parameters.take().unwrap_or_default();
        for parameter in parameters {
            let same = |one: &RefOr<Parameter>| matches!(one, RefOr::T(one) if one.name == parameter.name);
            if !all.iter().any(same) {
                all.push(RefOr::T(parameter));
            }
        }
        operation.parameters = Some(all).filter(|all| !all.is_empty());
        Self { operation, schemas }
    }

    /// The names of the parameters that stand in the address.
    pub fn query(&self) -> Vec<String> {
        let all = self.operation.parameters.iter().flatten();
        let in_query = all.filter_map(|one| match one {
            RefOr::T(one) if matches!(one.parameter_in, ParameterIn::Query) => Some(one.name.clone()),
            _ => None,
        });
        in_query.collect()
    }
}

/// What the ground itself refuses, beside what a handler does: status, for which operations, and why.
type Refuses = (&'static str, fn(&Operation, &str) -> bool, &'static str);
const REFUSED: [Refuses; 10] = [
    ("400", |_, _| true, "Address, header or body cannot be read"),
    ("401", |operation, _| operation.security.is_some(), "LOGIN_REQUIRED"),
    ("403", |operation, _| operation.security.is_some(), "Not for this person or client"),
    ("404", |_, path| path.contains('{'), "NOT_FOUND"),
    ("409", |operation, _| has_version(operation), "STALE_VERSION"),
    ("413", |operation, _| operation.request_body.is_some(), "The body is too large"),
    ("415", |operation, _| operation.request_body.is_some(), "The body is of another media type"),
    ("422", |_, _| true, "INVALID, with every member that is wrong"),
    ("429", |_, _| true, "Too much at once; Retry-After says when again"),
    ("503", |_, _| true, "BUSY or DATABASE_UNREACHABLE; Retry-After says when again"),
];

fn has_version(operation: &Operation) -> bool {
    let mut all = operation.parameters.iter().flatten();
    all.any(|one| matches!(one, RefOr::T(one) if one.name == "If-Match"))
}

/// Adds what the ground refuses at `path`, and gives every refusal its form.
pub(super) fn refuse(operation: &mut Operation, path: &str) {
    for (status, concerns, why) in REFUSED {
        if concerns(operation, path) && !operation.responses.responses.contains_key(status) {
            let response = ResponseBuilder::new().description(why).build();
            operation.responses.responses.insert(status.to_owned(), response.into());
        }
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            let content = Content::new(Some(Ref::from_schema_name(Problem::name())));
            response.content.entry("application/problem+json".to_owned()).or_insert(content.into());
        }
    }
}

/// An argument of a handler of the API.
pub trait Argument {
    /// The parameters that it reads at such an address.
    fn parameters(_path: &str) -> Vec<Parameter> {
        Vec::new()
    }
}

impl<T: 'static> Argument for Data<T> {}
impl Argument for HttpRequest {}
impl<T> Argument for Json<T> {}
impl<T> Argument for MaybeJson<T> {}
impl Argument for Upload {}

impl<T: IntoParams> Argument for Query<T> {
    fn parameters(_: &str) -> Vec<Parameter> {
        T::into_params(|| Some(ParameterIn::Query))
    }
}

impl Argument for Path<Id> {
    fn parameters(path: &str) -> Vec<Parameter> {
        of_path(path, &Ref::from_schema_name(Id::name()).into())
    }
}

impl Argument for Path<String> {
    fn parameters(path: &str) -> Vec<Parameter> {
        of_path(path, &String::schema())
    }
}

fn of_path(path: &str, schema: &RefOr<Schema>) -> Vec<Parameter> {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    names.map(|(name, _)| parameter(name, ParameterIn::Path, schema.clone())).collect()
}

impl Argument for IfMatch {
    fn parameters(_: &str) -> Vec<Parameter> {
        let version = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^\"?[0-9]{1,18}\"?$"))
            .description(Some("The ETag that was read, such as \"3\""))
            .build();
        vec![parameter("If-Match", ParameterIn::Header, Schema::from(version).into())]
    }
}

impl Argument for Key {
    fn parameters(_: &str) -> Vec<Parameter> {
        let key = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[!-~]{1,100}$"))
            .description(Some("A value of the client's own for this request, such as a UUID"))
            .build();
        vec![parameter("Idempotency-Key", ParameterIn::Header, Schema::from(key).into())]
    }
}

impl<A: Argument, B: Argument> Argument for (A, B) {
    fn parameters(path: &str) -> Vec<Parameter> {
        [A::parameters(path), B::parameters(path)].concat()
    }
}

fn parameter(name: &str, place: ParameterIn, schema: RefOr<Schema>) -> Parameter {
    let parameter = ParameterBuilder::new().name(name).parameter_in(place).required(Required::True);
    parameter.schema(Some(schema)).build()
}
