//! What every office's counter shares: problem documents, JSON, forms, pages, paging, security.

pub mod act;
pub mod assets;
pub mod body;
pub mod caller;
pub mod columns;
pub mod csrf;
pub mod day;
pub mod flash;
pub mod form;
pub mod json;
pub mod kept;
pub mod lane;
pub mod nul;
pub mod number;
pub mod operation;
pub mod page;
pub mod paging;
pub mod place;
pub mod present;
pub mod problem;
pub mod query;
pub mod reply;
pub mod route;
pub mod site;
pub mod sorting;
pub mod upload;
/// Plain, already formatted data for templates.
pub mod view;

pub use body::Received;
pub use form::Form;
pub use json::{Json, MaybeJson};
pub use number::{Price, Quantity};
pub use page::Page;
pub use query::Query;
pub use route::operation;
pub use site::Site;
pub use upload::Upload;
