//! What the public sees.

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    announcement (id) {
        id -> SqlId,
        title -> Text,
        body -> Text,
        published_by -> SqlId,
        publisher -> Text,
        published_at -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_reason -> Nullable<Text>,
        created_at -> Timestamp,
        version -> BigInt,
    }
}
