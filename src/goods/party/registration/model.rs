//! The application and its states.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::audit::Audited;
use crate::platform::schema::registration;
use crate::platform::sql::{Id, Time};
use crate::platform::who::{Kinds, OrgKind};
use crate::text_enum;

text_enum! {
    /// How far an application is.
    pub enum RegistrationState {
        /// Being written.
        Draft = "draft" | "待提交" [Plain],
        /// Waits for the first officer.
        Submitted = "submitted" | "待初审" [Waiting],
        /// The applicant is asked for more.
        Returned = "returned" | "待补正" [Hint],
        /// Waits for the second officer.
        Reviewed = "reviewed" | "待复核" [Waiting],
        /// The organisation takes part.
        Admitted = "admitted" | "已准入" [Done],
        /// It does not.
        Refused = "refused" | "未通过" [Wrong],
    }
}

impl RegistrationState {
    /// True while the applicant may change it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Returned)
    }
}

/// An application to take part.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = registration, treat_none_as_null = true)]
pub struct Registration {
    /// Key.
    pub id: Id,
    /// What people call it by.
    pub number: String,
    /// How far it is.
    pub state: RegistrationState,
    /// Full name, as on the licence.
    pub name: String,
    /// Unified social credit code.
    pub credit_code: String,
    /// What the organisation is.
    pub kind: OrgKind,
    /// What else it is.
    pub other_kinds: Kinds,
    /// City without 市.
    pub city: String,
    /// County or district; empty for the city itself.
    pub district: String,
    /// Registered address.
    pub address: String,
    /// Who answers for the application.
    pub contact_name: String,
    /// How that person is reached.
    pub phone: String,
    /// Where mails go.
    pub email: String,
    /// What the applicant says to the officers.
    pub statement: String,
    /// The account it was submitted from, where somebody was logged in.
    pub submitted_by: Option<Id>,
    /// When it was submitted last; legal time.
    pub submitted_at: Option<Time>,
    /// The first officer.
    pub reviewer_id: Option<Id>,
    /// When that one agreed; legal time.
    pub reviewed_at: Option<Time>,
    /// The officer who decided.
    pub second_id: Option<Id>,
    /// When; legal time.
    pub decided_at: Option<Time>,
    /// What an officer said last to the applicant.
    pub officer_words: Option<String>,
    /// The organisation that came of it.
    pub organisation_id: Option<Id>,
    /// When it was begun.
    pub created_at: Time,
    /// For the optimistic lock.
    pub version: i64,
}

impl Registration {
    /// Everything that the organisation is.
    pub fn kinds(&self) -> impl Iterator<Item = OrgKind> + '_ {
        std::iter::once(self.kind).chain(self.other_kinds.0.iter().copied())
    }

    /// What it is, for people.
    pub fn kind_labels(&self) -> String {
        self.kinds().map(OrgKind::label).collect::<Vec<_>>().join("、")
    }
}

impl Audited for Registration {
    const TYPE: &'static str = "registration";
    fn id(&self) -> Id {
        self.id
    }
}
