//! Rows of this office.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::listing::Mark;
use crate::platform::audit::Audited;
use crate::platform::calendar::PROVISIONAL;
use crate::platform::schema::{order_line, purchase_order};
use crate::platform::sql::{Id, Money, Time};
use crate::rules::calendar::Due;
use crate::rules::order::answered_in_time;
use crate::{text_enum, versioned};

text_enum! {
    /// How far an order is.
    pub enum OrderState {
        /// Only the hospital sees it.
        Draft = "draft" | "草稿" [Plain],
        /// Waits for the supplier's answer.
        Submitted = "submitted" | "待确认" [Waiting],
        /// The supplier will deliver.
        Confirmed = "confirmed" | "已确认" [Done],
        /// The supplier will not.
        Refused = "refused" | "已拒绝" [Wrong],
        /// The hospital took it back before the answer.
        Cancelled = "cancelled" | "已撤销" [Plain],
    }
}

impl OrderState {
    /// Whether something is bought by it: sums leave out drafts, and what was refused or taken back.
    pub fn stands(self) -> bool {
        matches!(self, Self::Submitted | Self::Confirmed)
    }
}

/// An order. All its times are the procedure's (legal) times.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = purchase_order, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct PurchaseOrder {
    /// Key.
    pub id: Id,
    /// Number that can be said on the phone: `240805-7K3QWX-4`.
    pub number: String,
    /// Who orders.
    pub hospital_id: Id,
    /// Who delivers: the enterprise or a distributor it named.
    pub supplier_id: Id,
    /// How far it is.
    pub state: OrderState,
    /// The address that was chosen; what counts is copied below.
    pub address_id: Id,
    /// Who takes the goods.
    pub recipient: String,
    /// How the recipient is reached.
    pub phone: String,
    /// Where to.
    pub address: String,
    /// When the goods are wanted.
    pub wanted_on: NaiveDate,
    /// A remark to the supplier.
    pub remark: Option<String>,
    /// First product and how many more.
    pub summary: String,
    /// How many lines.
    pub line_count: i32,
    /// The gravest mark among the lines.
    pub mark: Mark,
    /// Sum of the lines, yuan.
    pub total: Money,
    /// The day whose prices count; none for a draft.
    pub legal_day: Option<NaiveDate>,
    /// When it was submitted.
    pub submitted_at: Option<Time>,
    /// By whom.
    pub submitted_by: Option<Id>,
    /// Until when the supplier answers; the instant itself is late.
    pub respond_by: Option<Time>,
    /// When the platform has to look at it next.
    pub next_check: Option<Time>,
    /// When both sides were told that there was no answer.
    pub reminded_at: Option<Time>,
    /// When the supplier answered.
    pub answered_at: Option<Time>,
    /// Who answered.
    pub answered_by: Option<Id>,
    /// Why the supplier refused.
    pub refusal_reason: Option<String>,
    /// When the hospital took it back.
    pub cancelled_at: Option<Time>,
    /// Who took it back.
    pub cancelled_by: Option<Id>,
    /// Why.
    pub cancel_reason: Option<String>,
    /// Who made the draft.
    pub created_by: Id,
    /// When.
    pub created_at: Time,
    /// For the optimistic lock.
    pub version: i64,
    /// The last day of delivery by the working days of the province (JX-12); none for a draft.
    // Left out where there is none: orders of before were recorded without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliver_by: Option<NaiveDate>,
    /// True while that day rests on a year whose holidays are not arranged yet; it is counted again then. Left out otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub deliver_by_provisional: bool,
}

versioned!(PurchaseOrder, "订单");

impl PurchaseOrder {
    /// The hospital orders at the prices of the day; the supplier answers before `respond_by` and delivers until `deliver_by`.
    pub fn submit(&mut self, by: Id, at: Time, respond_by: Time, deliver_by: Due) {
        self.state = OrderState::Submitted;
        self.legal_day = Some(at.day());
        (self.submitted_by, self.submitted_at) = (Some(by), Some(at));
        (self.respond_by, self.next_check) = (Some(respond_by), Some(respond_by));
        self.count_delivery(deliver_by);
    }

    /// The last day of delivery as it is known now.
    pub fn count_delivery(&mut self, due: Due) {
        (self.deliver_by, self.deliver_by_provisional) = (Some(due.day), due.provisional);
    }

    /// That day in words, while somebody has to deliver.
    pub fn delivery(&self) -> Option<String> {
        let open = matches!(self.state, OrderState::Submitted | OrderState::Confirmed);
        let day = self.deliver_by.filter(|_| open)?;
        Some(if self.deliver_by_provisional { format!("{day}（{PROVISIONAL}）") } else { day.to_string() })
    }

    /// The supplier will deliver.
    pub fn confirm(&mut self, by: Id, at: Time) {
        self.state = OrderState::Confirmed;
        self.answer(by, at);
    }

    /// The supplier will not, and why.
    pub fn refuse(&mut self, by: Id, at: Time, why: String) {
        self.state = OrderState::Refused;
        self.refusal_reason = Some(why);
        self.answer(by, at);
    }

    fn answer(&mut self, by: Id, at: Time) {
        (self.answered_by, self.answered_at) = (Some(by), Some(at));
        self.next_check = None;
    }

    /// The hospital takes it back, and why if it says so.
    pub fn cancel(&mut self, by: Id, at: Time, why: Option<String>) {
        self.state = OrderState::Cancelled;
        (self.cancelled_by, self.cancelled_at) = (Some(by), Some(at));
        self.cancel_reason = why;
        self.next_check = None;
    }

    /// Both sides are told that there was no answer.
    pub fn remind(&mut self, at: Time) {
        self.reminded_at = Some(at);
    }

    /// Whether the supplier's answer, or its silence at `now`, is late. A pure function of the row and the clock.
    pub fn is_overdue(&self, now: Time) -> bool {
        let waiting = matches!(self.state, OrderState::Submitted);
        let at = self.answered_at.or(waiting.then_some(now));
        match (self.respond_by, at) {
            (Some(by), Some(at)) => !answered_in_time(by.0.and_utc(), at.0.and_utc()),
            _ => false,
        }
    }
}

/// A line of an order. What was shown to the clerk is copied, so that a later change of the product touches no order.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = order_line, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct OrderLine {
    /// Key.
    pub id: Id,
    /// The order.
    pub order_id: Id,
    /// Its place, from 1.
    pub line_no: i32,
    /// What is bought.
    pub listing_id: Id,
    /// Its product.
    pub product_id: Id,
    /// The code under which it is bought.
    pub code: String,
    /// The old code that the hospital gave, where it is another (INJ-6.1).
    pub given_code: Option<String>,
    /// Units in one pack of that code, where it is a pack's. Earlier entries of the audit do not know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_factor: Option<i64>,
    /// The product's name.
    pub product_label: String,
    /// Content, volume, form.
    pub spec: String,
    /// Its enterprise.
    pub maker: String,
    /// The priced unit.
    pub unit: String,
    /// Whole units (INJ-1.3).
    pub quantity: i64,
    /// Yuan a unit: of the day when a draft was saved, of the legal day of submission afterwards.
    pub unit_price: Money,
    /// Price × units, exact (INJ-1.3).
    pub amount: Money,
    /// The mark shown.
    pub mark: Mark,
    /// The lowest conversion result shown with it.
    pub low: Option<Money>,
    /// Price by low, 4 decimals.
    pub ratio: Option<String>,
    /// A wish about packages; changes no price (INJ-1.3).
    pub pack_remark: Option<String>,
    /// Why a red product is bought all the same (INJ-4.3).
    pub risk_reason: Option<String>,
    /// Who took note of the warning.
    pub risk_acknowledged_by: Option<Id>,
    /// When.
    pub risk_acknowledged_at: Option<Time>,
}

impl OrderLine {
    /// The old code that was given, and what the quantity comes to in its packs: both sides read which was meant.
    pub fn given(&self) -> Option<String> {
        let code = self.given_code.as_deref()?;
        let Some(factor) = self.given_factor.filter(|factor| *factor > 1) else {
            return Some(format!("原编码 {code}"));
        };
        Some(given(code, factor, self.quantity, &self.unit))
    }
}

/// The code of a pack, and what so many units come to in such packs.
pub fn given(code: &str, factor: i64, quantity: i64, unit: &str) -> String {
    let packs = match (quantity / factor.max(1), quantity % factor.max(1)) {
        (0, _) => "，不足 1 盒".to_owned(),
        (packs, 0) => format!(" = {packs} 盒"),
        (packs, rest) => format!(" = {packs} 盒又 {rest} {unit}"),
    };
    format!("原编码 {code}（1 盒 = {factor} {unit}）：{quantity} {unit}{packs}")
}

/// An order with its lines, as the audit records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderRecord {
    /// The order.
    #[serde(flatten)]
    pub order: PurchaseOrder,
    /// Its lines in their order.
    pub lines: Vec<OrderLine>,
}

impl Audited for OrderRecord {
    const TYPE: &'static str = "purchase_order";
    fn id(&self) -> Id {
        self.order.id
    }
}
