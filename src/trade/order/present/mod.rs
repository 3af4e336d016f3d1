//! Orders as pages show them.

pub mod entry;
pub mod list;
pub mod one;

use super::model::OrderState;
use crate::platform::http::view::{Badge, Tone};

/// A state in one word.
pub fn badge(state: OrderState, overdue: bool) -> Badge {
    let tone = match state {
        OrderState::Draft => Tone::Plain,
        OrderState::Submitted if overdue => Tone::Hint,
        OrderState::Submitted => Tone::Waiting,
        OrderState::Confirmed => Tone::Done,
        OrderState::Refused => Tone::Wrong,
        OrderState::Cancelled => Tone::Plain,
    };
    Badge::new(tone, state.label())
}
