//! The application and its states.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::audit::Audited;
use crate::platform::schema::registration;
use crate::platform::sql::{Id, Time};
use crate::platform::who::{Kinds, OrgKind};
use crate::{text_enum, versioned};

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

    /// Handed to the officers, for the first time or with what was asked for.
    pub fn submit(&mut self, by: Option<Id>, at: Time, statement: String) {
        self.state = RegistrationState::Submitted;
        self.statement = statement;
        self.submitted_at = Some(at);
        self.submitted_by = self.submitted_by.or(by);
    }

    /// The applicant is asked for more; the review starts over.
    pub fn ask_more(&mut self, words: &str) {
        self.state = RegistrationState::Returned;
        (self.reviewer_id, self.reviewed_at) = (None, None);
        self.officer_words = Some(words.into());
    }

    /// The end, without an organisation.
    pub fn refuse(&mut self, by: Id, at: Time, words: &str) {
        self.state = RegistrationState::Refused;
        (self.reviewer_id, self.reviewed_at) = (None, None);
        (self.second_id, self.decided_at) = (Some(by), Some(at));
        self.officer_words = Some(words.into());
    }

    /// The first officer agrees.
    pub fn approve(&mut self, by: Id, at: Time) {
        self.state = RegistrationState::Reviewed;
        (self.reviewer_id, self.reviewed_at) = (Some(by), Some(at));
        self.officer_words = None;
    }

    /// The second officer does: the organisation takes part.
    pub fn admit(&mut self, by: Id, at: Time, organisation: Id) {
        self.state = RegistrationState::Admitted;
        (self.second_id, self.decided_at) = (Some(by), Some(at));
        self.organisation_id = Some(organisation);
    }

    /// The second officer does not: the first looks again.
    pub fn send_back(&mut self) {
        self.state = RegistrationState::Submitted;
        (self.reviewer_id, self.reviewed_at) = (None, None);
    }
}

versioned!(Registration, "登记申请");

impl Audited for Registration {
    const TYPE: &'static str = "registration";
    fn id(&self) -> Id {
        self.id
    }
}
