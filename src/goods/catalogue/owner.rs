//! Whose a product may be: a product made here is its manufacturer's, one made abroad is its national general agent's, and
//! there is exactly one of them (SN-2).

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::model::Product;
use crate::party::model::Organisation;
use crate::platform::error::Result;
use crate::platform::schema::{enterprise_code, organisation};
use crate::platform::sql::{AnyConn, Id};
use crate::platform::who::OrgKind;
use crate::rules::approval::is_imported;

/// Whether a product with such an approval number may be an organisation's: an import is its national agent's, anything else
/// its manufacturer's (SN-2).
fn may_hold(organisation: &Organisation, approval_no: &str) -> bool {
    let needed = if is_imported(approval_no) { OrgKind::NationalAgent } else { OrgKind::Manufacturer };
    organisation.kinds().any(|kind| kind == needed)
}

/// The owner of such a product, of those whose the codes are; none where it may not be theirs.
pub fn of_product(product: &Product, owners: &BTreeMap<String, Organisation>) -> Option<Id> {
    let owner = owners.get(product.enterprise_code.as_ref()?)?;
    may_hold(owner, &product.approval_no).then_some(owner.id)
}

/// Why an organisation may not hold a product; none where it may (SN-2).
pub fn refusal(organisation: &Organisation, approval_no: &str) -> Option<String> {
    if may_hold(organisation, approval_no) {
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
pub fn owners(conn: &mut AnyConn, codes: &[&str]) -> Result<BTreeMap<String, Organisation>> {
    let rows: Vec<(String, Organisation)> = enterprise_code::table
        .inner_join(organisation::table)
        .filter(enterprise_code::code.eq_any(codes))
        .select((enterprise_code::code, Organisation::as_select()))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}
