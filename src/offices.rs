//! The offices, top to bottom: each may use those above it. A new one is a line here; navigation, start pages, imports, the
//! audit, tasks and the route table read this list.

use crate::platform::office::Offices;
use crate::web::counter;
use crate::{accounts, catalogue, listing, order, party, publication, supervision};

/// All of them; the counter's own comes last.
pub const ALL: Offices = Offices(&[
    accounts::office::OFFICE,
    party::office::OFFICE,
    catalogue::office::OFFICE,
    listing::office::OFFICE,
    order::office::OFFICE,
    supervision::office::OFFICE,
    publication::office::OFFICE,
    counter::OFFICE,
]);
