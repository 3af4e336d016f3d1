//! The reader of foreign JSON and the canonical writer.

use jicai_rules::canonical::{canonical, canonical_of, digest, of_texts};
use jicai_rules::json::Json;
use proptest::prelude::*;
use serde::Serialize;
use serde_json::json;

#[test]
fn numbers_keep_their_literal_text() {
    let read = Json::parse("[12345678901234567.89, 1e3, -0, \"1e3\", \" 5. \"]").unwrap();
    let Json::Array(items) = &read else { panic!("a list") };
    let shown: Vec<_> = items.iter().map(|item| item.dec().map(|dec| dec.to_string())).collect();
    assert_eq!(
        shown,
        [Some("12345678901234567.89".to_owned()), None, Some("0".to_owned()), None, Some("5".to_owned())]
    );
    assert_eq!(read.to_text(), "[12345678901234567.89,1e3,-0,\"1e3\",\" 5. \"]");
}

#[test]
fn what_is_no_json() {
    for text in [
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "1e",
        "tru",
        "nul",
        "\"",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"a\nb\"",
        "[1] 2",
        "{\"a\":1}}",
        "NaN",
        "'a'",
        "[1 2]",
        "\"\\",
        "\"\\é\"",
        "{\"a\":1 \"b\":2}",
    ] {
        assert!(Json::parse(text).is_err(), "{text:?}");
    }
}

/// A member that stands twice makes the text no object, however it is written and however deep it lies.
#[test]
fn a_member_stands_once() {
    for text in ["{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "[{\"b\":{\"a\":null,\"c\":1,\"a\":null}}]"]
    {
        let error = Json::parse(text).unwrap_err();
        assert!(error.contains("stands twice"), "{error}");
    }
    assert!(Json::parse("[{\"a\":1},{\"a\":1}]").is_ok());
}

#[test]
fn depth_is_limited() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(Json::parse(&deep(60)).is_ok());
    assert!(Json::parse(&deep(510)).unwrap_err().contains("nested too deep"));
    assert!(Json::parse(&"[".repeat(1_000_000)).unwrap_err().contains("nested too deep"));
}

/// A missing member, a null, a wrong type and a wrong word are told apart, each by its place.
#[test]
fn a_refusal_names_the_member() {
    let read = Json::parse("{\"a\":null,\"b\":[{\"c\":\"x\"}],\"d\":\"maybe\",\"e\":\"1.0\"}").unwrap();
    let object = read.as_object().unwrap();
    assert_eq!(object.text("a").unwrap_err().to_string(), "MISSING: a is missing and needed");
    assert_eq!(object.raw("a"), Some(&Json::Null));
    let nested = object.objects("b", |item| item.dec("c")).unwrap_err();
    assert_eq!(nested.to_string(), "BAD_VALUE: b[0].c is \"x\", expected a decimal number without exponent");
    let word = object.opt_word("d", &[("yes", 1), ("no", 2)]).unwrap_err();
    assert_eq!(word.to_string(), "BAD_VALUE: d is \"maybe\", expected one of yes, no");
    assert_eq!(object.opt_whole("e", 0, 9).unwrap_err().code, "BAD_VALUE");
    assert_eq!(object.opt_whole("missing", 0, 9), Ok(None));
    assert_eq!(object.flag("b", true).unwrap_err().code, "BAD_VALUE");
    assert_eq!(object.flag("missing", true), Ok(true));
}

/// RFC 8785: keys by their UTF-16 code units (its own example of section 3.2.3), no blanks, short escapes.
#[test]
fn canonical_json_sorts_and_escapes_as_rfc_8785_says() {
    let value = json!({
        "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control",
        "\u{f6}": "Latin Small Letter O With Diaeresis"
    });
    let expected = "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\
        \"\u{f6}\":\"Latin Small Letter O With Diaeresis\",\"\u{20ac}\":\"Euro Sign\",\
        \"\u{1f600}\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}";
    assert_eq!(canonical(&value).unwrap(), expected);
    assert_eq!(
        canonical(&json!("\u{8}\t\n\u{c}\r\"\\\u{f}/")).unwrap(),
        "\"\\b\\t\\n\\f\\r\\\"\\\\\\u000f/\""
    );
    assert_eq!(canonical(&json!([null, true, -5, [], {}])).unwrap(), "[null,true,-5,[],{}]");
    assert_eq!(
        canonical(&json!(1.5)).unwrap_err().to_string(),
        canonical(&json!([{"a": 1.5}])).unwrap_err().to_string()
    );
    assert!(canonical(&json!(9_007_199_254_740_993_i64)).is_err());
}

/// SHA-256 of `{"a":1,"b":2}`, computed with another program.
#[test]
fn the_digest_is_that_of_the_canonical_text() {
    let expected = "43258cff783fe7036d8a43033f830adfc60ec037382473548ac742b888292777";
    assert_eq!(digest(&json!({"b": 2, "a": 1})).unwrap(), expected);
}

/// A row of every shape that rows have.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    b: Option<i64>,
    a: Vec<Inner>,
    empty: Vec<u8>,
    word: Word,
    pair: (i32, bool),
    #[serde(flatten)]
    inner: Inner,
    nothing: (),
}

#[derive(Serialize, Clone)]
struct Inner {
    z: u32,
    号: String,
    é: char,
}

#[derive(Serialize)]
enum Word {
    One,
}

#[test]
fn a_row_is_written_as_its_value_is() {
    let inner = Inner { z: 7, 号: "\"引\" \\ \u{1}\n".into(), é: '中' };
    let a = vec![inner.clone(), inner.clone()];
    let (word, pair) = (Word::One, (-3, true));
    let row = Row { name: "a/b", b: None, a, empty: vec![], word, pair, inner, nothing: () };
    assert_eq!(canonical_of(&row), canonical(&serde_json::to_value(&row).unwrap()));
    let value =
        json!({"x": [1, null, {}, []], "": "", "\u{10000}": 1, "\u{ffff}": -9_007_199_254_740_991_i64});
    assert_eq!(canonical_of(&value), canonical(&value));
    for value in [json!(1.5), json!(9_007_199_254_740_992_i64), json!(u64::MAX), json!([{"a": 1e300}])] {
        let refused = canonical_of(&value);
        assert!(refused.is_err());
        assert_eq!(refused, canonical(&value), "{value}");
    }
}

proptest! {
    /// Whatever the bytes, reading ends with a value or a sentence; and what serde_json writes is read.
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        let ours = Json::parse(&text).is_ok();
        let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
        prop_assert_eq!(ours, theirs);
    }

    /// An object of texts has one canonical form, whichever way it is written.
    #[test]
    fn texts_alone_make_the_same_text(one in "\\PC{0,40}", two in proptest::option::of("[\"\\\\\n\u{7f}é药😀a]{0,20}")) {
        let members = [("b", Some(one.as_str())), ("é", None), ("😀", two.as_deref()), ("\u{ff5e}", Some("x")), ("a", two.as_deref())];
        let object: serde_json::Map<_, _> = members.iter().map(|(name, text)| ((*name).into(), json!(text))).collect();
        prop_assert_eq!(of_texts(members), canonical(&object.into()).unwrap());
    }

    #[test]
    fn json_like_text_is_read_or_refused(text in "[\\[\\]{}\",:0-9eE+\\-. a\\\\untrfl]{0,40}") {
        if let Ok(ours) = Json::parse(&text) {
            // Written again it is the same value for another reader, but for numbers beyond floats.
            let again = serde_json::from_str::<serde_json::Value>(&ours.to_text());
            let first = serde_json::from_str::<serde_json::Value>(&text);
            if let (Ok(again), Ok(first)) = (again, first) {
                prop_assert_eq!(again, first);
            }
        } else if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
            // The one difference: another reader takes the last of two members.
            prop_assert!(value.to_string().contains('{'), "{}", text);
        }
    }
}
