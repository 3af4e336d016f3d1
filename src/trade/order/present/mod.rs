//! Orders as pages show them.

pub mod conflict;
pub mod entry;
pub mod list;
pub mod one;

use super::model::OrderState;
use crate::platform::http::view::{Badge, Tone};

/// A state in one word.
pub fn badge(state: OrderState, overdue: bool) -> Badge {
    let late = overdue && state == OrderState::Submitted;
    let tone = if late { Tone::Hint } else { state.tone() };
    Badge::new(tone, state.label())
}
