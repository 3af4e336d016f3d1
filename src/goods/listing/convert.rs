//! From boxes to the unit: lists a three-same group of injections under its unit's code (INJ-1.2, INJ-3.1 to INJ-4.1, INJ-6.1).

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::explanation::{self, Explanation, INJ_DOCUMENT};
use super::model::{
    Listing, ListingPrice, ListingRecord, ListingState, PackListing, PriceReason, PriceSource, RiseReason,
    dec, money,
};
use super::store;
use crate::catalogue::code_fix::pack_qty;
use crate::catalogue::create::code_row;
use crate::catalogue::{self, CodeState, DosageClass, MiCode, NewCode, Product, ProductState};
use crate::platform::db::{Actor, Db, Tx};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::input::Checks;
use crate::platform::policy::{self, Policies};
use crate::platform::schema::{listing, mi_code, pack_listing};
use crate::platform::sql::{AnyConn, Id, Money};
use crate::rules::explain::Steps;
use crate::rules::injection::{self, Basis, Candidate, Decision, InjPolicy, PackFault, PackPrice, Peers};
use crate::rules::money::Dec;
use crate::rules::policy::Policy;
use crate::save;

/// A group to be listed by the unit.
#[derive(Debug, Clone)]
pub struct GroupListing {
    /// The product that stands for the unit.
    pub product: Id,
    /// Its packs as they are listed now.
    pub packs: Vec<OldPack>,
    /// Monitored prices of other evaluated products, yuan a unit (INJ-3.3).
    pub evaluated: Vec<Money>,
    /// Monitored prices of originator and reference product, yuan a unit (INJ-3.3).
    pub originator: Vec<Money>,
    /// Prices of other brands on this platform; read from the listings where there is none given (INJ-4.1).
    pub other_brands: Option<Vec<Money>>,
    /// Whether the agency wants to accept the high value (INJ-3.3).
    pub accept_high: bool,
    /// First day of the unit price.
    pub from_day: NaiveDate,
}

/// A pack that is listed now.
#[derive(Debug, Clone)]
pub struct OldPack {
    /// Its code, which is replaced by the unit's.
    pub code: String,
    /// Units in it.
    pub pack_qty: i64,
    /// What it is: 盒.
    pub pack_unit: String,
    /// Its price in yuan.
    pub pack_price: Money,
    /// Where that price comes from.
    pub basis: Basis,
    /// Since when it had that price.
    pub since_day: Option<NaiveDate>,
    /// In whose name it had been raised (INJ-5.1).
    pub rise_reason: Option<RiseReason>,
}

/// Lists the group under its unit's code, maps the packs' codes to it, and keeps how the price came about.
///
/// # Errors
/// 404 for an unknown product, 409 if it is listed already, 422 with the members that are wrong.
pub async fn list_injection_group(
    db: &Db,
    actor: &Actor,
    policies: &Policies,
    group: GroupListing,
) -> Result<ListingRecord> {
    let policies = policies.clone();
    db.write(actor, move |tx| list_group(tx, &policies, &group)).await
}

/// As [`list_injection_group`], inside a running write.
pub fn list_group(tx: &mut Tx, policies: &Policies, group: &GroupListing) -> Result<ListingRecord> {
    let product = catalogue::store::product(tx.conn, group.product)?;
    let codes = catalogue::store::codes(tx.conn, product.id)?;
    let is_listed = store::of_product(tx.conn, product.id)?.is_some();
    let Checked { unit_code, candidates, policy, law } = check(policies, group, &product, &codes, is_listed)?;
    let peers = peers(tx.conn, group, &product)?;
    let mut steps = Steps::on();
    let decision = injection::listing(&candidates, &peers, group.accept_high, &law, &mut steps)
        .ok_or_else(|| Error::internal("a group without packs"))?;
    policy::keep(tx, &policy)?;
    let how = Made { group, product: &product, unit_code: &unit_code, peers: &peers, policy: &policy };
    let record = how.rows(&decision, steps, tx.now())?;
    insert(tx, &record)?;
    map_codes(tx, group, &product, &unit_code, law.old_code_stop, &codes)?;
    tx.record("listing.convert", None, Some(&record), None)?;
    Ok(record)
}

/// A group that may be listed.
pub(super) struct Checked {
    unit_code: String,
    candidates: Vec<Candidate>,
    policy: Arc<Policy>,
    law: InjPolicy,
}

/// Everything that is asked of a group that is listed. An import asks the same before it is confirmed.
///
/// # Errors
/// As [`list_injection_group`].
pub(super) fn check(
    policies: &Policies,
    group: &GroupListing,
    product: &Product,
    codes: &[MiCode],
    is_listed: bool,
) -> Result<Checked> {
    let own = codes.iter().find(|c| c.factor == 1 && c.state == CodeState::Active).map(|c| c.code.clone());
    let Some(unit_code) = own else {
        return Err(no_unit_code(product).into());
    };
    if is_listed {
        return Err(Refusal::wrong_state(format!("{}已按最小制剂单位挂网，不能重复挂网。", product.label()))
            .clause("INJ-1.2")
            .into());
    }
    let candidates = candidates(group, product)?;
    if candidates.is_empty() {
        return Err(Refusal::field("/packs", "请至少填写一个现挂网包装").into());
    }
    let policy = policies.in_force(group.from_day)?;
    let law = InjPolicy::of(&policy)?;
    Ok(Checked { unit_code, candidates, policy, law })
}

fn no_unit_code(product: &Product) -> Refusal {
    let detail = format!("{}没有最小制剂单位的医保编码，请企业先申请编码，再挂网。", product.label());
    Refusal::new(422, "UNIT_CODE_MISSING", detail).clause("INJ-6.1")
}

/// The packs in the law's terms, each by its code.
pub(super) fn candidates(group: &GroupListing, product: &Product) -> Result<Vec<Candidate>> {
    let mut checks = Checks::default();
    if product.dosage_class != DosageClass::Injection {
        checks.wrong("/product", format!("{}不是注射剂，请按包装挂网", product.label()));
    } else if injection::needs_unit_listing(
        &product.unit,
        u32::try_from(product.pack_qty).unwrap_or(0),
        &mut Steps::off(),
    ) {
        let detail = "注射剂须按最小制剂单位（支、瓶、袋、套）挂网，每单位数量为 1";
        checks.wrong("/product", detail);
    }
    let mut all = Vec::new();
    for (n, pack) in group.packs.iter().enumerate() {
        match (pack_price(pack.pack_price), pack_qty(pack.pack_qty)) {
            (Ok(pack_price), Ok(pack_qty)) => all.push(Candidate {
                id: pack.code.clone(),
                label: format!("{pack_qty} {}/{}", product.unit, pack.pack_unit),
                pack_price,
                pack_qty,
                basis: pack.basis,
            }),
            (price, qty) => {
                price.err().into_iter().for_each(|e| checks.wrong(format!("/packs/{n}/pack_price"), e));
                qty.err().into_iter().for_each(|e| checks.wrong(format!("/packs/{n}/pack_qty"), e));
            }
        }
        if group.packs.iter().take(n).any(|other| other.code == pack.code) {
            checks.wrong(format!("/packs/{n}/code"), format!("编码 {} 填写了两次", pack.code));
        }
    }
    checks.finish()?;
    Ok(all)
}

/// A pack's price in the law's terms, or what is wrong with it.
pub(super) fn pack_price(price: Money) -> std::result::Result<PackPrice, String> {
    let scaled = u64::try_from(price.0).ok().filter(|p| p % 100 == 0).map(|p| p / 100);
    let read = scaled.ok_or(PackFault::PriceTooPrecise).and_then(PackPrice::from_scaled);
    read.map_err(|_| format!("包装价格应大于 0、至多 4 位小数，您填的是 {price}"))
}

fn peers(conn: &mut AnyConn, group: &GroupListing, product: &Product) -> Result<Peers> {
    let other_brands = match &group.other_brands {
        Some(given) => given.clone(),
        None => other_brands(conn, product, group.from_day)?,
    };
    let decs = |list: &[Money]| list.iter().map(|m| dec(*m)).collect();
    Ok(Peers {
        evaluated: decs(&group.evaluated),
        originator: decs(&group.originator),
        other_brands: decs(&other_brands),
    })
}

/// Prices of other brands of the same generic name, content, volume and form on this platform on `day` (INJ-4.1).
pub(super) fn other_brands(conn: &mut AnyConn, product: &Product, day: NaiveDate) -> Result<Vec<Money>> {
    let mut others = catalogue::store::comparable(conn, &product.comparable_key)?;
    others.retain(|other| other.brand != product.brand);
    let ids: Vec<Id> = others.iter().map(|p| p.id).collect();
    let mut listings = store::of_products(conn, &ids)?;
    listings.retain(|_, listing| listing.state == ListingState::Listed);
    let ids: Vec<Id> = listings.values().map(|l| l.id).collect();
    let prices = store::prices_on(conn, &ids, day)?;
    let mut current: Vec<Money> = prices.values().map(|price| price.unit_price).collect();
    current.sort_unstable();
    Ok(current)
}

/// What a listing is made of.
pub(super) struct Made<'a> {
    pub(super) group: &'a GroupListing,
    pub(super) product: &'a Product,
    pub(super) unit_code: &'a str,
    pub(super) peers: &'a Peers,
    pub(super) policy: &'a Arc<Policy>,
}

impl Made<'_> {
    pub(super) fn rows(
        &self,
        decision: &Decision,
        steps: Steps,
        now: crate::platform::sql::Time,
    ) -> Result<ListingRecord> {
        let listing = Listing {
            id: Id::new(),
            product_id: self.product.id,
            code: self.unit_code.to_owned(),
            state: ListingState::Listed,
            price_source: PriceSource::General,
            created_at: now,
            version: 1,
            agreement_until: None,
        };
        let yuan = |price: injection::Fen| {
            money(&price.yuan()).ok_or_else(|| Error::internal("a price out of range"))
        };
        let several = decision.choice != injection::Choice::Single;
        let price = ListingPrice {
            id: Id::new(),
            listing_id: listing.id,
            from_day: self.group.from_day,
            unit_price: yuan(decision.listing_price)?,
            mark: decision.mark.into(),
            low: several.then(|| yuan(decision.low)).transpose()?,
            ratio: decision.ratio.as_ref().map(|r| r.to_fixed(4)),
            reason: PriceReason::Conversion,
            explanation: self.explanation(decision, steps)?.to_text()?,
            policy_digest: self.policy.digest().to_owned(),
            created_at: now,
        };
        let packs =
            self.group.packs.iter().zip(&decision.unit_prices).zip(1..).map(|((pack, unit), line_no)| {
                Ok(PackListing {
                    id: Id::new(),
                    listing_id: listing.id,
                    line_no,
                    code: pack.code.clone(),
                    pack_qty: pack.pack_qty,
                    pack_unit: pack.pack_unit.clone(),
                    pack_price: pack.pack_price,
                    basis: word_of(pack.basis)?,
                    unit_price: yuan(unit.price)?,
                    branch: unit.branch.as_str().to_owned(),
                    superseded_on: self.group.from_day,
                    since_day: pack.since_day,
                    rise_reason: pack.rise_reason,
                })
            });
        let packs = packs.collect::<Result<_>>()?;
        Ok(ListingRecord { listing, prices: vec![price], packs })
    }

    fn explanation(&self, decision: &Decision, mut steps: Steps) -> Result<Explanation> {
        let price =
            money(&decision.listing_price.yuan()).ok_or_else(|| Error::internal("a price out of range"))?;
        let exempt = decision.exempt.map(|e| e.as_str());
        Ok(Explanation {
            result: Explanation::sentence(price, self.product.priced_unit(), decision.mark.into(), exempt),
            steps: steps.take(),
            rule: Some("injection-listing".into()),
            input: self.input()?,
            policy: self.policy.name.clone(),
            policy_digest: self.policy.digest().to_owned(),
            documents: vec![INJ_DOCUMENT.into()],
        })
    }

    /// The object that `jicai rule injection-listing` takes.
    fn input(&self) -> Result<Value> {
        let texts = |list: &[Dec]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut candidates = Vec::new();
        for pack in &self.group.packs {
            let (id, price, qty) = (&pack.code, pack.pack_price.to_string(), pack.pack_qty);
            candidates
                .push(json!({"id": id, "pack_price": price, "pack_qty": qty, "basis": word_of(pack.basis)?}));
        }
        let peers = json!({
            "evaluated": texts(&self.peers.evaluated),
            "originator": texts(&self.peers.originator),
            "other_brands": texts(&self.peers.other_brands),
        });
        let accept = self.group.accept_high;
        Ok(json!({"id": self.unit_code, "candidates": candidates, "peers": peers, "accept_high": accept}))
    }
}

/// The word that the rule's input and the database use for where a price comes from.
pub(super) fn word_of(basis: Basis) -> Result<String> {
    match serde_json::to_value(basis).map_err(Error::internal)? {
        Value::String(word) => Ok(word),
        _ => Err(Error::internal("a basis without a word")),
    }
}

pub(super) fn insert(tx: &mut Tx, record: &ListingRecord) -> Result<()> {
    diesel::insert_into(listing::table).values(&record.listing).execute(tx.conn)?;
    for price in &record.prices {
        explanation::put_price(tx.conn, price)?;
    }
    for pack in &record.packs {
        diesel::insert_into(pack_listing::table).values(pack).execute(tx.conn)?;
    }
    Ok(())
}

/// The packs' codes are frozen, stop on their day, and lead to the unit's code (INJ-6.1).
fn map_codes(
    tx: &mut Tx,
    group: &GroupListing,
    product: &Product,
    unit_code: &str,
    stop: NaiveDate,
    known: &[MiCode],
) -> Result<()> {
    let known: BTreeMap<&str, &MiCode> = known.iter().map(|code| (code.code.as_str(), code)).collect();
    for pack in group.packs.iter().filter(|pack| pack.code != unit_code) {
        let new = NewCode {
            code: pack.code.clone(),
            state: CodeState::Frozen,
            disabled_from: Some(stop),
            replaced_by: Some(unit_code.to_owned()),
            factor: pack.pack_qty,
        };
        match known.get(pack.code.as_str()) {
            None => {
                if let Some(other) = catalogue::store::code(tx.conn, &pack.code)? {
                    if merge(tx, &other, &new, product)? {
                        continue;
                    }
                    let detail = format!("编码 {} 已属于其他药品，请核对", other.code);
                    return Err(Refusal::field("/packs", detail).clause("INJ-6.2").into());
                }
                let row = code_row(&new, product.id, tx.now());
                diesel::insert_into(mi_code::table).values(&row).execute(tx.conn)?;
                tx.record("code.add", None, Some(&row), None)?;
            }
            Some(before) => {
                let mut after = (*before).clone();
                after.freeze(new.disabled_from, new.replaced_by, new.factor);
                save!(tx, mi_code by code, *before, &mut after, "code.freeze", None)?;
            }
        }
    }
    Ok(())
}

/// The code of a pack that is a product of its own in the same group becomes one of the unit's, and that product ends (INJ-6.1).
/// False where it is of another group.
fn merge(tx: &mut Tx, before: &MiCode, new: &NewCode, unit: &Product) -> Result<bool> {
    let pack = catalogue::store::product(tx.conn, before.product_id)?;
    if unit.group_id.is_none() || pack.group_id != unit.group_id {
        return Ok(false);
    }
    let mut after = MiCode { product_id: unit.id, ..before.clone() };
    after.freeze(new.disabled_from, new.replaced_by.clone(), new.factor);
    save!(tx, mi_code by code, before, &mut after, "code.freeze", None)?;
    let ended = Product { state: ProductState::Withdrawn, ..pack.clone() };
    let reason = format!("已并入最小制剂单位 {}", unit.label());
    catalogue::change::save_product(tx, "product.merge", &pack, ended, Some(&reason))?;
    Ok(true)
}
