//! Names of people: a log-in name that looks the same to everybody, a display name in letters that cannot be mistaken for
//! others, an address that mail reaches.

use unicode_normalization::UnicodeNormalization;

use crate::platform::error::FieldError;
use crate::platform::input::{Field, half_width};

/// What a person logs in with.
pub const LOGIN: Field = Field::new("login", "登录名", 3..=64);
/// What a person is called.
pub const DISPLAY_NAME: Field = Field::new("display_name", "姓名", 1..=50);
/// Where a person's mails go.
pub const EMAIL: Field = Field::new("email", "电子邮箱", 1..=254);

/// Log-in names are compared in lower case and without the width and blanks that an input method adds.
pub fn normalise_login(typed: &str) -> String {
    half_width(typed).trim().to_lowercase()
}

/// ASCII only: a Cyrillic а beside a Latin a would be another account that looks the same.
pub fn login_problem(login: &str) -> Option<String> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '@');
    if let Some(strange) = login.chars().find(|c| !c.is_ascii() && c.is_alphabetic()) {
        return Some(format!(
            "登录名只能用英文字母、数字和 . _ - @，“{strange}”不是英文字母（可能只是外形相似），请重新输入。"
        ));
    }
    let fits = LOGIN.chars().contains(&login.len())
        && login.chars().all(good)
        && login.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let Field { least, most, .. } = LOGIN;
    (!fits).then(|| format!("登录名须为 {least} 至 {most} 个小写字母、数字或 . _ - @，并以字母或数字开头。"))
}

/// One way of writing a name: NFKC, no blanks around it, one blank inside.
pub fn normalise_name(typed: &str) -> String {
    let normal: String = typed.nfkc().collect();
    normal.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Chinese characters, or Latin letters; never letters of other scripts that only look like these, never marks that hide
/// themselves or turn the direction round.
pub fn name_problem(name: &str) -> Option<String> {
    let count = name.chars().count();
    let Field { least, most, .. } = DISPLAY_NAME;
    if !DISPLAY_NAME.chars().contains(&count) {
        return Some(format!("姓名须为 {least} 至 {most} 个字。"));
    }
    let strange = name.chars().find(|c| !is_name_char(*c))?;
    let shown = if strange.is_alphanumeric() {
        format!("“{strange}”")
    } else {
        "不可见字符或符号".into()
    };
    Some(format!("姓名中含有{shown}，只能用汉字、拉丁字母、间隔号、连字符和空格，请重新输入。"))
}

fn is_name_char(c: char) -> bool {
    match c {
        ' ' | '-' | '\'' | '.' | '·' | '〇' | '0'..='9' => true,
        _ if c.is_ascii() => c.is_ascii_alphabetic(),
        // Latin letters with marks.
        '\u{00c0}'..='\u{024f}' => c.is_alphabetic(),
        // Chinese characters with their extensions.
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{323af}' => true,
        _ => false,
    }
}

/// What is wrong with an address; an empty one is fine unless it is needed.
pub fn email_problem(email: &str, needed: bool) -> Option<String> {
    if email.is_empty() {
        return needed.then(|| "请填写电子邮箱，邀请和重置密码的邮件将发到这里。".into());
    }
    let fits = email.is_ascii() && email.len() <= EMAIL.most && email.parse::<lettre::Address>().is_ok();
    (!fits).then(|| "电子邮箱的写法不对，例如 zhang@example.cn。".into())
}

/// What is wrong with the names of an account.
pub(super) fn problems(login: &str, name: &str, email: &str, email_needed: bool) -> Vec<FieldError> {
    let found = [
        ("/login", login_problem(login)),
        ("/display_name", name_problem(name)),
        ("/email", email_problem(email, email_needed)),
    ];
    let wrong = found.into_iter().filter_map(|(pointer, detail)| Some((pointer, detail?)));
    wrong.map(|(pointer, detail)| FieldError { pointer: pointer.into(), detail }).collect()
}
