//! Purchases of marked drugs, by hospital (INJ-4.3).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::listing::Mark;
use crate::order::list::begin;
use crate::order::model::{OrderLine, OrderState, PurchaseOrder};
use crate::order::store::{Scope, scope};
use crate::party;
use crate::platform::auth::Principal;
use crate::platform::clock::Time;
use crate::platform::db::{AnyConn, Db, Id, Money};
use crate::platform::error::{Refusal, Result};
use crate::platform::http::paging::PageOf;
use crate::platform::schema::{app_user, order_line, organisation, purchase_order};
use crate::platform::sheet::Sheet;

/// What is looked for.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// This mark only.
    pub mark: Option<Mark>,
    /// This hospital only.
    pub hospital_id: Option<Id>,
    /// Hospitals of this city only.
    pub city: Option<String>,
    /// Submitted on this legal day or later.
    pub from: Option<NaiveDate>,
    /// Submitted on this legal day or earlier.
    pub to: Option<NaiveDate>,
}

/// One marked line of an order that was neither refused nor taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MarkedPurchase {
    /// The order.
    pub order_id: Id,
    /// Its number.
    pub number: String,
    /// The line's number.
    pub line_no: i32,
    /// Its state.
    pub state: OrderState,
    /// Who bought.
    pub hospital_id: Id,
    /// The hospital's name.
    pub hospital: String,
    /// Its city.
    pub city: String,
    /// When it was submitted.
    pub submitted_at: Option<Time>,
    /// The listing.
    pub listing_id: Id,
    /// Its code.
    pub code: String,
    /// The product's name.
    pub product: String,
    /// Content, volume, form.
    pub spec: String,
    /// Its enterprise.
    pub maker: String,
    /// The mark shown.
    pub mark: Mark,
    /// The price shown, yuan a unit.
    pub unit_price: Money,
    /// The lowest conversion result.
    pub low: Option<Money>,
    /// Price by low, 4 decimals.
    pub ratio: Option<String>,
    /// The unit.
    pub unit: String,
    /// Units.
    pub quantity: i64,
    /// Yuan.
    pub amount: Money,
    /// Why it was bought all the same; red only.
    pub reason: Option<String>,
    /// Who took note of the warning, or submitted the order.
    pub by: String,
}

/// What a hospital bought with a mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HospitalMarked {
    /// The hospital.
    pub hospital_id: Id,
    /// Its name.
    pub hospital: String,
    /// Its city.
    pub city: String,
    /// Lines marked red.
    pub red: i64,
    /// Lines marked yellow.
    pub yellow: i64,
    /// Yuan of red lines.
    pub red_amount: Money,
    /// Yuan of yellow lines.
    pub yellow_amount: Money,
}

impl HospitalMarked {
    /// Yuan of both.
    pub fn amount(&self) -> Money {
        Money(self.red_amount.0 + self.yellow_amount.0)
    }
}

/// The sums over all that is filtered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct MarkedTotals {
    /// Lines.
    pub lines: i64,
    /// Units.
    pub quantity: i64,
    /// Yuan.
    pub amount: Money,
}

/// A page with its sums.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MarkedPurchases {
    /// The page, the latest first.
    #[serde(flatten)]
    pub page: PageOf<MarkedPurchase>,
    /// Over all that is filtered.
    pub totals: MarkedTotals,
    /// By hospital, the greatest amount first.
    pub hospitals: Vec<HospitalMarked>,
}

/// Where a page ended: time of submission, order, line.
pub type Place = (i64, Id, i32);

/// Marked purchases in the officer's region, the latest first.
///
/// # Errors
/// 403 for anybody but agency and bureaus.
pub async fn marked(
    db: &Db,
    principal: &Principal,
    filter: Filter,
    after: Option<Place>,
    limit: i64,
) -> Result<MarkedPurchases> {
    let who = principal.clone();
    db.read(move |conn| {
        let scope = officer_scope(conn, &who)?;
        let rows = lines(conn, &scope, &filter, after, limit + 1)?;
        let page = PageOf::new(rows, limit, |(line, order)| {
            let at = order.submitted_at.map_or(0, |t| t.0.and_utc().timestamp_micros());
            (at, order.id, line.line_no)
        });
        let next = page.next.clone();
        let items = purchases(conn, page.items)?;
        let hospitals = by_hospital(conn, &scope, &filter)?;
        let totals = totals(conn, &scope, &filter)?;
        Ok(MarkedPurchases { page: PageOf { items, next }, totals, hospitals })
    })
    .await
}

/// The filtered purchases as a sheet, at most `most`, with the sums by hospital as notes.
///
/// # Errors
/// As [`marked`].
pub async fn sheet(db: &Db, principal: &Principal, filter: Filter, most: i64) -> Result<Sheet> {
    let who = principal.clone();
    let (rows, hospitals) = db
        .read(move |conn| {
            let scope = officer_scope(conn, &who)?;
            let rows = lines(conn, &scope, &filter, None, most)?;
            Ok((purchases(conn, rows)?, by_hospital(conn, &scope, &filter)?))
        })
        .await?;
    Ok(super::export::sheet(&rows, &hospitals))
}

fn officer_scope(conn: &mut AnyConn, who: &Principal) -> Result<Scope> {
    match scope(conn, who)? {
        scope @ (Scope::All | Scope::City(_)) => Ok(scope),
        _ => Err(Refusal::new(403, "FORBIDDEN", "标识药品采购情况由采购机构和医保部门查阅。").into()),
    }
}

/// Which lines count: marked, of orders that stand, in the region and as filtered.
macro_rules! counted {
    ($query:expr, $scope:expr, $filter:expr) => {{
        let mut query = $query
            .filter(purchase_order::state.eq_any([OrderState::Submitted, OrderState::Confirmed]))
            .filter(purchase_order::submitted_at.is_not_null())
            .filter(purchase_order::mark.ne(Mark::None))
            .filter(order_line::mark.ne(Mark::None));
        let cities = [$filter.city.clone(), city_of($scope)];
        for city in cities.into_iter().flatten().filter(|city| !city.is_empty()) {
            let hospitals = organisation::table.filter(organisation::city.eq(city)).select(organisation::id);
            query = query.filter(purchase_order::hospital_id.eq_any(hospitals));
        }
        if let Some(mark) = $filter.mark {
            query = query.filter(order_line::mark.eq(mark));
        }
        if let Some(hospital) = $filter.hospital_id {
            query = query.filter(purchase_order::hospital_id.eq(hospital));
        }
        if let Some(day) = $filter.from {
            query = query.filter(purchase_order::submitted_at.ge(begin(day)));
        }
        if let Some(day) = $filter.to.and_then(|day| day.succ_opt()) {
            query = query.filter(purchase_order::submitted_at.lt(begin(day)));
        }
        query
    }};
}

fn city_of(scope: &Scope) -> Option<String> {
    match scope {
        Scope::City(city) => Some(city.clone()),
        _ => None,
    }
}

fn lines(
    conn: &mut AnyConn,
    scope: &Scope,
    filter: &Filter,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<(OrderLine, PurchaseOrder)>> {
    let query = order_line::table
        .inner_join(purchase_order::table)
        .select((OrderLine::as_select(), PurchaseOrder::as_select()))
        .into_boxed();
    let mut query = counted!(query, scope, filter);
    if let Some((micros, id, line_no)) = after {
        let at = Time(chrono::DateTime::from_timestamp_micros(micros).unwrap_or_default().naive_utc());
        let same_order = purchase_order::id.eq(id).and(order_line::line_no.gt(line_no));
        let same_time = purchase_order::submitted_at.eq(at).and(purchase_order::id.lt(id).or(same_order));
        query = query
            .filter(purchase_order::submitted_at.lt(at).assume_not_null().or(same_time.assume_not_null()));
    }
    Ok(query
        .order((purchase_order::submitted_at.desc(), purchase_order::id.desc(), order_line::line_no))
        .limit(limit)
        .load(conn)?)
}

fn purchases(conn: &mut AnyConn, rows: Vec<(OrderLine, PurchaseOrder)>) -> Result<Vec<MarkedPurchase>> {
    let mut hospitals: Vec<Id> = rows.iter().map(|(_, order)| order.hospital_id).collect();
    hospitals.sort_unstable();
    hospitals.dedup();
    let mut names = BTreeMap::new();
    for chunk in hospitals.chunks(500) {
        names.extend(party::store::organisations(conn, chunk)?.into_iter().map(|o| (o.id, (o.name, o.city))));
    }
    let by = |(line, order): &(OrderLine, PurchaseOrder)| line.risk_acknowledged_by.or(order.submitted_by);
    let mut people: Vec<Id> = rows.iter().filter_map(by).collect();
    people.sort_unstable();
    people.dedup();
    let mut persons: BTreeMap<Id, String> = BTreeMap::new();
    for chunk in people.chunks(500) {
        let found: Vec<(Id, String)> = app_user::table
            .filter(app_user::id.eq_any(chunk))
            .select((app_user::id, app_user::display_name))
            .load(conn)?;
        persons.extend(found);
    }
    let purchase = |row: (OrderLine, PurchaseOrder)| {
        let person = by(&row).and_then(|id| persons.get(&id)).cloned().unwrap_or_default();
        let (hospital, city) = names.get(&row.1.hospital_id).cloned().unwrap_or_default();
        purchase(row, hospital, city, person)
    };
    Ok(rows.into_iter().map(purchase).collect())
}

fn purchase(
    (line, order): (OrderLine, PurchaseOrder),
    hospital: String,
    city: String,
    by: String,
) -> MarkedPurchase {
    MarkedPurchase {
        order_id: order.id,
        number: order.number,
        line_no: line.line_no,
        state: order.state,
        hospital_id: order.hospital_id,
        hospital,
        city,
        submitted_at: order.submitted_at,
        listing_id: line.listing_id,
        code: line.code,
        product: line.product_label,
        spec: line.spec,
        maker: line.maker,
        mark: line.mark,
        unit_price: line.unit_price,
        low: line.low,
        ratio: line.ratio,
        unit: line.unit,
        quantity: line.quantity,
        amount: line.amount,
        reason: line.risk_reason,
        by,
    }
}

fn totals(conn: &mut AnyConn, scope: &Scope, filter: &Filter) -> Result<MarkedTotals> {
    let query = order_line::table
        .inner_join(purchase_order::table)
        .select((
            count_star(),
            sql::<BigInt>("CAST(COALESCE(SUM(order_line.quantity), 0) AS BIGINT)"),
            sql::<BigInt>("CAST(COALESCE(SUM(order_line.amount), 0) AS BIGINT)"),
        ))
        .into_boxed();
    let (lines, quantity, amount): (i64, i64, i64) = counted!(query, scope, filter).first(conn)?;
    Ok(MarkedTotals { lines, quantity, amount: Money(amount) })
}

fn by_hospital(conn: &mut AnyConn, scope: &Scope, filter: &Filter) -> Result<Vec<HospitalMarked>> {
    let query = order_line::table
        .inner_join(purchase_order::table)
        .group_by((purchase_order::hospital_id, order_line::mark))
        .select((
            purchase_order::hospital_id,
            order_line::mark,
            count_star(),
            sql::<BigInt>("CAST(SUM(order_line.amount) AS BIGINT)"),
        ))
        .into_boxed();
    let sums: Vec<(Id, Mark, i64, i64)> = counted!(query, scope, filter).load(conn)?;
    let mut all: BTreeMap<Id, HospitalMarked> = BTreeMap::new();
    for (hospital_id, mark, count, amount) in sums {
        let entry = all.entry(hospital_id).or_insert_with(|| HospitalMarked {
            hospital_id,
            hospital: String::new(),
            city: String::new(),
            red: 0,
            yellow: 0,
            red_amount: Money(0),
            yellow_amount: Money(0),
        });
        match mark {
            Mark::Red => (entry.red, entry.red_amount) = (count, Money(amount)),
            _ => (entry.yellow, entry.yellow_amount) = (count, Money(amount)),
        }
    }
    let ids: Vec<Id> = all.keys().copied().collect();
    for chunk in ids.chunks(500) {
        for organisation in party::store::organisations(conn, chunk)? {
            if let Some(entry) = all.get_mut(&organisation.id) {
                (entry.hospital, entry.city) = (organisation.name, organisation.city);
            }
        }
    }
    let mut all: Vec<HospitalMarked> = all.into_values().collect();
    all.sort_by(|a, b| b.amount().cmp(&a.amount()).then_with(|| a.hospital.cmp(&b.hospital)));
    Ok(all)
}
