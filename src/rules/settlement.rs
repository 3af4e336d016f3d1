//! When a delivery is to be paid, as the province's documents say: section 17.1 (SH-A-3, SH-L-4, HN-10, JX-13, HUN-8).

use chrono::NaiveDate;

use super::calendar::{CalendarError, end_of_month_after};
use super::explain::Steps;
use super::policy::{Key, Kind, Policy, PolicyError};
use crate::values;

/// The parameters of the payment clock.
pub const KEYS: &[Key] = &[
    Key { name: "pay.trigger", kind: Kind::Word(Trigger::WORDS) },
    Key { name: "pay.months_after", kind: Kind::Whole { min: 0, max: 24 } },
    Key { name: "pay.binding", kind: Kind::Word(&["must", "in_principle"]) },
];

/// What sets the payment clock going.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// 使用之日: SH-A-3, SH-L-4.
    Use,
    /// 交货验收合格: HN-10, YN-7, JX-13.
    Acceptance,
    /// The contract names the day: HUN-8.
    Contract,
    /// In time (及时回款), without a day: Shaanxi.
    None,
}

impl Trigger {
    const ALL: [(&str, Trigger); 4] = [
        ("use", Trigger::Use),
        ("acceptance", Trigger::Acceptance),
        ("contract", Trigger::Contract),
        ("none", Trigger::None),
    ];
    const WORDS: &'static [&'static str] = &["use", "acceptance", "contract", "none"];

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == word).map(|(_, trigger)| trigger)
    }
}

/// The province's payment clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    pub trigger: Trigger,
    /// Due on the last day of this many months after the trigger's month; 1 is 次月底.
    pub months_after: u32,
    /// 不得超过; otherwise 原则上 (a warning).
    pub must: bool,
    /// The clause that the profile names.
    pub clause: String,
}

impl Clock {
    /// The clock of a profile.
    ///
    /// # Errors
    /// A value that is left to the tender.
    pub fn from_policy(policy: &Policy) -> Result<Self, PolicyError> {
        let undeclared = || PolicyError::Undeclared("pay.trigger".to_owned(), "word");
        Ok(Clock {
            trigger: Trigger::of(policy.word("pay.trigger")?).ok_or_else(undeclared)?,
            months_after: u32::try_from(policy.whole("pay.months_after")?).unwrap_or_default(),
            must: policy.word("pay.binding")? == "must",
            clause: policy.first_clause("pay.trigger").to_owned(),
        })
    }
}

/// What is known of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Accepted as in order.
    pub accepted_on: Option<NaiveDate>,
    /// Used on a patient.
    pub used_on: Option<NaiveDate>,
    /// The day that the contract names.
    pub contract_due: Option<NaiveDate>,
    /// The insurance pays the enterprise itself (直接结算): HN-10 pilots, JX-13 clinics, HUN-8.
    pub insurance_pays: bool,
}

/// When the buyer must have paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The last day in time; `None`: no day is set for the buyer.
    pub on: Option<NaiveDate>,
    /// The day of use was missing and the acceptance, which is stricter, stands for it: to be marked.
    pub by_acceptance: bool,
    pub must: bool,
}

/// The last day on which a payment is in time. SH-A-3, SH-L-4, HN-10, JX-13, HUN-8.
///
/// Open: where the day of use is not known, the acceptance stands for it (stricter) and is marked.
///
/// # Errors
/// A day beyond the calendar.
pub fn payment_due(of: &Delivery, clock: &Clock, steps: &mut Steps) -> Result<Due, CalendarError> {
    let clause = clock.clause.clone();
    let none = |must| Due { on: None, by_acceptance: false, must };
    if of.insurance_pays {
        steps.add(clause, || ("由医保基金与企业直接结算，医疗机构没有付款期限".to_owned(), values! {}));
        return Ok(none(false));
    }
    let (from, event, by_acceptance) = match clock.trigger {
        Trigger::None => {
            steps.add(clause, || ("文件要求及时回款，没有规定日期".to_owned(), values! {}));
            return Ok(none(false));
        }
        Trigger::Contract => {
            let due = of.contract_due.map(|due| due.to_string()).unwrap_or_else(|| "合同未写明".to_owned());
            steps.add(clause, || (format!("按购销合同约定结算：{due}"), values! { "due" => due }));
            return Ok(Due { on: of.contract_due, by_acceptance: false, must: clock.must });
        }
        Trigger::Acceptance => (of.accepted_on, "验收合格", false),
        Trigger::Use if of.used_on.is_none() => (of.accepted_on, "验收（没有使用记录，从严）", true),
        Trigger::Use => (of.used_on, "使用", false),
    };
    let Some(from) = from else { return Ok(none(clock.must)) };
    let due = end_of_month_after(from, clock.months_after)?;
    steps.add(clause, || {
        let after = if clock.months_after == 1 {
            "次月".into()
        } else {
            format!("之后第 {} 个月", clock.months_after)
        };
        let force = if clock.must { "不得超过" } else { "原则上不超过" };
        let text = format!("{from} {event}，{after}的最后一天为 {due}，{force}这一天结清");
        (text, values! { "from" => from, "due" => due })
    });
    Ok(Due { on: Some(due), by_acceptance, must: clock.must })
}
