//! Queries of marked purchases (INJ-4.3).

use std::collections::BTreeMap;

use diesel::dsl::{count_star, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text, Timestamp};

use super::model::{Cursor, HospitalMarked, Key, LATEST_FIRST, MarkedFilter, MarkedTotals, SortKey};
use crate::listing::Mark;
use crate::order::list::begin;
use crate::order::model::{OrderLine, OrderState, PurchaseOrder};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::schema::{order_line, purchase_order};
use crate::platform::sql::{
    AnyConn, Id, Money, MultiBackend, Question, SqlId, Time, Total, money_sum, two_numbers,
};
use crate::platform::who::Region;
use crate::{keyset, party};

/// Which lines count: marked, of orders that stand, in the region and as filtered.
macro_rules! counted {
    ($query:expr, $region:expr, $filter:expr) => {{
        let mut query = $query
            .filter(purchase_order::state.eq_any([OrderState::Submitted, OrderState::Confirmed]))
            .filter(purchase_order::submitted_at.is_not_null())
            .filter(purchase_order::mark.ne(Mark::None))
            .filter(order_line::mark.ne(Mark::None));
        let city = $filter.city.clone().filter(|city| !city.is_empty()).map(Region::City);
        for region in [Some($region.clone()), city].into_iter().flatten() {
            if region != Region::Province {
                query = query.filter(purchase_order::hospital_id.eq_any(region.hospitals()));
            }
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

/// The rows behind `$after` in the order of `$key`; within one key the latest order first, its lines in their order.
macro_rules! latest_within {
    ($query:expr, $after:expr, $down:expr, $key:expr) => {
        keyset!($query, $after, down: $down, $key; purchase_order::id => desc, order_line::line_no => asc)
    };
}

pub(super) fn lines(
    conn: &mut AnyConn,
    region: &Region,
    filter: &MarkedFilter,
    after: Option<Cursor>,
    limit: i64,
) -> Result<Vec<(OrderLine, PurchaseOrder)>> {
    let query = order_line::table
        .inner_join(purchase_order::table)
        .select((OrderLine::as_select(), PurchaseOrder::as_select()))
        .into_boxed();
    let query = counted!(query, region, filter);
    let sort = filter.sort.unwrap_or(LATEST_FIRST);
    let (number, name) = match after {
        None => (None, None),
        Some((sorted, ..)) if sorted != sort.to_string() => return Err(foreign_cursor()),
        Some((_, Key::Number(n), id, line)) if sort.by != SortKey::Hospital => (Some((n, id, line)), None),
        Some((_, Key::Name(name), id, line)) if sort.by == SortKey::Hospital => {
            (None, Some((name, id, line)))
        }
        Some(_) => return Err(foreign_cursor()),
    };
    let query = match sort.by {
        SortKey::Submitted => {
            let after = number.map(|(n, id, line)| (Time::from_micros(n), id, line));
            latest_within!(query, after, sort.down, submitted())
        }
        SortKey::Amount => {
            let after = number.map(|(n, id, line)| (Money(n), id, line));
            latest_within!(query, after, sort.down, order_line::amount)
        }
        SortKey::Hospital => latest_within!(query, name, sort.down, hospital_name()),
    };
    Ok(query.limit(limit).load(conn)?)
}

fn foreign_cursor() -> Error {
    Refusal::field("/after", "after 应取自同样排序的上一页返回的 next，请从第一页重新开始。").into()
}

/// Never null here: only submitted orders count.
fn submitted() -> SqlLiteral<Timestamp> {
    sql("purchase_order.submitted_at")
}

fn hospital_name() -> SqlLiteral<Text> {
    sql("(SELECT named.name FROM organisation AS named WHERE named.id = purchase_order.hospital_id)")
}

pub(super) fn totals(conn: &mut AnyConn, region: &Region, filter: &MarkedFilter) -> Result<MarkedTotals> {
    let query = order_line::table
        .inner_join(purchase_order::table)
        .select((
            count_star(),
            sql::<BigInt>("CAST(COALESCE(SUM(order_line.quantity), 0) AS BIGINT)"),
            money_sum("order_line.amount"),
        ))
        .into_boxed();
    let (lines, quantity, amount): (i64, i64, Total) = counted!(query, region, filter).first(conn)?;
    Ok(MarkedTotals { lines, quantity, amount })
}

/// Hospitals whose sums are told at most.
pub(super) const HOSPITALS: i64 = 200;

/// How many lines, and what they come to.
type Lines = (i64, Total);

/// The sums by hospital over the lines that a query gives as `hospital_id`, `mark` and `amount`; with each how many hospitals
/// there are. The limit inside keeps the engines from reading all orders hospital by hospital for the sake of the grouping.
struct ByHospital(Question);

impl QueryFragment<MultiBackend> for ByHospital {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        let lines = |mark: Mark| {
            let is = format!("few.mark = '{mark}'");
            let amount = two_numbers(&format!("(CASE WHEN {is} THEN few.amount ELSE 0 END)"));
            format!("CAST(SUM(CASE WHEN {is} THEN 1 ELSE 0 END) AS BIGINT), {amount}")
        };
        let (red, yellow) = (lines(Mark::Red), lines(Mark::Yellow));
        out.push_sql(&format!("SELECT few.hospital_id, {red}, {yellow}, COUNT(*) OVER () FROM ("));
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(&format!(
            ") AS few GROUP BY few.hospital_id ORDER BY SUM(few.amount / 1000000) DESC, SUM(few.amount % 1000000) DESC, \
             few.hospital_id LIMIT {HOSPITALS}"
        ));
        Ok(())
    }
}

impl QueryId for ByHospital {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for ByHospital {
    type SqlType = (SqlId, BigInt, (BigInt, BigInt), BigInt, (BigInt, BigInt), BigInt);
}

impl RunQueryDsl<AnyConn> for ByHospital {}

/// The hospitals with the greatest amounts, and how many there are in all.
pub(super) fn by_hospital(
    conn: &mut AnyConn,
    region: &Region,
    filter: &MarkedFilter,
) -> Result<(Vec<HospitalMarked>, i64)> {
    let query = order_line::table
        .inner_join(purchase_order::table)
        .select((purchase_order::hospital_id, order_line::mark, order_line::amount))
        .limit(i64::MAX)
        .into_boxed();
    let lines = ByHospital(Box::new(counted!(query, region, filter)));
    let sums: Vec<(Id, i64, Total, i64, Total, i64)> = lines.load(conn)?;
    let all = sums.first().map_or(0, |(.., all)| *all);
    let sums =
        sums.into_iter().map(|(hospital, red, red_sum, yellow, yellow_sum, _)| -> (Id, Lines, Lines) {
            (hospital, (red, red_sum), (yellow, yellow_sum))
        });
    let sums: Vec<_> = sums.collect();
    let ids: Vec<Id> = sums.iter().map(|(hospital, ..)| *hospital).collect();
    let mut named: BTreeMap<Id, (String, String)> = BTreeMap::new();
    for organisation in party::store::organisations(conn, &ids)? {
        named.insert(organisation.id, (organisation.name, organisation.city));
    }
    let mut hospitals = Vec::with_capacity(sums.len());
    for (hospital_id, (red, red_amount), (yellow, yellow_amount)) in sums {
        let (hospital, city) = named.get(&hospital_id).cloned().unwrap_or_default();
        let amount = red_amount.plus(yellow_amount)?;
        hospitals.push(HospitalMarked {
            hospital_id,
            hospital,
            city,
            red,
            yellow,
            red_amount,
            yellow_amount,
            amount,
        });
    }
    hospitals.sort_by(|a, b| b.amount.cmp(&a.amount).then_with(|| a.hospital.cmp(&b.hospital)));
    Ok((hospitals, all))
}
