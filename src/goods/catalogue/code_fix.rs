//! A wrong number of units behind an old code is put right: one officer proposes, another confirms, the reason stays with the
//! code in the audit (INJ-6.2). What was computed with it is computed again by the job `listing.reconvert`.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::model::{MiCode, Product};
use super::store;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::input::Checks;
use crate::platform::jobs::{self, NewJob};
use crate::platform::schema::mi_code;
use crate::rules::injection::{PackFault, PackQty};
use crate::save;

/// What an old code should say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeFix {
    /// The old code, which leads to the unit's.
    pub code: String,
    /// Units that one pack under it holds.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub factor: i64,
}

/// The product's codes that can be put right: those that lead to another.
pub fn mapped(codes: Vec<MiCode>) -> Vec<MiCode> {
    codes.into_iter().filter(|code| code.replaced_by.is_some()).collect()
}

/// Units in a pack in the law's terms (INJ-2.1), or what is wrong with them.
pub fn pack_qty(qty: i64) -> std::result::Result<PackQty, String> {
    let read = u64::try_from(qty).map_err(|_| PackFault::QtyOutOfRange).and_then(PackQty::new);
    read.map_err(|_| format!("包装数量应为 1 至 1000000 的整数，您填的是 {qty}"))
}

/// # Errors
/// 422 naming the correction that is wrong.
pub(super) fn check(tx: &mut Tx, product: &Product, fixes: &[CodeFix]) -> Result<()> {
    let known = mapped(store::codes(tx.conn, product.id)?);
    let mut checks = Checks::default();
    for (n, fix) in fixes.iter().enumerate() {
        match known.iter().find(|code| code.code == fix.code) {
            None => {
                let detail = format!("{} 不是该产品已停用或将停用的原编码，不能更正换算数量", fix.code);
                checks.wrong(format!("/codes/{n}/code"), detail);
            }
            Some(code) if code.factor == fix.factor => {
                let detail = format!("编码 {} 的每包装数量现在就是 {}", fix.code, fix.factor);
                checks.wrong(format!("/codes/{n}/factor"), detail);
            }
            Some(_) => {
                let fault = pack_qty(fix.factor).err();
                fault.into_iter().for_each(|detail| checks.wrong(format!("/codes/{n}/factor"), detail));
            }
        }
        if fixes.iter().take(n).any(|other| other.code == fix.code) {
            checks.wrong(format!("/codes/{n}/code"), format!("编码 {} 填写了两次", fix.code));
        }
    }
    checks.finish()
}

/// Carries confirmed corrections out.
pub(super) fn correct_codes(tx: &mut Tx, product: &Product, fixes: &[CodeFix], reason: &str) -> Result<()> {
    for before in mapped(store::codes(tx.conn, product.id)?) {
        let Some(fix) = fixes.iter().find(|fix| fix.code == before.code) else { continue };
        let mut after = MiCode { factor: fix.factor, ..before.clone() };
        save!(tx, mi_code by code, &before, &mut after, "code.correct", Some(reason))?;
    }
    let job = NewJob {
        created_by: tx.actor.user,
        ..NewJob::new("listing.reconvert", json!({ "product": product.id, "reason": reason }))
    };
    jobs::enqueue(tx.conn, &job, tx.now()).map(drop)
}
