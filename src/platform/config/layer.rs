//! Puts the layers on each other. The defaults name every key and, by their value, its kind.

use toml::{Table, Value};

use super::{Config, FILE_VARIABLE};

/// Variables that begin like ours and mean something else.
const NOT_KEYS: [&str; 2] = [FILE_VARIABLE, "JICAI_REQUIRE"];

/// Reads all layers.
///
/// # Errors
/// One Chinese sentence for each key that is unknown, of another kind, or without meaning.
pub(super) fn read(
    default: &str,
    file: Option<&str>,
    variables: &[(String, String)],
) -> Result<Config, Vec<String>> {
    let mut merged: Table = default.parse().map_err(|e| vec![format!("config/default.toml：{e}")])?;
    let mut problems = Vec::new();
    if let Some(text) = file {
        match text.parse::<Table>() {
            Ok(table) => overlay(&mut merged, table, &mut problems),
            Err(e) => problems.push(format!("配置文件不是有效的 TOML：{}", e.to_string().trim_end())),
        }
    }
    for (name, text) in variables {
        variable(&mut merged, name, text, &mut problems);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    serde_path_to_error::deserialize(Value::Table(merged)).map_err(|e| {
        vec![format!(
            "{}：取值无法识别（{}）；请对照 config/default.toml 中的说明填写",
            e.path(),
            first_line(e.inner())
        )]
    })
}

fn first_line(error: &toml::de::Error) -> String {
    error.message().lines().next().unwrap_or_default().to_owned()
}

fn overlay(merged: &mut Table, file: Table, problems: &mut Vec<String>) {
    for (topic, keys) in file {
        let Some(Value::Table(known)) = merged.get_mut(&topic) else {
            problems.push(format!("[{topic}]：没有这一组配置；可用的有 {}", names(merged)));
            continue;
        };
        let Value::Table(keys) = keys else {
            problems.push(format!("{topic}：应写成 [{topic}] 下的若干项"));
            continue;
        };
        for (key, value) in keys {
            match known.get(&key) {
                None => problems
                    .push(format!("{topic}.{key}：没有这一项配置；[{topic}] 中可用的有 {}", names(known))),
                Some(default) if default.same_type(&value) => {
                    known.insert(key, value);
                }
                Some(default) => problems.push(format!("{topic}.{key}：{}", expected(default))),
            }
        }
    }
}

fn variable(merged: &mut Table, name: &str, text: &str, problems: &mut Vec<String>) {
    if name == "DATABASE_URL" {
        set(merged, "database", "url", Value::String(text.into()));
        return;
    }
    let Some(rest) = name.strip_prefix("JICAI_").filter(|_| !NOT_KEYS.contains(&name)) else { return };
    let found = merged.iter().find_map(|(topic, keys)| {
        let keys = keys.as_table()?;
        let key = rest.strip_prefix(&topic.to_uppercase())?.strip_prefix('_')?;
        let (key, default) = keys.iter().find(|(known, _)| known.to_uppercase() == key)?;
        Some((topic.clone(), key.clone(), default.clone()))
    });
    let Some((topic, key, default)) = found else {
        problems.push(format!(
            "环境变量 {name}：没有对应的配置项；请对照 config/default.toml 中的名称，或删去该变量"
        ));
        return;
    };
    match parse(&default, text) {
        Some(value) => set(merged, &topic, &key, value),
        None => problems.push(format!("环境变量 {name}（{topic}.{key}）：{}", expected(&default))),
    }
}

fn set(merged: &mut Table, topic: &str, key: &str, value: Value) {
    if let Some(Value::Table(keys)) = merged.get_mut(topic) {
        keys.insert(key.into(), value);
    }
}

fn parse(default: &Value, text: &str) -> Option<Value> {
    match default {
        Value::Integer(_) => text.trim().parse().ok().map(Value::Integer),
        Value::Boolean(_) => text.trim().parse().ok().map(Value::Boolean),
        Value::Array(_) => Some(Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|t| !t.is_empty())
                .map(|t| Value::String(t.into()))
                .collect(),
        )),
        _ => Some(Value::String(text.into())),
    }
}

fn expected(default: &Value) -> &'static str {
    match default {
        Value::Integer(_) => "应为整数，不加引号",
        Value::Boolean(_) => "应为 true 或 false",
        Value::Array(_) => "应为列表，例如 [\"10.0.0.1\"]；在环境变量中以逗号分隔",
        _ => "应为加引号的文字",
    }
}

fn names(table: &Table) -> String {
    table.keys().map(String::as_str).collect::<Vec<_>>().join("、")
}
