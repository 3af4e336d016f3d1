//! Queries of this office.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::model::{Appointment, DeliveryAddress, OrgState, Organisation};
use crate::on_db;
use crate::platform::db::{Prepared, padded};
use crate::platform::error::{Refusal, Result};
use crate::platform::schema::{delivery_address, distributor_appointment, organisation};
use crate::platform::sql::like::contains;
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
    let ids = padded(ids.iter().copied());
    Ok(on_db!(conn, c => Prepared(
        organisation::table.filter(organisation::id.eq_any(ids)).select(Organisation::as_select())
    )
    .load(c))?)
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

/// An organisation, and whether it named a distributor whose appointment runs.
#[derive(Debug, Clone)]
pub struct Deliverer {
    /// The organisation.
    pub organisation: Organisation,
    /// True where it named the distributor that was asked about.
    pub named: bool,
}

impl Deliverer {
    /// Whether `supplier`, the distributor that was asked about, may deliver its products: it is the enterprise itself, or
    /// named by it.
    pub fn may_be_delivered_by(&self, supplier: Option<Id>) -> bool {
        supplier.is_some() && (self.named || supplier == Some(self.organisation.id))
    }
}

/// Organisations by their keys, each with whether it named `distributor`.
pub fn with_appointment(
    conn: &mut AnyConn,
    ids: &[Id],
    distributor: Option<Id>,
) -> Result<BTreeMap<Id, Deliverer>> {
    let ids = padded(ids.iter().copied());
    let running = distributor_appointment::manufacturer_id
        .eq(organisation::id)
        .and(distributor_appointment::distributor_id.nullable().eq(distributor))
        .and(distributor_appointment::ended_at.is_null());
    let found: Vec<(Organisation, bool)> = on_db!(conn, c => Prepared(
        organisation::table
            .left_join(distributor_appointment::table.on(running))
            .filter(organisation::id.eq_any(ids))
            .select((Organisation::as_select(), distributor_appointment::id.nullable().is_not_null()))
    )
    .load(c))?;
    let with =
        |(organisation, named): (Organisation, bool)| (organisation.id, Deliverer { organisation, named });
    Ok(found.into_iter().map(with).collect())
}

/// Who delivers the products of enterprises: itself first, then its distributors by name; none that is suspended. Each with the
/// enterprise.
pub fn suppliers_of(conn: &mut AnyConn, manufacturers: &[Id]) -> Result<Vec<(Id, Organisation)>> {
    let named: Vec<(Id, Id)> = distributor_appointment::table
        .filter(distributor_appointment::manufacturer_id.eq_any(manufacturers))
        .filter(distributor_appointment::ended_at.is_null())
        .select((distributor_appointment::manufacturer_id, distributor_appointment::distributor_id))
        .load(conn)?;
    let own = manufacturers.iter().map(|id| (*id, *id));
    let pairs: Vec<(Id, Id)> = own.chain(named).collect();
    let ids: Vec<Id> = pairs.iter().map(|(_, supplier)| *supplier).collect();
    let known: BTreeMap<Id, Organisation> =
        organisations(conn, &ids)?.into_iter().map(|found| (found.id, found)).collect();
    let active = |(of, id): (Id, Id)| {
        known.get(&id).filter(|found| found.state == OrgState::Active).map(|found| (of, found.clone()))
    };
    let mut found: Vec<(Id, Organisation)> = pairs.into_iter().filter_map(active).collect();
    found.sort_by(|(a, one), (b, two)| (a, one.id != *a, &one.name).cmp(&(b, two.id != *b, &two.name)));
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

/// Active distributors whose name contains `words`, by name.
pub fn distributors_named(conn: &mut AnyConn, words: &str, limit: i64) -> Result<Vec<Organisation>> {
    Ok(organisation::table
        .filter(
            organisation::kind
                .eq(OrgKind::Distributor)
                .or(organisation::other_kinds.like(format!("%{}%", OrgKind::Distributor))),
        )
        .filter(organisation::state.eq(OrgState::Active))
        .filter(contains("organisation.name", words))
        .select(Organisation::as_select())
        .order((organisation::name, organisation::id))
        .limit(limit)
        .load(conn)?)
}
