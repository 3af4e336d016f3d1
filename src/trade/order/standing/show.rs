//! Standing lists as their hospital sees them: what each drug costs today, and which can no longer be ordered.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{StandingLine, StandingList};
use super::store;
use crate::listing::find::{self, ProductView};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::sql::{AnyConn, Id};
use crate::platform::who::{OrgKind, Principal};
use crate::{catalogue, listing};

/// A list with its drugs on the legal day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListView {
    /// The list.
    #[serde(flatten)]
    pub list: StandingList,
    /// Its lines in their order.
    pub lines: Vec<LineView>,
}

/// A line with its drug.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LineView {
    /// The line.
    #[serde(flatten)]
    pub line: StandingLine,
    /// The drug with its price; `closed` says why it cannot be ordered now. None where it does not exist any more.
    pub product: Option<ProductView>,
}

/// The lists of the principal's hospital, by name.
///
/// # Errors
/// 403 for who belongs to no hospital.
pub async fn lists(db: &Db, who: &Principal) -> Result<Vec<StandingList>> {
    reader(who)?;
    let hospital = who.organisation;
    db.read(move |conn| store::lists(conn, hospital)).await
}

/// A list with its drugs.
///
/// # Errors
/// 403; 404 for a list of another hospital.
pub async fn one(db: &Db, who: &Principal, id: Id) -> Result<ListView> {
    reader(who)?;
    let (hospital, received) = (who.organisation, who.received_at);
    db.read(move |conn| {
        let record = store::record(conn, hospital, id)?;
        let day = clock::legal_day(conn, received)?;
        let listings: Vec<Id> = record.lines.iter().map(|line| line.listing_id).collect();
        let mut views = views(conn, &listings, day)?;
        let line = |line: StandingLine| LineView { product: views.remove(&line.listing_id), line };
        Ok(ListView { list: record.list, lines: record.lines.into_iter().map(line).collect() })
    })
    .await
}

/// What listings are on a day, by listing.
///
/// # Errors
/// Of the database.
pub fn views(
    conn: &mut AnyConn,
    listings: &[Id],
    day: chrono::NaiveDate,
) -> Result<BTreeMap<Id, ProductView>> {
    let products: Vec<Id> = listing::store::products_of(conn, listings)?.into_values().collect();
    let products: Vec<catalogue::Product> =
        catalogue::store::products(conn, &products)?.into_values().collect();
    let views = find::views(conn, &products, day)?;
    Ok(views.into_iter().filter_map(|view| Some((view.listing_id?, view))).collect())
}

fn reader(who: &Principal) -> Result<()> {
    match who.is(OrgKind::is_hospital) {
        true => Ok(()),
        false => Err(Refusal::new(403, "FORBIDDEN", "常购清单由医疗机构自行建立和使用。").into()),
    }
}
