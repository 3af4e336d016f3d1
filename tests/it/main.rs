//! The one integration test binary.
//!
//! The same tests run on SQLite and, where a server's binaries or `TEST_POSTGRES_URL` are found, on PostgreSQL;
//! `JICAI_REQUIRE=postgres,browser` turns a missing one into a failure.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_arithmetic,
    clippy::too_many_lines,
    clippy::type_complexity
)]

mod figures_pages;
mod support;

mod account_api;
mod address_limit;
mod agreements;
mod api_described;
mod api_doc;
mod attacked_api;
mod attacked_door;
mod attacked_ground;
mod attacked_house;
mod attacked_imports;
mod attacked_kept;
mod auth_again;
mod auth_login;
mod auth_roles;
mod auth_session;
mod auth_token;
mod authority_letters;
mod authority_levels;
mod authority_prices;
mod authority_suspended;
mod bad_input;
mod basket;
mod browser_basket;
mod browser_find;
mod browser_frame;
mod browser_goods;
mod browser_import;
mod browser_list;
mod browser_order;
mod browser_pages;
mod browser_registration;
mod browser_totp;
mod calendar_http;
mod claims;
mod cli_accounts;
mod code_fix;
mod columns;
mod days_outside;
mod days_renewed;
mod days_withdrawn;
mod demo;
mod demo_log;
mod directory;
mod engine;
mod explained_basis;
mod exports;
mod exports_whole;
mod feed_http;
mod field_doc;
mod filters_unknown;
mod functions;
mod ground_announce;
mod ground_audit;
mod ground_cli;
mod ground_config;
mod ground_deadlines;
mod ground_feed;
mod ground_health;
mod ground_jobs;
mod ground_migrations;
mod ground_outbox;
mod ground_reads;
mod help;
mod house;
mod http_answer;
mod http_body;
mod http_site;
mod idempotency;
mod imports;
mod imports_bad;
mod imports_prices;
mod listing_convert;
mod machines;
mod marks;
mod messages;
mod messages_api;
mod migrations_generated;
mod officers_totp;
mod offices;
mod one_mailbox;
mod order_due;
mod order_faults_code;
mod order_faults_session;
mod order_faults_told;
mod order_faults_twice;
mod order_flow;
mod order_http;
mod order_input;
mod order_urged;
mod owners;
mod packed_pages;
mod pages_lists;
mod pages_order;
mod pages_other;

mod party;
mod passwords;
mod pasted_fit;
mod pasted_read;
mod policy_http;
mod portal_house;
mod price_cut_pages;
mod proofs;
mod public_why;
mod region_routes;
mod regions_officers;
mod registration;
mod retention_sweep;
mod route_table;
mod rules_cli;
mod rules_contract;
mod rules_doc;
mod rules_vary;
mod search;
mod search_drugs;
mod search_orders;
mod search_renewed;
mod second_step;
mod sheet_equal;
mod sheet_faults;
mod sheet_hidden;
mod sheet_prices;
mod signing;
mod standing_lists;
mod statements;
mod sums;
mod units_accounts;
mod units_cli;
mod units_goods;
mod units_platform;
mod units_trade;
mod uploads;
mod users;
mod users_many;
mod what_if;
mod words;
