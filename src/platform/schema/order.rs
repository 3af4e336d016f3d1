//! Orders.

use super::party::organisation;

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
        deliver_by -> Nullable<Date>,
        deliver_by_provisional -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    order_line (order_id, line_no) {
        id -> SqlId,
        order_id -> SqlId,
        line_no -> Integer,
        listing_id -> SqlId,
        product_id -> SqlId,
        code -> Text,
        given_code -> Nullable<Text>,
        given_factor -> Nullable<BigInt>,
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

    order_words (order_id) {
        order_id -> SqlId,
        words -> Text,
        made_as -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    standing_list (id) {
        id -> SqlId,
        hospital_id -> SqlId,
        name -> Text,
        line_count -> Integer,
        created_by -> SqlId,
        created_at -> Timestamp,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    standing_line (list_id, line_no) {
        list_id -> SqlId,
        line_no -> Integer,
        listing_id -> SqlId,
        quantity -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql::SqlId;

    basket_line (id) {
        id -> SqlId,
        hospital_id -> SqlId,
        place -> BigInt,
        listing_id -> Nullable<SqlId>,
        code -> Nullable<Text>,
        quantity -> Nullable<BigInt>,
        given -> Nullable<Text>,
    }
}

diesel::joinable!(order_line -> purchase_order (order_id));

diesel::allow_columns_to_appear_in_same_group_by_clause!(order_line::mark, purchase_order::hospital_id);
diesel::allow_tables_to_appear_in_same_query!(order_line, organisation);
diesel::allow_tables_to_appear_in_same_query!(order_line, purchase_order);
diesel::allow_tables_to_appear_in_same_query!(order_words, purchase_order);
diesel::allow_tables_to_appear_in_same_query!(organisation, purchase_order);
