//! `regions`: supply regions in turn.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::lines::{Form, Rule, write_json};
use crate::rules::explain::Steps;
use crate::rules::json::{Json, Object, RowError};
use crate::rules::policy::{Policy, PolicyError};
use crate::rules::regions::{Pick, Picker, Twice, allocate, counts};

pub(super) const FORM: Form = Form { key: "lot", prepare };

fn prepare(_: &Policy) -> Result<Rule, PolicyError> {
    Ok(Box::new(compute))
}

#[derive(serde::Serialize)]
struct Out<'a> {
    lot: &'a str,
    regions: Regions<'a>,
    counts: Vec<Count<'a>>,
}

#[derive(serde::Serialize)]
struct Count<'a> {
    id: &'a str,
    count: usize,
}

/// Name of the region to id of the winner, in the order of the input.
struct Regions<'a> {
    names: &'a [String],
    winners: &'a [Picker],
    picks: &'a [Option<Pick>],
}

impl Serialize for Regions<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        for (name, pick) in self.names.iter().zip(self.picks) {
            if let Some(winner) = pick.and_then(|pick| self.winners.get(pick.winner)) {
                map.serialize_entry(name, &winner.id)?;
            }
        }
        map.end()
    }
}

fn compute(object: &Object<'_>, out: &mut Vec<u8>, steps: &mut Steps) -> Result<(), RowError> {
    let lot = object.text("lot")?;
    object.need("regions")?;
    let names = object.list("regions", name)?.unwrap_or_default();
    object.need("winners")?;
    let winners = object.objects("winners", winner)?.unwrap_or_default();
    let picks = allocate(&names, &winners, steps).map_err(|Twice(name)| {
        RowError::new("DUPLICATE_ID", "", format!("{name:?} stands twice, expected unique names and ids"))
    })?;
    let counts = counts(&picks, winners.len());
    let counts = winners.iter().zip(counts).map(|(winner, count)| Count { id: &winner.id, count }).collect();
    write_json(
        out,
        &Out { lot, regions: Regions { names: &names, winners: &winners, picks: &picks }, counts },
    )
}

/// Open: a winner without `preferences` has none and takes the first free region; a region or a winner that stands
/// twice is `DUPLICATE_ID`.
fn winner(object: &Object<'_>) -> Result<Picker, RowError> {
    Ok(Picker {
        id: object.text("id")?.to_owned(),
        preferences: object.list("preferences", name)?.unwrap_or_default(),
    })
}

fn name(item: &Json<'_>) -> Result<String, RowError> {
    item.as_str().map(str::to_owned).ok_or_else(|| RowError::bad("", item, "a string"))
}
