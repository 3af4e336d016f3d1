//! What is wrong with a policy file, for officers: the reader's sentences in Chinese, the keys as they stand in the file.

/// Each sentence of the reader in Chinese; `label` is the name that the reader put before them.
pub fn complaints(label: &str, said: &[String]) -> Vec<String> {
    said.iter()
        .map(|sentence| in_chinese(sentence.strip_prefix(&format!("{label}: ")).unwrap_or(sentence)))
        .collect()
}

fn in_chinese(said: &str) -> String {
    if let Some(key) = said.strip_prefix("unknown key ") {
        return format!("没有名为 {key} 的参数，请核对名称");
    }
    if let Some(key) = said.strip_prefix("missing key ") {
        return format!("缺少参数 {key}；可在第一行写 extends = \"…\"，只写与原版本不同的参数");
    }
    if let Some(base) = said.strip_prefix("extends names no known profile: ") {
        return format!("extends 所写的版本 {base} 不存在，请核对名称和日期");
    }
    if said.starts_with("TOML parse error") {
        return not_toml(said);
    }
    PHRASES.iter().fold(said.to_owned(), |text, (english, chinese)| text.replace(english, chinese))
}

/// 「第 3 行第 5 列」 with the line as it stands, where the message has them.
fn not_toml(said: &str) -> String {
    let number = |word: &str| {
        let rest = said.split(word).nth(1)?.trim_start();
        Some(rest.chars().take_while(char::is_ascii_digit).collect::<String>()).filter(|n| !n.is_empty())
    };
    let line = said.lines().find_map(|line| line.trim_start().split_once(" | ")).map(|(_, text)| text.trim());
    match (number("line"), number("column")) {
        (Some(row), Some(column)) => {
            let text = line.unwrap_or_default();
            format!("第 {row} 行第 {column} 列不合 TOML 的写法：{text}")
        }
        _ => "文件不合 TOML 的写法，请核对引号、等号和括号".to_owned(),
    }
}

/// The phrases of the reader; longer ones first where one holds another.
const PHRASES: &[(&str, &str)] = &[
    ("extends must be the name of a profile in quotes", "extends 应为加引号的版本名称"),
    ("extends goes round in a circle", "extends 互相引用，形成了循环"),
    ("this version is there already", "该版本已经存在"),
    (" must be a table", " 应为一组参数"),
    (" must be written as ", " 应写成 "),
    ("unknown member ", "不认识的成员 "),
    (" is missing", " 缺失"),
    (" must be a text in quotes, not empty", " 应为加引号的文字，不能为空"),
    ("basis must be ", "basis 应为 "),
    ("value must be a decimal from ", "value 应为小数，范围 "),
    ("value must be a whole number from ", "value 应为整数，范围 "),
    ("value must be a list of ", "value 应为一列小数，个数 "),
    (" decimals", ""),
    ("value must be one of ", "value 应为下列之一："),
    ("value must be true or false", "value 应为 true 或 false"),
    ("value must be a time such as ", "value 应为时刻，例如 "),
    ("value must be a first and a last day such as ", "value 应为起止两日，例如 "),
    ("value must be pairs such as ", "value 应为成对的整数，例如 "),
    (" with ascending first numbers", "，每对的第一个数逐个增大"),
    (" must be a day such as ", " 应为日期，例如 "),
    (", without quotes", "，不加引号"),
    (" without exponent", "，不用科学计数法"),
    (", or ", "，或 "),
    (" or ", " 或 "),
    (" to ", " 到 "),
];
