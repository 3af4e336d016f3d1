//! The demo's products, from `config/demo/products.csv`: real generic names and code stems, invented enterprises and prices,
//! one row a product and at least one for every branch of INJ-2.1 … INJ-4.2.

use serde::Deserialize;

use crate::platform::error::{Error, Result};

const FILE: &str = include_str!("../../../config/demo/products.csv");

/// One row of the file.
#[derive(Debug, Clone, Deserialize)]
pub struct ProductRow {
    /// Which branch the row shows; empty for the ordinary ones.
    pub case: String,
    /// Leading twelve characters of the medical-insurance code: class, generic name, kind of dosage form.
    pub stem: String,
    /// 通用名.
    pub generic_name: String,
    /// `injection` or `other`.
    pub dosage_class: String,
    /// 剂型.
    pub dosage_form: String,
    /// 含量.
    pub strength: String,
    /// 装量; empty for dry powders and solid forms.
    pub fill_volume: String,
    /// Smallest preparation unit.
    pub unit: String,
    /// What a pack is called.
    pub pack_unit: String,
    /// Number of the manufacturer, from 1.
    pub manufacturer: usize,
    /// 商品名; empty where there is none.
    pub trade_name: String,
    /// `originator`, `evaluated` or `generic`.
    pub quality_level: String,
    /// `QTY:PRICE:BASIS`, joined by `|`.
    pub packs: String,
    /// Monitored prices of other evaluated products, yuan a unit, joined by `|`.
    pub evaluated: String,
    /// Monitored prices of the originator, likewise.
    pub originator: String,
    /// `y` where the agency accepts the high value.
    pub accept_high: String,
    /// `general`, `vbp` or `negotiated`.
    pub price_source: String,
    /// Unit price that the agreement fixes.
    pub agreed_price: String,
    /// Last day of the agreement.
    pub agreed_until: String,
    /// Unit price after a voluntary cut.
    pub cut_to: String,
}

/// A pack of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// Units in it.
    pub qty: u32,
    /// Its old price in yuan.
    pub price: String,
    /// Where the price came from, in the words of `jicai rule injection-listing`.
    pub basis: String,
}

/// Every row, in the order of the file.
pub fn rows() -> Result<Vec<ProductRow>> {
    csv::Reader::from_reader(FILE.as_bytes()).deserialize().collect::<Result<_, _>>().map_err(Error::internal)
}

impl ProductRow {
    /// The packs that were listed before the switch.
    pub fn packs(&self) -> Result<Vec<Pack>> {
        self.packs
            .split('|')
            .map(|pack| {
                let mut parts = pack.splitn(3, ':');
                let (Some(qty), Some(price), Some(basis)) = (parts.next(), parts.next(), parts.next()) else {
                    return Err(Error::internal(format!("pack {pack:?} of {}", self.generic_name)));
                };
                let qty = qty.parse().map_err(Error::internal)?;
                Ok(Pack { qty, price: price.into(), basis: basis.into() })
            })
            .collect()
    }

    /// The 14-digit standard code (药品本位码) of product number `n`; the last digit is its check digit.
    pub fn standard_code(&self, n: usize) -> String {
        let body = format!("869{:05}{:05}", self.enterprise_digits(), n);
        let sum: u32 = body
            .chars()
            .rev()
            .zip(2..)
            .map(|(c, place)| c.to_digit(10).unwrap_or(0) * if place % 2 == 0 { 3 } else { 1 })
            .sum();
        format!("{body}{}", (10 - sum % 10) % 10)
    }

    /// The 23-character code of a pack: stem, dosage form, specification and pack, enterprise.
    pub fn code(&self, spec: usize, pack: usize) -> String {
        format!("{}{:02}{spec:02}{pack:02}{:05}", self.stem, 1, self.enterprise_digits())
    }

    /// Invented enterprise digits, far above those in use.
    fn enterprise_digits(&self) -> usize {
        90_000 + self.manufacturer
    }
}
