//! A pasted block as lines of cells. A spreadsheet puts tabs between cells and quotes round a cell with a line break; a message
//! has blanks or commas.

use super::Line;

/// Cells of a line at most.
const CELLS: usize = 100;
/// Line breaks within one cell at most: a quote that nobody closed swallows no list.
const BREAKS: usize = 10;

/// The lines that are not blank. `true` where cells are divided by tabs.
pub(super) fn lines(text: &str) -> (Vec<Line>, bool) {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.contains('\t') {
        return (of_tabs(&text), true);
    }
    let numbered = (1_u32..).zip(text.split('\n'));
    let line = |(number, line): (u32, &str)| Line { number, cells: tokens(line) };
    (numbered.map(line).filter(|line| !line.cells.is_empty()).collect(), false)
}

fn of_tabs(text: &str) -> Vec<Line> {
    let (mut lines, mut cells, mut rest, mut number) = (Vec::new(), Vec::new(), text, 1_u32);
    let mut first = number;
    loop {
        let (cell, length) = quoted(rest).unwrap_or_else(|| bare(rest));
        number = number.saturating_add(count(rest.get(..length).unwrap_or_default()));
        cells.push(tidy(&cell));
        rest = rest.get(length..).unwrap_or_default();
        let mut chars = rest.chars();
        let divider = chars.next();
        if divider != Some('\t') {
            let done = std::mem::take(&mut cells);
            if done.iter().any(|cell| !cell.is_empty()) {
                lines.push(Line { number: first, cells: done.into_iter().take(CELLS).collect() });
            }
            number = number.saturating_add(1);
            first = number;
        }
        if divider.is_none() {
            return lines;
        }
        rest = chars.as_str();
    }
}

fn count(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}

/// A cell up to its divider, and how long it is.
fn bare(rest: &str) -> (String, usize) {
    let end = rest.find(['\t', '\n']).unwrap_or(rest.len());
    (rest.get(..end).unwrap_or_default().to_owned(), end)
}

/// A cell in quotes, and how long it is with them.
fn quoted(rest: &str) -> Option<(String, usize)> {
    let inside = rest.strip_prefix('"')?;
    let (mut cell, mut breaks) = (String::new(), 0);
    let mut chars = inside.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => match chars.peek().map(|(_, next)| *next) {
                Some('"') => {
                    chars.next();
                    cell.push('"');
                }
                None | Some('\t' | '\n') => return Some((cell, at + 2)),
                Some(_) => return None,
            },
            '\t' => return None,
            '\n' if breaks == BREAKS => return None,
            '\n' => {
                breaks += 1;
                cell.push(' ');
            }
            other => cell.push(other),
        }
    }
    None
}

/// Without what nobody sees, and one blank in the place of several.
pub(super) fn tidy(cell: &str) -> String {
    let seen = |c: char| match c {
        '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' => None,
        c if c.is_control() => Some(' '),
        c => Some(c),
    };
    let seen: String = cell.chars().filter_map(seen).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a line of a message, without the number in front of it. A comma within a number divides thousands.
pub(super) fn tokens(line: &str) -> Vec<String> {
    let line = tidy(line);
    let line = unnumbered(&line);
    let chars: Vec<char> = line.chars().collect();
    let (mut all, mut word) = (Vec::new(), String::new());
    for (at, c) in chars.iter().enumerate() {
        let divides = match c {
            ',' | '，' => !within_number(&chars, at),
            ' ' | '、' | ';' | '；' | '。' => true,
            _ => false,
        };
        match divides {
            true => all.push(std::mem::take(&mut word)),
            false => word.push(*c),
        }
    }
    all.push(word);
    all.retain(|word| !word.is_empty());
    all.truncate(CELLS);
    all
}

/// One to three digits before it, exactly three behind it.
fn within_number(chars: &[char], at: usize) -> bool {
    let behind = chars.iter().skip(at + 1);
    let before = chars.iter().take(at).rev();
    let digits = before.clone().take_while(|c| is_digit(**c)).count();
    let preceded = before.clone().nth(digits).is_some_and(|c| c.is_ascii_alphanumeric());
    (1..=3).contains(&digits) && !preceded && behind.clone().take_while(|c| is_digit(**c)).count() == 3
}

/// Without `1、`, `2.`, `（3）` or `④` in front.
fn unnumbered(line: &str) -> &str {
    let circled = |c: char| ('①'..='⑳').contains(&c);
    if line.starts_with(circled) {
        return line.trim_start_matches(circled).trim_start();
    }
    let inside = line.trim_start_matches(['(', '（']);
    let rest = inside.trim_start_matches(is_digit);
    let digits = inside.chars().take_while(|c| is_digit(*c)).count();
    let rest =
        rest.strip_prefix(['.', '、', ')', '）', '．', ':', '：']).filter(|_| (1..=3).contains(&digits));
    // `1.5` is no first line.
    let rest = rest.filter(|rest| !rest.starts_with(is_digit));
    rest.map_or(line, str::trim_start)
}

/// Of either width.
fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}
