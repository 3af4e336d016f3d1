//! `docs/API.md`: its examples are what the server answered to this test. The prose is written by hand; between
//! `<!-- example: NAME -->` and `<!-- end -->` stands what was sent and answered, with keys, tokens and times made stable. The
//! test fails if the file differs, `JICAI_BLESS=1` writes it anew.

mod systems;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use jicai::platform::feed;
use serde_json::{Value, json};

use crate::support::app::PASSWORD;
use crate::support::shop::Shop;
use crate::support::{Actor, Answer, Credential, TestApp, Who, app_test};

/// Headers of an answer that a reader needs.
const SHOWN: [&str; 4] = ["Content-Type", "ETag", "Location", "WWW-Authenticate"];

/// What is asked.
struct Ask<'a> {
    name: &'a str,
    line: String,
    headers: Vec<(&'a str, String)>,
    body: Option<Value>,
    /// Members of the answer that are shown, as `items/0/name`; all of them where none is named.
    keep: &'a [&'a str],
}

fn ask<'a>(name: &'a str, line: impl Into<String>) -> Ask<'a> {
    Ask { name, line: line.into(), headers: vec![], body: None, keep: &[] }
}

impl<'a> Ask<'a> {
    fn header(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    fn keep(self, keep: &'a [&'a str]) -> Self {
        Self { keep, ..self }
    }
}

/// The examples, and what the volatile values in them are called.
#[derive(Default)]
struct Guide {
    examples: BTreeMap<String, String>,
    keys: BTreeMap<String, String>,
}

impl Guide {
    async fn run(&mut self, who: &Actor, ask: Ask<'_>, status: u16) -> Answer {
        let (method, path) = ask.line.split_once(' ').expect("METHOD /path");
        let mut request = who.request(method, path);
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        if let Some(body) = &ask.body {
            request = request.json(body);
        }
        let answer = who.send(request).await.expect(status);
        let mut text = format!("```http\n{} HTTP/1.1\n", self.stable_text(&ask.line));
        if matches!(who.credential, Credential::Bearer(_)) {
            text.push_str("Authorization: Bearer eyJ…\n");
        }
        for (name, value) in &ask.headers {
            writeln!(text, "{name}: {}", self.stable_text(value)).expect("text");
        }
        if let Some(body) = &ask.body {
            let body = self.stable(body.clone());
            let body = serde_json::to_string_pretty(&body).expect("JSON");
            writeln!(text, "Content-Type: application/json\n\n{body}").expect("text");
        }
        text.push_str("```\n\n");
        self.show_answer(&mut text, &answer, ask.keep);
        let twice = self.examples.insert(ask.name.to_owned(), text);
        assert!(twice.is_none(), "{} stands twice", ask.name);
        answer
    }

    fn show_answer(&mut self, text: &mut String, answer: &Answer, keep: &[&str]) {
        let reason = http_reason(answer.status);
        writeln!(text, "```http\nHTTP/1.1 {} {reason}", answer.status).expect("text");
        for name in SHOWN {
            let value = answer.header(name);
            if !value.is_empty() {
                writeln!(text, "{name}: {}", self.stable_text(value)).expect("text");
            }
        }
        if !answer.text.is_empty() {
            let mut body = answer.json();
            if !keep.is_empty() {
                body = kept(&body, keep);
            }
            let body = serde_json::to_string_pretty(&self.stable(body)).expect("JSON");
            writeln!(text, "\n{body}").expect("text");
        }
        text.push_str("```\n");
    }

    /// Text that is no example but as true.
    fn tell(&mut self, name: &str, text: String) {
        self.examples.insert(name.to_owned(), text);
    }

    /// The same JSON with values that are the same at every run.
    fn stable(&mut self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.stable_text(&text)),
            Value::Array(all) => all.into_iter().map(|v| self.stable(v)).collect(),
            Value::Object(all) => all
                .into_iter()
                .map(|(name, value)| {
                    let fixed = match name.as_str() {
                        "access_token" => Some("eyJ…"),
                        "refresh_token" | "client_secret" => Some("q3Jv…"),
                        "request_id" => Some("4f1c2a9e7d30"),
                        "policy_digest" => Some("9d0c…"),
                        "body_sha256" | "hash" => Some("5b7e…"),
                        // The feed's is a number that everybody may read.
                        "next" if value.as_str().is_some_and(|next| next.parse::<i64>().is_err()) => {
                            Some("eyJ0Ijpb…")
                        }
                        _ => None,
                    };
                    let value = match fixed {
                        Some(text) if value.is_string() => Value::String(text.into()),
                        _ => self.stable(value),
                    };
                    (name, value)
                })
                .collect(),
            other => other,
        }
    }

    fn stable_text(&mut self, text: &str) -> String {
        let text = replaced(text, 36, is_key, |key| {
            let next = self.keys.len() + 1;
            let named = || format!("00000000-0000-4000-8000-{next:012}");
            self.keys.entry(key.to_owned()).or_insert_with(named).clone()
        });
        let text = replaced(&text, 15, is_number, |_| "240805-7K3QWX-4".into());
        instants(&text)
    }
}

/// `text` with each part of `length` characters that `is` one of them replaced.
fn replaced(text: &str, length: usize, is: fn(&str) -> bool, mut by: impl FnMut(&str) -> String) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        match rest.get(..length).filter(|part| is(part)) {
            Some(part) => {
                out.push_str(&by(part));
                rest = &rest[length..];
            }
            None => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    out
}

fn is_key(part: &str) -> bool {
    uuid::Uuid::parse_str(part).is_ok()
}

fn is_number(part: &str) -> bool {
    jicai::rules::order::read_number(part).as_deref() == Some(part)
}

/// An instant keeps its day in the procedure's year; everything else of it differs at every run.
fn instants(text: &str) -> String {
    match chrono::DateTime::parse_from_rfc3339(text) {
        Ok(at) if at.format("%Y").to_string() == "2024" => at.format("%Y-%m-%dT09:00:00+08:00").to_string(),
        Ok(_) => "2024-08-05T09:00:00+08:00".into(),
        Err(_) => {
            // In a sentence: 「2024-08-07 09:00 前」.
            let minute = |part: &str| chrono::NaiveDateTime::parse_from_str(part, "%Y-%m-%d %H:%M").is_ok();
            replaced(text, 16, minute, |part| format!("{} 09:00", &part[..10]))
        }
    }
}

fn http_reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        422 => "Unprocessable Content",
        other => panic!("what does {other} say?"),
    }
}

/// The named members only, and a member that says so.
fn kept(body: &Value, keep: &[&str]) -> Value {
    let mut out = json!({});
    for path in keep {
        let value = body.pointer(&format!("/{path}")).unwrap_or_else(|| panic!("no {path} in {body}"));
        put(&mut out, &path.split('/').collect::<Vec<_>>(), value.clone());
    }
    out["…"] = "further members are left out here".into();
    out
}

fn put(into: &mut Value, path: &[&str], value: Value) {
    let (first, rest) = path.split_first().expect("a path");
    let place = match first.parse::<usize>() {
        Ok(n) => {
            if !into.is_array() {
                *into = json!([]);
            }
            let all = into.as_array_mut().expect("an array");
            while all.len() <= n {
                all.push(Value::Null);
            }
            &mut all[n]
        }
        Err(_) => {
            if into.is_null() {
                *into = json!({});
            }
            &mut into[*first]
        }
    };
    match rest.is_empty() {
        true => *place = value,
        false => put(place, rest, value),
    }
}

const KEY: &str = "9b2f6c1e-4d1a-4f5e-9c7b-2a1d0e8f7a60";
const SUBMIT_KEY: &str = "1c8a4e0d-77b2-4c0f-8a34-5d9e6f2b1a73";
const REASON: &str = "患者对其他厂牌过敏，无可替代品种";

async fn the_examples_are_what_the_server_answers(app: &TestApp) {
    let mut guide = Guide::default();
    let shop = Shop::open(app).await;
    let (anybody, hospital) = (app.api(Who::Anonymous).await, app.api(Who::Hospital).await);
    let enterprise = app.api(Who::Enterprise).await;
    logging_in(&mut guide, &anybody, &hospital).await;
    let listing = looking_up(&mut guide, &hospital).await;
    let draft = json!({
        "supplier_id": app.organisation(Who::Enterprise).id,
        "address_id": shop.address.id,
        "wanted_on": "2024-08-12",
        "lines": [{ "listing_id": listing, "quantity": 20 }],
    });
    let path = ordering(&mut guide, &hospital, &draft).await;
    submitting(&mut guide, &hospital, &path).await;
    answering(&mut guide, &enterprise, &path).await;
    refusals(app, &mut guide, &path, &draft).await;
    feed::place(&app.db).await.expect("placed");
    following(&mut guide, &hospital).await;
    systems::examples(app, &mut guide).await;
    compare(&guide.examples);
    app.take_mails().await;
}
app_test!(the_examples_are_what_the_server_answers);

async fn logging_in(guide: &mut Guide, anybody: &Actor, hospital: &Actor) {
    let credentials = json!({ "login": "hospital", "password": PASSWORD });
    let tokens = guide.run(anybody, ask("log-in", "POST /api/v1/tokens").body(credentials), 201).await.json();
    let refresh = json!({ "refresh_token": tokens["refresh_token"] });
    guide.run(anybody, ask("refresh", "POST /api/v1/tokens/refresh").body(refresh), 201).await;
    guide.run(hospital, ask("me", "GET /api/v1/me"), 200).await;
    guide.run(anybody, ask("no-token", "GET /api/v1/me"), 401).await;
}

async fn looking_up(guide: &mut Guide, hospital: &Actor) -> String {
    let keep = [
        "items/0/name",
        "items/0/spec",
        "items/0/maker",
        "items/0/code",
        "items/0/listing_id",
        "items/0/unit_price",
        "items/0/unit",
        "items/0/mark",
        "items/0/low",
        "items/0/ratio",
        "items/0/orderable",
        "next",
    ];
    let path = "GET /api/v1/products?q=tbqs&limit=1";
    let first = guide.run(hospital, ask("search", path).keep(&keep), 200).await.json();
    let next = first["next"].as_str().expect("more than one").to_owned();
    let path = format!("/api/v1/products?q=tbqs&limit=50&after={next}");
    let mut items = hospital.get(&path).await.expect(200).json()["items"].as_array().expect("items").clone();
    items.push(first["items"][0].clone());
    let red = items.iter().find(|p| p["mark"] == "red").expect("a red one");
    let listing = red["listing_id"].as_str().expect("a listing").to_owned();
    let path = format!("GET /api/v1/listings/{listing}/explanation");
    let keep = ["unit_price", "mark", "explanation/result", "explanation/steps", "explanation/policy"];
    guide.run(hospital, ask("why", path).keep(&keep), 200).await;
    listing
}

async fn ordering(guide: &mut Guide, hospital: &Actor, draft: &Value) -> String {
    let preview = ask("preview", "POST /api/v1/orders/preview").body(draft.clone());
    let keep = ["total", "risks"];
    guide.run(hospital, preview.keep(&keep), 200).await;
    let create = |name| ask(name, "POST /api/v1/orders").header("Idempotency-Key", KEY).body(draft.clone());
    let made = guide.run(hospital, create("create"), 201).await;
    let keep = ["id", "number", "state", "version"];
    let again = guide.run(hospital, create("create-again").keep(&keep), 201).await;
    assert_eq!(again.json(), made.json(), "one order");
    let mut other = draft.clone();
    other["lines"][0]["quantity"] = 30.into();
    let reused = ask("key-reused", "POST /api/v1/orders").header("Idempotency-Key", KEY).body(other);
    guide.run(hospital, reused, 422).await;
    made.header("location").to_owned()
}

async fn submitting(guide: &mut Guide, hospital: &Actor, path: &str) {
    let submit = |name, version: &str, key: &str| {
        ask(name, format!("POST {path}/submit")).header("If-Match", version).header("Idempotency-Key", key)
    };
    let silent = submit("submit-red", "\"1\"", SUBMIT_KEY).body(json!({}));
    guide.run(hospital, silent, 422).await;
    let line = |price: &str| {
        json!({ "lines": [{
            "line_no": 1, "unit_price": price, "risk_acknowledged": true, "risk_reason": REASON,
        }] })
    };
    guide.run(hospital, submit("stale", "\"7\"", SUBMIT_KEY).body(line("15.01")), 409).await;
    guide.run(hospital, submit("price-changed", "\"1\"", SUBMIT_KEY).body(line("14.80")), 409).await;
    let keep = ["number", "state", "total", "legal_day", "respond_by", "version", "may"];
    guide.run(hospital, submit("submit", "\"1\"", SUBMIT_KEY).body(line("15.01")).keep(&keep), 200).await;
}

async fn answering(guide: &mut Guide, enterprise: &Actor, path: &str) {
    let keep = ["items/0/number", "items/0/hospital", "items/0/total", "items/0/version", "totals", "next"];
    let waiting = ask("waiting", "GET /api/v1/orders?state=submitted&limit=50");
    guide.run(enterprise, waiting.keep(&keep), 200).await;
    let keep = ["number", "state", "answered_at", "version"];
    let confirm = ask("confirm", format!("POST {path}/confirm")).header("If-Match", "\"2\"");
    guide.run(enterprise, confirm.keep(&keep), 200).await;
    let late = ask("wrong-state", format!("POST {path}/refuse"));
    let late = late.header("If-Match", "\"3\"").body(json!({ "reason": "原料短缺，九月恢复供应" }));
    guide.run(enterprise, late, 409).await;
}

async fn refusals(app: &TestApp, guide: &mut Guide, path: &str, draft: &Value) {
    let stranger = app.api(Who::OtherHospital).await;
    guide.run(&stranger, ask("foreign", format!("GET {path}")), 404).await;
    let mut wrong = draft.clone();
    wrong["lines"][0]["quantity"] = json!(1.5);
    wrong["wanted_on"] = "2024-08-01".into();
    let hospital = app.api(Who::Hospital).await;
    let wrong = ask("invalid", "POST /api/v1/orders/preview").body(wrong);
    guide.run(&hospital, wrong, 422).await;
}

async fn following(guide: &mut Guide, hospital: &Actor) {
    let first = guide.run(hospital, ask("feed", "GET /api/v1/feed?limit=1"), 200).await.json();
    let next = first["next"].as_str().expect("next").to_owned();
    let second = guide.run(hospital, ask("feed-on", format!("GET /api/v1/feed?after={next}")), 200).await;
    let end = second.json()["next"].as_str().expect("next").to_owned();
    guide.run(hospital, ask("feed-end", format!("GET /api/v1/feed?after={end}")), 200).await;
}

/// Compares the file with the examples, or writes it anew.
fn compare(examples: &BTreeMap<String, String>) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/API.md");
    let old = std::fs::read_to_string(path).expect("docs/API.md");
    let (mut new, mut rest, mut used) = (String::new(), old.as_str(), BTreeSet::new());
    const START: &str = "<!-- example: ";
    const END: &str = "<!-- end -->";
    while let Some((before, after)) = rest.split_once(START) {
        let (name, after) = after.split_once(" -->").expect("the end of a name");
        let (_, after) = after.split_once(END).unwrap_or_else(|| panic!("{name} has no end"));
        let example = examples.get(name).unwrap_or_else(|| panic!("there is no example {name}"));
        write!(new, "{before}{START}{name} -->\n{example}{END}").expect("text");
        used.insert(name.to_owned());
        rest = after;
    }
    new.push_str(rest);
    let unused: Vec<_> = examples.keys().filter(|name| !used.contains(*name)).collect();
    assert!(unused.is_empty(), "docs/API.md does not show {unused:?}");
    if std::env::var_os("JICAI_BLESS").is_some() {
        std::fs::write(path, &new).expect("docs/API.md");
        return;
    }
    let differs = old.lines().zip(new.lines()).position(|(a, b)| a != b);
    let line = differs.unwrap_or(old.lines().count().min(new.lines().count()));
    assert!(
        old == new,
        "docs/API.md is out of date from line {}; JICAI_BLESS=1 writes it anew:\n- {:?}\n+ {:?}",
        line + 1,
        old.lines().nth(line),
        new.lines().nth(line)
    );
}
