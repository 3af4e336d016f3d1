//! A few orders of the days before the visitor came, so that no list is empty: through the same operations as everybody.

use super::people::People;
use crate::catalogue::search::Query;
use crate::listing::find::{ProductFilter, find_filtered};
use crate::listing::model::Mark;
use crate::order::input::{DraftInput, LineInput, SubmitInput, SubmitLine};
use crate::order::{answer, cancel, draft, submit};
use crate::party;
use crate::platform::clock::{self, Clock};
use crate::platform::db::Db;
use crate::platform::error::{Error, Result};
use crate::platform::http::number::Quantity;
use crate::platform::policy::Policies;

/// How far an order goes.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Draft,
    Waiting,
    Confirmed,
    Refused(&'static str),
    Cancelled(&'static str),
}

struct Plan {
    clerk: &'static str,
    search: &'static str,
    mark: Mark,
    quantity: &'static str,
    reason: Option<&'static str>,
    end: End,
}

const fn plan(clerk: &'static str, search: &'static str, quantity: &'static str, end: End) -> Plan {
    Plan { clerk, search, mark: Mark::None, quantity, reason: None, end }
}

const fn marked(
    clerk: &'static str,
    search: &'static str,
    mark: Mark,
    quantity: &'static str,
    reason: Option<&'static str>,
    end: End,
) -> Plan {
    Plan { clerk, search, mark, quantity, reason, end }
}

const PLANS: [Plan; 14] = [
    plan("hospital1a", "甲钴胺", "2000", End::Confirmed),
    plan("hospital1b", "左西孟旦", "120", End::Waiting),
    plan("hospital1a", "阿莫西林", "300", End::Draft),
    marked(
        "hospital2a",
        "美罗培南",
        Mark::Red,
        "400",
        Some("重症监护室在用患者须延续原治疗方案，不宜换药"),
        End::Confirmed,
    ),
    marked("hospital3a", "比阿培南", Mark::Yellow, "260", None, End::Confirmed),
    marked("hospital4a", "头孢替安", Mark::Yellow, "150", None, End::Waiting),
    marked(
        "hospital5a",
        "头孢硫脒",
        Mark::Red,
        "1000",
        Some("替代品种供货企业书面告知近两周无法供货"),
        End::Confirmed,
    ),
    marked(
        "hospital6a",
        "哌拉西林舒巴坦",
        Mark::Red,
        "220",
        Some("药敏结果提示仅对本品敏感，已经感染科会诊"),
        End::Waiting,
    ),
    marked(
        "hospital7a",
        "美罗培南",
        Mark::Red,
        "80",
        Some("急诊抢救用药，其他品种库存不足以支撑当日用量"),
        End::Refused("本月产能不足，八月中旬后方可供货"),
    ),
    plan("hospital8a", "川芎嗪", "5000", End::Confirmed),
    plan("hospital9a", "葛根素", "800", End::Cancelled("录入数量有误，重新下单")),
    plan("hospital10a", "托拉塞米", "640", End::Confirmed),
    plan("hospital11a", "利拉鲁肽", "60", End::Waiting),
    plan("hospital12a", "托烷司琼", "1500", End::Confirmed),
];

/// Places them, one after the other.
pub async fn seed(db: &Db, people: &People, policies: &Policies, clock: &Clock) -> Result<()> {
    for plan in &PLANS {
        place(db, people, policies, clock, plan).await.map_err(|e| match e {
            Error::Refused(refusal) => Error::internal(format!("{} {}: {refusal}", plan.clerk, plan.search)),
            other => other,
        })?;
    }
    Ok(())
}

async fn place(db: &Db, people: &People, policies: &Policies, clock: &Clock, plan: &Plan) -> Result<()> {
    let hospital = people.acting(plan.clerk, clock.now())?;
    let query = Query { text: plan.search.into(), after: None, limit: 10 };
    let filter = ProductFilter { mark: Some(plan.mark), orderable: true, makers: None };
    let found = find_filtered(db, query, filter, clock.now()).await?;
    let Some((product, listing)) = found.items.first().and_then(|p| Some((p, p.listing_id?))) else {
        return Err(Error::internal(format!("nothing found for {}", plan.search)));
    };
    let maker = product.maker_id.ok_or_else(|| Error::internal("a product without an owner"))?;
    let addresses = party::address::list(db, &hospital).await?;
    let address = addresses.iter().find(|a| a.is_default).or(addresses.first());
    let today = db
        .read({
            let now = clock.now();
            move |c| clock::legal_day(c, now)
        })
        .await?;
    let input = DraftInput {
        supplier_id: maker,
        address_id: address.map(|a| a.id).ok_or_else(|| Error::internal("no address"))?,
        wanted_on: today.checked_add_days(chrono::Days::new(7)).unwrap_or(today),
        remark: None,
        lines: vec![LineInput {
            listing_id: Some(listing),
            code: None,
            quantity: Quantity::parse("数量", plan.quantity).map_err(Error::internal)?,
            quantity_unit: None,
            pack_remark: None,
            risk_reason: plan.reason.map(Into::into),
        }],
    };
    let order = draft::create(db, &hospital, None, input).await?.body;
    if plan.end == End::Draft {
        return Ok(());
    }
    let line = SubmitLine {
        line_no: 1,
        unit_price: None,
        risk_acknowledged: plan.reason.is_some(),
        risk_reason: plan.reason.map(Into::into),
    };
    let (id, version) = (order.order.id, order.order.version);
    let submitted =
        submit::submit(db, &hospital, policies, None, id, version, SubmitInput { lines: vec![line] }).await?;
    let (id, version) = (submitted.body.order.id, submitted.body.order.version);
    let supplier = people.clerk_of(maker, clock.now())?;
    match plan.end {
        End::Draft | End::Waiting => {}
        End::Confirmed => drop(answer::confirm(db, &supplier, id, version).await?),
        End::Refused(reason) => drop(answer::refuse(db, &supplier, id, version, reason).await?),
        End::Cancelled(reason) => drop(cancel::cancel(db, &hospital, id, version, reason).await?),
    }
    Ok(())
}
