//! The parameters: which version is in force, where each number comes from, what changed, what is to come (DESIGN §3).

pub mod propose;
pub mod views;

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;

use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::http::page::{self, Page};
use crate::platform::http::present::whole;
use crate::platform::http::view::{Badge, Link, Pair, Tone};
use crate::platform::policy::Policies;
use crate::platform::policy::proposal::{self, Proposal, ProposalState};
use crate::platform::who::Principal;
use crate::platform::who::guard::{Authority, Guard, ProvinceOfficer};
use crate::rules::policy::{self as law, Basis, Policy};
use views::{PolicyPage, VersionRow};

/// Where the page is.
pub const PATH: &str = "/policy";

/// `GET /policy`: the version in force.
///
/// # Errors
/// 422 before the first version.
pub async fn show(
    who: Authority,
    db: Data<Db>,
    policies: Data<Policies>,
    page: Page,
) -> Result<HttpResponse> {
    let known = Known::read(&who, &db).await?;
    let policy = policies.in_force(known.today)?;
    page::html(&view(&who, page, &policies, &known, &policy, "政策参数")?)
}

/// `GET /policy/versions/{day}`: the version of that day, in force, past or to come.
///
/// # Errors
/// 404.
pub async fn version(
    who: Authority,
    db: Data<Db>,
    policies: Data<Policies>,
    day: Path<String>,
    page: Page,
) -> Result<HttpResponse> {
    let known = Known::read(&who, &db).await?;
    let versions = policies.versions();
    let found = versions.iter().find(|(from, _)| from.to_string() == *day);
    let (_, policy) = found.ok_or_else(|| Refusal::not_found("版本"))?;
    page::html(&view(&who, page, &policies, &known, policy, &format!("政策参数 {}", policy.name))?)
}

/// What the database knows.
struct Known {
    today: NaiveDate,
    proposals: Vec<Proposal>,
}

impl Known {
    async fn read(who: &Principal, db: &Db) -> Result<Self> {
        let at = who.received_at;
        db.read(move |c| Ok(Self { today: clock::legal_now(c, at)?.day(), proposals: proposal::latest(c)? }))
            .await
    }
}

/// The day in a version's name.
fn day_of(policy: &Policy) -> Result<NaiveDate> {
    let day = policy.name.rsplit_once('@').and_then(|(_, day)| day.parse().ok());
    day.ok_or_else(|| Error::internal("a policy without a day"))
}

fn view(
    who: &Principal,
    page: Page,
    policies: &Policies,
    known: &Known,
    policy: &Policy,
    title: &str,
) -> Result<PolicyPage> {
    let day = day_of(policy)?;
    let before = policies.before(day);
    let changes = before.as_ref().map(|old| views::changes(&law::changes(old, policy)));
    let count = |basis| policy.entries().filter(|(_, entry)| entry.basis == basis).count();
    let whole = |n: usize| whole(i64::try_from(n).unwrap_or(i64::MAX));
    let by_basis = format!(
        "共 {} 项：文件规定 {} 项，公开资料 {} 项，自行设定 {} 项",
        whole(policy.entries().count()),
        whole(count(Basis::Document)),
        whole(count(Basis::Public)),
        whole(count(Basis::Choice)),
    );
    let may = ProvinceOfficer::is(who);
    Ok(PolicyPage {
        frame: page.frame,
        title: title.to_owned(),
        propose: may.then(|| Link::new("提交新版本", "/policy/propose")),
        facts: vec![
            Pair::new("版本", &policy.name),
            Pair::new("生效日期", day.to_string()),
            Pair::new("摘要（SHA-256）", policy.digest()),
            Pair::new("参数", by_basis),
        ],
        versions: versions(policies, known)?,
        compared: before.map(|old| old.name.clone()).unwrap_or_default(),
        changes: changes.unwrap_or_default(),
        groups: views::groups(policy),
    })
}

/// What waits first, then the versions, the newest first.
fn versions(policies: &Policies, known: &Known) -> Result<Vec<VersionRow>> {
    let waiting = known.proposals.iter().filter(|row| row.state == ProposalState::Proposed);
    let waits = waiting.map(|row| VersionRow {
        name: row.version_name(),
        from: row.effective_from.to_string(),
        state: Badge::new(row.state.tone(), row.state.label()),
        who: format!("{} 提交", row.proposed_by_name),
        href: format!("/policy/proposals/{}", row.id),
    });
    let mut rows: Vec<VersionRow> = waits.collect();
    let current = policies.in_force(known.today)?;
    for (from, policy) in policies.versions().into_iter().rev() {
        rows.push(row(known, &current, from, &policy));
    }
    Ok(rows)
}

fn row(known: &Known, current: &Arc<Policy>, from: NaiveDate, policy: &Policy) -> VersionRow {
    let state = match policy.name == current.name {
        true => Badge::new(Tone::Done, "现行"),
        false if from > known.today => Badge::new(Tone::Waiting, "待生效"),
        false => Badge::new(Tone::Plain, "已被替代"),
    };
    let confirmed = known
        .proposals
        .iter()
        .find(|row| row.state == ProposalState::Confirmed && row.version_name() == policy.name);
    let who = confirmed.map(|row| {
        let second = row.decided_by_name.as_deref().unwrap_or_default();
        format!("{} 提交，{second} 确认", row.proposed_by_name)
    });
    VersionRow {
        name: policy.name.clone(),
        from: from.to_string(),
        state,
        who: who.unwrap_or_else(|| "随平台发布".to_owned()),
        // Until its day it can be withdrawn there.
        href: match confirmed.filter(|_| from > known.today) {
            Some(row) => format!("/policy/proposals/{}", row.id),
            None => format!("/policy/versions/{from}"),
        },
    }
}
