//! Whose a product may be: a product made here is its manufacturer's, one made abroad is its national general agent's, and
//! there is exactly one of them (SN-2).

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::model::Product;
use crate::party::model::Organisation;
use crate::platform::auth::{Kinds, OrgKind};
use crate::platform::db::{AnyConn, Id};
use crate::platform::error::Result;
use crate::platform::schema::{enterprise_code, organisation};
use crate::rules::approval::is_imported;

/// Whose an enterprise code is, and what that organisation is.
#[derive(Debug, Clone)]
pub struct Owner {
    /// The organisation.
    pub id: Id,
    kinds: Vec<OrgKind>,
}

impl Owner {
    /// The organisation as an owner.
    pub fn of(organisation: &Organisation) -> Self {
        Self { id: organisation.id, kinds: organisation.kinds().collect() }
    }

    /// Whether a product with such an approval number may be its: an import is its national agent's, anything else its
    /// manufacturer's (SN-2).
    pub fn may_hold(&self, approval_no: &str) -> bool {
        let needed = if is_imported(approval_no) { OrgKind::NationalAgent } else { OrgKind::Manufacturer };
        self.kinds.contains(&needed)
    }

    /// The owner of such a product; none where it may not be theirs.
    pub fn for_product(&self, product: &Product) -> Option<Id> {
        self.may_hold(&product.approval_no).then_some(self.id)
    }
}

/// Why an organisation may not hold a product; none where it may (SN-2).
pub fn refusal(organisation: &Organisation, approval_no: &str) -> Option<String> {
    if Owner::of(organisation).may_hold(approval_no) {
        return None;
    }
    let name = &organisation.name;
    Some(match is_imported(approval_no) {
        true => format!(
            "该产品为境外产品（{approval_no}），应由其全国总代理持有，{name}未登记为境外产品全国总代理"
        ),
        false => format!("{name}不是生产企业，请改填药品上市许可持有人或生产企业"),
    })
}

/// Whose the enterprise codes are, by code.
pub fn owners(conn: &mut AnyConn, codes: &[&str]) -> Result<BTreeMap<String, Owner>> {
    let rows: Vec<(String, Id, OrgKind, Kinds)> = enterprise_code::table
        .inner_join(organisation::table)
        .filter(enterprise_code::code.eq_any(codes))
        .select((enterprise_code::code, organisation::id, organisation::kind, organisation::other_kinds))
        .load(conn)?;
    let owner = |(code, id, kind, others): (String, Id, OrgKind, Kinds)| {
        (code, Owner { id, kinds: std::iter::once(kind).chain(others.0).collect() })
    };
    Ok(rows.into_iter().map(owner).collect())
}
