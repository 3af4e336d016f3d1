//! Products and their codes.

use super::accounts::app_user;
use super::ground::import_batch;
use super::party::{enterprise_code, organisation};

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
        made_as -> Integer,
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

diesel::joinable!(consumable -> product (product_id));
diesel::joinable!(mi_code -> product (product_id));
diesel::joinable!(ownership_claim -> organisation (organisation_id));
diesel::joinable!(product -> organisation (manufacturer_id));
diesel::joinable!(product_proposal -> product (product_id));
diesel::joinable!(product_term -> product (product_id));

diesel::allow_tables_to_appear_in_same_query!(app_user, product);
diesel::allow_tables_to_appear_in_same_query!(consumable, product);
diesel::allow_tables_to_appear_in_same_query!(enterprise_code, product);
diesel::allow_tables_to_appear_in_same_query!(import_batch, mi_code);
diesel::allow_tables_to_appear_in_same_query!(import_batch, product);
diesel::allow_tables_to_appear_in_same_query!(import_batch, product_term);
diesel::allow_tables_to_appear_in_same_query!(import_batch, three_same_group);
diesel::allow_tables_to_appear_in_same_query!(mi_code, organisation);
diesel::allow_tables_to_appear_in_same_query!(mi_code, product);
diesel::allow_tables_to_appear_in_same_query!(mi_code, three_same_group);
diesel::allow_tables_to_appear_in_same_query!(ownership_claim, organisation);
diesel::allow_tables_to_appear_in_same_query!(ownership_claim, product);
diesel::allow_tables_to_appear_in_same_query!(product, organisation);
diesel::allow_tables_to_appear_in_same_query!(product, three_same_group);
diesel::allow_tables_to_appear_in_same_query!(product_proposal, product);
diesel::allow_tables_to_appear_in_same_query!(product_term, organisation);
diesel::allow_tables_to_appear_in_same_query!(product_term, product);
