//! Forms of the portal: what was typed stays with the form, and every wrong field is named in one answer.
//!
//! ```ignore
//! let fields = form.reader();
//! let quantity = fields.quantity("quantity", "数量");
//! let wanted_on = fields.date("wanted_on", "期望到货日");
//! fields.finish()?;                       // 422 with every wrong field
//! let (Some(quantity), Some(wanted_on)) = (quantity, wanted_on) else { … };
//! ```

use std::cell::RefCell;
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::NaiveDate;
use futures_util::future::{Ready, ready};

use super::day::CONFIRM_FAR;
use super::number::{Price, Quantity, shown};
use super::{body, day, view};
use crate::error::{Error, FieldError, Refusal, Result};
use crate::input::{self, Checks, half_width};

/// Name of the field that carries the session's form token.
pub const TOKEN_FIELD: &str = "form_token";
/// Name of the field that carries the idempotency key.
pub const KEY_FIELD: &str = "idempotency_key";

/// A form as it was sent, in its order.
#[derive(Debug, Clone, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
}

impl FromRequest for Form {
    type Error = Error;
    type Future = Ready<Result<Self>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(from_request(request))
    }
}

fn from_request(request: &HttpRequest) -> Result<Form> {
    if body::media_type(request) != "application/x-www-form-urlencoded" {
        let detail = "请在页面上填写并提交表单；程序调用请使用 /api/v1 接口。";
        return Err(Refusal::new(415, "UNSUPPORTED_MEDIA_TYPE", detail).into());
    }
    Ok(Form::parse(&body::received(request)?.body))
}

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    pub fn parse(body: &[u8]) -> Self {
        Self { fields: form_urlencoded::parse(body).into_owned().collect() }
    }

    /// From fields that are at hand.
    pub fn from_fields(fields: Vec<(String, String)>) -> Self {
        Self { fields }
    }

    /// What was typed into a field, first where it stands twice; empty where it is missing.
    pub fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }

    /// The version of the row that the page showed, from its hidden field.
    ///
    /// # Errors
    /// 400 `UNREADABLE` where the field is missing or no number.
    pub fn version(&self) -> Result<i64> {
        let unreadable = || Refusal::unreadable("页面内容不完整，请返回并刷新页面后重新提交。");
        self.value("version").parse().map_err(|_| unreadable().into())
    }

    /// Everything typed into fields of that name.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All fields.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// Reads fields and gathers what is wrong.
    pub fn reader(&self) -> Reader<'_> {
        Reader { form: self, checks: RefCell::default() }
    }

    /// A view field with what was typed and what is wrong with it, for showing the form again. Passwords stay empty.
    pub fn refill(&self, mut field: view::Field, errors: &[FieldError]) -> view::Field {
        if field.kind != view::Kind::Password {
            field.value = self.value(&field.name).into();
        }
        let pointer = format!("/{}", field.name);
        if let Some(error) = errors.iter().find(|e| e.pointer == pointer) {
            field.error.clone_from(&error.detail);
        }
        field
    }
}

impl Form {
    /// The question about a day far ahead, once it was asked or answered.
    pub fn far_question(&self, errors: &[FieldError]) -> Option<view::Field> {
        let pointer = format!("/{CONFIRM_FAR}");
        let is_asked = errors.iter().any(|error| error.pointer == pointer);
        let field = view::Field::new(view::Kind::Select, CONFIRM_FAR, "日期较远，是否无误");
        let field = field.choices([("", "请核对后选择"), ("true", "日期无误，确认提交")]);
        (is_asked || self.confirms_far()).then(|| self.refill(field, errors))
    }

    /// Whether that question was answered.
    pub fn confirms_far(&self) -> bool {
        self.value(CONFIRM_FAR) == "true"
    }
}

/// Reads fields; each wrong one is remembered with a sentence that names it and what was typed.
pub struct Reader<'a> {
    form: &'a Form,
    checks: RefCell<Checks>,
}

impl Reader<'_> {
    /// Remembers that a field is wrong.
    pub fn wrong(&self, name: &str, detail: impl Into<String>) {
        self.checks.borrow_mut().wrong(format!("/{name}"), detail);
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// 422 with every wrong field.
    pub fn finish(self) -> Result<()> {
        self.checks.into_inner().finish()
    }

    fn keep<T>(&self, name: &str, read: std::result::Result<T, String>) -> Option<T> {
        read.map_err(|detail| self.wrong(name, detail)).ok()
    }

    /// Text of a large field; line breaks become blanks.
    pub fn paragraph(&self, field: &input::Field) -> String {
        self.checks.borrow_mut().paragraph(field, self.form.value(field.name))
    }

    /// A whole number of units; full-width digits and blanks around are taken.
    pub fn quantity(&self, name: &str, label: &str) -> Option<Quantity> {
        self.read_as_typed(name, label, Quantity::parse)
    }

    /// A price in yuan; full-width digits and blanks around are taken.
    pub fn price(&self, name: &str, label: &str) -> Option<Price> {
        self.read_as_typed(name, label, Price::parse)
    }

    fn read_as_typed<T>(
        &self,
        name: &str,
        label: &str,
        parse: fn(&str, &str) -> std::result::Result<T, String>,
    ) -> Option<T> {
        let typed = self.form.value(name);
        let narrow = half_width(typed);
        // The sentence repeats what was typed, not what it was read as.
        let read = parse(label, narrow.trim())
            .map_err(|detail| detail.replace(&shown(&narrow), &shown(&typed.replace('\u{3000}', " "))));
        self.keep(name, read)
    }

    /// A day, `2024-09-10`.
    pub fn date(&self, name: &str, label: &str) -> Option<NaiveDate> {
        self.read_as_typed(name, label, day::parse)
    }

    /// A key, a state word or whatever else is chosen from a list.
    pub fn choice<T: FromStr>(&self, name: &str, label: &str) -> Option<T> {
        let read = self.form.value(name).parse().map_err(|_| format!("请从列表中选择{label}"));
        self.keep(name, read)
    }

    /// True where a box is ticked.
    pub fn ticked(&self, name: &str) -> bool {
        !self.form.value(name).is_empty()
    }
}
