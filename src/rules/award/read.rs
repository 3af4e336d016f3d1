//! Reads a lot as it stands in a file: what the tender states of the policy goes over the profile in force.

use super::policy::MANY;
use super::{
    Answer, AwardError, Bidder, Cap, Count, Denominator, Eligible, Entrusted, Lot, Policy, Revival,
    Selection, Shortlist, UnitMode, Units,
};
use crate::json::{Json, Object, RowError};
use crate::moment::Moment;
use crate::money::Dec;
use crate::policy::{self as profile, PolicyError, Value as Set};

/// What a lot states of a policy section, over the profile in force.
struct Section<'a, 'j> {
    name: &'static str,
    given: Option<&'a Object<'j>>,
    profile: &'a profile::Policy,
}

impl<'j> Section<'_, 'j> {
    fn given(&self, member: &str) -> Option<&Json<'j>> {
        self.given.and_then(|given| given.get(member))
    }

    /// A null in the input overrides the profile: not used.
    fn is_null(&self, member: &str) -> bool {
        self.given.and_then(|given| given.raw(member)).is_some_and(|value| *value == Json::Null)
    }

    fn profile(&self, member: &str) -> Result<&Set, RowError> {
        let key = format!("award.{}.{member}", self.name);
        self.profile.value(&key).map_err(|error| {
            let code = match error {
                PolicyError::Required(_) => "POLICY_VALUE_REQUIRED",
                _ => "BAD_POLICY",
            };
            RowError::new(code, format!("policy.{}.{member}", self.name), error.to_string())
        })
    }

    /// Places an error of the object in the policy.
    fn placed(&self, error: RowError) -> RowError {
        error.inside(self.name).inside("policy")
    }

    fn mistyped(&self, member: &str) -> RowError {
        let field = format!("policy.{}.{member}", self.name);
        RowError::new("BAD_POLICY", field, "has a value of another kind in the profile")
    }

    fn dec(&self, member: &str, min: i64, max: Option<i64>) -> Result<Dec, RowError> {
        let Some(given) = self.given.filter(|_| self.given(member).is_some()) else {
            return match self.profile(member)? {
                Set::Decimal(value) => Ok(value.clone()),
                _ => Err(self.mistyped(member)),
            };
        };
        let value = given.dec(member).map_err(|error| self.placed(error))?;
        let fits = value >= Dec::from(min) && max.is_none_or(|max| value <= Dec::from(max));
        match fits {
            true => Ok(value),
            false => {
                let most = max.map(|max| format!(" to {max}")).unwrap_or_default();
                let problem = format!("is {value}, expected a number from {min}{most}");
                Err(self.placed(RowError::new("BAD_VALUE", member, problem)))
            }
        }
    }

    fn opt_dec(&self, member: &str) -> Result<Option<Dec>, RowError> {
        if self.is_null(member) {
            return Ok(None);
        }
        if self.given(member).is_none() && *self.profile(member)? == Set::None {
            return Ok(None);
        }
        match self.given.filter(|_| self.given(member).is_some()) {
            Some(given) => given.opt_dec(member).map_err(|error| self.placed(error)),
            None => self.dec(member, 0, None).map(Some),
        }
    }

    fn whole(&self, member: &str, min: i64) -> Result<i64, RowError> {
        let given = self.given.map(|given| given.opt_whole(member, min, MANY)).transpose();
        if let Some(value) = given.map_err(|error| self.placed(error))?.flatten() {
            return Ok(value);
        }
        match self.profile(member)? {
            Set::Whole(value) => Ok(*value),
            _ => Err(self.mistyped(member)),
        }
    }

    fn flag(&self, member: &str) -> Result<bool, RowError> {
        match (self.given(member), self.given) {
            (Some(_), Some(given)) => given.flag(member, false).map_err(|error| self.placed(error)),
            _ => match self.profile(member)? {
                Set::Flag(value) => Ok(*value),
                _ => Err(self.mistyped(member)),
            },
        }
    }

    /// A word; `None` if it is left to the tender and not stated.
    fn word<T>(
        &self,
        member: &str,
        words: &[&str],
        parse: fn(&str) -> Option<T>,
    ) -> Result<Option<T>, RowError> {
        let Some(found) = self.given(member) else {
            return match self.profile(member) {
                Ok(Set::Word(word)) => parse(word).map(Some).ok_or_else(|| self.mistyped(member)),
                Ok(_) => Err(self.mistyped(member)),
                Err(error) if error.code == "POLICY_VALUE_REQUIRED" => Ok(None),
                Err(error) => Err(error),
            };
        };
        found
            .as_str()
            .and_then(parse)
            .map(Some)
            .ok_or_else(|| self.placed(RowError::bad(member, found, &format!("one of {}", words.join(", ")))))
    }

    fn needed_word<T>(
        &self,
        member: &str,
        words: &[&str],
        parse: fn(&str) -> Option<T>,
    ) -> Result<T, RowError> {
        let word = self.word(member, words, parse)?;
        word.ok_or_else(|| self.placed(RowError::new("POLICY_VALUE_REQUIRED", member, "must be stated")))
    }

    fn table(&self) -> Result<Vec<(i64, i64)>, RowError> {
        let Some(given) = self.given.filter(|_| self.given("table").is_some()) else {
            return match self.profile("table")? {
                Set::Steps(pairs) => Ok(pairs.clone()),
                _ => Err(self.mistyped("table")),
            };
        };
        let pair = |item: &Json<'j>| {
            let bad = || RowError::bad("", item, "a pair of whole numbers [bidders, most shortlisted]");
            let Json::Array(pair) = item else { return Err(bad()) };
            let number =
                |item: &Json<'j>| item.whole().and_then(|d| d.to_scaled(0)).filter(|n| n.abs() <= MANY);
            match pair.as_slice() {
                [key, value] => number(key).zip(number(value)).ok_or_else(bad),
                _ => Err(bad()),
            }
        };
        let table = given.list("table", pair).map_err(|error| self.placed(error))?;
        Ok(table.unwrap_or_default())
    }

    fn deadline(&self) -> Result<Option<String>, RowError> {
        if self.is_null("deadline") {
            return Ok(None);
        }
        match self.given.map(|given| given.opt_text("deadline")).transpose() {
            Err(error) => Err(self.placed(error)),
            Ok(Some(Some(text))) if Moment::parse(text).is_none() => {
                Err(AwardError::Deadline(text.to_owned()).into())
            }
            Ok(Some(Some(text))) => Ok(Some(text.to_owned())),
            Ok(_) => match self.profile("deadline")? {
                Set::None => Ok(None),
                Set::Word(text) => Ok(Some(text.clone())),
                _ => Err(self.mistyped("deadline")),
            },
        }
    }
}

impl Policy {
    /// The effective policy: what the tender states (the member `policy` of a lot), else the profile.
    pub fn read(stated: Option<&Object<'_>>, profile: &profile::Policy) -> Result<Self, RowError> {
        let section = |name: &'static str| {
            let given = stated.map(|stated| stated.opt_object(name)).transpose();
            let given = given.map_err(|error| error.inside("policy"))?.flatten();
            Ok::<_, RowError>(Section { name, given, profile })
        };
        let (units, shortlist) = (section("units")?, section("shortlist")?);
        let (entrusted, selection) = (section("entrusted")?, section("selection")?);
        let revival = section("revival")?;
        Ok(Policy {
            units: Units {
                mode: units.needed_word("mode", UnitMode::WORDS, UnitMode::parse)?,
                share: units.dec("share", 0, Some(1))?,
                all_in_a_up_to: units.whole("all_in_a_up_to", 0)?,
                denominator: units.needed_word("denominator", Denominator::WORDS, Denominator::parse)?,
            },
            shortlist: Shortlist {
                table: shortlist.table()?,
                count: shortlist.needed_word("count", Count::WORDS, Count::parse)?,
            },
            entrusted: Entrusted {
                merge_same_factory: entrusted.flag("merge_same_factory")?,
                min: entrusted.whole("min", 1)?,
                minus: entrusted.whole("minus", 0)?,
            },
            selection: Selection {
                max_ratio: selection.dec("max_ratio", 1, None)?,
                floor_price: selection.opt_dec("floor_price")?,
                cut_protects: selection.opt_dec("cut_protects")?,
            },
            revival: Revival {
                enabled: revival.flag("enabled")?,
                eligible: revival.needed_word("eligible", Eligible::WORDS, Eligible::parse)?,
                cap: revival.word("cap", Cap::WORDS, Cap::parse)?,
                ratio: revival.dec("ratio", 1, None)?,
                deadline: revival.deadline()?,
            },
        })
    }
}

impl Lot {
    /// Reads the members of a lot but for its policy.
    ///
    /// Open: an answer to the revival must state its time (`MISSING`), and one that does not say `complete` is not;
    /// a negative demand of the category is as bad a value as one of a bidder.
    pub fn read(lot: &Object<'_>) -> Result<Self, RowError> {
        let read = Lot {
            lot: lot.text("lot")?.to_owned(),
            ceiling: lot.opt_dec("ceiling")?,
            category_demand: not_negative(lot, "category_demand")?,
            bidders: lot
                .objects("bidders", bidder)?
                .ok_or_else(|| RowError::new("MISSING", "bidders", "is missing and needed"))?,
            answers: lot.objects("revival_answers", answer)?.unwrap_or_default(),
        };
        Ok(read)
    }
}

fn not_negative(object: &Object<'_>, name: &str) -> Result<Option<Dec>, RowError> {
    match object.opt_dec(name)? {
        Some(value) if value.is_negative() => {
            Err(RowError::new("BAD_VALUE", name, format!("is {value}, expected a number from 0")))
        }
        value => Ok(value),
    }
}

fn bidder(given: &Object<'_>) -> Result<Bidder, RowError> {
    Ok(Bidder {
        id: given.text("id")?.to_owned(),
        price: given.opt_dec("price")?,
        demand: not_negative(given, "demand")?.unwrap_or_default(),
        all_regions: given.flag("all_regions", true)?,
        factory: given.opt_text("factory")?.map(str::to_owned),
    })
}

fn answer(given: &Object<'_>) -> Result<Answer, RowError> {
    let id = given.text("id")?.to_owned();
    let price = given.opt_dec("price")?;
    let time = given.text("submitted_at")?;
    let submitted_at = Moment::parse(time).ok_or_else(|| {
        let expected = "expected a time with an offset such as 2024-12-12T16:59:59+08:00";
        RowError::new("BAD_VALUE", "submitted_at", format!("is \"{time:.60}\", {expected}"))
    })?;
    Ok(Answer { id, price, submitted_at, complete: given.flag("complete", false)? })
}

impl From<AwardError> for RowError {
    fn from(error: AwardError) -> Self {
        match error {
            AwardError::DuplicateId(id) => {
                RowError::new("DUPLICATE_ID", "bidders", format!("name {id:?} twice, expected each id once"))
            }
            AwardError::UnknownId(id) => RowError::new(
                "UNKNOWN_ID",
                "revival_answers",
                format!("name {id:?}, expected the id of a bidder"),
            ),
            AwardError::CapRequired => {
                let problem = "is not stated, expected ratio_of_lowest or highest_selected for a revival";
                RowError::new("POLICY_VALUE_REQUIRED", "policy.revival.cap", problem)
            }
            AwardError::Table => {
                let problem = "is no table of pairs from 1 up with ascending numbers of bidders";
                RowError::new("BAD_POLICY", "policy.shortlist.table", problem)
            }
            AwardError::Deadline(text) => {
                let problem = format!("is \"{text:.60}\", expected a time with an offset or null");
                RowError::new("BAD_VALUE", "policy.revival.deadline", problem)
            }
        }
    }
}
