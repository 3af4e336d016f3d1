//! The basket as JSON.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::add::{self, Added, Again, New};
use super::change::{self, Act, Typed};
use super::look::{self, Basket, Drug};
use crate::listing::find::ProductView;
use crate::order::pasted;
use crate::order::standing::ListLine;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::reply;
use crate::platform::http::{Json, operation};
use crate::platform::idempotency::Key;
use crate::platform::sql::Id;
use crate::platform::who::guard::HospitalBuyer;

/// The basket on the legal day.
#[derive(Debug, Serialize, ToSchema)]
pub struct BasketView {
    /// What each supplier delivers; an order each.
    pub orders: Vec<GroupView>,
    /// Drugs that cannot be ordered, with why.
    pub closed: Vec<DrugView>,
    /// Lines of lists that were not recognised.
    pub open: Vec<OpenView>,
}

/// What one supplier delivers.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupView {
    /// Who.
    pub supplier_id: Id,
    /// Its name.
    pub supplier: String,
    /// What.
    pub lines: Vec<DrugView>,
}

/// A drug in the basket.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrugView {
    /// The line.
    pub id: Id,
    /// Priced units; none until they are given.
    pub quantity: Option<i64>,
    /// The drug with its price.
    pub product: ProductView,
    /// Why it cannot be ordered; none where it can.
    pub closed: Option<String>,
}

/// A line of a list that was not recognised.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenView {
    /// The line.
    pub id: Id,
    /// Its number in its list, from 1.
    pub number: u32,
    /// What was written.
    pub text: String,
    /// How many, as written.
    pub quantity: String,
    /// Why it was not taken.
    pub why: String,
    /// What may be meant, the cheapest first, at most 12.
    pub candidates: Vec<ProductView>,
}

impl From<Basket> for BasketView {
    fn from(basket: Basket) -> Self {
        let drug = |drug: Drug, closed: Option<String>| DrugView {
            id: drug.line.id,
            quantity: drug.line.quantity,
            product: drug.view,
            closed,
        };
        let orders = basket.groups.into_iter().map(|group| GroupView {
            supplier_id: group.supplier.id,
            supplier: group.supplier.name,
            lines: group.drugs.into_iter().map(|of| drug(of, None)).collect(),
        });
        let open = basket.open.into_iter().map(|line| OpenView {
            id: line.id,
            number: line.row.number,
            text: line.row.text,
            quantity: line.row.quantity,
            why: line.why,
            candidates: line.may_be,
        });
        Self {
            orders: orders.collect(),
            closed: basket.closed.into_iter().map(|(of, why)| drug(of, Some(why))).collect(),
            open: open.collect(),
        }
    }
}

/// Drugs for the basket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddLines {
    /// What is put in, 1 to 600; what is there already gets more units.
    #[schema(min_items = 1, max_items = 600)]
    pub lines: Vec<ListLine>,
}

/// A list as it was written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PastedList {
    /// Lines of a spreadsheet (cells divided by tabs) or of a message, at most 600.
    pub text: String,
}

/// What became of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListTaken {
    /// How much was put in.
    #[serde(flatten)]
    pub added: Added,
    /// Which lines were passed over, in a sentence: titles, sums.
    pub passed_over: Option<String>,
}

/// The hospital's basket.
///
/// # Errors
/// 403.
#[operation(responses((status = 200, description = "The basket", body = BasketView)))]
pub async fn show(who: HospitalBuyer, db: Data<Db>) -> Result<HttpResponse> {
    Ok(reply::ok(&BasketView::from(look::look(&db, &who).await?)))
}

/// Puts drugs into the basket.
///
/// # Errors
/// 400 without an idempotency key, 403, 422.
#[operation(responses(
    (status = 200, description = "Put in", body = Added),
    (status = 422, description = "INVALID or IDEMPOTENCY_KEY_REUSED"),
))]
pub async fn add(
    who: HospitalBuyer,
    db: Data<Db>,
    key: Key,
    Json(input): Json<AddLines>,
) -> Result<HttpResponse> {
    let new = |line: ListLine| New::Drug {
        listing: line.listing_id,
        code: None,
        quantity: Some(line.quantity.get()),
    };
    let added = add::add(&db, &who, key, input.lines.into_iter().map(new).collect()).await?;
    Ok(reply::ok(&added))
}

/// Puts the lines of a pasted list into the basket. What is not certain is kept as it was written, to be looked at.
///
/// # Errors
/// 400 without an idempotency key, 403, 422.
#[operation(responses(
    (status = 200, description = "Put in", body = ListTaken),
    (status = 422, description = "INVALID or IDEMPOTENCY_KEY_REUSED"),
))]
pub async fn paste(
    who: HospitalBuyer,
    db: Data<Db>,
    key: Key,
    Json(input): Json<PastedList>,
) -> Result<HttpResponse> {
    let read = pasted::of_text("/text", &input.text)?;
    let passed_over = read.passed_over();
    Ok(reply::ok(&ListTaken { added: add::list(&db, &who, key, read).await?, passed_over }))
}

/// Puts what the hospital ordered last month into the basket; names the drugs that can no longer be ordered.
///
/// # Errors
/// 400 without an idempotency key, 403, 422.
#[operation(responses(
    (status = 200, description = "Put in", body = Again),
    (status = 422, description = "INVALID: nothing was ordered"),
))]
pub async fn last_month(who: HospitalBuyer, db: Data<Db>, key: Key) -> Result<HttpResponse> {
    Ok(reply::ok(&add::last_months(&db, &who, key).await?))
}

/// Puts a standing list into the basket; names the drugs that can no longer be ordered.
///
/// # Errors
/// 400 without an idempotency key, 403, 404, 422.
#[operation(responses(
    (status = 200, description = "Put in", body = Again),
    (status = 404, description = "NOT_FOUND"),
))]
pub async fn standing(who: HospitalBuyer, db: Data<Db>, key: Key, id: Path<Id>) -> Result<HttpResponse> {
    Ok(reply::ok(&add::standing(&db, &who, key, *id).await?))
}

/// Empties the basket.
///
/// # Errors
/// 403.
#[operation(responses((status = 204, description = "Empty")))]
pub async fn clear(who: HospitalBuyer, db: Data<Db>) -> Result<HttpResponse> {
    change::change(&db, &who, Typed::new(), Act::Clear).await?;
    Ok(reply::nothing())
}
