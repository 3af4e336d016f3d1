//! What an officer has to look at: strengths that cannot be read, claims (contested ones together), products without an
//! owner, proposals of colleagues.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::claim::{self, Claim};
use super::model::{DosageClass, Product, ThreeSameGroup};
use super::proposal::{self, ProductProposal};
use super::{owner, store, words};
use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::input::{Checks, Field};
use crate::platform::schema::{ownership_claim, product, three_same_group};
use crate::platform::sql::{AnyConn, Id, Question, at_most, counts};
use crate::platform::versioned::fresh;
use crate::platform::who::Principal;
use crate::{save, visible_product};

/// What speaks for the group.
pub const REASON: Field = Field::new("reason", "判定依据", 5..=500);

/// Lines of each sort on the page.
pub const SHOWN: i64 = 50;

/// Products of a sort that are counted at most.
pub const COUNTED: i64 = 10_000;

/// The list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkList {
    /// Products whose strength could not be read (INJ-3.1).
    pub unread: Vec<Product>,
    /// How many there are; 10,001 where there are more than 10,000.
    pub unread_count: i64,
    /// Claims that wait, those to one code beside each other.
    pub claims: Vec<Claim>,
    /// How many there are.
    pub claims_count: i64,
    /// Codes that several claim, or that one claims although they are another's.
    pub contested: Vec<String>,
    /// Products without an owner.
    pub unowned: Vec<Product>,
    /// How many there are; 10,001 where there are more than 10,000.
    pub unowned_count: i64,
    /// Changes that wait for a second officer.
    pub proposals: Vec<ProductProposal>,
    /// How many there are.
    pub proposals_count: i64,
}

/// Reads the list.
pub fn read(conn: &mut AnyConn) -> Result<WorkList> {
    let unread = product::table
        .filter(product::content_fault.is_not_null())
        .filter(visible_product!())
        .order(product::id)
        .limit(SHOWN)
        .select(Product::as_select())
        .load(conn)?;
    let unowned = product::table
        .filter(product::manufacturer_id.is_null())
        .filter(visible_product!())
        .order(product::id)
        .limit(SHOWN)
        .select(Product::as_select())
        .load(conn)?;
    let mut claims = claim::waiting(conn, SHOWN)?;
    let contested = contested(conn, &claims)?;
    claims.sort_by(|a, b| (&a.code, a.created_at, a.id).cmp(&(&b.code, b.created_at, b.id)));
    let proposals = proposal::waiting(conn, None, SHOWN)?;
    let questions = vec![count_claims(), proposal::count_waiting(None), count_unread(), count_unowned()];
    let numbers = counts(conn, questions)?;
    let number = |place: usize| numbers.get(place).copied().unwrap_or(0);
    let (claims_count, proposals_count) = (number(0), number(1));
    let (unread_count, unowned_count) = (number(2), number(3));
    Ok(WorkList {
        unread,
        unread_count,
        claims,
        claims_count,
        contested,
        unowned,
        unowned_count,
        proposals,
        proposals_count,
    })
}

fn contested(conn: &mut AnyConn, claims: &[Claim]) -> Result<Vec<String>> {
    let claimed: Vec<&str> = claims.iter().map(|claim| claim.code.as_str()).collect();
    let owners = owner::owners(conn, &claimed)?;
    let mut codes: Vec<String> = Vec::new();
    for claim in claims {
        let several = claims
            .iter()
            .any(|other| other.code == claim.code && other.organisation_id != claim.organisation_id);
        if !codes.contains(&claim.code) && (several || owners.contains_key(&claim.code)) {
            codes.push(claim.code.clone());
        }
    }
    Ok(codes)
}

fn count_unread() -> Question {
    let all = product::table.filter(product::content_fault.is_not_null()).filter(visible_product!());
    at_most(Box::new(all.select(product::id).limit(COUNTED + 1)))
}

fn count_unowned() -> Question {
    let all = product::table.filter(product::manufacturer_id.is_null()).filter(visible_product!());
    at_most(Box::new(all.select(product::id).limit(COUNTED + 1)))
}

/// Acts that wait for this person, for the navigation: claims, and proposals of others.
pub fn waiting(user: Id) -> Vec<Question> {
    vec![count_claims(), proposal::count_waiting(Some(user))]
}

/// How many claims wait.
pub fn count_claims() -> Question {
    Box::new(ownership_claim::table.filter(ownership_claim::state.eq(claim::ClaimState::Submitted)).count())
}

/// The groups of the same generic name that a product may be moved to.
pub fn neighbours(conn: &mut AnyConn, product: &Product) -> Result<Vec<ThreeSameGroup>> {
    Ok(three_same_group::table
        .filter(three_same_group::generic_name.eq(&product.generic_name))
        .order((three_same_group::brand, three_same_group::content))
        .limit(200)
        .select(ThreeSameGroup::as_select())
        .load(conn)?)
}

/// A person has looked at a strength that could not be read: it stays a group of its own (`group` is none), or the product
/// belongs to that group (INJ-3.1).
///
/// # Errors
/// 404, 409 for a stale version, 422 where the group is of another generic name or the product no injection.
pub async fn settle(
    db: &Db,
    who: &Principal,
    id: Id,
    version: i64,
    group: Option<Id>,
    reason: &str,
) -> Result<Product> {
    let mut checks = Checks::default();
    let reason = checks.paragraph(&REASON, reason);
    checks.finish()?;
    db.write(&who.actor(), move |tx| {
        let before = store::product(tx.conn, id)?;
        fresh(&before, version)?;
        let mut after = Product { content_fault: None, ..before.clone() };
        let action = match group {
            None => "product.confirm_group",
            Some(group) => {
                let group = store::group(tx.conn, group)?;
                if group.generic_name != before.generic_name || before.dosage_class != DosageClass::Injection
                {
                    let detail = "只能归入同一通用名的注射剂三同组";
                    return Err(Refusal::field("/group", detail).clause("INJ-3.1").into());
                }
                let content = group.content.clone();
                after.comparable_key =
                    words::comparable_key(&before.generic_name, &content, &before.dosage_form);
                after.group_id = Some(group.id);
                "product.move_group"
            }
        };
        save!(tx, product, &before, &mut after, action, Some(&reason))?;
        Ok(after)
    })
    .await
}
