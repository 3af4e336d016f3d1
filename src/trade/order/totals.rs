//! What orders in a list come to: the sum of those that stand, and beside it what is left out.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::OrderState;
use crate::platform::error::Result;
use crate::platform::sql::Total;

/// How many orders there are, and what those come to that stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Totals {
    /// All that are filtered.
    pub count: i64,
    /// True where there are more: of each state 20,000 orders are counted and added up.
    pub more: bool,
    /// The sum of those that stand, yuan: submitted or confirmed; of a list of one state those of that state.
    pub total: Total,
    /// The others.
    #[serde(skip)]
    pub left_out: LeftOut,
}

/// Orders that are listed and not in the sum: drafts, refused and cancelled ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct LeftOut {
    /// How many.
    pub count: i64,
    /// What they come to, yuan.
    pub total: Total,
}

impl Totals {
    /// Of the orders by state, where all states or one are asked for.
    ///
    /// # Errors
    /// Internal beyond 10³² yuan.
    pub fn of(states: &[StateCount], asked: Option<OrderState>) -> Result<Self> {
        let mut sums = Self::default();
        for found in states.iter().filter(|found| asked.is_none_or(|state| found.state == state)) {
            sums.count += found.count;
            sums.more |= found.more;
            if asked.is_some() || found.state.stands() {
                sums.total = sums.total.plus(found.total)?;
            } else {
                sums.left_out.count += found.count;
                sums.left_out.total = sums.left_out.total.plus(found.total)?;
            }
        }
        Ok(sums)
    }

    /// How many orders are in the sum.
    pub fn counted(&self) -> i64 {
        self.count - self.left_out.count
    }
}

/// How many orders are in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct StateCount {
    /// The state.
    pub state: OrderState,
    /// How many.
    pub count: i64,
    /// Their sum, yuan.
    pub total: Total,
    /// True where there are more than these 20,000.
    pub more: bool,
}
