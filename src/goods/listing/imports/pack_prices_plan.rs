//! What the rows of one product are listed as. The check and the taking both ask here, so that what the check calls good is taken.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::pack_prices_row::{
    BASIS, CODE, FROM, PRICE, PriceRow, SOURCE, Target, UNTIL, label_of, read, targets,
};
use crate::catalogue::imports::products_by_code;
use crate::catalogue::{self, MiCode, Product};
use crate::listing::convert::{self, GroupListing, OldPack};
use crate::listing::direct::{self, DirectListing, Term};
use crate::listing::model::{PackListing, dec, money};
use crate::listing::{Listing, PriceSource, store};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::import::{Basis, Cells, Faults, Judged};
use crate::platform::policy::Policies;
use crate::platform::sql::{AnyConn, Id, Money};
use crate::rules::money::{Dec, Round};

/// Codes with their products.
pub(super) type Known = BTreeMap<String, (MiCode, Product)>;

/// How the rows of one product are listed.
pub(super) enum Plan {
    /// INJ-1.2: every pack of the group is converted.
    Group(GroupListing),
    /// An agreed price, or one by the pack.
    Direct(DirectListing),
}

/// What the rows that lead to one target are listed as on a legal day.
///
/// # Errors
/// 422 where they cannot stand together.
pub(super) fn plan(target: &Target, rows: &[PriceRow], known: &Known, today: NaiveDate) -> Result<Plan> {
    match target {
        Target::Unit(unit) if rows.iter().all(|row| row.source == PriceSource::General) => {
            group(unit, rows, known, today).map(Plan::Group)
        }
        _ => agreed_or_pack(target, rows, known, today).map(Plan::Direct),
    }
}

/// The low value stands until somebody asks for the high one (INJ-3.3).
fn group(unit: &Product, rows: &[PriceRow], known: &Known, today: NaiveDate) -> Result<GroupListing> {
    let mut packs = Vec::new();
    for row in rows {
        let (pack_qty, pack_unit) = pack_of(row, known)?;
        packs.push(OldPack {
            code: row.code.clone(),
            pack_qty,
            pack_unit,
            pack_price: row.price,
            basis: row.basis,
            since_day: Some(row.from),
            rise_reason: row.rise,
        });
    }
    let from_day = rows.iter().map(|row| row.from).max().map_or(today, |day| day.max(today));
    Ok(GroupListing {
        product: unit.id,
        packs,
        evaluated: Vec::new(),
        originator: Vec::new(),
        other_brands: None,
        accept_high: false,
        from_day,
    })
}

/// Units in the pack of a row, and what the pack is.
fn pack_of(row: &PriceRow, known: &Known) -> Result<(i64, String)> {
    let (code, product) = known.get(&row.code).ok_or_else(|| Refusal::not_found("药品代码"))?;
    let qty = if code.factor > 1 { code.factor } else { product.pack_qty };
    Ok((qty, product.pack_unit.clone()))
}

fn agreed_or_pack(
    target: &Target,
    rows: &[PriceRow],
    known: &Known,
    today: NaiveDate,
) -> Result<DirectListing> {
    let [row] = rows else {
        let detail = "同一药品有多个代码，其中有集采或国谈价格；请只保留协议约定的一行。";
        return Err(Refusal::wrong_state(detail).clause("INJ-2.3").into());
    };
    let (pack_qty, _) = pack_of(row, known)?;
    let (unit_price, pack_qty) = match target {
        Target::Pack(_) => (row.price, 1),
        Target::Unit(_) => (exact(row.price, pack_qty)?, pack_qty),
    };
    Ok(DirectListing {
        product: target.product().id,
        unit_price,
        price_source: row.source,
        from_day: row.from.max(today),
        term: row.until.map(|until| Term { until, pack_price: row.price, pack_qty }),
    })
}

/// An agreed price a unit is what was agreed, to the last digit.
fn exact(price: Money, qty: i64) -> Result<Money> {
    let quotient = dec(price).divided(&Dec::from(qty), Money::SCALE, Round::Down);
    let quotient = quotient.filter(|q| q * &Dec::from(qty) == dec(price)).and_then(|q| money(&q));
    quotient.ok_or_else(|| {
        let detail =
            format!("协议价 {price} 元除以 {qty} 不能除尽，请按协议约定的最小制剂单位价格，以单位编码填报。");
        Error::from(Refusal::field("/unit_price", detail).clause("INJ-2.3"))
    })
}

/// What a plan is refused for.
fn refused(policies: &Policies, target: &Target, plan: &Plan, codes: &[MiCode]) -> Result<()> {
    match plan {
        Plan::Group(group) => convert::check(policies, group, target.product(), codes, false).map(drop),
        Plan::Direct(new) => direct::check(policies, new, target.product(), codes, false).map(drop),
    }
}

/// What the taking would say of each row of some bundles.
pub(super) fn judge(conn: &mut AnyConn, basis: &Basis, bundles: &[Vec<Cells>]) -> Result<Vec<Vec<Judged>>> {
    let codes: Vec<&str> = bundles.iter().flatten().map(|row| row.get(CODE)).collect();
    let known = products_by_code(conn, &codes)?;
    let targets = targets(conn, &known)?;
    let ids: Vec<Id> = targets.values().flatten().map(|target| target.product().id).collect();
    let listings = store::of_products(conn, &ids)?;
    let mut own: BTreeMap<Id, Vec<MiCode>> = BTreeMap::new();
    for code in catalogue::store::codes_of(conn, &ids)? {
        own.entry(code.product_id).or_default().push(code);
    }
    let mut all = Vec::new();
    for bundle in bundles {
        let rows: Vec<PriceRow> = bundle.iter().filter_map(|cells| read(cells).ok()).collect();
        let target = rows.first().and_then(|row| targets.get(&row.code));
        let Some(Ok(target)) = target else {
            let fault = (CODE, "没有该药品代码，请先导入国家药品编码，或核对是否抄错".to_owned());
            all.push(vec![Judged { faults: vec![fault], ..Judged::default() }; bundle.len()]);
            continue;
        };
        let id = target.product().id;
        if listings.contains_key(&id) {
            // Each row was held against what is listed.
            all.push(vec![Judged::default(); bundle.len()]);
            continue;
        }
        let codes = own.get(&id).map_or(&[][..], Vec::as_slice);
        let said = plan(target, &rows, &known, basis.today)
            .and_then(|plan| refused(&basis.policies, target, &plan, codes));
        all.push(match said {
            Ok(()) => vec![Judged::default(); bundle.len()],
            Err(Error::Refused(refusal)) => faults_of(&refusal, bundle),
            Err(other) => return Err(other),
        });
    }
    Ok(all)
}

/// A refusal of a bundle, at the rows that it speaks of; where these are some of the rows, the others are not taken without them.
fn faults_of(refusal: &Refusal, bundle: &[Cells]) -> Vec<Judged> {
    let mut all = vec![Judged::default(); bundle.len()];
    for error in &refusal.errors {
        let row = error.pointer.strip_prefix("/packs/").and_then(|rest| rest.split('/').next()?.parse().ok());
        let column = match &error.pointer {
            pointer if pointer.ends_with("price") => PRICE,
            pointer if pointer.ends_with("until") => UNTIL,
            _ => CODE,
        };
        let said = (column, error.detail.replace("您填的是", "表中是"));
        match row.and_then(|row: usize| all.get_mut(row)) {
            Some(judged) => judged.faults.push(said),
            None => all.iter_mut().for_each(|judged| judged.faults.push(said.clone())),
        }
    }
    let bad = all.iter().position(|judged| !judged.faults.is_empty());
    let others = match bad.and_then(|bad| bundle.get(bad)) {
        None => refusal.detail.clone(),
        Some(row) => format!("同组的第 {} 行有误，同组各行须一起导入", row.number),
    };
    for judged in all.iter_mut().filter(|judged| judged.faults.is_empty()) {
        judged.faults.push((CODE, others.clone()));
    }
    all
}

/// What is listed of a product.
pub(super) struct Listed<'a> {
    pub listing: &'a Listing,
    pub packs: Vec<&'a PackListing>,
    /// Its first price.
    pub first: Option<(NaiveDate, Money)>,
}

/// What a row says otherwise than the listing that came from it.
#[derive(Default)]
pub(super) struct Differences {
    /// What cannot be changed by an import, because it decides a price.
    pub faults: Faults,
    /// Whether what is kept of a pack, and decides nothing, is to be put right.
    pub corrects: bool,
}

impl Differences {
    fn hold(&mut self, column: usize, name: &str, was: String, is: String) {
        if was != is {
            let detail = format!("该药品已挂网，{name}是{was}，表中是{is}；不能再次导入，请按调价或续约办理");
            self.faults.push((column, detail));
        }
    }
}

/// Holds a row against what is listed.
pub(super) fn differences(
    row: &PriceRow,
    target: &Target,
    known: &Known,
    listed: &Listed,
    today: NaiveDate,
) -> Result<Differences> {
    let mut found = Differences::default();
    let (was, is) = (listed.listing.price_source, row.source);
    found.hold(SOURCE, "价格来源", was.label().into(), is.label().into());
    if let Some(pack) = listed.packs.iter().find(|pack| pack.code == row.code) {
        found.hold(PRICE, "包装挂网价", format!(" {} 元", pack.pack_price), format!(" {} 元", row.price));
        let basis = convert::word_of(row.basis)?;
        found.hold(BASIS, "依据", label_of(&pack.basis)?.into(), label_of(&basis)?.into());
        let is_in_force = listed.first.is_some_and(|(day, _)| day <= today) && row.from <= today;
        if !is_in_force {
            found.hold(FROM, "起始日", text(pack.since_day), text(Some(row.from)));
        }
        found.corrects = pack.since_day != Some(row.from) || pack.rise_reason != row.rise;
    } else if !listed.packs.is_empty() {
        found.faults.push((CODE, "该产品已挂网，价格调整请按调价办理，不能再次导入".into()));
    } else if let Some((day, price)) = listed.first {
        let (qty, _) = pack_of(row, known)?;
        let unit_price = match target {
            Target::Pack(_) => Some(row.price),
            Target::Unit(_) => exact(row.price, qty).ok(),
        };
        let is = unit_price.map_or_else(|| "不能除尽".to_owned(), |price| format!(" {price} 元"));
        found.hold(PRICE, "挂网价", format!(" {price} 元"), is);
        // A day that was past when the row was taken is not kept: the price began on the day of the listing.
        if row.from > day || (day > today && row.from != day) {
            found.hold(FROM, "起始日", text(Some(day)), text(Some(row.from)));
        }
        // Its version tells whether the agreement can have been renewed since.
        let renewed = listed.listing.version > 1 && listed.listing.agreement_until >= row.until;
        if !renewed {
            found.hold(UNTIL, "协议截止日", text(listed.listing.agreement_until), text(row.until));
        }
    }
    Ok(found)
}

fn text(day: Option<NaiveDate>) -> String {
    day.map_or_else(|| "空".to_owned(), |day| format!(" {day} "))
}
