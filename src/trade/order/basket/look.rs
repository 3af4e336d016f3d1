//! The basket as its hospital sees it on the legal day: who delivers what, what it costs, what has to be looked at first.

use std::collections::{BTreeMap, BTreeSet};

use super::model::BasketLine;
use super::store;
use crate::listing::find::ProductView;
use crate::listing::show::{Supplier, suppliers};
use crate::order::pasted::Row;
use crate::order::pasted::fit::{Fit, fit};
use crate::order::pricing::LINES;
use crate::order::show;
use crate::order::standing::ListLine;
use crate::order::standing::show::views;
use crate::party::{self, DeliveryAddress};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::number::Quantity;
use crate::platform::sql::{AnyConn, Id, Time, Total};
use crate::platform::who::Principal;

/// The whole basket.
#[derive(Debug, Clone)]
pub struct Basket {
    /// The procedure's time.
    pub now: Time,
    /// Where the goods may go, the default first.
    pub addresses: Vec<DeliveryAddress>,
    /// Lines of lists that were not recognised.
    pub open: Vec<Open>,
    /// Drugs that cannot be ordered today, each with why.
    pub closed: Vec<(Drug, String)>,
    /// What can be ordered, an order a group.
    pub groups: Vec<Group>,
}

/// A line of a list that was not recognised.
#[derive(Debug, Clone)]
pub struct Open {
    /// Its key.
    pub id: Id,
    /// What was written.
    pub row: Row,
    /// Why it is not taken.
    pub why: String,
    /// What may be meant, the cheapest first.
    pub may_be: Vec<ProductView>,
}

/// A drug in the basket.
#[derive(Debug, Clone)]
pub struct Drug {
    /// The line.
    pub line: BasketLine,
    /// The drug today.
    pub view: ProductView,
}

/// What one supplier delivers.
#[derive(Debug, Clone)]
pub struct Group {
    /// Who.
    pub supplier: Supplier,
    /// What, in the order in which it was put in.
    pub drugs: Vec<Drug>,
}

impl Drug {
    /// Price times quantity, where both are there.
    pub fn amount(&self) -> Option<Total> {
        Some(self.view.unit_price?.times(self.line.quantity?))
    }
}

impl Group {
    /// What it comes to, as far as quantities are there.
    ///
    /// # Errors
    /// Where it is more than can be added up.
    pub fn total(&self) -> Result<Total> {
        self.drugs.iter().filter_map(Drug::amount).try_fold(Total::default(), Total::plus)
    }
}

impl Basket {
    /// Its drugs that can be ordered and have a quantity, for a standing list.
    pub fn list_lines(&self) -> Vec<ListLine> {
        let drugs = self.groups.iter().flat_map(|group| &group.drugs);
        let line = |drug: &Drug| {
            let quantity = Quantity::parse("", &drug.line.quantity?.to_string()).ok()?;
            Some(ListLine { listing_id: drug.line.listing_id?, quantity })
        };
        drugs.filter_map(line).collect()
    }
}

/// Looks at the basket of the principal's hospital.
///
/// # Errors
/// 403 for who does not order for a hospital.
pub async fn look(db: &Db, who: &Principal) -> Result<Basket> {
    show::buyer(who)?;
    let (hospital, received) = (who.organisation, who.received_at);
    db.read(move |conn| basket(conn, hospital, received)).await
}

fn basket(conn: &mut AnyConn, hospital: Id, received: Time) -> Result<Basket> {
    let now = clock::legal_now(conn, received)?;
    let (mut drugs, mut rows) = (Vec::new(), Vec::new());
    for line in store::lines(conn, hospital)? {
        match (line.listing_id, line.row()?) {
            (Some(listing), _) => drugs.push((listing, line)),
            (None, Some(row)) => rows.push((line.id, row)),
            (None, None) => {}
        }
    }
    let open = open(conn, rows, now)?;
    let listings: Vec<Id> = drugs.iter().map(|(listing, _)| *listing).collect();
    let views = views(conn, &listings, now.day())?;
    let drugs = drugs
        .into_iter()
        .filter_map(|(listing, line)| Some(Drug { view: views.get(&listing)?.clone(), line }));
    let (mut closed, mut orderable) = (Vec::new(), Vec::new());
    for drug in drugs {
        match drug.view.closed.clone() {
            Some(why) => closed.push((drug, why)),
            None => orderable.push(drug),
        }
    }
    let makers: BTreeSet<Id> = orderable.iter().filter_map(|drug| drug.view.maker_id).collect();
    let suppliers = suppliers(conn, &makers.into_iter().collect::<Vec<_>>())?;
    let (groups, undelivered) = split(orderable, &suppliers);
    closed.extend(undelivered.into_iter().map(|drug| (drug, "供货企业已暂停供货".to_owned())));
    Ok(Basket { now, addresses: party::store::addresses(conn, hospital)?, open, closed, groups })
}

fn open(conn: &mut AnyConn, rows: Vec<(Id, Row)>, now: Time) -> Result<Vec<Open>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let written: Vec<Row> = rows.iter().map(|(_, row)| row.clone()).collect();
    let fits = fit(conn, &written, now.day())?;
    let open = |((id, row), fit): ((Id, Row), Fit)| match fit {
        Fit::Open { why, may_be } => Open { id, row, why, may_be },
        // It became certain since: it can be taken as it is.
        Fit::One { .. } => {
            Open { id, row, why: "现在可以订购，请确认后选用".into(), may_be: Vec::new() }
        }
    };
    Ok(rows.into_iter().zip(fits).map(open).collect())
}

/// As few orders as a simple choice makes: who can deliver most of what is left gets it, an enterprise before a distributor,
/// then by name. What nobody delivers is left over.
pub fn split(mut drugs: Vec<Drug>, suppliers: &BTreeMap<Id, Vec<Supplier>>) -> (Vec<Group>, Vec<Drug>) {
    let of = |drug: &Drug| drug.view.maker_id.and_then(|maker| suppliers.get(&maker));
    let mut groups: Vec<Group> = Vec::new();
    loop {
        let mut counted: BTreeMap<(bool, &str, Id), (usize, &Supplier)> = BTreeMap::new();
        for supplier in drugs.iter().filter_map(of).flatten() {
            let key = (!supplier.is_manufacturer, supplier.name.as_str(), supplier.id);
            counted.entry(key).or_insert((0, supplier)).0 += 1;
        }
        // Of equals the first.
        let best =
            counted.values().rev().max_by_key(|(count, _)| *count).map(|(_, supplier)| (*supplier).clone());
        let Some(supplier) = best else { break };
        let delivers =
            |drug: &mut Drug| of(drug).is_some_and(|all| all.iter().any(|other| other.id == supplier.id));
        let taken: Vec<Drug> = drugs.extract_if(.., delivers).collect();
        groups.push(Group { supplier, drugs: taken });
    }
    let mut groups: Vec<Group> = groups.into_iter().flat_map(of_one_order).collect();
    groups.sort_by_key(|group| group.drugs.iter().map(|drug| drug.line.place).min());
    (groups, drugs)
}

/// What is more than one order holds is divided.
fn of_one_order(group: Group) -> Vec<Group> {
    let part = |drugs: &[Drug]| Group { supplier: group.supplier.clone(), drugs: drugs.to_vec() };
    group.drugs.chunks(LINES).map(part).collect()
}
