//! What the lines of an order are and cost on a legal day.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::input::{LineInput, PACK_REMARK, QuantityUnit, RISK_REASON};
use super::limits;
use super::model::{OrderLine, OrderRecord};
use crate::catalogue::CodeInUse;
use crate::listing::model::DayPrice;
use crate::listing::store::Goods;
use crate::listing::{self, Mark, find};
use crate::party::store::Deliverer;
use crate::party::{self, OrgState, Organisation};
use crate::platform::error::{Error, FieldError, Refusal, Result};
use crate::platform::http::number::MAX_QUANTITY;
use crate::platform::input::Checks;
use crate::platform::sql::{AnyConn, Id};
use crate::platform::who::OrgKind;

/// Lines of one order at most.
pub const LINES: usize = 200;

/// What a line names: a listing, or a code that is in use or still mapped.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The listing.
    pub listing: Option<Id>,
    /// The code; beside a listing it is the old code that was given for it.
    pub code: Option<&'a str>,
}

impl<'a> Wanted<'a> {
    fn of(input: &'a LineInput) -> Self {
        let code = input.code.as_deref().map(str::trim).filter(|code| !code.is_empty());
        Self { listing: input.listing_id, code }
    }
}

/// A line as it may be bought on the day.
#[derive(Debug, Clone, Copy)]
pub struct Priced<'a> {
    /// What is bought.
    pub goods: &'a Goods,
    /// Its price on the day.
    pub price: &'a DayPrice,
    /// The enterprise.
    pub maker: &'a Deliverer,
    /// The old code that was given.
    pub given_code: Option<&'a str>,
    /// Units in one pack of it, where it is a pack's.
    pub given_factor: Option<i64>,
}

/// What lines name, read in sets: the number of statements does not depend on the number of lines.
#[derive(Debug)]
pub struct Found {
    supplier: Id,
    day: NaiveDate,
    codes: BTreeMap<String, (CodeInUse, Option<Id>)>,
    goods: BTreeMap<Id, Goods>,
    parties: BTreeMap<Id, Deliverer>,
}

impl Found {
    /// Reads what the lines name on `day`, and whether `supplier` may deliver it.
    ///
    /// # Errors
    /// Of the database.
    pub fn read(conn: &mut AnyConn, supplier: Id, wanted: &[Wanted<'_>], day: NaiveDate) -> Result<Self> {
        let given: Vec<&str> = wanted.iter().filter_map(|line| line.code).collect();
        let codes = match given.is_empty() {
            true => BTreeMap::new(),
            false => listing::store::listed_under(conn, &given)?,
        };
        let by_code = |code: &str| codes.get(code).and_then(|(_, listing)| *listing);
        let listings = wanted.iter().filter_map(|line| line.listing.or_else(|| line.code.and_then(by_code)));
        let goods = listing::store::goods(conn, &listings.collect::<Vec<_>>(), day)?;
        let makers = goods.values().filter_map(|goods| goods.product.manufacturer_id);
        let parties: Vec<Id> = makers.chain([supplier]).collect();
        let parties = party::store::with_appointment(conn, &parties, Some(supplier))?;
        Ok(Self { supplier, day, codes, goods, parties })
    }

    /// What the lines order, in their order, and the supplier, if it may deliver all of it.
    ///
    /// # Errors
    /// 422 with the member of the first line that is wrong, `CODE_STOPPED` for a code that is out of use (INJ-6.1); then 422
    /// naming the supplier, or each line that it may not deliver.
    pub fn check<'a>(&'a self, wanted: &[Wanted<'a>]) -> Result<(Vec<Priced<'a>>, &'a Organisation)> {
        let lines = wanted.iter().enumerate().map(|(at, line)| self.line(at, line));
        let lines: Vec<Priced<'_>> = lines.collect::<Result<_>>()?;
        let supplier = self.supplier(&lines)?;
        Ok((lines, supplier))
    }

    fn line<'a>(&'a self, at: usize, wanted: &Wanted<'a>) -> Result<Priced<'a>> {
        let goods = self.goods(at, wanted)?;
        let Goods { product, code: own, price, .. } = goods;
        let given_code = wanted.code.filter(|code| *code != goods.listed_as);
        let other = given_code.and_then(|code| self.codes.get(code)).map(|(code, _)| code);
        if let Some(code) = other.into_iter().chain(own).find(|code| code.is_stopped(self.day)) {
            return Err(stopped(at, code, goods).into());
        }
        // A code that has stopped was told above.
        let why = find::closed(Some((goods.state, &goods.listed_as)), price.is_some(), own.is_some());
        let owner = product.manufacturer_id;
        if let Some(why) = why.or_else(|| find::unavailable(product.state, owner)) {
            let detail = format!("{}{why}，不能订购，请改选其他药品", product.label());
            return Err(Refusal::field(format!("/lines/{at}/listing_id"), detail).into());
        }
        let given_factor = other.map(|code| code.factor).filter(|factor| *factor > 1);
        let price = price.as_ref().ok_or_else(|| Error::internal("a listing without a price"))?;
        let maker = owner.and_then(|id| self.parties.get(&id));
        let maker = maker.ok_or_else(|| Error::internal("a product without an owner"))?;
        Ok(Priced { goods, price, maker, given_code, given_factor })
    }

    /// A listing that does not exist is the caller's slip, not a missing page.
    fn goods(&self, at: usize, wanted: &Wanted<'_>) -> Result<&Goods> {
        let named = |code: &str| -> Result<Id> {
            let unknown = |detail| Refusal::field(format!("/lines/{at}/code"), detail);
            let (_, listing) =
                self.codes.get(code).ok_or_else(|| unknown(format!("没有找到医保编码 {code}，请核对")))?;
            listing.ok_or_else(|| unknown(format!("医保编码 {code} 对应的药品未挂网")).into())
        };
        let listing = match (wanted.listing, wanted.code) {
            (Some(id), None) => id,
            (Some(id), Some(code)) if named(code)? == id => id,
            (Some(_), Some(code)) => {
                let detail = format!("医保编码 {code} 不是该药品的编码，请核对后只填其中一个");
                return Err(Refusal::field(format!("/lines/{at}/code"), detail).into());
            }
            (None, Some(code)) => named(code)?,
            (None, None) => {
                return Err(Refusal::field(format!("/lines/{at}/listing_id"), "请选择药品").into());
            }
        };
        self.goods.get(&listing).ok_or_else(|| {
            let pointer = format!("/lines/{at}/listing_id");
            Refusal::field(pointer, "没有找到该药品，请重新查找后选择").into()
        })
    }

    /// The supplier, if it may deliver the products of these enterprises.
    fn supplier(&self, lines: &[Priced<'_>]) -> Result<&Organisation> {
        let found = self.parties.get(&self.supplier).map(|party| &party.organisation);
        let found = found.filter(|o| o.kinds().any(OrgKind::is_supplier) && o.state == OrgState::Active);
        let found = found.ok_or_else(|| {
            Refusal::field("/supplier_id", "没有找到该供货企业，或其已停止供货，请重新选择")
        })?;
        let mut checks = Checks::default();
        for (at, line) in lines.iter().enumerate() {
            if !line.maker.may_be_delivered_by(Some(self.supplier)) {
                let (name, maker) = (line.goods.product.label(), &line.maker.organisation.name);
                let detail = format!(
                    "{}未受{maker}委托，不能供应{name}；请更换供货企业，或将该药品另立订单",
                    found.name
                );
                checks.wrong(format!("/lines/{at}/listing_id"), detail);
            }
        }
        checks.finish()?;
        Ok(found)
    }
}

/// A code that is out of use; names the code that replaces it, and the listing to order instead.
fn stopped(at: usize, code: &CodeInUse, goods: &Goods) -> Refusal {
    let since = code.disabled_from.map(|d| format!("自 {d} 起")).unwrap_or_default();
    let instead = match &code.replaced_by {
        Some(unit) => format!("，请改用最小制剂单位编码 {unit}"),
        None => "，请改选其他药品".to_owned(),
    };
    let detail = format!("{}的医保编码 {} {since}停用{instead}", goods.product.label(), code.code);
    let listing = code.replaced_by.as_ref().map(|_| goods.listing_id.to_string());
    let pointer = format!("/lines/{at}/code");
    let mut refusal = Refusal::new(422, "CODE_STOPPED", detail.clone()).clause("INJ-6.1");
    refusal.errors.push(FieldError { pointer, detail });
    refusal
        .with("line_no", at + 1)
        .with("stopped_code", code.code.clone())
        .with("stopped_from", code.disabled_from.map(|d| d.to_string()))
        .with("replaced_by", code.replaced_by.clone())
        .with("listing_id", listing)
}

/// All lines as rows of `order`, in their order, and the supplier's name.
///
/// # Errors
/// 422 with every member that is wrong.
pub fn price(
    conn: &mut AnyConn,
    order: Id,
    supplier: Id,
    inputs: &[LineInput],
    day: NaiveDate,
) -> Result<(Vec<OrderLine>, String)> {
    if inputs.is_empty() || inputs.len() > LINES {
        return Err(Refusal::field(
            "/lines",
            format!("请填写 1 至 {LINES} 个品种，您填了 {} 个", inputs.len()),
        )
        .into());
    }
    let wanted: Vec<Wanted<'_>> = inputs.iter().map(Wanted::of).collect();
    let found = Found::read(conn, supplier, &wanted, day)?;
    let (priced, supplier) = found.check(&wanted)?;
    let mut checks = Checks::default();
    let mut lines = Vec::with_capacity(inputs.len());
    for (at, (input, priced)) in inputs.iter().zip(priced).enumerate() {
        lines.push(line(&mut checks, order, at, input, &priced));
    }
    limits::once(&lines)?;
    checks.finish()?;
    Ok((lines, supplier.name.clone()))
}

fn line(checks: &mut Checks, order_id: Id, at: usize, input: &LineInput, priced: &Priced<'_>) -> OrderLine {
    let quantity = units(checks, at, input, priced);
    let amount = limits::amount(checks, at, priced.price.unit_price, quantity);
    let remark = checks.optional(
        &format!("/lines/{at}/pack_remark"),
        PACK_REMARK.label,
        input.pack_remark.as_deref(),
        PACK_REMARK.most,
    );
    let reason = input.risk_reason.as_deref().map(str::trim).filter(|r| !r.is_empty());
    let reason = reason.map(|r| {
        checks.prose(&format!("/lines/{at}/risk_reason"), RISK_REASON.label, r, 0..=RISK_REASON.most)
    });
    OrderLine {
        id: Id::new(),
        order_id,
        line_no: i32::try_from(at + 1).unwrap_or(i32::MAX),
        listing_id: priced.goods.listing_id,
        product_id: priced.goods.product.id,
        code: priced.goods.listed_as.clone(),
        given_code: priced.given_code.map(Into::into),
        given_factor: priced.given_factor,
        product_label: priced.goods.product.label(),
        spec: priced.goods.product.spec(),
        maker: priced.maker.organisation.name.clone(),
        unit: priced.goods.product.priced_unit().to_owned(),
        quantity,
        unit_price: priced.price.unit_price,
        amount,
        mark: priced.price.mark,
        low: priced.price.low,
        ratio: priced.price.ratio.clone(),
        pack_remark: remark,
        risk_reason: reason,
        risk_acknowledged_by: None,
        risk_acknowledged_at: None,
    }
}

/// The line's quantity in priced units. Beside the code of a pack it has to say whether it counts packs or units: ten times as
/// much would arrive, or a tenth.
fn units(checks: &mut Checks, at: usize, input: &LineInput, priced: &Priced<'_>) -> i64 {
    let (given, unit) = (input.quantity.get(), priced.goods.product.priced_unit());
    let pointer = format!("/lines/{at}/quantity_unit");
    match (input.quantity_unit, priced.given_factor) {
        (Some(QuantityUnit::Unit), _) | (None, None) => given,
        (Some(QuantityUnit::Pack), None) => {
            let detail = format!("没有给出包装的医保编码，数量只能按{unit}填写（quantity_unit 为 unit）");
            checks.wrong(pointer, detail);
            given
        }
        (Some(QuantityUnit::Pack), Some(factor)) => {
            let quantity = given.saturating_mul(factor);
            if quantity > MAX_QUANTITY {
                let detail = format!("{given} 盒即 {quantity} {unit}，数量不能超过 {MAX_QUANTITY} {unit}");
                checks.wrong(format!("/lines/{at}/quantity"), detail);
            }
            quantity
        }
        (None, Some(factor)) => {
            let (code, price) = (priced.given_code.unwrap_or_default(), priced.price.unit_price);
            let packed = given.saturating_mul(factor);
            let (of_packs, of_units) = (price.times(packed).display(), price.times(given).display());
            let detail = format!(
                "{code} 是包装的编码，1 盒 = {factor} {unit}。请确认数量：{given} 盒（即 {packed} {unit}，{of_packs} 元）                 请将 quantity_unit 填为 pack，{given} {unit}（{of_units} 元）请填为 unit"
            );
            checks.wrong(pointer, detail);
            given
        }
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
