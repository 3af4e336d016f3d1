//! How keys, money and instants look in the interface description.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::sql::{Id, Money, Time, Total};

fn text(format: KnownFormat, description: &str) -> RefOr<Schema> {
    let object =
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(format)));
    object.description(Some(description)).into()
}

impl PartialSchema for Id {
    fn schema() -> RefOr<Schema> {
        text(KnownFormat::Uuid, "Key of an object")
    }
}

impl ToSchema for Id {}

impl PartialSchema for Money {
    fn schema() -> RefOr<Schema> {
        let object = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^\d+\.\d{2,6}$"));
        object.description(Some("Yuan, exact, at least two decimals")).into()
    }
}

impl ToSchema for Money {}

impl PartialSchema for Total {
    fn schema() -> RefOr<Schema> {
        let object = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^\d+\.\d{2,6}$"));
        object.description(Some("Sum in yuan, exact, at least two decimals")).into()
    }
}

impl ToSchema for Total {}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        text(KnownFormat::DateTime, "RFC 3339 with the offset of Shanghai")
    }
}

impl ToSchema for Time {}
