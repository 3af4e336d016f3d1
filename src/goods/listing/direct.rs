//! Lists a product at a price of its own: everything that is no injection by its pack, and unit prices that a volume-based
//! procurement or a negotiation agreed (INJ-2.3).

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::convert::{insert, pack_price};
use super::explanation::{Explanation, INJ_DOCUMENT};
use super::model::{
    Listing, ListingPrice, ListingRecord, ListingState, Mark, PriceReason, PriceSource, money,
};
use super::store;
use crate::catalogue::code_fix::pack_qty;
use crate::catalogue::{self, CodeState, DosageClass, MiCode, Product};
use crate::platform::db::{Actor, Db, Tx};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::http::number::Price;
use crate::platform::input::Checks;
use crate::platform::policy::{self, Policies};
use crate::platform::sql::{Id, Money, Time};
use crate::platform::versioned::in_state;
use crate::rules::explain::Steps;
use crate::rules::injection::{self, Agreement, InjPolicy, needs_unit_listing};
use crate::rules::policy::Policy;
use crate::values;

/// What is listed.
#[derive(Debug, Clone)]
pub struct DirectListing {
    /// The product.
    pub product: Id,
    /// Yuan a priced unit.
    pub unit_price: Money,
    /// Where the price comes from.
    pub price_source: PriceSource,
    /// First legal day.
    pub from_day: NaiveDate,
    /// What holds after the agreement; for agreed prices only, and never missing there (INJ-2.3).
    pub term: Option<Term>,
}

/// How long an agreement fixes a price, and what the general rule is applied to after it (INJ-2.3).
#[derive(Debug, Clone, Copy)]
pub struct Term {
    /// The last legal day of the agreement.
    pub until: NaiveDate,
    /// Price of the pack that the agreement was made on, yuan.
    pub pack_price: Money,
    /// Units in that pack.
    pub pack_qty: i64,
}

impl Term {
    /// What the general rule is applied to, as it is kept with the price: a renewal computes it again by the law of its own day.
    fn input(&self) -> Value {
        json!({ "pack_price": self.pack_price, "pack_qty": self.pack_qty })
    }

    /// From what was kept, with another last day.
    pub(super) fn kept(input: &Value, until: NaiveDate) -> Option<Self> {
        let price = Price::parse("pack_price", input.get("pack_price")?.as_str()?).ok()?;
        Some(Self { until, pack_price: price.get(), pack_qty: input.get("pack_qty")?.as_i64()? })
    }
}

/// Lists a product. Where an agreement fixes the price, the price by the general rule follows on the day after its last day.
///
/// # Errors
/// 404 for an unknown product, 409 if it is listed already, 422 for a price or an injection that cannot be listed so.
pub async fn list_direct(
    db: &Db,
    actor: &Actor,
    policies: &Policies,
    new: DirectListing,
) -> Result<ListingRecord> {
    let policies = policies.clone();
    db.write(actor, move |tx| list_product(tx, &policies, &new)).await
}

/// As [`list_direct`], inside a running write.
pub fn list_product(tx: &mut Tx, policies: &Policies, new: &DirectListing) -> Result<ListingRecord> {
    let product = catalogue::store::product(tx.conn, new.product)?;
    let codes = catalogue::store::codes(tx.conn, product.id)?;
    let is_listed = store::of_product(tx.conn, product.id)?.is_some();
    let code = check(policies, new, &product, &codes, is_listed)?;
    let now = tx.now();
    let listing = Listing {
        id: Id::new(),
        product_id: product.id,
        code,
        state: ListingState::Listed,
        price_source: new.price_source,
        created_at: now,
        version: 1,
        agreement_until: new.term.map(|term| term.until),
    };
    let prices = prices(tx, policies, new, &product, listing.id)?;
    let record = ListingRecord { listing, prices, packs: Vec::new() };
    insert(tx, &record)?;
    tx.record("listing.add", None, Some(&record), None)?;
    Ok(record)
}

/// Everything that is asked of what is listed so; the answer is the code under which it is bought. An import asks the same before
/// it is confirmed.
///
/// # Errors
/// As [`list_product`].
pub(super) fn check(
    policies: &Policies,
    new: &DirectListing,
    product: &Product,
    codes: &[MiCode],
    is_listed: bool,
) -> Result<String> {
    check_price(new.unit_price, new.price_source)?;
    check_term(new)?;
    let by_box = product.dosage_class == DosageClass::Injection
        && needs_unit_listing(&product.unit, u32::try_from(product.pack_qty).unwrap_or(0), &mut Steps::off());
    if by_box {
        let detail = "注射剂须按最小制剂单位（支、瓶、袋、套）挂网，不能按盒挂网";
        return Err(Refusal::field("/product", detail).clause("INJ-1.1").into());
    }
    let Some(own) = codes.iter().find(|c| c.factor == 1 && c.state == CodeState::Active) else {
        return Err(Refusal::field(
            "/product",
            format!("{}没有可用的医保编码，请先申请编码", product.label()),
        )
        .into());
    };
    in_state(!is_listed, || format!("{}已挂网，不能重复挂网。", product.label()))?;
    policies.in_force(new.from_day)?;
    if let Some(term) = &new.term {
        let day = day_after(term)?;
        after_term(term, day, &*policies.in_force(day)?)?;
    }
    Ok(own.code.clone())
}

/// The price from the first day on, and the one that follows an agreement.
fn prices(
    tx: &mut Tx,
    policies: &Policies,
    new: &DirectListing,
    product: &Product,
    listing: Id,
) -> Result<Vec<ListingPrice>> {
    let policy = policies.in_force(new.from_day)?;
    policy::keep(tx, &policy)?;
    let steps = first_steps(new, product);
    let made = Made { listing, product, policy: &policy, now: tx.now(), input: Value::Null };
    let mut all = vec![made.row(new.from_day, new.unit_price, PriceReason::FirstListing, steps)?];
    if let Some(term) = new.term {
        all.push(following(tx, policies, listing, product, &term)?);
    }
    Ok(all)
}

/// The price by the general rule from the day after the agreement's last on, by the law of that day (INJ-2.3).
pub(super) fn following(
    tx: &mut Tx,
    policies: &Policies,
    listing: Id,
    product: &Product,
    term: &Term,
) -> Result<ListingPrice> {
    let day = day_after(term)?;
    let policy = policies.in_force(day)?;
    policy::keep(tx, &policy)?;
    let (price, steps) = after_term(term, day, &policy)?;
    Made { listing, product, policy: &policy, now: tx.now(), input: term.input() }.row(
        day,
        price,
        PriceReason::AgreementEnd,
        steps,
    )
}

fn day_after(term: &Term) -> Result<NaiveDate> {
    term.until.succ_opt().ok_or_else(|| Error::internal("the end of the calendar"))
}

/// What the rows of one listing share.
struct Made<'a> {
    listing: Id,
    product: &'a Product,
    policy: &'a Policy,
    now: Time,
    input: Value,
}

impl Made<'_> {
    fn row(
        &self,
        from_day: NaiveDate,
        price: Money,
        reason: PriceReason,
        mut steps: Steps,
    ) -> Result<ListingPrice> {
        let explanation = Explanation {
            result: Explanation::sentence(price, self.product.priced_unit(), Mark::None, None),
            steps: steps.take(),
            rule: None,
            input: self.input.clone(),
            policy: self.policy.name.clone(),
            policy_digest: self.policy.digest().to_owned(),
            documents: vec![INJ_DOCUMENT.into()],
        }
        .about(self.product);
        Ok(ListingPrice {
            id: Id::new(),
            listing_id: self.listing,
            from_day,
            unit_price: price,
            mark: Mark::None,
            low: None,
            ratio: None,
            reason,
            explanation: explanation.to_text()?,
            policy_digest: self.policy.digest().to_owned(),
            created_at: self.now,
        })
    }
}

/// The price of the day after the agreement, by the general rule.
fn after_term(term: &Term, day: NaiveDate, policy: &Policy) -> Result<(Money, Steps)> {
    let law = InjPolicy::of(policy)?;
    let wrong = |e: String| Error::internal(e);
    let (pack, qty) = (pack_price(term.pack_price).map_err(wrong)?, pack_qty(term.pack_qty).map_err(wrong)?);
    let mut steps = Steps::on();
    steps.add("INJ-2.3", || {
        let text = format!("协议期至 {} 届满，未续约的，自 {day} 起按一般规则换算", term.until);
        (text, values! { "until" => term.until, "day" => day })
    });
    let agreement = Agreement { unit_price: None, until: term.until };
    let price = injection::price_in_force(&agreement, pack, qty, day, &law, &mut steps);
    let price = money(&price).ok_or_else(|| Error::internal("a price out of range"))?;
    Ok((price, steps))
}

/// An agreed price needs the agreement's last day and what holds after it; any other price has neither.
fn check_term(new: &DirectListing) -> Result<()> {
    let mut checks = Checks::default();
    match (&new.term, new.price_source) {
        (None, PriceSource::General) => {}
        (None, _) => checks.wrong("/term", "请填写协议期的最后一天，以及期满后据以换算的包装价格和数量"),
        (Some(_), PriceSource::General) => checks.wrong("/term", "一般挂网的价格没有协议期，请勿填写"),
        (Some(term), _) => {
            if term.until < new.from_day {
                let detail =
                    format!("协议期的最后一天不能早于执行日期 {}，您填的是 {}", new.from_day, term.until);
                checks.wrong("/term/until", detail);
            }
            pack_price(term.pack_price).err().into_iter().for_each(|e| checks.wrong("/term/pack_price", e));
            pack_qty(term.pack_qty).err().into_iter().for_each(|e| checks.wrong("/term/pack_qty", e));
        }
    }
    checks.finish().map_err(|error| match error {
        Error::Refused(refusal) => refusal.clause("INJ-2.3").into(),
        other => other,
    })
}

/// A price that is bid directly has at most two decimals; an agreed one stands as it was agreed (INJ-2.1, INJ-2.3).
pub(super) fn check_price(price: Money, source: PriceSource) -> Result<()> {
    let per = if source == PriceSource::General { 10_000 } else { 1 };
    let detail = match price.0 {
        ..=0 => format!("价格应大于 0，您填的是 {price}"),
        100_000_000_000_001.. => format!("价格不能超过 100000000 元，您填的是 {price}"),
        p if p % per != 0 => format!("直接申报的价格至多 2 位小数，您填的是 {price}"),
        _ => return Ok(()),
    };
    Err(Refusal::field("/unit_price", detail).clause("INJ-2.1").into())
}

fn first_steps(new: &DirectListing, product: &Product) -> Steps {
    let (price, unit) = (new.unit_price, product.priced_unit());
    let mut steps = Steps::on();
    match new.term {
        None => steps.add("INJ-2.1", || {
            let text = format!("企业直接申报 {price} 元/{unit}，不经换算，至多 2 位小数");
            (text, values! { "unit_price" => price, "unit" => unit })
        }),
        Some(term) => steps.add("INJ-2.3", || {
            let (word, until) = (new.price_source.label(), term.until);
            let text = format!("{word}约定价 {price} 元/{unit}，协议期至 {until}，期内按约定执行");
            (text, values! { "unit_price" => price, "unit" => unit, "until" => until })
        }),
    }
    steps
}
