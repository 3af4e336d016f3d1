//! The tables of both engines, as diesel sees them. A test compares this file with the migrated databases of both.

// What diesel's table! macro generates is wide and fully documented only by the migrations.
#![allow(missing_docs, clippy::too_many_lines)]

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
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    idempotency_answer (id) {
        id -> SqlId,
        status -> Integer,
        answer -> Text,
        created_at -> Timestamp,
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
    }
}

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

    import_batch (id) {
        id -> SqlId,
        kind -> Text,
        row_count -> BigInt,
        sha256 -> Text,
        published_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    three_same_group (id) {
        id -> SqlId,
        generic_name -> Text,
        brand -> Text,
        content -> Text,
        batch_id -> Nullable<SqlId>,
        created_at -> Timestamp,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    product (id) {
        id -> SqlId,
        generic_name -> Text,
        trade_name -> Nullable<Text>,
        brand -> Text,
        manufacturer_id -> Nullable<SqlId>,
        dosage_form -> Text,
        dosage_class -> Text,
        strength -> Text,
        fill_volume -> Nullable<Text>,
        unit -> Text,
        pack_qty -> BigInt,
        pack_unit -> Text,
        approval_no -> Text,
        standard_code -> Nullable<Text>,
        quality_level -> Text,
        group_id -> Nullable<SqlId>,
        comparable_key -> Text,
        sort_key -> Text,
        batch_id -> Nullable<SqlId>,
        created_at -> Timestamp,
        version -> BigInt,
        kind -> Text,
        state -> Text,
        holder -> Nullable<Text>,
        maker_name -> Nullable<Text>,
        material -> Nullable<Text>,
        enterprise_code -> Nullable<Text>,
        special_class -> Text,
        content_key -> Nullable<Text>,
        content_fault -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    mi_code (code) {
        code -> Text,
        id -> SqlId,
        product_id -> SqlId,
        state -> Text,
        disabled_from -> Nullable<Date>,
        replaced_by -> Nullable<Text>,
        factor -> BigInt,
        batch_id -> Nullable<SqlId>,
        created_at -> Timestamp,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    search_term (id) {
        id -> BigInt,
        kind -> Text,
        text -> Text,
        initials -> Text,
        product_count -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    product_term (term_id, sort_key, product_id) {
        term_id -> BigInt,
        sort_key -> Text,
        product_id -> SqlId,
        generic_term -> BigInt,
        trade_term -> BigInt,
        brand_term -> BigInt,
        maker_term -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    listing (id) {
        id -> SqlId,
        product_id -> SqlId,
        code -> Text,
        state -> Text,
        price_source -> Text,
        created_at -> Timestamp,
        version -> BigInt,
        agreement_until -> Nullable<Date>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    listing_price (id) {
        id -> SqlId,
        listing_id -> SqlId,
        from_day -> Date,
        unit_price -> BigInt,
        mark -> Text,
        low -> Nullable<BigInt>,
        ratio -> Nullable<Text>,
        reason -> Text,
        explanation -> Text,
        policy_digest -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    pack_listing (id) {
        id -> SqlId,
        listing_id -> SqlId,
        line_no -> Integer,
        code -> Text,
        pack_qty -> BigInt,
        pack_unit -> Text,
        pack_price -> BigInt,
        basis -> Text,
        unit_price -> BigInt,
        branch -> Text,
        superseded_on -> Date,
        since_day -> Nullable<Date>,
        rise_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    purchase_order (id) {
        id -> SqlId,
        number -> Text,
        hospital_id -> SqlId,
        supplier_id -> SqlId,
        state -> Text,
        address_id -> SqlId,
        recipient -> Text,
        phone -> Text,
        address -> Text,
        wanted_on -> Date,
        remark -> Nullable<Text>,
        summary -> Text,
        line_count -> Integer,
        mark -> Text,
        total -> BigInt,
        legal_day -> Nullable<Date>,
        submitted_at -> Nullable<Timestamp>,
        submitted_by -> Nullable<SqlId>,
        respond_by -> Nullable<Timestamp>,
        next_check -> Nullable<Timestamp>,
        reminded_at -> Nullable<Timestamp>,
        answered_at -> Nullable<Timestamp>,
        answered_by -> Nullable<SqlId>,
        refusal_reason -> Nullable<Text>,
        cancelled_at -> Nullable<Timestamp>,
        cancelled_by -> Nullable<SqlId>,
        cancel_reason -> Nullable<Text>,
        created_by -> SqlId,
        created_at -> Timestamp,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    order_line (id) {
        id -> SqlId,
        order_id -> SqlId,
        line_no -> Integer,
        listing_id -> SqlId,
        product_id -> SqlId,
        code -> Text,
        given_code -> Nullable<Text>,
        product_label -> Text,
        spec -> Text,
        maker -> Text,
        unit -> Text,
        quantity -> BigInt,
        unit_price -> BigInt,
        amount -> BigInt,
        mark -> Text,
        low -> Nullable<BigInt>,
        ratio -> Nullable<Text>,
        pack_remark -> Nullable<Text>,
        risk_reason -> Nullable<Text>,
        risk_acknowledged_by -> Nullable<SqlId>,
        risk_acknowledged_at -> Nullable<Timestamp>,
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

    consumable (product_id) {
        product_id -> SqlId,
        certificate -> Text,
        class_code -> Text,
        class_name -> Nullable<Text>,
        separately_charged -> Bool,
        has_injector -> Bool,
        additive -> Bool,
        system_name -> Nullable<Text>,
        component_role -> Nullable<Text>,
        component_qty -> Nullable<BigInt>,
        batch_id -> Nullable<SqlId>,
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

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    ownership_claim (id) {
        id -> SqlId,
        code -> Text,
        organisation_id -> SqlId,
        note -> Text,
        state -> Text,
        claimed_by -> SqlId,
        claimed_name -> Text,
        decided_by -> Nullable<SqlId>,
        decided_name -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        reason -> Nullable<Text>,
        created_at -> Timestamp,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    product_proposal (id) {
        id -> SqlId,
        product_id -> SqlId,
        product_version -> BigInt,
        content -> Text,
        reason -> Text,
        state -> Text,
        proposed_by -> SqlId,
        proposed_name -> Text,
        decided_by -> Nullable<SqlId>,
        decided_name -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    monitored_price (id) {
        id -> SqlId,
        code -> Text,
        generic_name -> Text,
        level -> Text,
        brand -> Nullable<Text>,
        unit_price -> BigInt,
        seen_on -> Date,
        source -> Text,
        batch_id -> SqlId,
        created_at -> Timestamp,
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

diesel::allow_tables_to_appear_in_same_query!(
    setting,
    policy_version,
    policy_proposal,
    audit_block,
    audit_entry,
    audit_unsealed,
    audit_sealed,
    idempotency,
    idempotency_answer,
    outbox_mail,
    message,
    job,
    staged_row,
    stored_file,
    stored_file_chunk,
    attachment,
    registration,
    account_link,
    announcement,
    feed_event,
    feed_reader,
    organisation,
    app_user,
    portal_session,
    kept_form,
    login_attempt,
    refresh_family,
    refresh_token,
    user_totp,
    recovery_code,
    totp_reset,
    machine_client,
    mail_choice,
    delivery_address,
    distributor_appointment,
    import_batch,
    three_same_group,
    product,
    mi_code,
    search_term,
    product_term,
    listing,
    listing_price,
    pack_listing,
    purchase_order,
    order_line,
    consumable,
    enterprise_code,
    ownership_claim,
    product_proposal,
    monitored_price,
    import_run,
);

diesel::joinable!(app_user -> organisation (organisation_id));

diesel::joinable!(order_line -> purchase_order (order_id));

diesel::joinable!(listing -> product (product_id));

diesel::joinable!(listing_price -> listing (listing_id));

diesel::joinable!(pack_listing -> listing (listing_id));

diesel::joinable!(product -> organisation (manufacturer_id));

diesel::joinable!(consumable -> product (product_id));

diesel::joinable!(enterprise_code -> organisation (organisation_id));

diesel::joinable!(ownership_claim -> organisation (organisation_id));

diesel::joinable!(product_proposal -> product (product_id));

diesel::joinable!(product_term -> product (product_id));

diesel::joinable!(mi_code -> product (product_id));

diesel::joinable!(portal_session -> app_user (user_id));

diesel::joinable!(machine_client -> organisation (organisation_id));

diesel::joinable!(user_totp -> app_user (id));

diesel::joinable!(totp_reset -> app_user (user_id));

diesel::joinable!(refresh_token -> refresh_family (family_id));

diesel::joinable!(refresh_family -> app_user (user_id));

diesel::allow_columns_to_appear_in_same_group_by_clause!(purchase_order::hospital_id, order_line::mark);
