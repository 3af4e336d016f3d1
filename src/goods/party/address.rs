//! Delivery addresses of an organisation. Anyone who orders for it keeps them.

use diesel::prelude::*;
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::DeliveryAddress;
use super::store;
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::idempotency::{self, Answer, Key};
use crate::platform::input::{Checks, Field, half_width};
use crate::platform::schema::delivery_address;
use crate::platform::sql::Id;
use crate::platform::versioned::fresh;
use crate::platform::who::{OrgKind, Post, Principal};
use crate::save;

/// What is typed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct AddressInput {
    /// Who takes the goods.
    #[schema(min_length = 1, max_length = 50)]
    pub recipient: String,
    /// How the recipient is reached.
    #[schema(min_length = 5, max_length = 30)]
    pub phone: String,
    /// Street, building, room.
    #[schema(min_length = 5, max_length = 200)]
    pub address: String,
    /// Whether it is chosen where nothing else is said.
    #[serde(default)]
    pub is_default: bool,
}

/// So many addresses an organisation may keep.
const MOST: usize = 50;
/// Who takes the goods in.
pub const RECIPIENT: Field = Field::new("recipient", "收货人", 1..=50);
/// How somebody is reached.
pub const PHONE: Field = Field::new("phone", "联系电话", 5..=30);
/// Where the goods go.
pub const ADDRESS: Field = Field::new("address", "收货地址", 5..=200);

/// All addresses of the principal's organisation.
pub async fn list(db: &Db, principal: &Principal) -> Result<Vec<DeliveryAddress>> {
    let owner = principal.organisation;
    db.read(move |conn| store::addresses(conn, owner)).await
}

/// Adds an address; the first one is the default.
///
/// # Errors
/// 422 with the members that are wrong.
pub async fn add(db: &Db, principal: &Principal, input: AddressInput) -> Result<DeliveryAddress> {
    may_keep(principal)?;
    let (owner, input) = (principal.organisation, checked(input)?);
    db.write(&principal.actor(), move |tx| insert_address(tx, owner, &input)).await
}

/// As [`add`], once for a key, however often it is asked.
///
/// # Errors
/// As [`add`]; 422 for a key that was used for something else.
pub async fn add_once(db: &Db, principal: &Principal, key: Key, input: AddressInput) -> Result<Answer> {
    may_keep(principal)?;
    let (owner, input) = (principal.organisation, checked(input)?);
    db.write(&principal.actor(), move |tx| {
        idempotency::run(tx, &key, |tx| {
            let row = insert_address(tx, owner, &input)?;
            Ok((201, serde_json::to_value(row).map_err(Error::internal)?))
        })
    })
    .await
}

fn insert_address(tx: &mut Tx, owner: Id, input: &AddressInput) -> Result<DeliveryAddress> {
    let others = store::addresses(tx.conn, owner)?;
    if others.len() >= MOST {
        return Err(
            Refusal::field("/address", format!("最多保存 {MOST} 个收货地址，请先删除不用的地址")).into()
        );
    }
    let is_default = input.is_default || others.is_empty();
    if is_default {
        clear_default(tx, &others, None)?;
    }
    let row = DeliveryAddress {
        id: Id::new(),
        organisation_id: owner,
        recipient: input.recipient.clone(),
        phone: input.phone.clone(),
        address: input.address.clone(),
        is_default,
        created_at: tx.now(),
        version: 1,
    };
    diesel::insert_into(delivery_address::table).values(&row).execute(tx.conn)?;
    tx.record("address.add", None, Some(&row), None)?;
    Ok(row)
}

/// Changes an address. Orders keep what they copied.
///
/// # Errors
/// 404, 409 for a stale version, 422 with the members that are wrong.
pub async fn change(
    db: &Db,
    principal: &Principal,
    id: Id,
    version: i64,
    input: AddressInput,
) -> Result<DeliveryAddress> {
    may_keep(principal)?;
    let (owner, input) = (principal.organisation, checked(input)?);
    db.write(&principal.actor(), move |tx| {
        let before = store::address(tx.conn, owner, id)?;
        fresh(&before, version)?;
        if input.is_default && !before.is_default {
            let others = store::addresses(tx.conn, owner)?;
            clear_default(tx, &others, Some(id))?;
        }
        let mut after = DeliveryAddress {
            recipient: input.recipient.clone(),
            phone: input.phone.clone(),
            address: input.address.clone(),
            is_default: input.is_default || before.is_default,
            ..before.clone()
        };
        save!(tx, delivery_address, &before, &mut after, "address.change", None)?;
        Ok(after)
    })
    .await
}

/// Deletes an address. Orders keep what they copied.
///
/// # Errors
/// 404, 409 for a stale version.
pub async fn delete(db: &Db, principal: &Principal, id: Id, version: i64) -> Result<()> {
    may_keep(principal)?;
    let owner = principal.organisation;
    db.write(&principal.actor(), move |tx| {
        let before = store::address(tx.conn, owner, id)?;
        fresh(&before, version)?;
        diesel::delete(delivery_address::table.find(id)).execute(tx.conn)?;
        tx.record("address.delete", Some(&before), None, None)
    })
    .await
}

/// Whether somebody keeps the addresses of the organisation.
///
/// # Errors
/// 403.
pub fn may_keep(principal: &Principal) -> Result<()> {
    let allowed = principal.is(OrgKind::is_hospital) && matches!(principal.post, Post::Order | Post::Admin);
    if allowed {
        Ok(())
    } else {
        Err(Refusal::new(403, "FORBIDDEN", "收货地址由医疗机构的采购人员维护。").into())
    }
}

fn checked(input: AddressInput) -> Result<AddressInput> {
    let mut checks = Checks::default();
    let clean = AddressInput {
        recipient: checks.line(&RECIPIENT, &input.recipient),
        phone: check_phone(&mut checks, &input.phone),
        address: checks.line(&ADDRESS, &input.address),
        is_default: input.is_default,
    };
    checks.finish()?;
    Ok(clean)
}

/// A telephone number as people write it.
pub fn check_phone(checks: &mut Checks, given: &str) -> String {
    let phone = checks.line(&PHONE, &half_width(given));
    let dialled = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')');
    if phone.chars().count() >= PHONE.least && !phone.chars().all(dialled) {
        checks.wrong("/phone", "联系电话只能由数字和 + - ( ) 组成，例如 0771-2345678");
    }
    phone
}

fn clear_default(tx: &mut Tx, addresses: &[DeliveryAddress], except: Option<Id>) -> Result<()> {
    for before in addresses.iter().filter(|a| a.is_default && Some(a.id) != except) {
        let mut after = DeliveryAddress { is_default: false, ..before.clone() };
        save!(tx, delivery_address, before, &mut after, "address.change", None)?;
    }
    Ok(())
}
