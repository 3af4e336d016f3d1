//! Rows of this office.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::audit::Audited;
use crate::platform::schema::{listing, listing_price, pack_listing};
use crate::platform::sql::{Id, Money, Time};
use crate::rules::injection;
use crate::rules::money::Dec;
use crate::{text_enum, versioned};

text_enum! {
    /// How far a listing is.
    pub enum ListingState {
        /// May be bought.
        Listed = "listed",
        /// Not for the time being.
        Suspended = "suspended",
        /// Ended: no trade for two years, or a penalty price refused.
        Cancelled = "cancelled",
        /// Ended: got by fraud.
        Revoked = "revoked",
    }
}

text_enum! {
    /// Where a price comes from (INJ-2.3).
    pub enum PriceSource {
        /// 一般挂网.
        General = "general" | "一般挂网",
        /// 集中带量采购: the agreed price prevails during its term.
        Vbp = "vbp" | "集中带量采购",
        /// 医保目录谈判: the same.
        Negotiated = "negotiated" | "医保目录谈判",
    }
}

text_enum! {
    /// The risk mark (INJ-4.1).
    pub enum Mark {
        /// 无标识.
        None = "none" | "无标识",
        /// 黄标.
        Yellow = "yellow" | "黄标",
        /// 红标.
        Red = "red" | "红标",
    }
}

impl From<injection::Mark> for Mark {
    fn from(mark: injection::Mark) -> Self {
        match mark {
            injection::Mark::None => Self::None,
            injection::Mark::Yellow => Self::Yellow,
            injection::Mark::Red => Self::Red,
        }
    }
}

impl From<Mark> for injection::Mark {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::None => Self::None,
            Mark::Yellow => Self::Yellow,
            Mark::Red => Self::Red,
        }
    }
}

text_enum! {
    /// Why a price came about.
    pub enum PriceReason {
        /// Converted from packs at the switch (INJ-1.2).
        Conversion = "conversion" | "按最小制剂单位换算",
        /// Listed for the first time.
        FirstListing = "first_listing" | "首次挂网",
        /// The enterprise lowered it by itself (INJ-4.2).
        VoluntaryCut = "voluntary_cut" | "企业主动下调",
        /// Raised with the agency's consent.
        Rise = "rise" | "经同意上调",
        /// The agreement ended, and the general rule holds again (INJ-2.3).
        AgreementEnd = "agreement_end" | "协议期满，按一般规则",
        /// Converted again with the right number of units (INJ-6.2).
        Correction = "correction" | "更正换算数量",
    }
}

impl PriceReason {
    /// True where the price is what the packs convert to.
    pub fn is_conversion(self) -> bool {
        matches!(self, Self::Conversion | Self::Correction)
    }
}

text_enum! {
    /// In whose name a price was raised before the switch (INJ-5.1).
    pub enum RiseReason {
        /// 短缺药品保供.
        Shortage = "shortage_supply" | "短缺保供",
        /// 撤换包装规格.
        PackReplaced = "pack_replaced" | "撤换包装",
        /// 仿制药过评.
        Evaluated = "eval_passed" | "过评",
    }
}

/// A product that may be bought.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = listing, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Listing {
    /// Key.
    pub id: Id,
    /// The product; it has one listing.
    pub product_id: Id,
    /// The code under which it is bought: the unit's own for an injection (INJ-6.1).
    pub code: String,
    /// How far it is.
    pub state: ListingState,
    /// Where its price comes from.
    pub price_source: PriceSource,
    /// When it was made.
    pub created_at: Time,
    /// For the optimistic lock; also counts its prices.
    pub version: i64,
    /// The last day of the agreement that fixes its price; none for a general price (INJ-2.3).
    pub agreement_until: Option<NaiveDate>,
}

versioned!(Listing, "挂网药品");

/// A price from its first day on, and how it came about. Never changed once its day has come.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = listing_price, treat_none_as_default_value = false)]
pub struct ListingPrice {
    /// Key.
    pub id: Id,
    /// Whose price.
    pub listing_id: Id,
    /// First legal day.
    pub from_day: NaiveDate,
    /// Yuan a priced unit.
    pub unit_price: Money,
    /// The mark.
    pub mark: Mark,
    /// The lowest conversion result at the switch, frozen (INJ-4.1); none where there was only one.
    pub low: Option<Money>,
    /// Price by low, 4 decimals, for display.
    pub ratio: Option<String>,
    /// Why it came about.
    pub reason: PriceReason,
    /// [`super::explanation::Explanation`] as JSON.
    pub explanation: String,
    /// The rules it was made under.
    pub policy_digest: String,
    /// When it was made.
    pub created_at: Time,
}

impl ListingPrice {
    /// Whether somebody decided on it, so that somebody can take it back; what follows an agreement nobody did.
    pub fn is_decided(&self) -> bool {
        self.reason != PriceReason::AgreementEnd
    }
}

/// What is asked of a price on one legal day.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = listing_price)]
pub struct DayPrice {
    /// Whose price.
    pub listing_id: Id,
    /// First legal day.
    pub from_day: NaiveDate,
    /// Yuan a priced unit.
    pub unit_price: Money,
    /// The mark.
    pub mark: Mark,
    /// The lowest conversion result at the switch (INJ-4.1).
    pub low: Option<Money>,
    /// Price by low, 4 decimals, for display.
    pub ratio: Option<String>,
}

/// What was listed by the pack before the switch (INJ-1.2), superseded since.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = pack_listing)]
pub struct PackListing {
    /// Key.
    pub id: Id,
    /// The unit's listing that took its place.
    pub listing_id: Id,
    /// Its place, from 1.
    pub line_no: i32,
    /// Its old code.
    pub code: String,
    /// Units in it.
    pub pack_qty: i64,
    /// What it was: 盒.
    pub pack_unit: String,
    /// Its price.
    pub pack_price: Money,
    /// Where that price came from: `normal`, `rectification`, `risk_disposal`, `before_evaluation`, `after_evaluation`.
    pub basis: String,
    /// What it converts to, yuan a unit (INJ-2.1).
    pub unit_price: Money,
    /// `exact`, `up` or `truncate` (INJ-2.1).
    pub branch: String,
    /// The first day on which it was no longer listed.
    pub superseded_on: NaiveDate,
    /// Since when it had its price.
    pub since_day: Option<NaiveDate>,
    /// In whose name the price had been raised before (INJ-5.1).
    pub rise_reason: Option<RiseReason>,
}

/// A listing with all that belongs to it, as the audit records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListingRecord {
    /// The listing.
    #[serde(flatten)]
    pub listing: Listing,
    /// Its prices by their first day.
    pub prices: Vec<ListingPrice>,
    /// Its packs until the switch.
    pub packs: Vec<PackListing>,
}

impl Audited for ListingRecord {
    const TYPE: &'static str = "listing";
    fn id(&self) -> Id {
        self.listing.id
    }
}

impl ListingRecord {
    /// Whether an agreement fixes the price on `day`; the last day counts (INJ-2.3).
    pub fn is_agreed(&self, day: NaiveDate) -> bool {
        let Listing { price_source, agreement_until, .. } = self.listing;
        price_source != PriceSource::General && agreement_until.is_none_or(|until| day <= until)
    }

    /// The price in force on `day`.
    pub fn price_at(&self, day: NaiveDate) -> Option<&ListingPrice> {
        price_at(&self.prices, day)
    }
}

/// The price in force on `day`: the latest whose first day is not after it.
pub fn price_at(prices: &[ListingPrice], day: NaiveDate) -> Option<&ListingPrice> {
    crate::rules::order::in_force(prices, |price| price.from_day, day)
}

/// Money as the law's decimal.
pub fn dec(money: Money) -> Dec {
    Dec::new(money.0, Money::SCALE)
}

/// The law's decimal as money; none beyond six decimals or out of range.
pub fn money(dec: &Dec) -> Option<Money> {
    dec.to_scaled(Money::SCALE).map(Money)
}

/// Whole fen of a price; none for a price with parts of a fen.
pub fn fen(money: Money) -> Option<injection::Fen> {
    (money.0 % 10_000 == 0).then(|| u64::try_from(money.0 / 10_000).ok().map(injection::Fen)).flatten()
}
