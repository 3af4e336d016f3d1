//! People, sessions, tokens, machine clients.

use super::ground::mail_choice;

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    app_user (id) {
        id -> SqlId,
        organisation_id -> SqlId,
        login -> Text,
        display_name -> Text,
        email -> Text,
        function -> Text,
        state -> Text,
        password_hash -> Text,
        stamp -> SqlId,
        created_at -> Timestamp,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    portal_session (token_hash) {
        token_hash -> Text,
        user_id -> SqlId,
        stamp -> SqlId,
        form_token -> Text,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
        address -> Text,
        device -> Text,
        confined -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    login_attempt (login_hash) {
        login_hash -> Text,
        failed_count -> Integer,
        last_failed_at -> Timestamp,
        locked_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    known_place (place_hash) {
        place_hash -> Text,
        last_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    account_link (id) {
        id -> SqlId,
        purpose -> Text,
        token_hash -> Text,
        subject_id -> SqlId,
        email -> Text,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    refresh_family (id) {
        id -> SqlId,
        user_id -> SqlId,
        stamp -> SqlId,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
        address -> Text,
        device -> Text,
        last_used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    refresh_token (token_hash) {
        token_hash -> Text,
        family_id -> SqlId,
        issued_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    user_totp (id) {
        id -> SqlId,
        secret -> Text,
        last_step -> BigInt,
        created_at -> Timestamp,
        confirmed_at -> Nullable<Timestamp>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    recovery_code (user_id, code_hash) {
        user_id -> SqlId,
        code_hash -> Text,
        created_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    totp_reset (id) {
        id -> SqlId,
        user_id -> SqlId,
        organisation_id -> SqlId,
        reason -> Text,
        state -> Text,
        asked_by -> SqlId,
        asked_at -> Timestamp,
        decided_by -> Nullable<SqlId>,
        decided_at -> Nullable<Timestamp>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    machine_client (id) {
        id -> SqlId,
        organisation_id -> SqlId,
        name -> Text,
        scopes -> Text,
        secret_hash -> Text,
        created_by -> SqlId,
        created_at -> Timestamp,
        rotated_at -> Nullable<Timestamp>,
        last_used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        version -> BigInt,
    }
}

diesel::joinable!(portal_session -> app_user (user_id));
diesel::joinable!(refresh_family -> app_user (user_id));
diesel::joinable!(refresh_token -> refresh_family (family_id));
diesel::joinable!(totp_reset -> app_user (user_id));
diesel::joinable!(user_totp -> app_user (id));

diesel::allow_tables_to_appear_in_same_query!(app_user, machine_client);
diesel::allow_tables_to_appear_in_same_query!(app_user, mail_choice);
diesel::allow_tables_to_appear_in_same_query!(portal_session, app_user);
diesel::allow_tables_to_appear_in_same_query!(refresh_family, app_user);
diesel::allow_tables_to_appear_in_same_query!(refresh_token, refresh_family);
diesel::allow_tables_to_appear_in_same_query!(totp_reset, app_user);
diesel::allow_tables_to_appear_in_same_query!(user_totp, app_user);
