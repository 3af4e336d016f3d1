//! From amounts and signs to what one unit holds.

use super::{Amount, Measure, Strength, Token, Unreadable};
use crate::money::{Dec, Round};

/// Decimals to which a ratio is divided; what does not end by then stays unread.
const PLACES: u32 = 12;

/// Reads a whole specification: a kit's parts are divided by semicolons.
pub(super) fn strength(tokens: &[Token]) -> Result<Strength, Unreadable> {
    let parts: Vec<&[Token]> =
        tokens.split(|t| *t == Token::Semicolon).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [] => Err(Unreadable::NoAmount),
        [one] => part(one),
        several => {
            let kit = several.iter().map(|tokens| part(tokens)).collect::<Result<_, _>>()?;
            Ok(Strength { kit, ..Strength::default() })
        }
    }
}

/// What one part says, before it is put together.
#[derive(Default)]
struct Said {
    /// Amounts in their order, each with the sign before it.
    amounts: Vec<(Option<Token>, Amount)>,
    percent: Option<Dec>,
    per: Option<Amount>,
    /// Behind a slash, without a number.
    per_unit: bool,
    groups: Vec<(String, Vec<Token>)>,
    pieces: bool,
}

fn part(tokens: &[Token]) -> Result<Strength, Unreadable> {
    let said = gather(tokens)?;
    let groups = said.groups.clone();
    let mut read = match join(said)? {
        Some(read) => read,
        // Everything stands in parentheses.
        None => match groups.split_first() {
            Some(((_, tokens), [])) => return part(tokens),
            _ => return Err(Unreadable::NoAmount),
        },
    };
    for (text, tokens) in &groups {
        read = with_group(read, text, tokens)?;
    }
    Ok(read)
}

fn gather(tokens: &[Token]) -> Result<Said, Unreadable> {
    let mut said = Said::default();
    let mut sign: Option<Token> = None;
    let mut rest = tokens.iter();
    while let Some(token) = rest.next() {
        match token {
            Token::Amount(amount) => said.amounts.push((sign.take(), amount.clone())),
            Token::Unit(unit) => {
                (said.per, said.per_unit) = (Some(unit.clone()), true);
                sign = None;
            }
            Token::Each(per) => (said.per, sign) = (per.clone(), None),
            Token::Percent(percent) if said.percent.is_none() => {
                (said.percent, sign) = (Some(percent.clone()), None);
            }
            Token::Percent(percent) => return Err(Unreadable::Ambiguous(format!("{percent}%"))),
            Token::Group(text, read) => {
                if let Some(tokens) = telling(text, read)? {
                    said.groups.push((text.clone(), tokens.to_vec()));
                }
            }
            Token::Pieces => (said.pieces, sign) = (true, None),
            Token::Name(_) | Token::Colon if sign.is_some() && *token != Token::Colon => {}
            Token::Name(_) => sign = Some(token.clone()),
            // 液体室：… : the name before it says it all.
            Token::Colon if matches!(sign, Some(Token::Name(_))) => {}
            Token::Times => match rest.next() {
                Some(Token::Pieces | Token::Number(_)) if !said.amounts.is_empty() || said.pieces => {}
                _ => return Err(Unreadable::Ambiguous("×".into())),
            },
            Token::Number(number) => return Err(Unreadable::UnknownUnit(number.to_string())),
            Token::Size => {}
            Token::Plus | Token::Colon | Token::Slash | Token::Comma => sign = Some(token.clone()),
            Token::Semicolon => {}
        }
    }
    Ok(said)
}

/// The tokens of a group that says an amount; none for a remark such as 以左氧氟沙星计, I, 10cm2.
fn telling<'a>(
    text: &str,
    read: &'a Result<Vec<Token>, Unreadable>,
) -> Result<Option<&'a [Token]>, Unreadable> {
    const REMARKS: [&str; 8] = ["以", "按", "相当于", "折合", "约", "供", "复方", "规格"];
    let begins_with_digit = text.starts_with(|c: char| c.is_ascii_digit());
    match read {
        _ if REMARKS.iter().any(|word| text.starts_with(word)) || text.ends_with('计') => Ok(None),
        Ok(tokens) => {
            let amounts = |t: &Token| matches!(t, Token::Amount(_) | Token::Percent(_) | Token::Number(_));
            Ok(tokens.iter().any(amounts).then_some(tokens))
        }
        Err(reason) if begins_with_digit => Err(reason.clone()),
        Err(_) => Ok(None),
    }
}

/// Puts together what stands outside parentheses; none where that is no amount at all.
fn join(said: Said) -> Result<Option<Strength>, Unreadable> {
    let Said { amounts, percent, per, per_unit, .. } = said;
    if amounts.is_empty() {
        let alone = |p| Strength {
            content: vec![Amount { value: p, measure: Measure::Percent }],
            ..Strength::default()
        };
        return Ok(percent.map(alone));
    }
    if let Some(per) = per {
        return concentration(amounts, percent, per, per_unit).map(Some);
    }
    let read = arranged(amounts)?;
    match percent {
        None => Ok(Some(read)),
        Some(percent) => with_percent(read, &percent).map(Some),
    }
}

/// 每毫升含1.2mg, 10mg/ml.
fn concentration(
    amounts: Vec<(Option<Token>, Amount)>,
    percent: Option<Dec>,
    per: Amount,
    per_unit: bool,
) -> Result<Strength, Unreadable> {
    let content: Vec<Amount> = amounts.into_iter().map(|(_, amount)| amount).collect();
    let odd = percent.is_some() || content.iter().any(|a| a.measure == Measure::Volume);
    if odd || (per_unit && content.len() > 1) {
        let shown = content.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        return Err(Unreadable::Ambiguous(format!("{shown}/{per}")));
    }
    // Said for one ml or mg, so that 每10ml含100mg and 10mg/ml are one.
    let each = |a: &Amount| Some(Amount { value: exact(&a.value, &per.value)?, measure: a.measure });
    let base = Amount { value: Dec::from(1), measure: per.measure };
    match content.iter().map(each).collect::<Option<Vec<_>>>() {
        Some(content) => Ok(Strength { content, per: Some(base), ..Strength::default() }),
        None => Ok(Strength { content, per: Some(per), ..Strength::default() }),
    }
}

/// Contents, a fill, or a kit of both.
fn arranged(amounts: Vec<(Option<Token>, Amount)>) -> Result<Strength, Unreadable> {
    let volumes = amounts.iter().filter(|(_, a)| a.measure == Measure::Volume).count();
    let shown = || amounts.iter().map(|(_, a)| a.to_string()).collect::<Vec<_>>().join(" ");
    let last = amounts.len() - 1;
    let place = amounts.iter().position(|(_, a)| a.measure == Measure::Volume);
    let joined_by_plus = |n: usize| matches!(amounts.get(n), Some((Some(Token::Plus), _)));
    match (volumes, place) {
        (0, _) => {
            if amounts.iter().any(|(sign, _)| *sign == Some(Token::Comma)) {
                return Err(Unreadable::Ambiguous(shown()));
            }
            let content = amounts.into_iter().map(|(_, a)| a).collect();
            Ok(Strength { content, ..Strength::default() })
        }
        (1, Some(n)) if joined_by_plus(n) || (n == 0 && joined_by_plus(1)) => {
            if last != 1 {
                return Err(Unreadable::Ambiguous(shown()));
            }
            let mut parts: Vec<Strength> = amounts.into_iter().map(|(_, a)| alone(a)).collect();
            parts.sort_by_key(|part| part.fill.is_some());
            Ok(Strength { kit: parts, ..Strength::default() })
        }
        (1, Some(0)) => {
            let mut all = amounts.into_iter().map(|(_, a)| a);
            Ok(Strength { fill: all.next(), content: all.collect(), ..Strength::default() })
        }
        (1, Some(n)) if n == last => {
            let mut all: Vec<Amount> = amounts.into_iter().map(|(_, a)| a).collect();
            let fill = all.pop();
            Ok(Strength { fill, content: all, ..Strength::default() })
        }
        (1, Some(1)) if last == 2 && matches!(amounts.get(2), Some((Some(Token::Comma), _))) => {
            of_a_bottle(amounts.into_iter().map(|(_, a)| a).collect())
        }
        _ => Err(Unreadable::Ambiguous(shown())),
    }
}

/// 100mg/5ml,300mg/瓶: the fill follows from both.
fn of_a_bottle(said: Vec<Amount>) -> Result<Strength, Unreadable> {
    let shown = said.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let [content, volume, total] = said.as_slice() else { return Err(Unreadable::Ambiguous(shown)) };
    let fill = exact(&(&total.value * &volume.value), &content.value);
    match fill {
        Some(value) if content.measure == total.measure => Ok(Strength {
            content: vec![total.clone()],
            fill: Some(Amount { value, measure: Measure::Volume }),
            ..Strength::default()
        }),
        _ => Err(Unreadable::Ambiguous(shown)),
    }
}

fn alone(amount: Amount) -> Strength {
    match amount.measure {
        Measure::Volume => Strength { fill: Some(amount), ..Strength::default() },
        _ => Strength { content: vec![amount], ..Strength::default() },
    }
}

/// g in 100 ml, or in 100 g where the fill is a mass.
fn with_percent(read: Strength, percent: &Dec) -> Result<Strength, Unreadable> {
    let hundredth = |fill: &Amount| {
        let grams = if fill.measure == Measure::Volume { "10" } else { "0.01" };
        let factor = Dec::parse(grams).unwrap_or_else(|| Dec::from(1));
        Amount { value: &(&fill.value * percent) * &factor, measure: Measure::Mass }
    };
    match (&read.fill, read.content.as_slice()) {
        (Some(fill), []) => Ok(Strength { content: vec![hundredth(fill)], ..read }),
        (Some(fill), [content]) if hundredth(fill) == *content => Ok(read),
        (None, [whole]) if whole.measure == Measure::Mass => {
            let content = vec![hundredth(whole)];
            Ok(Strength { content, fill: Some(whole.clone()), ..Strength::default() })
        }
        _ => Err(Unreadable::Inconsistent(format!("{percent}% {}", read.key()))),
    }
}

/// What parentheses add: a ratio, the parts of a sum, a percentage, a fill, or the same once more.
fn with_group(read: Strength, text: &str, tokens: &[Token]) -> Result<Strength, Unreadable> {
    let inconsistent = || Unreadable::Inconsistent(format!("{}({text})", read.key()));
    if let Some(ratio) = ratio(tokens) {
        return divided(&read, &ratio)
            .ok_or_else(|| Unreadable::Ambiguous(format!("{}({text})", read.key())));
    }
    if let [Token::Percent(percent)] = tokens {
        return with_percent(read, percent);
    }
    let inside = part(tokens)?;
    if inside == read {
        return Ok(read);
    }
    match (&read, &inside) {
        // 3%（5ml:150mg）, 1%（10g）
        (Strength { content, fill: None, per: None, .. }, _)
            if let [Amount { value, measure: Measure::Percent }] = content.as_slice() =>
        {
            with_percent(inside, value)
        }
        // 4.5g（哌拉西林4.0g与他唑巴坦0.5g）
        (Strength { content, fill: None, per: None, .. }, Strength { fill: None, per: None, .. })
            if let [total] = content.as_slice() =>
        {
            if sum(&inside.content).as_ref() == Some(total) {
                Ok(inside)
            } else {
                Err(inconsistent())
            }
        }
        // 0.1g（2ml）
        (Strength { fill: None, per: None, .. }, Strength { content, fill: Some(_), .. })
            if content.is_empty() && read.kit.is_empty() =>
        {
            Ok(Strength { fill: inside.fill, ..read })
        }
        // 2ml（0.1g）
        (Strength { content, fill: Some(_), .. }, Strength { fill: None, per: None, kit, .. })
            if content.is_empty() && kit.is_empty() =>
        {
            Ok(Strength { content: inside.content, ..read })
        }
        // 5ml（10mg/ml）
        (Strength { content, fill: Some(fill), .. }, Strength { content: each, per: Some(per), .. })
            if content.is_empty() && per.measure == fill.measure && per.value == Dec::from(1) =>
        {
            let content = each.iter().map(|a| Amount { value: &a.value * &fill.value, measure: a.measure });
            Ok(Strength { content: content.collect(), ..read })
        }
        // 100ml:0.9g（100ml）
        (Strength { fill: Some(fill), .. }, Strength { content, fill: Some(same), .. })
            if content.is_empty() && fill == same =>
        {
            Ok(read)
        }
        _ => Err(inconsistent()),
    }
}

/// `2:1`.
fn ratio(tokens: &[Token]) -> Option<Vec<Dec>> {
    let numbers: Vec<Dec> =
        tokens.iter().filter_map(|t| if let Token::Number(n) = t { Some(n.clone()) } else { None }).collect();
    let only = tokens.iter().all(|t| matches!(t, Token::Number(_) | Token::Colon));
    (only && numbers.len() >= 2 && tokens.len() == numbers.len() * 2 - 1).then_some(numbers)
}

/// A total in parts.
fn divided(read: &Strength, ratio: &[Dec]) -> Option<Strength> {
    let [total] = read.content.as_slice() else { return None };
    let whole: Dec = ratio.iter().sum();
    let each =
        |part: &Dec| Some(Amount { value: exact(&(&total.value * part), &whole)?, measure: total.measure });
    Some(Strength { content: ratio.iter().map(each).collect::<Option<_>>()?, ..read.clone() })
}

fn sum(amounts: &[Amount]) -> Option<Amount> {
    let measure = amounts.first()?.measure;
    let same = amounts.iter().all(|a| a.measure == measure);
    same.then(|| Amount { value: amounts.iter().map(|a| &a.value).sum(), measure })
}

/// The quotient, where it ends.
fn exact(above: &Dec, below: &Dec) -> Option<Dec> {
    above.divided(below, PLACES, Round::Down).filter(|q| &(q * below) == above)
}
