//! A line of a message: words in any order.

use super::Line;
use super::looks::{self, Counted, Looks, counted, is_unit};
use super::row::{self, Row};

/// Reads a line by its words.
pub(super) fn row(line: &Line) -> Row {
    let looks: Vec<(&str, Looks)> = line
        .cells
        .iter()
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_str(), Looks::of(word)))
        .collect();
    let all = |of: Looks| looks.iter().filter(move |(_, looks)| *looks == of).map(|(word, _)| *word);
    let codes = all(Looks::Code).filter_map(looks::code).collect();
    let maker = all(Looks::Maker).next().unwrap_or_default().to_owned();
    let mut strength: Vec<&str> = all(Looks::Strength).collect();
    let mut words: Vec<&str> = all(Looks::Words).collect();
    let units: Vec<&str> = all(Looks::Unit).collect();
    // Of several, the last is ordered: `0.25g 24粒 5盒`.
    let mut with_unit: Vec<&str> = all(Looks::Counted).collect();
    let mut tail = String::new();
    let last = with_unit.pop();
    strength.extend(with_unit);
    if last.is_none()
        && !looks.iter().any(|(_, looks)| looks.is_number())
        && let Some((name, count)) = words.last().and_then(|word| tail_of(word))
    {
        words.pop();
        words.push(name);
        tail = count.to_owned();
    }
    let numbers: Vec<&str> = looks.iter().filter(|(_, l)| l.is_number()).map(|(word, _)| *word).collect();
    let quantity = last.map(str::to_owned).or_else(|| (!tail.is_empty()).then_some(tail));
    let (quantity, read) = match quantity {
        Some(quantity) => {
            let read = counted(&quantity);
            (quantity, read)
        }
        None => one_of(&numbers, &units),
    };
    let name = words.join(" ");
    let strength = strength.join(" ");
    let text = row::text(&line.cells);
    Row { number: line.number, codes, name, strength, maker, counted: read, quantity, text }.cut()
}

/// The quantity among bare numbers: the only one, or the only whole one.
fn one_of(numbers: &[&str], units: &[&str]) -> (String, Result<Counted, String>) {
    let whole: Vec<&str> = numbers.iter().copied().filter(|n| Looks::of(n) == Looks::Whole).collect();
    let quantity = match (numbers, whole.as_slice()) {
        ([only], _) | (_, [only]) => (*only).to_owned(),
        ([], _) => String::new(),
        _ => {
            let told = format!("看不出哪个数是数量（{}）", numbers.join("、"));
            return (numbers.join(" "), Err(told));
        }
    };
    let unit = units.first().copied().unwrap_or_default();
    let read = counted(&quantity).map(|read| Counted { unit: unit.to_owned(), ..read });
    (quantity, read)
}

/// A name with its quantity written on: `阿莫西林胶囊5盒`, `阿莫西林胶囊×5盒`.
fn tail_of(word: &str) -> Option<(&str, &str)> {
    let (at, last) = word.char_indices().next_back()?;
    if !is_unit(&last.to_string()) {
        return None;
    }
    let before = word.get(..at)?;
    let bare = before.trim_end_matches(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c));
    let name = bare.trim_end_matches(['*', '×', 'x', 'X', ':', '：']);
    let counted = word.get(bare.len()..)?;
    let has_name = name.chars().next_back().is_some_and(|c| !c.is_ascii());
    (bare.len() < before.len() && has_name).then_some((name, counted))
}
