//! JSON bodies with errors that say where: 400 with line and column where it is no JSON, 422 with the pointer of the member
//! where it does not fit.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::{Ready, ready};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use super::body;
use crate::error::{Error, FieldError, Refusal, Result};

/// A JSON body. Members that `T` does not know are refused where `T` says `deny_unknown_fields`.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(from_request(request).map(Self))
    }
}

/// A JSON body that may be left out.
#[derive(Debug, Clone)]
pub struct MaybeJson<T>(pub Option<T>);

impl<T: DeserializeOwned + 'static> FromRequest for MaybeJson<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(body::received(request).and_then(|received| match received.body.is_empty() {
            true => Ok(Self(None)),
            false => from_request(request).map(|given| Self(Some(given))),
        }))
    }
}

fn from_request<T: DeserializeOwned>(request: &HttpRequest) -> Result<T> {
    let kind = body::media_type(request);
    if kind != "application/json" && !kind.ends_with("+json") {
        let detail =
            format!("请以 Content-Type: application/json 提交，收到的是“{}”。", super::number::shown(&kind));
        return Err(Refusal::new(415, "UNSUPPORTED_MEDIA_TYPE", detail).into());
    }
    read(&body::received(request)?.body)
}

/// Reads a JSON text.
///
/// # Errors
/// 400 `UNREADABLE` with line and column, 422 `INVALID` with the member's pointer.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
        let pointer = pointer(e.path());
        explain(pointer, e.inner())
    })?;
    reader.end().map_err(|e| explain(String::new(), &e))?;
    Ok(value)
}

fn explain(pointer: String, error: &serde_json::Error) -> Error {
    if error.is_data() {
        let detail = in_words(&error.to_string());
        let pointer = complete(pointer, &error.to_string());
        return Refusal::invalid(vec![FieldError { pointer, detail }]).into();
    }
    let (line, column) = (error.line(), error.column());
    let what = if error.is_eof() { "内容在此处中断" } else { "此处的写法有误" };
    let detail = format!("提交的内容不是有效的 JSON：第 {line} 行第 {column} 列，{what}。");
    Refusal::unreadable(detail).with("line", line).with("column", column).into()
}

/// The JSON pointer of a member.
pub(super) fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1")))
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// A member that is missing or stands twice is named by the message, not by the path, which ends at its object.
pub(super) fn complete(pointer: String, message: &str) -> String {
    let named =
        ["missing field `", "duplicate field `"].iter().find_map(|start| between(message, start, "`"));
    match named {
        Some(name) => format!("{pointer}/{name}"),
        None => pointer,
    }
}

/// The library's sentence in our words; ours, which are Chinese already, stay as they are.
pub(super) fn in_words(message: &str) -> String {
    let message = message.rsplit_once(" at line ").map_or(message, |(text, _)| text);
    if let Some(name) = between(message, "missing field `", "`") {
        return format!("缺少 {name}，请补上。");
    }
    if let Some(name) = between(message, "unknown field `", "`") {
        return format!("没有名为 {name} 的内容，请核对名称。");
    }
    if let Some(name) = between(message, "duplicate field `", "`") {
        return format!("{name} 出现了两次，请只保留一个。");
    }
    if let Some(word) = between(message, "unknown variant `", "`") {
        let known = message.split_once("expected ").map_or("", |(_, known)| known).replace('`', "");
        let known = known.trim_start_matches("one of ").replace(" or ", ", ");
        return format!("“{}”不在可选范围内，应为 {known} 之一。", super::number::shown(word));
    }
    for wrong in ["invalid type: ", "invalid value: ", "invalid length "] {
        if let Some((found, expected)) = message.strip_prefix(wrong).and_then(|m| m.split_once(", expected "))
        {
            return format!("内容类型不符：收到 {}，应为 {expected}。", super::number::shown(found));
        }
    }
    if message.contains("`true` or `false`") {
        return "应为 true 或 false。".into();
    }
    if message.starts_with("UUID parsing failed") {
        return "不是有效的编号，请核对。".into();
    }
    if message.chars().any(|c| c > '\u{2e7f}') {
        message.into()
    } else {
        format!("内容不符合要求：{message}")
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map(|(found, _)| found)
}
