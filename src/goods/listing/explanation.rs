//! 「为什么」: how a price and its mark came about, with everything that is needed to compute it again.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::model::{Listing, ListingPrice, Mark};
use super::store;
use crate::catalogue::{DosageClass, Product};
use crate::platform::db::Db;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::sql::{AnyConn, Id, Money};
use crate::rules::explain::{Step, Steps};
use crate::{catalogue, values};

/// How a price came about; kept with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// The result in one sentence: `挂网价 9.01 元/支，标识为黄色`.
    pub result: String,
    /// The steps, one a line, each with its clause.
    #[schema(value_type = Vec<Object>)]
    pub steps: Vec<Step>,
    /// `jicai rule` that computes it again; none where it is not a matter of a rule.
    pub rule: Option<String>,
    /// Its input, one JSON object.
    #[schema(value_type = Object)]
    pub input: Value,
    /// The policy, `default@2024-07-08`.
    pub policy: String,
    /// Its digest.
    pub policy_digest: String,
    /// The documents it rests on: number and title.
    pub documents: Vec<String>,
}

/// The document of all INJ clauses.
pub const INJ_DOCUMENT: &str = "医保办函〔2024〕61号《国家医疗保障局办公室关于规范注射剂挂网工作的通知》";

/// What is said of the price of everything but injections: none of the documents governs how it comes about.
pub const NOT_INJECTION: &str = "本品不是注射剂，不适用医保办函〔2024〕61号；价格由企业申报";
/// The same, where an agreement fixes the price.
pub const NOT_INJECTION_AGREED: &str =
    "本品不是注射剂，不适用医保办函〔2024〕61号；价格按集中采购或谈判的约定";

/// A clause of the notice on injections in parentheses; nothing for everything else, which it does not govern.
pub(super) fn cite(class: DosageClass, clause: &str) -> String {
    if class == DosageClass::Injection { format!("（{clause}）") } else { String::new() }
}

/// An explanation with what it is about.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Explained {
    /// The listing.
    pub listing_id: Id,
    /// The product.
    pub product_id: Id,
    /// The price.
    pub price_id: Id,
    /// The product's name.
    pub product: String,
    /// Yuan a unit.
    pub unit_price: Money,
    /// The unit.
    pub unit: String,
    /// The mark.
    pub mark: Mark,
    /// First legal day.
    pub from_day: chrono::NaiveDate,
    /// How it came about.
    pub explanation: Explanation,
}

impl Explanation {
    /// The result in one sentence.
    pub fn sentence(price: Money, unit: &str, mark: Mark, exempt: Option<&str>) -> String {
        let mark = match (mark, exempt) {
            (Mark::None, None) => "无风险标识".to_owned(),
            (Mark::None, Some(_)) => "符合免予标识的条件，无风险标识".to_owned(),
            (Mark::Yellow, _) => "标识为黄色".to_owned(),
            (Mark::Red, _) => "标识为红色".to_owned(),
        };
        format!("挂网价 {price} 元/{unit}，{mark}")
    }

    /// Names the notice on injections and its clauses only where the product is one.
    #[must_use]
    pub fn about(mut self, product: &Product) -> Self {
        if product.dosage_class == DosageClass::Injection {
            return self;
        }
        let is_agreed = self.steps.iter().any(|step| step.clause == "INJ-2.3");
        for step in self.steps.iter_mut().filter(|step| step.clause.starts_with("INJ-")) {
            step.clause = "".into();
        }
        for document in self.documents.iter_mut().filter(|document| *document == INJ_DOCUMENT) {
            *document = if is_agreed { NOT_INJECTION_AGREED } else { NOT_INJECTION }.into();
        }
        self
    }

    /// As it is kept.
    pub fn to_text(&self) -> Result<String> {
        serde_json::to_string(self).map_err(Error::internal)
    }

    /// From a price's row.
    pub fn of(price: &ListingPrice) -> Result<Self> {
        serde_json::from_str(&price.explanation).map_err(Error::internal)
    }
}

/// Why the price of a listing is what it is: that of the legal day of `now`, or the one with key `price`.
///
/// # Errors
/// 404 if there is no such listing or price, or none yet on that day.
pub async fn explain(
    db: &Db,
    listing: Id,
    price: Option<Id>,
    now: crate::platform::sql::Time,
) -> Result<Explained> {
    db.read(move |conn| {
        let day = crate::platform::clock::legal_day(conn, now)?;
        let row = match price {
            Some(id) => store::price(conn, listing, id)?,
            None => {
                let all = store::prices(conn, listing)?;
                let current = super::model::price_at(&all, day).cloned();
                current.ok_or_else(|| Refusal::not_found("价格"))?
            }
        };
        explained(conn, row)
    })
    .await
}

fn explained(conn: &mut AnyConn, row: ListingPrice) -> Result<Explained> {
    let listing = store::listing(conn, row.listing_id)?;
    let product = catalogue::store::product(conn, listing.product_id)?;
    let mut explanation = Explanation::of(&row)?;
    explanation.steps.extend(renewed(&listing, &row, &explanation));
    Ok(Explained {
        listing_id: listing.id,
        product_id: product.id,
        price_id: row.id,
        product: product.label(),
        unit_price: row.unit_price,
        unit: product.priced_unit().to_owned(),
        mark: row.mark,
        from_day: row.from_day,
        explanation: explanation.about(&product),
    })
}

/// What was decided about the agreement since the price was made (INJ-2.3).
fn renewed(listing: &Listing, row: &ListingPrice, how: &Explanation) -> Vec<Step> {
    let mut steps = Steps::on();
    let said =
        |until: &str| how.steps.iter().any(|s| s.values.get("until").and_then(Value::as_str) == Some(until));
    if let Some(until) = listing.agreement_until.filter(|until| row.from_day <= *until)
        && !said(&until.to_string())
    {
        steps.add("INJ-2.3", || {
            (format!("协议已续约至 {until}，期内仍按约定执行"), values! { "until" => until })
        });
    }
    steps.take()
}

/// Adds a price to a listing and records the listing as it is then.
pub(super) fn put_price(conn: &mut AnyConn, row: &ListingPrice) -> Result<()> {
    diesel::insert_into(crate::platform::schema::listing_price::table).values(row).execute(conn)?;
    Ok(())
}
