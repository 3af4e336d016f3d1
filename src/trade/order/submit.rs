//! A hospital submits its draft at the prices of the legal day, which it has seen.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::input::{SubmitInput, SubmitLine};
use super::model::{OrderLine, OrderRecord, OrderState, PurchaseOrder};
use super::pricing::{self, Found, Wanted};
use super::risk::{self, RiskCode};
use super::show::{self, Acted, OrderView};
use super::{draft, letters, limits, store};
use crate::listing::Mark;
use crate::platform::calendar;
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Refusal, Result};
use crate::platform::feed;
use crate::platform::idempotency::{self, Answer, Key, Made, Once};
use crate::platform::input::Checks;
use crate::platform::policy::Policies;
use crate::platform::schema::purchase_order;
use crate::platform::sql::{AnyConn, Id, Money, Time};
use crate::platform::who::Principal;
use crate::rules::order as law;
use crate::save;

/// How an attempt ended that changed something.
enum Outcome {
    Submitted(Box<Acted>),
    /// The draft holds the new prices now; the hospital looks again.
    PriceChanged(Refusal),
}

/// Submits a draft.
///
/// # Errors
/// 404; 409 `WRONG_STATE`, `STALE_VERSION`; 409 `PRICE_CHANGED` with both prices, the draft holding the new ones; 422
/// `RISK_ACK_REQUIRED` for red lines without acknowledgement and reason (INJ-4.3), `CODE_STOPPED` (INJ-6.1), or the members
/// that are wrong.
pub async fn submit(
    db: &Db,
    principal: &Principal,
    policies: &Policies,
    key: Option<Key>,
    id: Id,
    version: i64,
    input: SubmitInput,
) -> Result<Answer<OrderView>> {
    show::buyer(principal)?;
    let (who, policies) = (principal.clone(), policies.clone());
    let actor = principal.actor();
    let ended = db.write(&actor, move |tx| {
        let made = Made { id, version: version.saturating_add(1) };
        idempotency::once(tx, key.as_ref(), (200, made), |tx| {
            let ended = attempt(tx, &who, &policies, id, version, &input)?;
            if let (Outcome::PriceChanged(_), Some(key)) = (&ended, &key) {
                idempotency::release(tx, key)?;
            }
            Ok(ended)
        })
    });
    match ended.await? {
        Once::Now(Outcome::Submitted(acted)) => {
            Ok(Answer { status: 200, body: acted.view(db, principal).await?, repeated: false })
        }
        Once::Now(Outcome::PriceChanged(refusal)) => Err(refusal.into()),
        Once::Before(Answer { status, body, repeated }) => {
            Ok(Answer { status, body: show::again(db, principal, body.id).await?, repeated })
        }
    }
}

fn attempt(
    tx: &mut Tx,
    who: &Principal,
    policies: &Policies,
    id: Id,
    version: i64,
    input: &SubmitInput,
) -> Result<Outcome> {
    let before = store::to_change(tx.conn, &show::buyer(who)?, id, version, OrderState::Draft)?;
    let now = tx.legal_now()?;
    let mut checks = Checks::default();
    draft::check_wanted(&mut checks, before.order.wanted_on, now.day());
    let said = by_line(&mut checks, &before, input);
    checks.finish()?;
    let (current, supplier) = reprice(tx.conn, &before, now.day())?;
    let changes = changes(&before, &current, &said);
    if !changes.is_empty() {
        let draft_is_old = current.lines != before.lines;
        let refusal = price_changed(tx, &before, current, changes)?;
        // Where nothing is kept it is a refusal like any other, and the key stays free.
        return if draft_is_old { Ok(Outcome::PriceChanged(refusal)) } else { Err(refusal.into()) };
    }
    let mut after = current;
    acknowledge(tx.conn, &mut after, &said, who, now)?;
    let policy = policies.in_force(now.day())?;
    let respond_by = Time::from_utc(law::respond_by(now.0.and_utc(), &policy)?);
    let deliver_by = law::deliver_by(now.day(), &calendar::current(tx.conn)?, &policy)?;
    after.order.submit(who.user, now, respond_by, deliver_by);
    save!(tx, purchase_order, &before.order, &mut after.order)?;
    if after.lines != before.lines {
        store::replace_lines(tx.conn, &after)?;
    }
    tx.record("order.submit", Some(&before), Some(&after), None)?;
    tell(tx, who, &after.order)?;
    Ok(Outcome::Submitted(Box::new(Acted { record: after, now, supplier: Some(supplier) })))
}

fn tell(tx: &mut Tx, who: &Principal, order: &PurchaseOrder) -> Result<()> {
    letters::submitted(tx, order, &who.organisation_name)?;
    let body =
        json!({"order_id": order.id, "number": order.number, "state": order.state, "total": order.total});
    feed::emit(
        tx,
        "order.submitted",
        "purchase_order",
        order.id,
        &[order.hospital_id, order.supplier_id],
        &body,
    )
}

/// What was on the screen, by line number.
fn by_line<'a>(
    checks: &mut Checks,
    draft: &OrderRecord,
    input: &'a SubmitInput,
) -> BTreeMap<i32, &'a SubmitLine> {
    let there: BTreeSet<i32> = draft.lines.iter().map(|line| line.line_no).collect();
    let mut said = BTreeMap::new();
    for (n, line) in input.lines.iter().enumerate() {
        let pointer = format!("/lines/{n}/line_no");
        if !there.contains(&line.line_no) {
            checks.wrong(pointer, format!("订单没有第 {} 行，请刷新后重试", line.line_no));
        } else if said.insert(line.line_no, line).is_some() {
            checks.wrong(pointer, format!("第 {} 行填写了两次", line.line_no));
        }
    }
    said
}

/// The draft at the prices, marks and codes of the day; supplier and codes are checked again. Returns the supplier's name too.
fn reprice(conn: &mut AnyConn, draft: &OrderRecord, day: NaiveDate) -> Result<(OrderRecord, String)> {
    let wanted: Vec<Wanted<'_>> = draft
        .lines
        .iter()
        .map(|line| Wanted { listing: Some(line.listing_id), code: line.given_code.as_deref() })
        .collect();
    let found = Found::read(conn, draft.order.supplier_id, &wanted, day)?;
    let (priced, supplier) = found.check(&wanted)?;
    let mut checks = Checks::default();
    let mut record = draft.clone();
    for (at, (line, now)) in record.lines.iter_mut().zip(priced).enumerate() {
        line.code.clone_from(&now.goods.listed_as);
        line.unit_price = now.price.unit_price;
        line.mark = now.price.mark;
        line.low = now.price.low;
        line.ratio.clone_from(&now.price.ratio);
        line.amount = limits::amount(&mut checks, at, line.unit_price, line.quantity);
    }
    checks.finish()?;
    pricing::sum_up(&mut record)?;
    Ok((record, supplier.name.clone()))
}

/// A line whose price is another than the clerk saw.
struct Change {
    line_no: i32,
    listing_id: Id,
    name: String,
    shown: Money,
    current: Money,
    mark: Mark,
}

fn changes(draft: &OrderRecord, current: &OrderRecord, said: &BTreeMap<i32, &SubmitLine>) -> Vec<Change> {
    let pairs = draft.lines.iter().zip(&current.lines);
    let changed = pairs.filter_map(|(old, new)| {
        let told = said.get(&old.line_no).and_then(|s| s.unit_price);
        let shown = told.map_or(old.unit_price, |p| p.get());
        let other_mark = told.is_none() && old.mark != new.mark;
        (shown != new.unit_price || other_mark).then(|| Change {
            line_no: new.line_no,
            listing_id: new.listing_id,
            name: new.product_label.clone(),
            shown,
            current: new.unit_price,
            mark: new.mark,
        })
    });
    changed.collect()
}

/// Keeps the new prices in the draft, for another try.
fn price_changed(
    tx: &mut Tx,
    before: &OrderRecord,
    mut after: OrderRecord,
    changes: Vec<Change>,
) -> Result<Refusal> {
    if after.lines != before.lines {
        save!(tx, purchase_order, &before.order, &mut after.order)?;
        store::replace_lines(tx.conn, &after)?;
        tx.record("order.reprice", Some(before), Some(&after), None)?;
    }
    let told: Vec<String> =
        changes.iter().map(|c| format!("{}原为 {} 元，现为 {} 元", c.name, c.shown, c.current)).collect();
    let detail =
        format!("提交前价格或标识有变化：{}。草稿已按今日价格更新，请核对后再次提交。", told.join("；"));
    let lines: Vec<Value> = changes
        .iter()
        .map(|c| {
            json!({"line_no": c.line_no, "listing_id": c.listing_id, "name": c.name, "shown_price": c.shown,
                "current_price": c.current, "mark": c.mark})
        })
        .collect();
    let (version, total) = (after.order.version, after.order.total.to_string());
    Ok(Refusal::new(409, "PRICE_CHANGED", detail)
        .with("lines", lines)
        .with("version", version)
        .with("total", total))
}

/// Red lines keep who took note of the warning, when, and why it is bought all the same (INJ-4.3).
fn acknowledge(
    conn: &mut AnyConn,
    order: &mut OrderRecord,
    said: &BTreeMap<i32, &SubmitLine>,
    who: &Principal,
    now: Time,
) -> Result<()> {
    let mut open = Vec::new();
    let mut checks = Checks::default();
    for (at, line) in order.lines.iter_mut().enumerate() {
        if law::asks(line.mark.into()) != law::Asks::Warning {
            line.risk_reason = None;
            continue;
        }
        let before = checks.count();
        let reason = reason(&mut checks, at, line, said.get(&line.line_no).copied());
        if checks.count() > before {
            open.push(line.clone());
        }
        line.risk_reason = Some(reason);
        line.risk_acknowledged_by = Some(who.user);
        line.risk_acknowledged_at = Some(now);
    }
    if open.is_empty() {
        return Ok(());
    }
    Err(acknowledgement_required(conn, &open, order.order.supplier_id, now.day(), checks)?.into())
}

/// The reason for a red line, with what is missing (INJ-4.3).
fn reason(checks: &mut Checks, at: usize, line: &OrderLine, said: Option<&SubmitLine>) -> String {
    let given =
        said.and_then(|a| a.risk_reason.as_deref()).or(line.risk_reason.as_deref()).unwrap_or_default();
    let label = format!("{}的采购理由", line.product_label);
    if !said.is_some_and(|a| a.risk_acknowledged) {
        let detail = format!("请确认已知悉{}的采购风险", line.product_label);
        checks.wrong(format!("/lines/{at}/risk_acknowledged"), detail);
    }
    checks.prose(&format!("/lines/{at}/risk_reason"), &label, given, law::REASON)
}

/// Whether every red line has its acknowledgement and reason, before anything is kept (INJ-4.3).
///
/// # Errors
/// 422 with what is missing.
pub fn check_acknowledged(lines: &[OrderLine], input: &SubmitInput) -> Result<()> {
    let mut checks = Checks::default();
    // Of a line that is said twice the first counts.
    let said: BTreeMap<i32, &SubmitLine> = input.lines.iter().rev().map(|s| (s.line_no, s)).collect();
    for (at, line) in lines.iter().enumerate() {
        if law::asks(line.mark.into()) == law::Asks::Warning {
            reason(&mut checks, at, line, said.get(&line.line_no).copied());
        }
    }
    checks.finish()
}

fn acknowledgement_required(
    conn: &mut AnyConn,
    open: &[OrderLine],
    supplier: Id,
    day: NaiveDate,
    checks: Checks,
) -> Result<Refusal> {
    let mut risks = risk::risks(conn, open, supplier, day)?;
    risks.retain(|risk| risk.code == RiskCode::Warning);
    let names: Vec<&str> = open.iter().map(|l| l.product_label.as_str()).collect();
    let detail = format!(
        "{}为红标药品，应优先采购低风险药品。确需采购的，请确认已知悉风险并填写 {} 至 {} 字的理由。",
        names.join("、"),
        law::REASON.start(),
        law::REASON.end()
    );
    let mut refusal = Refusal::new(422, "RISK_ACK_REQUIRED", detail).clause("INJ-4.3");
    refusal.errors = checks.into_errors();
    if let Some(first) = risks.first() {
        refusal = refusal
            .with("mark", first.mark.as_str())
            .with("unit_price", first.unit_price.to_string())
            .with("low", first.lowest_unit_price.map(|price| price.to_string()))
            .with("ratio", first.ratio.clone())
            .with("alternatives", show::json(&first.alternatives)?);
    }
    Ok(refusal.with("lines", show::json(&risks)?))
}
