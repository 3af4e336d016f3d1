//! The readers of foreign data, each with arbitrary bytes: none may panic, and what one reads another must understand.
//!
//! Each function is one target. It stops with a panic where a reader breaks or contradicts itself.

use std::cell::LazyCell;
use std::future::Future;
use std::io::sink;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use actix_web::web::Bytes;

use chrono::{DateTime, NaiveDate};
use jicai::accounts::jwt::Tokens;
use jicai::accounts::keys::Keys;
use jicai::cli::rule;
use jicai::platform::config::Config;
use jicai::platform::files;
use jicai::platform::http::form::Form;
use jicai::platform::http::number::{Price, Quantity, plain};
use jicai::platform::http::upload;
use jicai::platform::input::{Checks, Field};
use jicai::platform::sheet::{Book, Limits};
use jicai::platform::sql::{Id, Time};
use jicai::rules::calendar::Calendar;
use jicai::rules::codes::{CodeKind, check};
use jicai::rules::explain::Steps;
use jicai::rules::json::Json;
use jicai::rules::moment::{Moment, parse_date};
use jicai::rules::money::{Dec, Round};
use jicai::rules::policy::Policy;
use jicai::rules::profiles::Library;

/// Every target by its name.
pub const ALL: &[(&str, fn(&[u8]))] = &[
    ("json", json),
    ("csv", csv),
    ("decimals", decimals),
    ("codes", codes),
    ("policy_toml", policy_toml),
    ("holidays", holidays),
    ("award_input", award_input),
    ("vary", vary),
    ("credit_input", credit_input),
    ("rule_lines", rule_lines),
    ("sheet", sheet),
    ("form_numbers", form_numbers),
    ("uploads", uploads),
    ("tokens", tokens),
    ("config", config),
    ("keys", keys),
];

/// The text before the first line break, and what follows.
fn split(data: &[u8]) -> Option<(&str, &[u8])> {
    let at = data.iter().position(|byte| *byte == b'\n')?;
    Some((std::str::from_utf8(&data[..at]).ok()?, &data[at + 1..]))
}

thread_local! {
    static LIBRARY: LazyCell<Library> = LazyCell::new(|| Library::shipped().unwrap());
    static POLICY: LazyCell<Policy> = LazyCell::new(|| LIBRARY.with(|library| library.named("default").unwrap()));
    static KEYS: LazyCell<Keys> = LazyCell::new(|| Keys::parse(&format!("k1 {}", "QUJD".repeat(22))).unwrap());
}

/// Our reader of JSON: what it takes serde_json takes too, written again it is the same value.
pub fn json(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(value) = Json::parse(text) else { return };
    let again = value.to_text();
    assert_eq!(Json::parse(&again).unwrap(), value);
    let _ = (value.dec(), value.whole(), value.to_string());
    if !again.contains(['e', 'E']) && text.len() < 100 {
        serde_json::from_str::<serde_json::Value>(text).unwrap();
    }
}

/// The reader of CSV, with each rule that takes a table (first line: its name).
pub fn csv(data: &[u8]) {
    let Some((name, rest)) = split(data) else { return };
    if !["injection-price", "volume-check", "price-ratio", "codes"].contains(&name) {
        return;
    }
    POLICY.with(|policy| drop(rule::over(name, rest, &mut sink(), policy, None)));
}

/// Decimals, times and days.
pub fn decimals(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (one, two) = text.split_once('|').unwrap_or((text, "3"));
    let _ = (Moment::parse(one), parse_date(one), Time::parse(one));
    if let Some(ours) = plain(one) {
        assert_eq!(Dec::parse(one), Dec::parse(&ours.to_string()));
    }
    let (Some(a), Some(b)) = (Dec::parse(one), Dec::parse(two)) else { return };
    assert_eq!(Dec::parse(&a.to_string()).as_ref(), Some(&a));
    assert_eq!(&(&a + &b) - &b, a);
    for way in [Round::HalfAway, Round::Up, Round::Down] {
        for decimals in [0, 2, 4] {
            let gap = &a.rounded(decimals, way) - &a;
            let unit = Dec::new(1, decimals);
            assert!(gap < unit && Dec::default() < &gap + &unit);
            let _ = a.divided(&b, decimals, way);
        }
    }
    let _ = (a.to_fixed(6), a.to_scaled(6), a.cmp_ratio(&b, &a));
}

/// Codes (first line: the product's standard code).
pub fn codes(data: &[u8]) {
    let Some((standard, rest)) = split(data) else { return };
    let Ok(code) = std::str::from_utf8(rest) else { return };
    for kind in ["uscc", "drug", "standard_code", "consumable", "trace"] {
        let kind = CodeKind::of(kind).unwrap();
        let with = Some(standard).filter(|code| !code.is_empty());
        if check(kind, code, with, &mut Steps::on()).is_ok() {
            assert!(code.is_ascii() && (10..=27).contains(&code.len()));
        }
    }
}

/// Policy files.
pub fn policy_toml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    LIBRARY.with(|library| match library.read("mine@2030-01-01", text) {
        Ok(policy) => assert_eq!(policy.digest().len(), 64),
        Err(error) => assert!(!error.to_string().is_empty()),
    });
}

/// Tables of holidays.
pub fn holidays(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut calendar = Calendar::default();
    if calendar.add("mine", text).is_ok() {
        let years: Vec<i32> = calendar.years().map(|(year, _)| year).collect();
        for year in years {
            let Some(first) = NaiveDate::from_ymd_opt(year, 1, 1) else { continue };
            let _ = (calendar.working_days_after(first, 9), calendar.working_days_before(first, 9));
        }
    }
}

/// Lots, one a line.
pub fn award_input(data: &[u8]) {
    let mut out = Vec::new();
    POLICY.with(|policy| drop(rule::over("award", data, &mut out, policy, None)));
    assert_lines(&out);
}

/// A parameter with its values (first line), and lots.
pub fn vary(data: &[u8]) {
    let Some((vary, rest)) = split(data) else { return };
    POLICY.with(|policy| drop(rule::over("award", rest, &mut sink(), policy, Some(vary))));
}

/// Enterprises with their events, one a line.
pub fn credit_input(data: &[u8]) {
    let mut out = Vec::new();
    POLICY.with(|policy| drop(rule::over("credit", data, &mut out, policy, None)));
    assert_lines(&out);
}

/// The other rules that take JSON Lines (first line: the rule's name).
pub fn rule_lines(data: &[u8]) {
    let Some((name, rest)) = split(data) else { return };
    if !["injection-listing", "regions", "agreed-volume", "due-date", "payment-standard"].contains(&name) {
        return;
    }
    let mut out = Vec::new();
    POLICY.with(|policy| drop(rule::over(name, rest, &mut out, policy, None)));
    assert_lines(&out);
}

/// What a rule writes is JSON Lines.
fn assert_lines(out: &[u8]) {
    for line in std::str::from_utf8(out).unwrap().lines() {
        Json::parse(line).unwrap();
    }
}

/// Sheets: xlsx and CSV in UTF-8 and GB 18030.
pub fn sheet(data: &[u8]) {
    let limits = Limits { rows: 50, columns: 20, inflated: 1 << 20 };
    let Ok(mut book) = Book::open("/file", data, limits) else { return };
    for (place, _) in book.sheets() {
        let mut rows = 0;
        let _ = book.read(place, &mut |read| {
            rows += 1;
            assert!(rows <= 50 && read.row.cells.len() <= 20);
            Ok(true)
        });
    }
}

const NAME: Field = Field::new("name", "名称", 1..=40);
const NOTE: Field = Field::new("note", "说明", 0..=400);

/// Forms: numbers, days and texts as people type them; and the same numbers in JSON.
pub fn form_numbers(data: &[u8]) {
    let form = Form::parse(data);
    let fields = form.reader();
    for (name, value) in form.fields() {
        let (quantity, price) = (fields.quantity(name, "数量"), fields.price(name, "价格"));
        assert!(quantity.is_none_or(|n| (1..=1_000_000_000).contains(&n.get())));
        let _ = (price, fields.date(name, "日期"), fields.choice::<Id>(name, "机构"), fields.ticked(name));
        let mut checks = Checks::default();
        let _ = (checks.line(&NAME, value), checks.paragraph(&NOTE, value));
        let _ = (checks.optional("/remark", "备注", Some(value), 9), checks.finish());
        let quoted = serde_json::Value::from(value.as_str()).to_string();
        for text in [value.as_str(), quoted.as_str()] {
            let _ = serde_json::from_str::<Quantity>(text);
            if let Ok(price) = serde_json::from_str::<Price>(text) {
                let written = serde_json::to_string(&price).unwrap();
                assert_eq!(serde_json::from_str::<Price>(&written).unwrap(), price);
            }
        }
    }
    let _ = fields.finish();
}

/// Forms with files (first line: the boundary), and what an uploaded file is.
pub fn uploads(data: &[u8]) {
    let _ = files::sniff(data);
    let Some((boundary, body)) = split(data) else { return };
    let mut headers = HeaderMap::new();
    let Ok(kind) = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}")) else {
        return;
    };
    headers.insert(CONTENT_TYPE, kind);
    let body = Bytes::copy_from_slice(body);
    // Nothing is waited for: the whole body is at hand.
    let mut reading = pin!(upload::read(&headers, true, &body));
    let polled = reading.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Ok(Some(found))) = polled else { return };
    for (name, _) in found.form.fields() {
        for file in found.files(name) {
            assert!(!file.name.contains(['/', '\\', '"', '\n']), "{}", file.name);
        }
    }
}

/// Access tokens: only those that we signed are read.
pub fn tokens(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let tokens = Tokens::new(KEYS.with(|keys| (**keys).clone()));
    let now = Time::from_utc(DateTime::UNIX_EPOCH);
    // 64 bytes of key that nobody here signs with: whatever is read would be forged.
    assert!(tokens.check(text, now).is_err());
}

/// Configuration: a file, or (where its first line begins with `JICAI_`) a variable.
pub fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let variable = text.split_once('=').filter(|(name, _)| name.starts_with("JICAI_"));
    let read = match variable {
        Some((name, value)) => Config::from_parts(None, &[(name.to_owned(), value.to_owned())]),
        None => Config::from_parts(Some(text), &[]),
    };
    if let Err(problems) = read {
        assert!(!problems.0.is_empty());
    }
}

/// Key files: a message never holds the secret.
pub fn keys(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(message) = Keys::parse(text) {
        assert!(message.chars().count() < 200 || text.chars().count() > 100);
    }
}
