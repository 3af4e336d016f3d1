//! The API in OpenAPI 3.1, read from the route table.

use std::sync::OnceLock;

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi, PartialSchema, ToSchema};

use super::routes;
use crate::platform::error::{Error, Problem, Result};

/// The description of the API.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "jicai 医药集中采购平台",
        description = "JSON in snake_case; decimals are strings; times are RFC 3339 with offset; lists are paged with \
                       `after` and `limit`. Errors are `application/problem+json` (RFC 9457) with a stable `code`. \
                       A POST that creates something asks for an `Idempotency-Key`, where it names that header."
    ),
    modifiers(&Table)
)]
pub struct ApiDoc;

/// The description as it is served.
///
/// # Errors
/// Internal.
pub fn text() -> Result<&'static str> {
    static TEXT: OnceLock<String> = OnceLock::new();
    match TEXT.get() {
        Some(text) => Ok(text),
        None => {
            let text = ApiDoc::openapi().to_json().map_err(Error::internal)?;
            Ok(TEXT.get_or_init(|| text))
        }
    }
}

struct Table;

impl Modify for Table {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
        let mut schemas = vec![(Problem::name().into_owned(), Problem::schema())];
        Problem::schemas(&mut schemas);
        components.schemas.extend(schemas);
        for route in routes::table() {
            route.describe(document);
        }
    }
}
