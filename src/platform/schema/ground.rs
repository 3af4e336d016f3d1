//! Tables of the ground.

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    setting (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    policy_version (digest) {
        digest -> Text,
        name -> Text,
        effective_from -> Date,
        content -> Text,
        kept_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    policy_proposal (id) {
        id -> SqlId,
        name -> Text,
        effective_from -> Date,
        text -> Text,
        digest -> Text,
        note -> Text,
        state -> Text,
        slot -> Nullable<Text>,
        proposed_by -> SqlId,
        proposed_by_name -> Text,
        proposed_at -> Timestamp,
        decided_by -> Nullable<SqlId>,
        decided_by_name -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        reason -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    calendar_notice (id) {
        id -> SqlId,
        number -> Text,
        issued -> Date,
        arranges -> Nullable<Integer>,
        days_off -> Text,
        days_worked -> Text,
        state -> Text,
        slot -> Nullable<Text>,
        proposed_by -> SqlId,
        proposed_by_name -> Text,
        proposed_at -> Timestamp,
        decided_by -> Nullable<SqlId>,
        decided_by_name -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        reason -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    audit_block (no) {
        no -> BigInt,
        prev_hash -> Text,
        merkle_root -> Text,
        entry_count -> BigInt,
        sealed_at -> Timestamp,
        hash -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    audit_entry (id) {
        id -> SqlId,
        at -> Timestamp,
        legal_at -> Nullable<Timestamp>,
        actor_user -> Nullable<SqlId>,
        actor_org -> Nullable<SqlId>,
        actor_name -> Text,
        action -> Text,
        object_type -> Text,
        object_id -> SqlId,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        reason -> Nullable<Text>,
        request_id -> Nullable<Text>,
        leaf_hash -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    audit_unsealed (at, id) {
        at -> Timestamp,
        id -> SqlId,
        leaf_hash -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    audit_sealed (block_no, place) {
        block_no -> BigInt,
        place -> BigInt,
        entry_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    idempotency (id) {
        id -> SqlId,
        user_id -> SqlId,
        method -> Text,
        route -> Text,
        key -> Text,
        body_hash -> Text,
        created_at -> Timestamp,
        status -> Nullable<Integer>,
        answer -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    outbox_mail (id) {
        id -> SqlId,
        recipient -> Text,
        subject -> Text,
        body_text -> Text,
        body_html -> Text,
        link -> Text,
        state -> Text,
        attempts -> Integer,
        next_try_at -> Timestamp,
        lease_until -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
        created_at -> Timestamp,
        legal_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        organisation_id -> Nullable<SqlId>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    message (id) {
        id -> SqlId,
        user_id -> SqlId,
        title -> Text,
        body -> Text,
        link -> Text,
        created_at -> Timestamp,
        legal_at -> Timestamp,
        read_at -> Nullable<Timestamp>,
        kind -> Text,
        due_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    mail_choice (user_id, kind) {
        user_id -> SqlId,
        kind -> Text,
        by_mail -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    job (id) {
        id -> SqlId,
        kind -> Text,
        dedup_key -> Nullable<Text>,
        payload -> Text,
        state -> Text,
        done -> BigInt,
        total -> Nullable<BigInt>,
        attempts -> Integer,
        run_after -> Timestamp,
        lease_owner -> Nullable<SqlId>,
        lease_until -> Nullable<Timestamp>,
        error -> Nullable<Text>,
        result -> Nullable<Text>,
        organisation_id -> Nullable<SqlId>,
        created_by -> Nullable<SqlId>,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    staged_row (job_id, row_no) {
        job_id -> SqlId,
        row_no -> BigInt,
        content -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    stored_file (sha256) {
        sha256 -> Text,
        size -> BigInt,
        media_type -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    stored_file_chunk (sha256, n) {
        sha256 -> Text,
        n -> Integer,
        content -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    attachment (id) {
        id -> SqlId,
        owner_id -> Nullable<SqlId>,
        subject_type -> Text,
        subject_id -> SqlId,
        sha256 -> Text,
        name -> Text,
        media_type -> Text,
        size -> BigInt,
        created_by -> Nullable<SqlId>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    feed_event (id) {
        id -> SqlId,
        position -> Nullable<BigInt>,
        kind -> Text,
        object_type -> Text,
        object_id -> SqlId,
        body -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    feed_reader (organisation_id, event_id) {
        event_id -> SqlId,
        organisation_id -> SqlId,
        position -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    kept_form (user_id, key) {
        user_id -> SqlId,
        key -> Text,
        content -> Text,
        saved_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    import_run (id) {
        id -> SqlId,
        kind -> Text,
        file_name -> Text,
        sha256 -> Text,
        state -> Text,
        total -> BigInt,
        bad -> BigInt,
        added -> BigInt,
        changed -> BigInt,
        same -> BigInt,
        refused -> BigInt,
        done -> BigInt,
        heads -> Text,
        source -> Text,
        error -> Nullable<Text>,
        created_by -> Nullable<SqlId>,
        created_name -> Text,
        confirmed_by -> Nullable<SqlId>,
        confirmed_name -> Nullable<Text>,
        created_at -> Timestamp,
        touched_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    import_batch (id) {
        id -> SqlId,
        kind -> Text,
        row_count -> BigInt,
        sha256 -> Text,
        published_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(audit_block, audit_sealed);
diesel::allow_tables_to_appear_in_same_query!(audit_entry, audit_sealed);
diesel::allow_tables_to_appear_in_same_query!(audit_entry, audit_unsealed);
diesel::allow_tables_to_appear_in_same_query!(feed_event, feed_reader);
diesel::allow_tables_to_appear_in_same_query!(job, staged_row);
diesel::allow_tables_to_appear_in_same_query!(policy_proposal, policy_version);
diesel::allow_tables_to_appear_in_same_query!(attachment, stored_file);
diesel::allow_tables_to_appear_in_same_query!(import_run, stored_file);
