//! What the house asks of products.

use std::collections::BTreeMap;
use std::time::Duration;

use super::claim::{self, Claim, EnterpriseCode};
use super::model::{ImportBatch, MiCode, Product, ThreeSameGroup};
use super::proposal::{self, ProductProposal};
use super::{assign, imports, routes, terms, worklist};
use crate::party;
use crate::platform::error::Result;
use crate::platform::http::view::{Todo, Tone};
use crate::platform::office::{Desk, MOST_TODOS, MenuItem, Office, rest};
use crate::platform::row_source;
use crate::platform::schema::{
    consumable, enterprise_code, import_batch, mi_code, ownership_claim, product, product_proposal,
    three_same_group,
};
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::who::guard::{AgencyOfficer, Guard};
use crate::platform::who::{OrgKind, Principal};

const HOUR: Duration = Duration::from_secs(3600);

/// Products: the master data.
pub const OFFICE: Office = Office {
    menu: &[
        MenuItem::new(50, "我的产品", "/my/products", |who| who.is(OrgKind::is_manufacturer)),
        MenuItem::new(60, "我的编码", "/my/claims", |who| who.is(OrgKind::is_manufacturer)),
        MenuItem::new(140, "产品待办", "/products/work", AgencyOfficer::is)
            .counting(|who| worklist::waiting(who.user)),
    ],
    desk,
    rows: &[
        row_source!(import_batch, ImportBatch),
        row_source!(three_same_group, ThreeSameGroup),
        row_source!(product, Product),
        row_source!(mi_code, MiCode),
        row_source!(consumable by product_id, imports::consumables::Consumable),
        row_source!(enterprise_code, EnterpriseCode),
        row_source!(ownership_claim, Claim),
        row_source!(product_proposal, ProductProposal),
    ],
    sheets: &[&imports::drugs::SPEC, &imports::details::SPEC, &imports::consumables::SPEC],
    tasks: |registry, _| {
        registry.job("catalogue.assign", assign::job);
        registry.every("catalogue.terms", HOUR, |cx| async move { terms::renew(&cx.db).await });
    },
    ..Office::new("catalogue", routes::routes)
};

/// Claims to enterprise codes, and changes of products that a colleague proposed.
fn desk(conn: &mut AnyConn, who: &Principal, _: Time) -> Result<Desk> {
    if !AgencyOfficer::is(who) {
        return Ok(Desk::default());
    }
    let claims = claim::waiting(conn, MOST_TODOS)?;
    let ids: Vec<Id> = claims.iter().map(|claim| claim.organisation_id).collect();
    let names: BTreeMap<Id, String> =
        party::store::organisations(conn, &ids)?.into_iter().map(|o| (o.id, o.name)).collect();
    let proposals = proposal::waiting(conn, Some(who.user), MOST_TODOS)?;
    let claimed = |claim: &Claim| {
        let name = names.get(&claim.organisation_id).cloned().unwrap_or_default();
        todo("审核编码认领", format!("{name}认领企业代码 {}", claim.code))
    };
    let proposed =
        |p: &ProductProposal| todo("复核产品修改", format!("{}提出：{}", p.proposed_name, p.reason));
    let mut todos: Vec<Todo> = claims.iter().map(claimed).chain(proposals.iter().map(proposed)).collect();
    let (work, count) = ("/products/work", proposal::count_waiting(Some(who.user)));
    todos.extend(rest(conn, claims.len(), worklist::count_claims(), "审核编码认领", work)?);
    todos.extend(rest(conn, proposals.len(), count, "复核产品修改", work)?);
    Ok(Desk { todos, ..Desk::default() })
}

fn todo(what: &str, about: String) -> Todo {
    Todo { what: what.into(), about, href: "/products/work".into(), tone: Tone::Waiting, ..Todo::default() }
}
