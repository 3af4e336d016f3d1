//! Purchases of marked drugs, by hospital (INJ-4.3).

use std::collections::BTreeMap;

use super::columns::columns;
use super::model::LATEST_FIRST;
pub use super::model::{
    Cursor, HospitalMarked, Key, MarkedFilter, MarkedPurchase, MarkedPurchases, MarkedTotals, SortKey,
};
use super::store::{by_hospital, lines, totals};
use crate::listing::Mark;
use crate::order::model::{OrderLine, PurchaseOrder};
use crate::party;
use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::http::paging::PageOf;
use crate::platform::http::sorting::Sort;
use crate::platform::schema::app_user;
use crate::platform::sheet::Make;
use crate::platform::sql::{AnyConn, Id};
use crate::platform::who::{Principal, Region};
use chrono::NaiveDate;
use diesel::prelude::*;

/// Marked purchases in the officer's region, the latest first.
///
/// # Errors
/// 403 for anybody but agency and bureaus.
pub async fn marked(
    db: &Db,
    principal: &Principal,
    filter: MarkedFilter,
    after: Option<Cursor>,
    limit: i64,
) -> Result<MarkedPurchases> {
    let who = principal.clone();
    db.read_much(who.user, move |conn| {
        let region = officer_region(conn, &who)?;
        let rows = lines(conn, &region, &filter, after, limit + 1)?;
        let (items, next) = paged(conn, rows, limit, filter.sort.unwrap_or(LATEST_FIRST))?;
        let (hospitals, hospital_count) = by_hospital(conn, &region, &filter)?;
        let totals = totals(conn, &region, &filter)?;
        Ok(MarkedPurchases { page: PageOf { items, next }, totals, hospitals, hospital_count })
    })
    .await
}

/// The filtered purchases as a sheet with all columns, at most `most`, and the sums by hospital as notes.
///
/// # Errors
/// As [`marked`].
pub async fn sheet(db: &Db, principal: &Principal, filter: MarkedFilter, most: i64) -> Result<Make> {
    chosen_columns(db, principal, filter, &[], most).await
}

/// As [`sheet`], with the chosen columns.
///
/// # Errors
/// As [`marked`].
pub(super) async fn chosen_columns(
    db: &Db,
    principal: &Principal,
    filter: MarkedFilter,
    chosen: &[String],
    most: i64,
) -> Result<Make> {
    let who = principal.clone();
    let (rows, totals, (hospitals, all)) = db
        .read_much(who.user, move |conn| {
            let region = officer_region(conn, &who)?;
            let rows = lines(conn, &region, &filter, None, most)?;
            let totals = totals(conn, &region, &filter)?;
            Ok((purchases(conn, rows)?, totals, by_hospital(conn, &region, &filter)?))
        })
        .await?;
    let chosen = chosen.to_vec();
    Ok(Box::new(move || {
        let mut sheet = columns(totals).sheet("红标、黄标药品采购", &chosen, &rows);
        sheet.of(totals.lines);
        let told = hospitals.len();
        for h in hospitals {
            let (red, yellow) = (h.red_amount.display(), h.yellow_amount.display());
            sheet.note(format!(
                "{}：红标 {} 行 {red} 元，黄标 {} 行 {yellow} 元",
                h.hospital, h.red, h.yellow
            ));
        }
        if usize::try_from(all).is_ok_and(|all| all > told) {
            sheet.note(format!("以上为金额最高的 {told} 家医疗机构，共 {all} 家。"));
        }
        sheet
    }))
}

/// What the month's purchases under a mark come to: the totals of the page that opens by them.
///
/// # Errors
/// 403 for anybody but agency and bureaus.
pub(super) fn since(
    conn: &mut AnyConn,
    who: &Principal,
    mark: Mark,
    from: NaiveDate,
) -> Result<MarkedTotals> {
    let region = officer_region(conn, who)?;
    totals(conn, &region, &MarkedFilter { mark: Some(mark), from: Some(from), ..MarkedFilter::default() })
}

/// The page, with the place where it ended.
fn paged(
    conn: &mut AnyConn,
    rows: Vec<(OrderLine, PurchaseOrder)>,
    limit: i64,
    sort: Sort<SortKey>,
) -> Result<(Vec<MarkedPurchase>, Option<String>)> {
    // One row too many shows that there is a next page.
    let items = purchases(conn, rows)?;
    let page = PageOf::new(items, limit, |row| -> Cursor {
        let key = match sort.by {
            SortKey::Submitted => {
                Key::Number(row.submitted_at.map_or(0, |t| t.0.and_utc().timestamp_micros()))
            }
            SortKey::Hospital => Key::Name(row.hospital.clone()),
            SortKey::Amount => Key::Number(row.amount.0),
        };
        (sort.to_string(), key, row.order_id, row.line_no)
    });
    Ok((page.items, page.next))
}

fn officer_region(conn: &mut AnyConn, who: &Principal) -> Result<Region> {
    let region = Region::of(conn, who)?;
    let forbidden = || Refusal::new(403, "FORBIDDEN", "红标、黄标药品采购情况由采购机构和医保部门查阅。");
    region.ok_or_else(|| forbidden().into())
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
        lowest_unit_price: line.low,
        ratio: line.ratio,
        unit: line.unit,
        quantity: line.quantity,
        amount: line.amount,
        reason: line.risk_reason,
        by,
    }
}
