//! How names are compared, ordered and abbreviated.

use super::readings::{Piece, pieces};
pub use crate::platform::input::folded;
pub use crate::platform::sql::like::escaped;

/// Readings of one text that are kept at most.
pub const READINGS: usize = 8;
/// Length of a sort key in bytes.
const SORT_KEY: usize = 80;

/// First letters of the pinyin of a text, one entry a reading (头孢 is `tb`; 阿莫西林 is `amxl`), the usual reading first. Letters
/// and digits stand for themselves, signs are passed over.
pub fn initials(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for piece in pieces(&folded(text)) {
        let mut letters: Vec<char> = Vec::new();
        match piece {
            Piece::Sign(c) => letters.extend(Some(c).filter(char::is_ascii_alphanumeric)),
            Piece::Read(readings) => {
                for letter in readings.iter().filter_map(|reading| reading.chars().next()) {
                    if !letters.contains(&letter) {
                        letters.push(letter);
                    }
                }
            }
        }
        if all.len() * letters.len() > READINGS {
            letters.truncate(1);
        }
        let Some((last, others)) = letters.split_last() else { continue };
        let mut more: Vec<String> =
            others.iter().flat_map(|l| all.iter().map(move |start| format!("{start}{l}"))).collect();
        all.iter_mut().for_each(|start| start.push(*last));
        more.append(&mut all);
        all = more;
    }
    all.retain(|reading| !reading.is_empty());
    all
}

/// The place of a product in lists: pinyin of the name, then content, then brand; plain ASCII, so that both engines agree.
pub fn sort_key(generic_name: &str, content: &str, brand: &str) -> String {
    let mut key = [generic_name, content, brand].map(spelled).join(" ");
    key.truncate(SORT_KEY);
    key
}

fn spelled(text: &str) -> String {
    let mut out = String::new();
    for piece in pieces(&folded(text)) {
        match piece {
            Piece::Read(readings) => {
                let usual = readings.first().into_iter().flat_map(|reading| reading.chars());
                out.extend(usual.map(|l| if l == 'ü' { 'v' } else { l }).filter(char::is_ascii));
            }
            Piece::Sign(c) => out.extend(Some(c).filter(char::is_ascii_graphic)),
        }
    }
    out
}

/// Equal for products that can stand in for one another: same generic name, content and form (INJ-4.3).
pub fn comparable_key(generic_name: &str, content: &str, dosage_form: &str) -> String {
    [generic_name, content, dosage_form].map(folded).join("|")
}
