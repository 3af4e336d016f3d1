//! Organisations and what belongs to them.

use super::accounts::{app_user, machine_client, portal_session, totp_reset};
use super::ground::{attachment, audit_entry, feed_event, feed_reader, import_batch};

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    organisation (id) {
        id -> SqlId,
        kind -> Text,
        name -> Text,
        credit_code -> Text,
        city -> Text,
        state -> Text,
        created_at -> Timestamp,
        version -> BigInt,
        other_kinds -> Text,
        district -> Text,
        state_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    registration (id) {
        id -> SqlId,
        number -> Text,
        state -> Text,
        name -> Text,
        credit_code -> Text,
        kind -> Text,
        other_kinds -> Text,
        city -> Text,
        district -> Text,
        address -> Text,
        contact_name -> Text,
        phone -> Text,
        email -> Text,
        statement -> Text,
        submitted_by -> Nullable<SqlId>,
        submitted_at -> Nullable<Timestamp>,
        reviewer_id -> Nullable<SqlId>,
        reviewed_at -> Nullable<Timestamp>,
        second_id -> Nullable<SqlId>,
        decided_at -> Nullable<Timestamp>,
        officer_words -> Nullable<Text>,
        organisation_id -> Nullable<SqlId>,
        created_at -> Timestamp,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    order_contact (id) {
        id -> SqlId,
        name -> Text,
        phone -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    delivery_address (id) {
        id -> SqlId,
        organisation_id -> SqlId,
        recipient -> Text,
        phone -> Text,
        address -> Text,
        is_default -> Bool,
        created_at -> Timestamp,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    distributor_appointment (id) {
        id -> SqlId,
        manufacturer_id -> SqlId,
        distributor_id -> SqlId,
        ended_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    enterprise_code (code) {
        code -> Text,
        id -> SqlId,
        organisation_id -> SqlId,
        claim_id -> SqlId,
        created_at -> Timestamp,
        version -> BigInt,
    }
}

diesel::joinable!(app_user -> organisation (organisation_id));
diesel::joinable!(enterprise_code -> organisation (organisation_id));
diesel::joinable!(machine_client -> organisation (organisation_id));

diesel::allow_tables_to_appear_in_same_query!(app_user, organisation);
diesel::allow_tables_to_appear_in_same_query!(attachment, organisation);
diesel::allow_tables_to_appear_in_same_query!(attachment, registration);
diesel::allow_tables_to_appear_in_same_query!(audit_entry, organisation);
diesel::allow_tables_to_appear_in_same_query!(distributor_appointment, organisation);
diesel::allow_tables_to_appear_in_same_query!(enterprise_code, import_batch);
diesel::allow_tables_to_appear_in_same_query!(enterprise_code, organisation);
diesel::allow_tables_to_appear_in_same_query!(feed_event, organisation);
diesel::allow_tables_to_appear_in_same_query!(feed_reader, organisation);
diesel::allow_tables_to_appear_in_same_query!(import_batch, organisation);
diesel::allow_tables_to_appear_in_same_query!(machine_client, organisation);
diesel::allow_tables_to_appear_in_same_query!(organisation, totp_reset);
diesel::allow_tables_to_appear_in_same_query!(portal_session, organisation);
