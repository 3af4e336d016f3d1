//! The tests of the law, quick to build: neither server nor database. `cargo test -p jicai-rules` builds nothing else.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_arithmetic,
    clippy::too_many_lines,
    clippy::type_complexity
)]

mod approval;
mod award;
mod calendar;
mod codes;
mod credit;
mod execution;
mod injection;
mod json;
mod moment;
mod money;
mod order;
mod payment;
mod policy;
mod price_ratio;
mod properties;
mod provinces;
mod regions;
mod strength;
mod supervision;
mod told;
mod vary;
mod volume;
