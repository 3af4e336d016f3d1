//! What comes in: JSON, forms, numbers, too much of it, too slowly, to addresses that do not exist.

use std::time::Duration;

use jicai::platform::error::{Error, Refusal, Result};
use jicai::platform::http::form::Form;
use jicai::platform::http::{Price, Quantity, json};
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{TestApp, Who, app_test};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Order {
    lines: Vec<Line>,
    #[serde(default)]
    remark: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    quantity: Quantity,
    price: Option<Price>,
}

fn refusal<T: std::fmt::Debug>(result: Result<T>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => *refusal,
        other => panic!("{other:?}"),
    }
}

fn line(quantity: &str, price: &str) -> Result<Order> {
    json::read(
        format!(r#"{{"lines":[{{"quantity":1}},{{"quantity":{quantity},"price":{price}}}]}}"#).as_bytes(),
    )
}

#[test]
fn json_numbers_are_read_digit_by_digit() {
    for (given, micros) in [
        ("5.80", 5_800_000),
        ("\"5.80\"", 5_800_000),
        ("0.000001", 1),
        ("100000000", 100_000_000_000_000),
        // A float would make 9.1 of it or 9.100000000000001.
        ("9.100000", 9_100_000),
        ("12345678.901234", 12_345_678_901_234),
    ] {
        let order = line("1", given).expect(given);
        assert_eq!(order.lines[1].price.expect("price").get().0, micros, "{given}");
    }
    for (given, quantity) in [("1", 1), ("\"10\"", 10), ("1000000000", 1_000_000_000)] {
        assert_eq!(line(given, "1").expect(given).lines[1].quantity.get(), quantity);
    }
}

#[test]
fn json_numbers_that_are_none_are_named_with_what_was_given() {
    for (given, said) in [
        ("12345678901234567.89", "不能超过 100000000 元，您填的是 12345678901234567.89"),
        ("123456789012345678901234567890123", "您填的是 123456789012345678901234567890123"),
        ("\"1e3\"", "应为只含数字和至多一个小数点的金额，例如 12.30，您填的是 1e3"),
        ("1e3", "您填的是 1e3"),
        ("\"12.3.4\"", "您填的是 12.3.4"),
        ("\"12，30\"", "您填的是 12，30"),
        ("\"１０\"", "您填的是 １０"),
        ("\" 5\"", "应为只含数字"),
        ("\"+5\"", "您填的是 +5"),
        ("\".5\"", "您填的是 .5"),
        ("\"5.\"", "您填的是 5."),
        ("0", "应大于 0，您填的是 0"),
        ("-1", "应大于 0，您填的是 -1"),
        ("0.0000001", "至多 6 位小数，您填的是 0.0000001"),
        ("100000000.01", "不能超过 100000000 元"),
        ("true", "您填的是 true"),
        ("\"\"", "请填写"),
    ] {
        let refusal = refusal(line("1", given));
        assert_eq!((refusal.status, refusal.code), (422, "INVALID"), "{given}");
        assert_eq!(refusal.errors[0].pointer, "/lines/1/price", "{given}");
        assert!(refusal.detail.contains(said), "{given}: {}", refusal.detail);
    }
    for (given, said) in [
        ("0", "数量应为不小于 1 的整数，您填的是 0"),
        ("-1", "数量应为不小于 1 的整数，您填的是 -1"),
        ("1.5", "数量应为不小于 1 的整数，您填的是 1.5"),
        ("\"１０\"", "数量应为不小于 1 的整数，您填的是 １０"),
        ("1000000000000", "数量不能超过 1000000000，您填的是 1000000000000"),
        ("99999999999999999999999999999999999999", "数量不能超过 1000000000"),
        ("\"1e3\"", "您填的是 1e3"),
        ("1e3", "您填的是 1e3"),
        ("12345678901234567.89", "您填的是 12345678901234567.89"),
        ("[1]", "您填的是 [1]"),
    ] {
        let refusal = refusal(line(given, "1"));
        assert_eq!(refusal.errors[0].pointer, "/lines/1/quantity", "{given}");
        assert!(refusal.detail.contains(said), "{given}: {}", refusal.detail);
    }
}

#[test]
fn json_that_does_not_fit_is_named_by_its_pointer() {
    for (given, pointer, said) in [
        (r#"{"lines":[{}]}"#, "/lines/0/quantity", "缺少 quantity"),
        (r#"{}"#, "/lines", "缺少 lines"),
        (r#"{"lines":[],"sum":1}"#, "/sum", "没有名为 sum 的内容"),
        (r#"{"lines":{}}"#, "/lines", "内容类型不符"),
        (r#"{"lines":[],"remark":1}"#, "/remark", "内容类型不符"),
        (r#"{"lines":[],"lines":[]}"#, "/lines", "lines 出现了两次"),
        ("[]", "", ""),
    ] {
        let refusal = refusal(json::read::<Order>(given.as_bytes()));
        assert_eq!((refusal.status, refusal.errors[0].pointer.as_str()), (422, pointer), "{given}");
        assert!(refusal.detail.contains(said), "{given}: {}", refusal.detail);
    }
    for (given, line, column) in [("", 1, 0), ("{\"lines\":\n [}", 2, 3), ("{}x", 1, 3), ("\u{feff}{}", 1, 1)]
    {
        let refusal = refusal(json::read::<Order>(given.as_bytes()));
        if refusal.status == 422 {
            // `{}` lacks a member before the rubbish behind it is seen.
            continue;
        }
        assert_eq!((refusal.status, refusal.code), (400, "UNREADABLE"), "{given:?}");
        assert_eq!(
            (&refusal.extra["line"], &refusal.extra["column"]),
            (&json!(line), &json!(column)),
            "{given:?}"
        );
        assert!(refusal.detail.contains(&format!("第 {line} 行第 {column} 列")), "{}", refusal.detail);
    }
}

#[test]
fn forms_take_what_an_input_method_types_and_refuse_the_rest_in_words() {
    let read = |typed: &str| {
        let body = form_urlencoded::Serializer::new(String::new()).append_pair("n", typed).finish();
        let form = Form::parse(body.as_bytes());
        let reader = form.reader();
        let (quantity, price) = (reader.quantity("n", "数量"), reader.price("n", "单价"));
        let errors = match reader.finish() {
            Ok(()) => vec![],
            Err(Error::Refused(r)) => r.errors.iter().map(|e| e.detail.clone()).collect(),
            Err(e) => panic!("{e}"),
        };
        assert_eq!(form.value("n"), typed, "what was typed stays");
        (quantity.map(Quantity::get), price.map(|p| p.get().to_string()), errors)
    };
    for typed in ["10", "１０", " 10 ", "　10　", "1０"] {
        assert_eq!(read(typed), (Some(10), Some("10.00".into()), vec![]), "{typed}");
    }
    assert_eq!(read("１２．３").1, Some("12.30".into()));
    for (typed, quantity, price) in [
        ("1.5", "数量应为不小于 1 的整数，您填的是 1.5", ""),
        ("0", "数量应为不小于 1 的整数，您填的是 0", "单价应大于 0，您填的是 0"),
        ("-1", "数量应为不小于 1 的整数，您填的是 -1", "单价应大于 0，您填的是 -1"),
        ("12，30", "您填的是 12，30", "例如 12.30，您填的是 12，30"),
        ("1,000", "您填的是 1,000", "您填的是 1,000"),
        ("1e3", "您填的是 1e3", "您填的是 1e3"),
        ("12.3.4", "您填的是 12.3.4", "您填的是 12.3.4"),
        ("1000000000000", "数量不能超过 1000000000", "单价不能超过 100000000 元"),
        ("", "请填写数量", "请填写单价"),
        ("十", "您填的是 十", "您填的是 十"),
    ] {
        let (_, _, errors) = read(typed);
        assert!(errors[0].contains(quantity), "{typed}: {errors:?}");
        assert!(price.is_empty() || errors[1].contains(price), "{typed}: {errors:?}");
    }
}

async fn unreadable_and_misplaced_bodies_are_explained(app: &TestApp) {
    let api = app.api(Who::Anonymous).await;
    let problem = api.raw("POST", "/api/v1/tokens", "{\"login\": oops}").await.problem(400, "UNREADABLE");
    assert_eq!((&problem["line"], &problem["column"]), (&json!(1), &json!(11)));
    assert_eq!(problem["instance"], "/api/v1/tokens");
    let problem = api.json("POST", "/api/v1/tokens", &json!({ "login": "x" })).await.problem(422, "INVALID");
    assert_eq!(problem["errors"][0]["pointer"], "/password");
    let request = api.request("POST", "/api/v1/tokens").header("content-type", "text/plain").body("{}");
    api.send(request).await.problem(415, "UNSUPPORTED_MEDIA_TYPE");
    api.send(api.request("DELETE", "/api/v1/tokens")).await.problem(405, "METHOD_NOT_ALLOWED");
    api.get("/api/v1/nothing").await.problem(404, "NOT_FOUND");
}
app_test!(unreadable_and_misplaced_bodies_are_explained);

/// 200 MiB, announced and not: refused at 2 MiB, with the reason, without being kept.
async fn a_body_of_200_mib_is_refused(app: &TestApp) {
    const MIB: usize = 1024 * 1024;
    let api = app.api(Who::Anonymous).await;
    let answer = api.raw("POST", "/api/v1/tokens", vec![b' '; 200 * MIB]).await;
    assert!(answer.problem(413, "TOO_LARGE")["detail"].as_str().expect("words").contains("2 MB"));
    // Chunked, without an announcement; our own end of the line, so that the answer is read whatever happens to the rest.
    let mut line =
        tokio::net::TcpStream::connect(app.base.trim_start_matches("http://")).await.expect("connect");
    let head = "POST /api/v1/tokens HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    line.write_all(head.as_bytes()).await.expect("head");
    let (mut reader, mut writer) = line.into_split();
    let sending = tokio::spawn(async move {
        let chunk = [format!("{MIB:x}\r\n").into_bytes(), vec![b' '; MIB], b"\r\n".to_vec()].concat();
        for n in 0..200 {
            if writer.write_all(&chunk).await.is_err() {
                return n;
            }
        }
        200
    });
    let mut answer = vec![0; 4096];
    let n = reader.read(&mut answer).await.expect("an answer");
    let text = String::from_utf8_lossy(&answer[..n]).into_owned();
    assert!(text.starts_with("HTTP/1.1 413 ") && text.contains("TOO_LARGE"), "{text}");
    sending.abort();
}
app_test!(a_body_of_200_mib_is_refused);

/// A body that never ends does not hold the server for ever.
async fn a_request_ends_in_time(app: &TestApp) {
    let mut line =
        tokio::net::TcpStream::connect(app.base.trim_start_matches("http://")).await.expect("connect");
    let head = "POST /api/v1/tokens HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    line.write_all(head.as_bytes()).await.expect("head");
    let mut answer = vec![0; 4096];
    let limit = crate::support::app::TIME_LIMIT + Duration::from_secs(5);
    let n = tokio::time::timeout(limit, line.read(&mut answer)).await.expect("in time").expect("an answer");
    let text = String::from_utf8_lossy(&answer[..n]).into_owned();
    assert!(text.starts_with("HTTP/1.1 503 ") && text.contains("TOO_SLOW"), "{text}");
}
app_test!(a_request_ends_in_time);
