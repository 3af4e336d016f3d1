//! Lists the demo's products through the same operations as everybody: prices and marks are computed, never written by hand.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::people::People;
use super::products::{self, ProductRow};
use crate::catalogue::{self, CodeState, DosageClass, NewCode, NewProduct, Product, QualityLevel};
use crate::listing::model::{ListingRecord, PriceSource};
use crate::listing::{change_price, convert, direct};
use crate::platform::clock::Clock;
use crate::platform::db::{Actor, Db, Tx};
use crate::platform::error::{Error, Result};
use crate::platform::policy::Policies;
use crate::platform::sql::{Id, Money};
use crate::rules::injection::Basis;

/// Products put in by one write: short enough that the writer is never held.
const CHUNK: usize = 8;

/// Creates and lists every product; then makes the voluntary cuts.
pub async fn seed(db: &Db, people: &People, policies: &Policies, clock: &Clock) -> Result<()> {
    let rows = products::rows()?;
    let spec_numbers = spec_numbers(&rows);
    let mut work = Vec::new();
    for (n, row) in rows.into_iter().enumerate() {
        let spec = spec_numbers.get(&spec_key(&row)).copied().unwrap_or(1);
        let (manufacturer, brand) = people
            .manufacturers
            .get(row.manufacturer.wrapping_sub(1))
            .cloned()
            .ok_or_else(|| Error::internal(format!("no manufacturer {}", row.manufacturer)))?;
        work.push(Item { number: n + 1, spec, manufacturer, brand, row });
    }
    let from_day = day(2024, 8, 1)?;
    for chunk in work.chunks(CHUNK) {
        let (items, policies) = (chunk.to_vec(), policies.clone());
        let actor = Actor::system("演示数据", clock.now());
        db.write(&actor, move |tx| items.iter().try_for_each(|item| item.put_named(tx, &policies, from_day)))
            .await?;
    }
    Ok(())
}

/// A product to be made.
#[derive(Clone)]
struct Item {
    number: usize,
    spec: usize,
    manufacturer: Id,
    brand: String,
    row: ProductRow,
}

fn spec_key(row: &ProductRow) -> (String, String, String) {
    (row.stem.clone(), row.generic_name.clone(), row.strength.clone())
}

/// Numbers the specifications under each code stem from 1.
fn spec_numbers(rows: &[ProductRow]) -> BTreeMap<(String, String, String), usize> {
    let keys: BTreeSet<_> = rows.iter().map(spec_key).collect();
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    keys.into_iter()
        .map(|key| {
            let n = last.entry(key.0.clone()).or_default();
            *n += 1;
            (key, *n)
        })
        .collect()
}

impl Item {
    /// As [`Self::insert`]; a refusal also names the row, since the file is ours to mend.
    fn put_named(&self, tx: &mut Tx, policies: &Policies, from_day: NaiveDate) -> Result<()> {
        self.insert(tx, policies, from_day).map_err(|e| match e {
            Error::Refused(refusal) => {
                Error::internal(format!("{} {}: {refusal}", self.row.case, self.row.generic_name))
            }
            other => other,
        })
    }

    fn insert(&self, tx: &mut Tx, policies: &Policies, from_day: NaiveDate) -> Result<()> {
        let product = catalogue::create::insert_product(tx, &self.new_product()?)?;
        let record = self.list(tx, policies, &product, from_day)?;
        if !self.row.cut_to.is_empty() {
            let (today, price) = (day(2024, 8, 5)?, yuan(&self.row.cut_to)?);
            change_price::set_price(tx, policies, &record, &product, price, today, false)?;
        }
        Ok(())
    }

    fn list(
        &self,
        tx: &mut Tx,
        policies: &Policies,
        product: &Product,
        from_day: NaiveDate,
    ) -> Result<ListingRecord> {
        let row = &self.row;
        let source: PriceSource = row.price_source.parse().map_err(Error::internal)?;
        let agreed = if row.agreed_price.is_empty() { None } else { Some(yuan(&row.agreed_price)?) };
        let packs = row.packs()?;
        if row.dosage_class != "injection" || agreed.is_some() {
            let price = match (agreed, packs.first()) {
                (Some(price), _) => price,
                (None, Some(pack)) => yuan(&pack.price)?,
                (None, None) => return Err(Error::internal(format!("no price for {}", row.generic_name))),
            };
            let new = direct::DirectListing {
                product: product.id,
                unit_price: price,
                price_source: source,
                from_day,
                term: self.term(source)?,
            };
            return direct::list_product(tx, policies, &new);
        }
        let packs = packs.iter().enumerate().map(|(n, pack)| {
            Ok(convert::OldPack {
                code: row.code(self.spec, n + 2),
                pack_qty: i64::from(pack.qty),
                pack_unit: row.pack_unit.clone(),
                pack_price: yuan(&pack.price)?,
                basis: basis(&pack.basis)?,
                since_day: None,
                rise_reason: None,
            })
        });
        let group = convert::GroupListing {
            product: product.id,
            packs: packs.collect::<Result<_>>()?,
            evaluated: prices(&row.evaluated)?,
            originator: prices(&row.originator)?,
            other_brands: None,
            accept_high: row.accept_high == "y",
            from_day,
        };
        convert::list_group(tx, policies, &group)
    }

    /// Until when the agreement runs, and the pack that counts after it (INJ-2.3).
    fn term(&self, source: PriceSource) -> Result<Option<direct::Term>> {
        if source == PriceSource::General {
            return Ok(None);
        }
        let until = self.row.agreed_until.parse().map_err(Error::internal)?;
        let pack = self.row.packs()?.into_iter().next();
        let pack = pack.ok_or_else(|| Error::internal("an agreement without a pack"))?;
        let (pack_price, pack_qty) = (yuan(&pack.price)?, i64::from(pack.qty));
        Ok(Some(direct::Term { until, pack_price, pack_qty }))
    }

    fn new_product(&self) -> Result<NewProduct> {
        let row = &self.row;
        let injection = row.dosage_class == "injection";
        let some = |text: &String| Some(text.clone()).filter(|t| !t.is_empty());
        let mut codes = vec![NewCode::own(row.code(self.spec, 1))];
        let packs = row.packs()?;
        if injection && row.agreed_price.is_empty() {
            codes.extend(packs.iter().enumerate().map(|(n, pack)| NewCode {
                code: row.code(self.spec, n + 2),
                state: CodeState::Active,
                disabled_from: None,
                replaced_by: None,
                factor: i64::from(pack.qty),
            }));
        }
        let pack_qty = if injection { 1 } else { packs.first().map_or(1, |p| i64::from(p.qty)) };
        Ok(NewProduct {
            generic_name: row.generic_name.clone(),
            trade_name: some(&row.trade_name),
            brand: self.brand.clone(),
            manufacturer: self.manufacturer,
            dosage_form: row.dosage_form.clone(),
            dosage_class: if injection { DosageClass::Injection } else { DosageClass::Other },
            strength: row.strength.clone(),
            fill_volume: some(&row.fill_volume),
            unit: row.unit.clone(),
            pack_qty,
            pack_unit: if injection { row.unit.clone() } else { row.pack_unit.clone() },
            approval_no: format!("国药准字H99{:06}", self.number),
            standard_code: Some(row.standard_code(self.number)),
            quality_level: row.quality_level.parse::<QualityLevel>().map_err(Error::internal)?,
            codes,
        })
    }
}

fn basis(word: &str) -> Result<Basis> {
    Ok(match word {
        "normal" => Basis::Normal,
        "rectification" => Basis::Rectification,
        "risk_disposal" => Basis::RiskDisposal,
        "before_evaluation" => Basis::BeforeEvaluation,
        "after_evaluation" => Basis::AfterEvaluation,
        other => return Err(Error::internal(format!("unknown basis {other:?}"))),
    })
}

fn prices(joined: &str) -> Result<Vec<Money>> {
    joined.split('|').filter(|p| !p.is_empty()).map(yuan).collect()
}

fn yuan(text: &str) -> Result<Money> {
    let decimal = Decimal::from_str_exact(text).map_err(Error::internal)?;
    Money::from_yuan(decimal).ok_or_else(|| Error::internal(format!("price {text}")))
}

fn day(year: i32, month: u32, day: u32) -> Result<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| Error::internal("no such day"))
}
