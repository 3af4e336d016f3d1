//! Rows of this office.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::audit::Audited;
use crate::platform::schema::{delivery_address, distributor_appointment, organisation};
use crate::platform::sql::{Id, Time};
use crate::platform::who::{Kinds, OrgKind};
use crate::{text_enum, versioned};

text_enum! {
    /// Whether an organisation may act.
    pub enum OrgState {
        /// Takes part.
        Active = "active" | "正常" [Done],
        /// Excluded for the time being.
        Suspended = "suspended" | "已暂停" [Wrong],
    }
}

/// An organisation.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = organisation, treat_none_as_null = true)]
pub struct Organisation {
    /// Key.
    pub id: Id,
    /// What it is.
    pub kind: OrgKind,
    /// Full name.
    pub name: String,
    /// Unified social credit code (GB 32100-2015).
    pub credit_code: String,
    /// City without 市.
    pub city: String,
    /// Whether it may act.
    pub state: OrgState,
    /// When it was registered.
    pub created_at: Time,
    /// For the optimistic lock.
    pub version: i64,
    /// What else it is.
    pub other_kinds: Kinds,
    /// County or district of the city; empty for the city itself.
    pub district: String,
    /// Why it may not act; none where it may.
    pub state_reason: Option<String>,
}

impl Organisation {
    /// Everything that it is.
    pub fn kinds(&self) -> impl Iterator<Item = OrgKind> + '_ {
        std::iter::once(self.kind).chain(self.other_kinds.0.iter().copied())
    }

    /// What it is, for people: 「生产企业、配送企业」.
    pub fn kind_labels(&self) -> String {
        self.kinds().map(OrgKind::label).collect::<Vec<_>>().join("、")
    }

    /// It may not act for the time being.
    pub fn suspend(&mut self, why: &str) {
        self.state = OrgState::Suspended;
        self.state_reason = Some(why.into());
    }

    /// It may act again.
    pub fn lift(&mut self) {
        self.state = OrgState::Active;
        self.state_reason = None;
    }
}

versioned!(Organisation, "单位");
versioned!(DeliveryAddress, "收货地址");
versioned!(Appointment, "配送关系");

impl Audited for Organisation {
    const TYPE: &'static str = "organisation";
    fn id(&self) -> Id {
        self.id
    }
}

/// Where an organisation wants goods delivered.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = delivery_address, treat_none_as_null = true)]
pub struct DeliveryAddress {
    /// Key.
    pub id: Id,
    /// Whose.
    pub organisation_id: Id,
    /// Who takes the goods.
    pub recipient: String,
    /// How the recipient is reached.
    pub phone: String,
    /// Street, building, room.
    pub address: String,
    /// Chosen where nothing else is said; at most one an organisation.
    pub is_default: bool,
    /// When it was added.
    pub created_at: Time,
    /// For the optimistic lock.
    pub version: i64,
}

impl Audited for DeliveryAddress {
    const TYPE: &'static str = "delivery_address";
    fn id(&self) -> Id {
        self.id
    }
}

/// An enterprise named a distributor (配送关系).
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = distributor_appointment, treat_none_as_null = true)]
pub struct Appointment {
    /// Key.
    pub id: Id,
    /// The enterprise.
    pub manufacturer_id: Id,
    /// The distributor.
    pub distributor_id: Id,
    /// Since when it delivers no more; none while it runs.
    pub ended_at: Option<Time>,
    /// When it was first named.
    pub created_at: Time,
    /// For the optimistic lock.
    pub version: i64,
}

impl Audited for Appointment {
    const TYPE: &'static str = "distributor_appointment";
    fn id(&self) -> Id {
        self.id
    }
}
