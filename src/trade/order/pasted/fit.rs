//! Which drugs the rows of a list are, looked up in sets. Only what is certain is taken: what fits two drugs, or none, or cannot be
//! bought, or counts something else than the price does, stays with a word why and what may be meant.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::asked::Asked;
use super::looks::{Counted, is_unit};
use super::row::Row;
use crate::catalogue::{self, CodeInUse};
use crate::listing::find::{self, ProductView};
use crate::listing::named::{self, Named};
use crate::listing::{self, show};
use crate::platform::error::Result;
use crate::platform::http::number::{MAX_QUANTITY, Quantity};
use crate::platform::input::folded;
use crate::platform::sql::{AnyConn, Id};

/// Drugs that are offered for a row at most.
pub const OFFERED: usize = 12;

/// Products that are looked at for the names of one list at most.
const LOOKED_AT: i64 = 3_000;

/// What a row comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// One drug that can be ordered, and how many priced units of it.
    One {
        /// Its listing.
        listing: Id,
        /// The old code that it was named by, where that is another than the drug is bought under.
        code: Option<String>,
        /// Priced units.
        quantity: Quantity,
    },
    /// It stays until somebody has looked.
    Open {
        /// Why, in sentences.
        why: String,
        /// What may be meant, the cheapest first.
        may_be: Vec<ProductView>,
    },
}

/// What the rows are on `day`, in their order.
///
/// # Errors
/// Of the database.
pub fn fit(conn: &mut AnyConn, rows: &[Row], day: NaiveDate) -> Result<Vec<Fit>> {
    let asked: Vec<Asked> = rows.iter().map(Asked::of).collect();
    let mut known = Known::read(conn, &asked)?;
    let mut meant: Vec<Meant> = asked.iter().map(|asked| known.meant(asked)).collect();
    known.price(conn, &mut meant, day)?;
    let shown = Shown::read(conn, &meant, day)?;
    Ok(rows
        .iter()
        .zip(&asked)
        .zip(&meant)
        .map(|((row, asked), meant)| shown.settle(row, asked, meant))
        .collect())
}

/// What the rows name.
struct Known {
    codes: BTreeMap<String, (CodeInUse, Named)>,
    numbers: Vec<Named>,
    names: Vec<Named>,
    /// Their places in `names`, by each of a product's names, folded.
    places: BTreeMap<String, Vec<usize>>,
    /// Names of which nothing was looked at, and how many products have them.
    too_many: BTreeMap<String, i64>,
}

impl Known {
    fn read(conn: &mut AnyConn, asked: &[Asked]) -> Result<Self> {
        let codes = named::by_codes(conn, asked.iter().flat_map(|of| of.codes.clone()).collect())?;
        let unknown = asked.iter().flat_map(|of| &of.codes).filter(|code| !codes.contains_key(*code));
        let numbers = named::by_numbers(conn, &unknown.cloned().collect::<Vec<_>>())?;
        let mut known =
            Self { codes, numbers, names: Vec::new(), places: BTreeMap::new(), too_many: BTreeMap::new() };
        let by_name: Vec<&Asked> = asked.iter().filter(|of| known.coded(of).is_none()).collect();
        let contents = by_name.iter().filter_map(|of| of.content.clone()).collect();
        let sure = by_name.iter().filter(|of| of.content.is_some()).flat_map(|of| of.written.clone());
        // Most lists write name and strength as they are registered; only for the rest is everything of that name looked at.
        known.put(named::by_contents(conn, sure.collect(), contents)?);
        let rest = by_name.iter().filter(|of| known.meant(of).products.is_empty());
        let rest: BTreeSet<String> = rest.flat_map(|of| of.names.clone()).collect();
        let few = known.few(conn, &rest.into_iter().collect::<Vec<_>>())?;
        let found: BTreeSet<Id> = known.names.iter().map(|named| named.product).collect();
        let more = named::by_names(conn, &few)?;
        known.put(more.into_iter().filter(|named| !found.contains(&named.product)).collect());
        Ok(known)
    }

    fn put(&mut self, found: Vec<Named>) {
        for named in found {
            let trade = named.trade_name.as_deref().map(folded);
            let generic = folded(&named.generic_name);
            for name in trade.into_iter().filter(|trade| *trade != generic).chain([generic.clone()]) {
                self.places.entry(name).or_default().push(self.names.len());
            }
            self.names.push(named);
        }
    }

    /// The products that have one of a row's names.
    fn named(&self, asked: &Asked) -> Vec<&Named> {
        let places: BTreeSet<usize> =
            asked.names.iter().filter_map(|name| self.places.get(name)).flatten().copied().collect();
        places.into_iter().filter_map(|place| self.names.get(place)).collect()
    }

    /// The names that few enough products have: of one that thousands have, nobody looks for his among them.
    fn few(&mut self, conn: &mut AnyConn, names: &[String]) -> Result<Vec<String>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut counts: Vec<(i64, String)> =
            named::counts(conn, names)?.into_iter().map(|(name, count)| (count, name)).collect();
        counts.sort_unstable();
        let mut left = LOOKED_AT;
        let mut few = Vec::new();
        for (count, name) in counts {
            if count > left {
                self.too_many.insert(name, count);
                continue;
            }
            left -= count;
            few.push(name);
        }
        Ok(few)
    }

    /// The product of the first code that is known.
    fn coded(&self, asked: &Asked) -> Option<&(CodeInUse, Named)> {
        asked.codes.iter().find_map(|code| self.codes.get(code))
    }

    /// The products that a row may mean.
    fn meant(&self, asked: &Asked) -> Meant {
        if let Some((code, named)) = self.coded(asked) {
            let why = (!asked.agrees(named))
                .then(|| format!("编码 {} 是“{}”，与所填名称不符，请核对", code.code, named.generic_name));
            return Meant { code: Some(code.clone()), why, products: vec![named.clone()], more: 0 };
        }
        let numbered: Vec<&Named> = self.numbers.iter().filter(|named| asked.has_number(named)).collect();
        let (from, unknown) = match numbered.is_empty() {
            false => (numbered, None),
            true => (self.named(asked), asked.codes.first()),
        };
        let (left, mut why) = asked.narrowed(from);
        if let (true, Some(count)) =
            (left.is_empty(), asked.names.iter().find_map(|name| self.too_many.get(name)))
        {
            why = Some(format!("{}有 {count} 个药品，请写明规格后查找选择", quoted(asked)));
        }
        if let Some(code) = unknown {
            why = Some(format!("没有找到编码 {code}，请核对"));
        }
        Meant { code: None, why, products: left.into_iter().cloned().collect(), more: 0 }
    }

    /// Leaves of each row's products the cheapest few.
    fn price(&mut self, conn: &mut AnyConn, meant: &mut [Meant], day: NaiveDate) -> Result<()> {
        let many = meant.iter().filter(|of| of.products.len() > OFFERED).flat_map(|of| &of.products);
        let listings: Vec<Id> = many.filter_map(|named| named.listing).collect();
        if listings.is_empty() {
            return Ok(());
        }
        let prices = listing::store::prices_on(conn, &listings, day)?;
        for of in meant.iter_mut().filter(|of| of.products.len() > OFFERED) {
            let price =
                |named: &Named| named.listing.and_then(|id| prices.get(&id)).map(|price| price.unit_price);
            of.products.sort_by_key(|named| (price(named).is_none(), price(named), named.product));
            of.more = of.products.len().saturating_sub(OFFERED);
            of.products.truncate(OFFERED);
        }
        Ok(())
    }
}

/// The products that a row may mean.
struct Meant {
    /// The code that names the only one.
    code: Option<CodeInUse>,
    /// What speaks against taking it.
    why: Option<String>,
    products: Vec<Named>,
    /// How many more there are.
    more: usize,
}

/// The products with prices, and which can be delivered by somebody.
struct Shown {
    views: BTreeMap<Id, ProductView>,
    delivered: BTreeSet<Id>,
    day: NaiveDate,
}

impl Shown {
    fn read(conn: &mut AnyConn, meant: &[Meant], day: NaiveDate) -> Result<Self> {
        let ids: BTreeSet<Id> = meant.iter().flat_map(|of| &of.products).map(|named| named.product).collect();
        let products = catalogue::store::products(conn, &ids.into_iter().collect::<Vec<_>>())?;
        let products: Vec<catalogue::Product> = products.into_values().collect();
        let views = find::views(conn, &products, day)?;
        let makers: BTreeSet<Id> = views.iter().filter_map(|view| view.maker_id).collect();
        let suppliers = show::suppliers(conn, &makers.into_iter().collect::<Vec<_>>())?;
        let delivered = suppliers.into_keys().collect();
        Ok(Self { views: views.into_iter().map(|view| (view.product_id, view)).collect(), delivered, day })
    }

    /// Why a product cannot be ordered.
    fn closed(&self, view: &ProductView) -> Option<String> {
        let delivered = view.maker_id.is_some_and(|maker| self.delivered.contains(&maker));
        view.closed.clone().or_else(|| (!delivered).then(|| "的供货企业已暂停供货".to_owned()))
    }

    fn settle(&self, row: &Row, asked: &Asked, meant: &Meant) -> Fit {
        let of = meant.products.iter().filter_map(|named| self.views.get(&named.product));
        let (open, closed): (Vec<_>, Vec<_>) = of.cloned().partition(|view| self.closed(view).is_none());
        let mut why: Vec<String> = meant.why.iter().cloned().collect();
        match (open.as_slice(), closed.as_slice()) {
            ([only], _) if meant.more == 0 && why.is_empty() => match self.units(row, meant, only) {
                Ok(fit) => return fit,
                Err(no) => return Fit::Open { why: no, may_be: open },
            },
            ([], []) => why.extend(nothing(asked).filter(|_| why.is_empty())),
            ([], closed) => why.extend(closed.first().map(|view| {
                format!("{}{}，不能订购，请改选其他药品", view.name, self.closed(view).unwrap_or_default())
            })),
            ([_], _) => {}
            (several, _) => {
                why.push(format!("{}有 {} 个药品，请选择", quoted(asked), several.len() + meant.more))
            }
        }
        why.extend(row.counted.as_ref().err().cloned());
        let mut may_be = open;
        may_be.sort_by_key(|view| (view.price_of_unit().or(view.unit_price), view.product_id));
        Fit::Open { why: why.join("；"), may_be }
    }

    /// The one drug with its quantity in priced units, or why nobody can tell how many are meant.
    fn units(&self, row: &Row, meant: &Meant, view: &ProductView) -> Result<Fit, String> {
        let Some(listing) = view.listing_id else { return Err("该药品未挂网".into()) };
        let other = meant.code.as_ref().filter(|code| view.code.as_ref() != Some(&code.code));
        if let Some(code) = other.filter(|code| code.is_stopped(self.day)) {
            let instead =
                code.replaced_by.as_deref().map(|unit| format!("，现编码为 {unit}")).unwrap_or_default();
            return Err(format!("医保编码 {} 已停用（INJ-6.1）{instead}，请核对后选择", code.code));
        }
        let counted = row.counted.as_ref().map_err(Clone::clone)?;
        let quantity = counted_units(counted, view, other)?;
        Ok(Fit::One { listing, code: other.map(|code| code.code.clone()), quantity })
    }
}

/// The quantity in priced units. A pack is never taken for a unit, nor a unit for a pack.
fn counted_units(
    counted: &Counted,
    view: &ProductView,
    pack: Option<&CodeInUse>,
) -> Result<Quantity, String> {
    let (given, unit) = (counted.quantity.get(), view.unit.as_str());
    let factor = pack.map_or(1, |code| code.factor);
    let is_pack =
        factor > 1 && (counted.unit == "盒" || (is_unit(&counted.unit) && counted.unit == pack_word(view)));
    match counted.unit.as_str() {
        "" if factor <= 1 => Ok(counted.quantity),
        said if said == unit => Ok(counted.quantity),
        _ if is_pack => {
            let units = given.saturating_mul(factor);
            let over = format!("{given} 盒即 {units} {unit}，数量不能超过 {MAX_QUANTITY} {unit}");
            Quantity::parse("数量", &units.to_string()).map_err(|_| over)
        }
        "" => {
            let (code, units) = (pack.map_or("", |code| code.code.as_str()), given.saturating_mul(factor));
            Err(format!(
                "{code} 是包装的编码，1 盒 = {factor} {unit}；{given} 盒即 {units} {unit}。请按{unit}填写数量"
            ))
        }
        said => {
            let holds = match said == pack_word(view) && view.pack_qty > 1 {
                true => format!("（{}时为 {} {unit}）", view.pack, given.saturating_mul(view.pack_qty)),
                false => String::new(),
            };
            Err(format!("该药品按{unit}订购，您填的是 {given} {said}{holds}，请按{unit}填写数量"))
        }
    }
}

/// What the pack is: 盒.
fn pack_word(view: &ProductView) -> &str {
    view.pack.rsplit_once('/').map_or("", |(_, word)| word)
}

fn quoted(asked: &Asked) -> String {
    format!("“{}”", asked.shown)
}

fn nothing(asked: &Asked) -> Option<String> {
    Some(match asked.shown.is_empty() {
        true => "没有编码，也没有名称".to_owned(),
        false => format!("没有找到{}，请核对，或查找后选择", quoted(asked)),
    })
}
