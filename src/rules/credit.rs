//! Credit points and their repair (阳光采购信用记分修复, JS-CR-1…12).

mod keys;

use std::collections::HashMap;

use chrono::NaiveDate;

use super::explain::Steps;
use super::money::{Dec, Round};
use crate::values;
pub use keys::KEYS;

/// Points that an enterprise was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub id: String,
    /// Code of the negative behaviour; those that JS-CR does not list cannot be repaired (JS-CR-11).
    pub behaviour: String,
    /// Positive, at most one decimal.
    pub points: Dec,
    /// Day on which the enterprise was told (记分告知).
    pub notified_on: NaiveDate,
    /// Day on which the points were published; `None`: not yet.
    pub published_on: Option<NaiveDate>,
    /// Day on which the next period's points are published.
    pub next_publication_on: NaiveDate,
}

/// An application for repair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// Id of the event.
    pub event: String,
    pub applied_on: NaiveDate,
    pub conditions: Conditions,
}

/// What the application shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// The behaviour has ended.
    pub ended: bool,
    /// The hospital states in writing that the effect is gone.
    pub hospital_statement: bool,
    /// Prices adjusted as required.
    pub adjusted: bool,
    /// Bargaining ceiling reset to the real supply price.
    pub ceiling_reset: bool,
    /// Written commitment to bid and negotiate in future.
    pub commitment: bool,
    /// Product discontinued, shown as required.
    pub discontinued: bool,
    pub signed_on: Option<NaiveDate>,
    pub required_by: Option<NaiveDate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Open,
    NotRepairable,
    Barred,
    Refused,
    /// All but the absence of recurrence holds, which the next publication will show.
    Pending,
    Cleared,
    Reduced,
}

/// Why a repair is refused, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    BeforePublication,
    NotEnded,
    SignedLate,
    NoHospitalStatement,
    NotAdjusted,
    CeilingNotReset,
    NoGround,
    Recurred,
}

/// The result of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Points cleared, one decimal, half up.
    pub cleared: Dec,
    pub remaining: Dec,
    pub status: Status,
    pub reason: Option<Refusal>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// In the order of the input.
    pub events: Vec<Judgement>,
    /// Points that remain in all.
    pub balance: Dec,
}

/// Shares of the points that a repair clears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shares {
    /// L1, V1, V2, V3, V4 (JS-CR-1…5).
    pub full: Dec,
    /// L2, L3, L4, V5, V6 (JS-CR-6…10).
    pub partial: Dec,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreditError {
    #[error("记分事件编号 {0} 出现了两次，每个编号只能出现一次")]
    DuplicateId(String),
    #[error("修复申请所指的记分事件 {0} 不存在")]
    UnknownId(String),
}

/// A repairable behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    pub code: &'static str,
    pub clause: &'static str,
    /// 100 %, otherwise 80 %.
    pub full: bool,
    /// Recurrence between notice and next publication refuses the repair.
    pub must_not_recur: bool,
    needs: &'static [Need],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Ended,
    SignedInTime,
    HospitalStatement,
    Adjusted,
    CeilingReset,
    Ground,
}

const fn behaviour(
    code: &'static str,
    clause: &'static str,
    full: bool,
    must_not_recur: bool,
    needs: &'static [Need],
) -> Behaviour {
    Behaviour { code, clause, full, must_not_recur, needs }
}

/// The ten behaviours that can be repaired (JS-CR-1…10).
pub const REPAIRABLE: [Behaviour; 10] = [
    behaviour("L1", "JS-CR-1", true, true, &[Need::Ended, Need::HospitalStatement]),
    behaviour("V1", "JS-CR-2", true, true, &[Need::SignedInTime, Need::HospitalStatement]),
    behaviour("V2", "JS-CR-3", true, true, &[Need::Ended, Need::HospitalStatement]),
    behaviour("V3", "JS-CR-4", true, true, &[Need::Ended, Need::HospitalStatement]),
    behaviour("V4", "JS-CR-5", true, true, &[Need::Ended, Need::HospitalStatement]),
    behaviour("L2", "JS-CR-6", false, false, &[Need::Adjusted]),
    behaviour("L3", "JS-CR-7", false, true, &[Need::Ended]),
    behaviour("L4", "JS-CR-8", false, true, &[Need::CeilingReset]),
    behaviour("V5", "JS-CR-9", false, false, &[Need::Adjusted]),
    behaviour("V6", "JS-CR-10", false, false, &[Need::Ground]),
];

/// The behaviour whose relapse after a commitment bars every later repair (JS-CR-10).
const NOT_BIDDING: &str = "V6";

/// The repairable behaviour of that code; `None`: never repaired (JS-CR-11).
pub fn repairable(code: &str) -> Option<&'static Behaviour> {
    REPAIRABLE.iter().find(|known| known.code == code)
}

/// Judges all events of one enterprise. `as_of` only tells pending repairs from decided ones.
/// JS-CR-1…12.
pub fn account(
    as_of: NaiveDate,
    events: &[Event],
    repairs: &[Repair],
    shares: &Shares,
    steps: &mut Steps,
) -> Result<Account, CreditError> {
    let mut position = HashMap::with_capacity(events.len());
    for (at, event) in events.iter().enumerate() {
        if position.insert(event.id.as_str(), at).is_some() {
            return Err(CreditError::DuplicateId(event.id.clone()));
        }
    }
    let mut counting: Vec<Option<&Repair>> = vec![None; events.len()];
    for repair in repairs {
        let at = position.get(repair.event.as_str());
        let at = *at.ok_or_else(|| CreditError::UnknownId(repair.event.clone()))?;
        if let Some(kept) = counting.get_mut(at)
            && kept.is_none_or(|kept| repair.applied_on >= kept.applied_on)
        {
            *kept = Some(repair);
        }
    }
    let recurred = recurrences(events);
    let relapse = first_relapse(events, &counting);
    let rows = events.iter().zip(counting).zip(recurred);
    let judged: Vec<_> = rows
        .map(|((event, repair), recurred)| {
            let (status, reason) = judge(event, repair, recurred, relapse, as_of);
            let judged = points(event, status, reason, shares);
            tell(event, repair, &judged, relapse, steps);
            judged
        })
        .collect();
    let balance = judged.iter().map(|event| &event.remaining).sum();
    Ok(Account { events: judged, balance })
}

/// For each event: whether another of the same behaviour was notified after it and before its next publication.
fn recurrences(events: &[Event]) -> Vec<bool> {
    let mut days: HashMap<&str, Vec<NaiveDate>> = HashMap::new();
    for event in events {
        days.entry(event.behaviour.as_str()).or_default().push(event.notified_on);
    }
    days.values_mut().for_each(|days| days.sort_unstable());
    let next_after = |event: &Event| {
        let days = days.get(event.behaviour.as_str())?;
        days.get(days.partition_point(|day| *day <= event.notified_on)).copied()
    };
    events.iter().map(|event| next_after(event).is_some_and(|day| day < event.next_publication_on)).collect()
}

/// What speaks against a repair apart from recurrence.
fn refusal(event: &Event, rules: &Behaviour, repair: &Repair) -> Option<Refusal> {
    if event.published_on.is_none_or(|published| repair.applied_on < published) {
        return Some(Refusal::BeforePublication);
    }
    let shown = &repair.conditions;
    rules.needs.iter().find_map(|need| match need {
        Need::Ended => (!shown.ended).then_some(Refusal::NotEnded),
        Need::SignedInTime => {
            let in_time = shown.signed_on.zip(shown.required_by).is_some_and(|(signed, by)| signed <= by);
            (!in_time).then_some(Refusal::SignedLate)
        }
        Need::HospitalStatement => (!shown.hospital_statement).then_some(Refusal::NoHospitalStatement),
        Need::Adjusted => (!shown.adjusted).then_some(Refusal::NotAdjusted),
        Need::CeilingReset => (!shown.ceiling_reset).then_some(Refusal::CeilingNotReset),
        Need::Ground => (!shown.commitment && !shown.discontinued).then_some(Refusal::NoGround),
    })
}

/// A counting repair of a not-bidding event against which nothing speaks.
fn satisfied<'a>(event: &Event, repair: Option<&'a Repair>) -> Option<&'a Repair> {
    let rules = repairable(&event.behaviour).filter(|rules| rules.code == NOT_BIDDING)?;
    repair.filter(|repair| refusal(event, rules, repair).is_none())
}

/// The first day on which the enterprise did not bid again after a satisfied commitment (JS-CR-10).
fn first_relapse(events: &[Event], counting: &[Option<&Repair>]) -> Option<NaiveDate> {
    let rows = events.iter().zip(counting);
    let committed = rows
        .filter_map(|(event, repair)| satisfied(event, *repair))
        .filter(|repair| repair.conditions.commitment)
        .map(|repair| repair.applied_on)
        .min()?;
    let again = events.iter().filter(|event| event.behaviour == NOT_BIDDING && event.notified_on > committed);
    again.map(|event| event.notified_on).min()
}

fn judge(
    event: &Event,
    repair: Option<&Repair>,
    recurred: bool,
    relapse: Option<NaiveDate>,
    as_of: NaiveDate,
) -> (Status, Option<Refusal>) {
    if let Some(relapse) = relapse.filter(|_| event.behaviour == NOT_BIDDING)
        && satisfied(event, repair).is_none_or(|repair| repair.applied_on >= relapse)
    {
        return (Status::Barred, None);
    }
    let Some(repair) = repair else { return (Status::Open, None) };
    let Some(rules) = repairable(&event.behaviour) else { return (Status::NotRepairable, None) };
    if let Some(reason) = refusal(event, rules, repair) {
        return (Status::Refused, Some(reason));
    }
    if rules.must_not_recur && recurred {
        return (Status::Refused, Some(Refusal::Recurred));
    }
    if rules.must_not_recur && as_of < event.next_publication_on {
        return (Status::Pending, None);
    }
    (if rules.full { Status::Cleared } else { Status::Reduced }, None)
}

fn points(event: &Event, status: Status, reason: Option<Refusal>, shares: &Shares) -> Judgement {
    let cleared = match status {
        Status::Cleared => &event.points * &shares.full,
        Status::Reduced => &event.points * &shares.partial,
        _ => Dec::default(),
    };
    let cleared = cleared.rounded(1, Round::HalfAway);
    Judgement { remaining: &event.points - &cleared, cleared, status, reason }
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::NotRepairable => "not_repairable",
            Status::Barred => "barred",
            Status::Refused => "refused",
            Status::Pending => "pending",
            Status::Cleared => "cleared",
            Status::Reduced => "reduced",
        }
    }
}

impl Refusal {
    pub fn as_str(self) -> &'static str {
        match self {
            Refusal::BeforePublication => "before_publication",
            Refusal::NotEnded => "not_ended",
            Refusal::SignedLate => "signed_late",
            Refusal::NoHospitalStatement => "no_hospital_statement",
            Refusal::NotAdjusted => "not_adjusted",
            Refusal::CeilingNotReset => "ceiling_not_reset",
            Refusal::NoGround => "no_ground",
            Refusal::Recurred => "recurred",
        }
    }

    /// The reason for people.
    pub fn text(self) -> &'static str {
        match self {
            Refusal::BeforePublication => "申请早于记分公布，或记分尚未公布",
            Refusal::NotEnded => "负面行为没有终止",
            Refusal::SignedLate => "没有在要求期限内签订合同",
            Refusal::NoHospitalStatement => "缺少医疗机构的书面说明",
            Refusal::NotAdjusted => "没有按要求调整价格",
            Refusal::CeilingNotReset => "没有按实际供货价调整议价上限",
            Refusal::NoGround => "既没有书面承诺，也没有停产停销证明",
            Refusal::Recurred => "记分告知后至下一期公布前再次发生此行为",
        }
    }
}

fn tell(
    event: &Event,
    repair: Option<&Repair>,
    judged: &Judgement,
    relapse: Option<NaiveDate>,
    steps: &mut Steps,
) {
    let clause = repairable(&event.behaviour).map_or("JS-CR-11", |rules| rules.clause);
    steps.add(clause, || {
        let (points, left) = (event.points.to_fixed(1), judged.remaining.to_fixed(1));
        let applied = repair.map(|repair| repair.applied_on.to_string()).unwrap_or_default();
        let text = match judged.status {
            Status::Open => format!("{} 记 {points} 分，没有修复申请，余 {left} 分", event.behaviour),
            Status::NotRepairable => format!("{} 不在可修复的行为之列，余 {left} 分", event.behaviour),
            Status::Barred => {
                let day = relapse.map(|day| day.to_string()).unwrap_or_default();
                format!("提交书面承诺后于 {day} 再次发生，此项记分不允许修复，余 {left} 分")
            }
            Status::Refused => {
                let reason = judged.reason.map_or("", Refusal::text);
                format!("{applied} 的修复申请不予通过：{reason}，余 {left} 分")
            }
            Status::Pending => {
                let day = event.next_publication_on;
                format!("其他条件均已满足，待 {day} 下一期公布前没有再次发生方可修复，暂余 {left} 分")
            }
            Status::Cleared | Status::Reduced => {
                let cleared = judged.cleared.to_fixed(1);
                format!("{applied} 的修复申请通过：{points} 分中清除 {cleared} 分，余 {left} 分")
            }
        };
        let values = values! { "event" => event.id, "points" => points, "remaining" => left };
        (text, values)
    });
}
