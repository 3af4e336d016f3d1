//! Whose affairs an authority looks after: agency and provincial bureau the whole province, a city's bureau its city, a county's
//! its county.

use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{OrgKind, Principal};
use crate::error::Result;
use crate::schema::organisation;
use crate::sql::AnyConn;

/// What an authority looks after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Region {
    /// Everything.
    Province,
    /// A city with its counties and districts.
    City(String),
    /// A county or district of a city.
    County(String, String),
}

impl Region {
    /// The region of somebody's organisation; none where it is no authority.
    ///
    /// # Errors
    /// Of the database.
    pub fn of(conn: &mut AnyConn, who: &Principal) -> Result<Option<Self>> {
        if who.is(OrgKind::is_provincial) {
            return Ok(Some(Self::Province));
        }
        let (of_city, of_county) =
            (who.is(|kind| kind == OrgKind::CityBureau), who.is(|kind| kind == OrgKind::CountyBureau));
        if !of_city && !of_county {
            return Ok(None);
        }
        let (city, district) = organisation::table
            .find(who.organisation)
            .select((organisation::city, organisation::district))
            .first(conn)?;
        Ok(Some(if of_city { Self::City(city) } else { Self::County(city, district) }))
    }

    /// The organisations of the region, as a filter.
    pub fn within(&self) -> Within {
        let (city, district) = match self {
            Self::Province => (None, None),
            Self::City(city) => (Some(city), None),
            Self::County(city, district) => (Some(city), Some(district)),
        };
        // One type for all three, for a subselect cannot be boxed: what narrows nothing is true beside the comparison.
        let always = |so: bool| so.into_sql::<Bool>();
        let (all_cities, all_districts) = (always(city.is_none()), always(district.is_none()));
        let city = organisation::city.eq(city.cloned().unwrap_or_default()).or(all_cities);
        city.and(organisation::district.eq(district.cloned().unwrap_or_default()).or(all_districts))
    }

    /// The keys of its hospitals, also of those that are something else first.
    pub fn hospitals(&self) -> Hospitals {
        let kinds: Vec<OrgKind> = OrgKind::ALL.iter().copied().filter(|kind| kind.is_hospital()).collect();
        // The words of all three kinds end so.
        let hospital = organisation::kind.eq_any(kinds).or(organisation::other_kinds.like("%hospital%"));
        organisation::table.filter(self.within()).filter(hospital).select(organisation::id)
    }
}

type Always = dsl::AsExprOf<bool, Bool>;
/// The type of [`Region::within`].
pub type Within = dsl::And<
    dsl::Or<dsl::Eq<organisation::city, String>, Always>,
    dsl::Or<dsl::Eq<organisation::district, String>, Always>,
>;
type Hospital =
    dsl::Or<dsl::EqAny<organisation::kind, Vec<OrgKind>>, dsl::Like<organisation::other_kinds, &'static str>>;
/// The type of [`Region::hospitals`].
pub type Hospitals =
    dsl::Select<dsl::Filter<dsl::Filter<organisation::table, Within>, Hospital>, organisation::id>;
