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

/// A ratio without zeros at its end: `3.002`.
pub fn ratio(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text.into() }
}
