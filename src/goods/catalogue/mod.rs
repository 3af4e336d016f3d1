//! Products: the master data, their codes, and how they are found.
//!
//! - **Product**: exists as soon as its import batch is published (or at once, where it came without one).
//! - **Three-same group** (三同组): injections of one generic name, brand and content; they share one listing by the unit.
//! - **Medical-insurance code** (INJ-6.1): active → frozen (no longer maintained) → disabled from a legal day on, replaced by
//!   the unit's own code.
//! - **Search term**: the dictionary of generic names, trade names, brands and enterprises that [`search`] looks through.

pub mod api;
pub mod assign;
pub mod batch;
pub mod bulk;
pub mod change;
pub mod claim;
pub mod code_fix;
pub mod content;
pub mod create;
pub mod edit_pages;
pub mod facts;
/// What the pages of owners and officers show.
pub mod goods_views;
pub mod imports;
pub mod kinds;
pub mod mine;
pub mod model;
pub mod offer;
pub mod office;
pub mod office_pages;
pub mod owner;
pub mod pages;
pub mod proposal;
pub mod readings;
pub mod routes;
pub mod search;
pub mod store;
pub mod terms;
/// What the pages of this office show.
pub mod views;
pub mod words;
pub mod worklist;

pub use create::{NewCode, NewProduct};
pub use model::{
    CodeState, DosageClass, ImportBatch, MiCode, Product, ProductKind, ProductState, QualityLevel,
    SpecialClass, ThreeSameGroup,
};
pub use offer::{CodeInUse, Offered};
