//! What the buttons of the order form do with its lines: a product never stands twice, and nothing typed is lost.

use super::form::{FormAct, LineForm, OrderForm};
use super::pricing::LINES;
use crate::platform::http::number::MAX_QUANTITY;
use crate::platform::sql::Id;

/// What a button did that the clerk might not expect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// In a sentence.
    pub text: String,
    /// The line that it is about; it gets the cursor.
    pub line: Option<usize>,
}

fn told(line: usize, text: String) -> Option<Told> {
    Some(Told { text, line: Some(line) })
}

impl OrderForm {
    /// Changes the lines as a button asks. A product in place of another keeps the quantity.
    pub fn apply(&mut self, act: &FormAct) -> Option<Told> {
        match act {
            FormAct::Add(listing) => self.add(*listing),
            FormAct::Replace(at, listing) => self.replace(*at, *listing),
            FormAct::Mine(version) => {
                self.version = version.to_string();
                None
            }
            FormAct::Anew => {
                self.begin_anew();
                None
            }
            FormAct::Remove(at) if *at < self.lines.len() => {
                self.lines.remove(*at);
                None
            }
            _ => None,
        }
    }

    /// Adds a line for a product.
    pub fn add(&mut self, listing: Id) -> Option<Told> {
        if let Some(at) = self.line_of(listing) {
            return told(at, format!("该药品已在第 {} 行，请直接修改那一行的数量。", at + 1));
        }
        if self.lines.len() >= LINES {
            let text = format!("一张订单最多 {LINES} 个品种，没有再加入。请把其余品种另立订单。");
            return Some(Told { text, line: None });
        }
        self.lines.push(LineForm::of(listing));
        None
    }

    /// Orders another product in a line, which keeps its quantity; where that product has a line already, the two become one.
    pub fn replace(&mut self, at: usize, listing: Id) -> Option<Told> {
        match self.line_of(listing).filter(|other| *other != at) {
            Some(into) => self.join(at, into),
            None => {
                let line = self.lines.get_mut(at)?;
                let (quantity, remark) =
                    (std::mem::take(&mut line.quantity), std::mem::take(&mut line.remark));
                *line = LineForm { quantity, remark, ..LineForm::of(listing) };
                None
            }
        }
    }

    fn line_of(&self, listing: Id) -> Option<usize> {
        self.lines.iter().position(|line| line.listing() == Some(listing))
    }

    /// Puts quantity and remark of one line into another and takes the first away.
    fn join(&mut self, at: usize, into: usize) -> Option<Told> {
        let (from, kept) = (self.lines.get(at)?.clone(), self.lines.get(into)?.clone());
        let Some(quantity) = joined_quantity(&from, &kept) else {
            let (no, other) = (into + 1, at + 1);
            let text = format!(
                "该药品已在第 {no} 行，但第 {other} 行和第 {no} 行的数量不能相加。请改好第 {no} 行的数量，再去掉第 {other} 行。"
            );
            return told(into, text);
        };
        let remark = match (kept.remark.trim(), from.remark.trim()) {
            (own, "") => own.to_owned(),
            ("", other) => other.to_owned(),
            (own, other) if own == other => own.to_owned(),
            (own, other) => format!("{own}；{other}"),
        };
        let line = self.lines.get_mut(into)?;
        (line.quantity, line.remark) = (quantity.clone(), remark);
        self.lines.remove(at);
        let now = if at < into { into - 1 } else { into };
        told(now, format!("该药品已在第 {} 行，两行已合并，数量现为 {quantity}，请核对。", now + 1))
    }
}

/// Both quantities in one; none where they cannot be read or come to more than one line may hold.
fn joined_quantity(from: &LineForm, kept: &LineForm) -> Option<String> {
    match (from.quantity.trim(), kept.quantity.trim()) {
        ("", own) => Some(own.to_owned()),
        (other, "") => Some(other.to_owned()),
        _ => {
            let sum = from.units()?.get().checked_add(kept.units()?.get())?;
            (sum <= MAX_QUANTITY).then(|| sum.to_string())
        }
    }
}
