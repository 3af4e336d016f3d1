//! What the lines of an order are and cost on a legal day.

use chrono::NaiveDate;

use super::input::LineInput;
use super::limits;
use super::model::{OrderLine, OrderRecord};
use crate::catalogue::{self, MiCode, Product};
use crate::listing::{self, Listing, ListingPrice, Mark, find};
use crate::party::{self, OrgState, Organisation};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::input::Checks;
use crate::platform::sql::{AnyConn, Id};
use crate::platform::who::OrgKind;
use crate::rules::order::REASON;

/// Lines of one order at most.
pub const LINES: usize = 200;

/// A line as it may be bought on the day.
#[derive(Debug, Clone)]
pub struct Priced {
    /// The listing.
    pub listing: Listing,
    /// Its product.
    pub product: Product,
    /// Its price on the day.
    pub price: ListingPrice,
    /// The enterprise.
    pub maker: Organisation,
    /// The old code that was given.
    pub given_code: Option<String>,
}

/// Finds what a line orders: a listing, or a code that is in use or still mapped. `found` are the lines before it.
///
/// # Errors
/// 422 with the member, `CODE_STOPPED` for a code that is out of use on `day` (INJ-6.1).
pub fn find(
    conn: &mut AnyConn,
    found: &[Priced],
    listing: Option<Id>,
    code: Option<&str>,
    day: NaiveDate,
) -> Result<Priced> {
    let at = found.len();
    let listing = match (listing, code) {
        (Some(id), _) => listing::store::listing(conn, id).map_err(|e| unknown(e, at, "listing_id"))?,
        (None, Some(code)) => by_code(conn, at, code)?,
        (None, None) => return Err(Refusal::field(format!("/lines/{at}/listing_id"), "请选择药品").into()),
    };
    let product =
        catalogue::store::product(conn, listing.product_id).map_err(|e| unknown(e, at, "listing_id"))?;
    let given = code.filter(|code| *code != listing.code);
    let own = catalogue::store::code(conn, &listing.code)?;
    let other = given.map(|code| catalogue::store::code(conn, code)).transpose()?.flatten();
    if let Some(row) = other.iter().chain(&own).find(|row| row.is_stopped(day)) {
        return Err(stopped(conn, at, row, &product)?.into());
    }
    let prices = listing::store::prices(conn, listing.id)?;
    let price = listing::model::price_at(&prices, day).cloned();
    let why = find::closed(Some(&listing), price.as_ref(), own.as_ref(), day);
    if let Some(why) = why.or_else(|| find::unavailable(&product)) {
        let detail = format!("{}{why}，不能订购，请改选其他药品", product.label());
        return Err(Refusal::field(format!("/lines/{at}/listing_id"), detail).into());
    }
    let price = price.ok_or_else(|| Error::internal("a listing without a price"))?;
    let owner = product.manufacturer_id.ok_or_else(|| Error::internal("a product without an owner"))?;
    let maker = organisation(conn, found, owner)?;
    Ok(Priced { given_code: given.map(Into::into), listing, product, price, maker })
}

/// An enterprise, read once for all lines of an order.
fn organisation(conn: &mut AnyConn, found: &[Priced], id: Id) -> Result<Organisation> {
    match found.iter().find(|line| line.maker.id == id) {
        Some(line) => Ok(line.maker.clone()),
        None => party::store::organisation(conn, id),
    }
}

/// A listing that does not exist is the caller's slip, not a missing page.
fn unknown(error: Error, at: usize, member: &str) -> Error {
    match error {
        Error::Refused(r) if r.status == 404 => {
            Refusal::field(format!("/lines/{at}/{member}"), "没有找到该药品，请重新查找后选择").into()
        }
        other => other,
    }
}

fn by_code(conn: &mut AnyConn, at: usize, code: &str) -> Result<Listing> {
    let pointer = format!("/lines/{at}/code");
    let row = catalogue::store::code(conn, code)?;
    let row =
        row.ok_or_else(|| Refusal::field(pointer.clone(), format!("没有找到医保编码 {code}，请核对")))?;
    let found = listing::store::of_product(conn, row.product_id)?;
    found.ok_or_else(|| Refusal::field(pointer, format!("医保编码 {code} 对应的药品未挂网")).into())
}

/// A code that is out of use; names the code that replaces it.
fn stopped(conn: &mut AnyConn, at: usize, code: &MiCode, product: &Product) -> Result<Refusal> {
    let since = code.disabled_from.map(|d| format!("自 {d} 起")).unwrap_or_default();
    let instead = match &code.replaced_by {
        Some(unit) => format!("，请改用最小制剂单位编码 {unit}"),
        None => "，请改选其他药品".to_owned(),
    };
    let detail = format!("{}的医保编码 {} {since}停用{instead}", product.label(), code.code);
    let listing = match &code.replaced_by {
        Some(_) => listing::store::of_product(conn, product.id)?.map(|l| l.id),
        None => None,
    };
    let pointer = format!("/lines/{at}/code");
    let mut refusal = Refusal::new(422, "CODE_STOPPED", detail.clone()).clause("INJ-6.1");
    refusal.errors.push(crate::platform::error::FieldError { pointer, detail });
    Ok(refusal
        .with("line_no", at + 1)
        .with("stopped_code", code.code.clone())
        .with("stopped_from", code.disabled_from.map(|d| d.to_string()))
        .with("replaced_by", code.replaced_by.clone())
        .with("listing_id", listing.map(|id| id.to_string())))
}

/// The supplier, if it may deliver the products of these enterprises.
///
/// # Errors
/// 422 naming the supplier or the lines that it may not deliver.
pub fn check_supplier(conn: &mut AnyConn, supplier: Id, lines: &[Priced]) -> Result<Organisation> {
    let pointer = "/supplier_id";
    let found = organisation(conn, lines, supplier).ok();
    let found = found.filter(|o| o.kinds().any(OrgKind::is_supplier) && o.state == OrgState::Active);
    let found =
        found.ok_or_else(|| Refusal::field(pointer, "没有找到该供货企业，或其已停止供货，请重新选择"))?;
    let mut checks = Checks::default();
    for (at, line) in lines.iter().enumerate() {
        if !party::store::may_deliver(conn, line.maker.id, supplier)? {
            let (name, maker) = (line.product.label(), &line.maker.name);
            let detail =
                format!("{}未受{maker}委托，不能供应{name}；请更换供货企业，或将该药品另立订单", found.name);
            checks.wrong(format!("/lines/{at}/listing_id"), detail);
        }
    }
    checks.finish()?;
    Ok(found)
}

/// All lines as rows of `order`, in their order.
///
/// # Errors
/// 422 with every member that is wrong.
pub fn price(
    conn: &mut AnyConn,
    order: Id,
    supplier: Id,
    inputs: &[LineInput],
    day: NaiveDate,
) -> Result<Vec<OrderLine>> {
    if inputs.is_empty() || inputs.len() > LINES {
        return Err(Refusal::field(
            "/lines",
            format!("请填写 1 至 {LINES} 个品种，您填了 {} 个", inputs.len()),
        )
        .into());
    }
    let mut priced = Vec::with_capacity(inputs.len());
    for input in inputs {
        let code = input.code.as_deref().map(str::trim).filter(|code| !code.is_empty());
        let line = find(conn, &priced, input.listing_id, code, day)?;
        priced.push(line);
    }
    check_supplier(conn, supplier, &priced)?;
    let mut checks = Checks::default();
    let mut lines = Vec::with_capacity(inputs.len());
    for (at, (input, priced)) in inputs.iter().zip(priced).enumerate() {
        lines.push(line(&mut checks, order, at, input, &priced));
    }
    checks.finish()?;
    Ok(lines)
}

fn line(checks: &mut Checks, order_id: Id, at: usize, input: &LineInput, priced: &Priced) -> OrderLine {
    let quantity = input.quantity.get();
    let amount = limits::amount(checks, at, priced.price.unit_price, quantity);
    let remark =
        checks.optional(&format!("/lines/{at}/pack_remark"), "包装备注", input.pack_remark.as_deref(), 100);
    let reason = input.risk_reason.as_deref().map(str::trim).filter(|r| !r.is_empty());
    let reason =
        reason.map(|r| checks.prose(&format!("/lines/{at}/risk_reason"), "采购理由", r, 0..=*REASON.end()));
    OrderLine {
        id: Id::new(),
        order_id,
        line_no: i32::try_from(at + 1).unwrap_or(i32::MAX),
        listing_id: priced.listing.id,
        product_id: priced.product.id,
        code: priced.listing.code.clone(),
        given_code: priced.given_code.clone(),
        product_label: priced.product.label(),
        spec: priced.product.spec(),
        maker: priced.maker.name.clone(),
        unit: priced.product.priced_unit().to_owned(),
        quantity,
        unit_price: priced.price.unit_price,
        amount,
        mark: priced.price.mark,
        low: priced.price.low,
        ratio: priced.price.ratio.clone(),
        pack_remark: remark.or_else(|| priced.given_code.as_ref().map(|code| format!("原编码 {code}"))),
        risk_reason: reason,
        risk_acknowledged_by: None,
        risk_acknowledged_at: None,
    }
}

/// Fills what the order says of its lines: sum, gravest mark, summary.
///
/// # Errors
/// 422 where a listing stands twice or the sum is beyond the limit of an order.
pub fn sum_up(record: &mut OrderRecord) -> Result<()> {
    limits::once(&record.lines)?;
    let order = &mut record.order;
    order.total = limits::total(&record.lines)?;
    order.mark = record.lines.iter().map(|l| l.mark).max().unwrap_or(Mark::None);
    order.line_count = i32::try_from(record.lines.len()).unwrap_or(i32::MAX);
    let first = record.lines.first().map(|l| l.product_label.clone()).unwrap_or_default();
    order.summary = match record.lines.len() {
        0 | 1 => first,
        n => format!("{first} 等 {n} 个品种"),
    };
    Ok(())
}
