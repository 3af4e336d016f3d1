//! Past lots under several values of a parameter, for the page and the API. The law is `rules::award`'s.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::error::{Refusal, Result};
use crate::platform::policy::{Policies, label};
use crate::rules::award::{ROUND_3, Trial, VARIED};
use crate::rules::json::RowError;
use crate::rules::money::Dec;
use crate::rules::policy::Policy;
use crate::rules::profiles::Library;

/// Lots times values that are computed at once; more is for `jicai rule award --vary`.
const MOST: usize = 50_000;
/// Values of one trial at most.
const MOST_VALUES: usize = 20;

/// The built-in lots.
pub const BUILT_IN: &str = "round-3";

/// What is tried on what.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The parameter, such as `selection.max_ratio`.
    #[schema(min_length = 1)]
    pub parameter: String,
    /// Its values, `1.5,1.8,2.0`; values that hold commas themselves are separated by semicolons.
    #[schema(min_length = 1)]
    pub values: String,
    /// The profile or version that gives everything else; `round-3` for the built-in lots and the one in force otherwise.
    #[serde(default)]
    pub profile: Option<String>,
    /// Lots as JSON Lines, as `jicai rule award` takes them; the 22 lots of the third national round where none are given.
    #[serde(default)]
    pub lots: Option<String>,
}

/// What one value gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Tried {
    /// The value as it was written.
    pub value: String,
    /// Lots.
    pub lots: u64,
    /// Of them those that could not be computed.
    pub errors: u64,
    /// Lots without any winner.
    pub lots_without_winner: u64,
    /// Winners in all lots.
    pub winners: u64,
    /// Of them those that were revived.
    pub revived: u64,
    /// Demand of the winners over that of all bidders, four decimals; none where no demand is given.
    pub demand_kept: Option<String>,
    /// Mean cut of the winners against the ceiling, four decimals; none where no ceiling is given.
    pub mean_cut: Option<String>,
}

/// A line that could not be computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// Its number, from 1.
    pub line: u64,
    /// As `jicai rule award` says it.
    pub code: String,
    /// In words.
    pub detail: String,
}

/// The answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Comparison {
    /// The parameter.
    pub parameter: String,
    /// The version that gave everything else.
    pub policy: String,
    /// One a value, in the order of the question.
    pub results: Vec<Tried>,
    /// The first lines that could not be computed.
    pub faults: Vec<Fault>,
}

/// The profiles that a trial may start from, latest version last.
pub fn profiles(library: &Library) -> Vec<String> {
    library.versions().into_iter().map(|(name, from)| format!("{name}@{from}")).collect()
}

/// Computes every lot under every value. Takes as long as there are lots, so it runs off the async threads.
///
/// # Errors
/// 422 that names the member: an unknown parameter, value or profile, no lots, too many.
pub fn compare(question: &Question, policies: &Policies, in_force: &Policy) -> Result<Comparison> {
    let given = question.lots.as_deref().filter(|lots| !lots.trim().is_empty());
    let library = policies.library();
    let named = question.profile.as_deref().filter(|name| !name.is_empty());
    let policy = match (named, given) {
        (Some(name), _) => library.named(name).map_err(|_| no_profile(name))?,
        (None, Some(_)) => in_force.clone(),
        (None, None) => library.named(BUILT_IN)?,
    };
    let mut trial = trial(question, &policy)?;
    let lots = given.unwrap_or(ROUND_3);
    let count = lots.lines().filter(|line| !line.trim().is_empty()).count();
    if count.saturating_mul(trial.values()) > MOST {
        let detail = format!(
            "一次最多试算 {MOST} 个（标段数 × 取值个数），您的是 {count} × {}；更多的请用命令 jicai rule award --vary。",
            trial.values()
        );
        return Err(Refusal::field("/lots", detail).into());
    }
    for (number, line) in (1..).zip(lots.lines()) {
        trial.add(number, line.as_bytes(), &policy);
    }
    Ok(Comparison {
        parameter: question.parameter.trim().to_owned(),
        policy: policy.name.clone(),
        results: tried(&trial),
        faults: trial.faults().iter().map(|(line, fault)| told(*line, fault)).collect(),
    })
}

fn no_profile(name: &str) -> Refusal {
    Refusal::field("/profile", format!("没有名为 {name} 的参数版本，请从列表中选择。"))
}

fn trial(question: &Question, policy: &Policy) -> Result<Trial> {
    let key = question.parameter.trim();
    if !VARIED.contains(&key) {
        let detail = format!("没有名为 {key} 的参数；可以试算的是 {}。", VARIED.join("、"));
        return Err(Refusal::field("/parameter", detail).into());
    }
    let wrong = |detail: String| Refusal::field("/values", detail);
    if question.values.trim().is_empty() {
        return Err(wrong("请填写要试算的取值，用逗号隔开，例如 1.5,1.8,2.0。".into()).into());
    }
    let values = question.values.replace('，', ",").replace('；', ";");
    let trial = Trial::new(key, &values, policy).map_err(|error| {
        let name = label(&format!("award.{key}")).to_owned();
        wrong(format!("{name}（{key}）不能取这些值：{}。您填的是 {}", in_chinese(&error), question.values))
    })?;
    match trial.values() > MOST_VALUES {
        true => Err(wrong(format!("一次最多试算 {MOST_VALUES} 个取值。")).into()),
        false => Ok(trial),
    }
}

fn tried(trial: &Trial) -> Vec<Tried> {
    let ratio = |value: Option<Dec>| value.map(|value| value.to_fixed(4));
    let row = |(variant, of): (&crate::rules::award::Variant, &crate::rules::award::Totals)| Tried {
        value: variant.value.clone(),
        lots: of.lots,
        errors: of.errors,
        lots_without_winner: of.without_winner,
        winners: of.winners,
        revived: of.revived,
        demand_kept: ratio(of.demand_kept()),
        mean_cut: ratio(of.mean_cut()),
    };
    trial.results().map(row).collect()
}

fn told(line: u64, fault: &RowError) -> Fault {
    Fault { line, code: fault.code.to_owned(), detail: format!("第 {line} 行：{}", in_chinese(fault)) }
}

/// What is wrong, by its code; the member as it stands in the file.
fn in_chinese(fault: &RowError) -> String {
    let field = fault.field.as_str();
    match fault.code {
        "NOT_JSON" => "不是一个完整的 JSON 对象".to_owned(),
        "MISSING" => format!("缺少 {field}"),
        "DUPLICATE_ID" => format!("{field} 的编号重复"),
        "UNKNOWN_ID" => format!("{field} 的编号不在报价企业之中"),
        "POLICY_VALUE_REQUIRED" => format!("{field} 须由采购文件规定，请在每个标段的 policy 中写明"),
        "BAD_POLICY" => format!("{field} 不成立：入围表的两列都应为不小于 1 的整数，第一列逐个增大"),
        _ => format!("{field} 的值不在允许的范围内"),
    }
}
