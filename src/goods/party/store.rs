//! Queries of this office.

use diesel::prelude::*;

use super::model::{Appointment, DeliveryAddress, OrgState, Organisation};
use crate::on_db;
use crate::platform::error::{Refusal, Result};
use crate::platform::schema::{delivery_address, distributor_appointment, organisation};
use crate::platform::sql::{AnyConn, Id};
use crate::platform::who::OrgKind;

/// An organisation by its key.
pub fn organisation(conn: &mut AnyConn, id: Id) -> Result<Organisation> {
    let found =
        on_db!(conn, c => organisation::table.find(id).select(Organisation::as_select()).get_result(c))
            .optional()?;
    found.ok_or_else(|| Refusal::not_found("单位").into())
}

/// An organisation by its unified social credit code.
pub fn by_credit_code(conn: &mut AnyConn, code: &str) -> Result<Option<Organisation>> {
    let found =
        organisation::table.filter(organisation::credit_code.eq(code)).select(Organisation::as_select());
    Ok(found.first(conn).optional()?)
}

/// Organisations by their keys, in no order.
pub fn organisations(conn: &mut AnyConn, ids: &[Id]) -> Result<Vec<Organisation>> {
    Ok(organisation::table
        .filter(organisation::id.eq_any(ids))
        .select(Organisation::as_select())
        .load(conn)?)
}

/// An address of this organisation; another's is not found.
pub fn address(conn: &mut AnyConn, owner: Id, id: Id) -> Result<DeliveryAddress> {
    let found = on_db!(conn, c => delivery_address::table
        .filter(delivery_address::id.eq(id))
        .filter(delivery_address::organisation_id.eq(owner))
        .select(DeliveryAddress::as_select())
        .get_result(c))
    .optional()?;
    found.ok_or_else(|| Refusal::not_found("收货地址").into())
}

/// All addresses of an organisation, the default first, then the oldest.
pub fn addresses(conn: &mut AnyConn, owner: Id) -> Result<Vec<DeliveryAddress>> {
    Ok(delivery_address::table
        .filter(delivery_address::organisation_id.eq(owner))
        .select(DeliveryAddress::as_select())
        .order((delivery_address::is_default.desc(), delivery_address::created_at, delivery_address::id))
        .load(conn)?)
}

/// The appointment of a distributor by an enterprise, running or ended.
pub fn appointment(conn: &mut AnyConn, manufacturer: Id, distributor: Id) -> Result<Option<Appointment>> {
    Ok(on_db!(conn, c => distributor_appointment::table
        .filter(distributor_appointment::manufacturer_id.eq(manufacturer))
        .filter(distributor_appointment::distributor_id.eq(distributor))
        .select(Appointment::as_select())
        .get_result(c))
    .optional()?)
}

/// Whether `supplier` may deliver the products of `manufacturer`: it is the enterprise itself, or named by it and active.
pub fn may_deliver(conn: &mut AnyConn, manufacturer: Id, supplier: Id) -> Result<bool> {
    if manufacturer == supplier {
        return Ok(true);
    }
    Ok(appointment(conn, manufacturer, supplier)?.is_some_and(|a| a.ended_at.is_none()))
}

/// Who delivers the products of an enterprise: itself first, then its distributors by name; none that is suspended.
pub fn suppliers_of(conn: &mut AnyConn, manufacturer: Id) -> Result<Vec<Organisation>> {
    let named: Vec<Id> = distributor_appointment::table
        .filter(distributor_appointment::manufacturer_id.eq(manufacturer))
        .filter(distributor_appointment::ended_at.is_null())
        .select(distributor_appointment::distributor_id)
        .load(conn)?;
    let mut ids = named;
    ids.push(manufacturer);
    let mut found = organisations(conn, &ids)?;
    found.retain(|o| o.state == OrgState::Active);
    found.sort_by(|a, b| (a.id != manufacturer, &a.name).cmp(&(b.id != manufacturer, &b.name)));
    Ok(found)
}

/// The enterprises whose products this supplier may deliver: itself, or those that named it.
pub fn manufacturers_for(conn: &mut AnyConn, supplier: Id) -> Result<Vec<Id>> {
    let mut ids: Vec<Id> = distributor_appointment::table
        .filter(distributor_appointment::distributor_id.eq(supplier))
        .filter(distributor_appointment::ended_at.is_null())
        .select(distributor_appointment::manufacturer_id)
        .load(conn)?;
    ids.push(supplier);
    Ok(ids)
}

/// All running appointments of an enterprise with the distributor's row, by name.
pub fn appointments(conn: &mut AnyConn, manufacturer: Id) -> Result<Vec<(Appointment, Organisation)>> {
    Ok(distributor_appointment::table
        .inner_join(organisation::table.on(organisation::id.eq(distributor_appointment::distributor_id)))
        .filter(distributor_appointment::manufacturer_id.eq(manufacturer))
        .filter(distributor_appointment::ended_at.is_null())
        .select((Appointment::as_select(), Organisation::as_select()))
        .order((organisation::name, organisation::id))
        .load(conn)?)
}

/// A LIKE pattern for texts that contain `words`, whatever signs stand in them; for `.escape('\\')`.
pub fn contains(words: &str) -> String {
    let escaped: String = words
        .chars()
        .flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c]))
        .collect();
    format!("%{escaped}%")
}

/// Active distributors whose name contains `words`, by name.
pub fn distributors_named(conn: &mut AnyConn, words: &str, limit: i64) -> Result<Vec<Organisation>> {
    let like = contains(words);
    Ok(organisation::table
        .filter(
            organisation::kind
                .eq(OrgKind::Distributor)
                .or(organisation::other_kinds.like(format!("%{}%", OrgKind::Distributor))),
        )
        .filter(organisation::state.eq(OrgState::Active))
        .filter(organisation::name.like(like).escape('\\'))
        .select(Organisation::as_select())
        .order((organisation::name, organisation::id))
        .limit(limit)
        .load(conn)?)
}
