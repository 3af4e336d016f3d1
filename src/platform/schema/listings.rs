//! Listings and prices.

use super::catalogue::{mi_code, product, product_term};
use super::ground::import_batch;
use super::party::organisation;

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

    monitored_price (id) {
        id -> SqlId,
        code -> Text,
        generic_name -> Text,
        level -> Text,
        brand -> Nullable<Text>,
        unit_price -> BigInt,
        unit -> Nullable<Text>,
        seen_on -> Date,
        source -> Text,
        batch_id -> SqlId,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    price_proposal (id) {
        id -> SqlId,
        listing_id -> SqlId,
        listing_version -> BigInt,
        unit_price -> BigInt,
        from_day -> Date,
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

diesel::joinable!(listing -> product (product_id));
diesel::joinable!(listing_price -> listing (listing_id));
diesel::joinable!(pack_listing -> listing (listing_id));

diesel::allow_tables_to_appear_in_same_query!(import_batch, listing);
diesel::allow_tables_to_appear_in_same_query!(import_batch, listing_price);
diesel::allow_tables_to_appear_in_same_query!(import_batch, monitored_price);
diesel::allow_tables_to_appear_in_same_query!(listing, mi_code);
diesel::allow_tables_to_appear_in_same_query!(listing, organisation);
diesel::allow_tables_to_appear_in_same_query!(listing, product);
diesel::allow_tables_to_appear_in_same_query!(listing, product_term);
diesel::allow_tables_to_appear_in_same_query!(listing_price, listing);
diesel::allow_tables_to_appear_in_same_query!(mi_code, listing_price);
diesel::allow_tables_to_appear_in_same_query!(pack_listing, listing);
diesel::allow_tables_to_appear_in_same_query!(product, listing_price);
