//! The portal's own order: nothing inline, nothing from elsewhere, what templates name exists, foreign text is escaped.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use askama::Template;
use jicai::platform::http::view::{
    Column, ErrorPage, Field, FieldError, Frame, Kind, Link, Order, focus_first, sortable,
};
use sha2::{Digest, Sha256};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(dir: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a folder of the project") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
}

fn templates() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    files(&root().join("templates"), "html", &mut found);
    let pages = found.iter().filter(|path| !path.starts_with(root().join("templates/mail")));
    pages.map(|path| (path.clone(), fs::read_to_string(path).expect("a template"))).collect()
}

/// The values of an attribute in a template, as they stand there.
fn values<'a>(text: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    text.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn pages_hold_nothing_that_the_content_security_policy_forbids() {
    let pages = templates();
    assert!(pages.len() > 20, "templates were not found");
    for (path, text) in pages {
        let name = path.display();
        assert!(!text.contains(" style="), "{name}: an inline style");
        assert!(!text.contains("<style"), "{name}: a style element");
        assert!(!text.contains("javascript:"), "{name}: a script address");
        for part in text.split("<script").skip(1) {
            let tag = part.split('>').next().unwrap_or_default();
            assert!(tag.contains("src="), "{name}: an inline script: <script{tag}>");
        }
        for word in text.split_whitespace().filter(|word| word.contains('=')) {
            let attribute = word.split('=').next().unwrap_or_default();
            let handler = attribute.len() > 4
                && attribute.starts_with("on")
                && attribute.bytes().all(|b| b.is_ascii_lowercase());
            assert!(!handler, "{name}: an inline handler: {word}");
        }
    }
}

#[test]
fn pages_load_nothing_from_another_host() {
    for (path, text) in templates() {
        for attribute in ["src", "href", "action", "formaction", "hx-get", "hx-post"] {
            for value in values(&text, attribute) {
                let outside =
                    value.starts_with("http:") || value.starts_with("https:") || value.starts_with("//");
                assert!(!outside, "{}: {attribute}=\"{value}\"", path.display());
            }
        }
    }
    for sheet in ["css/theme.css", "css/print.css"] {
        let text = fs::read_to_string(root().join("static").join(sheet)).expect("a style sheet");
        assert!(!text.contains("url("), "{sheet} loads something");
        assert!(!text.contains("@import"), "{sheet} loads something");
    }
}

#[test]
fn every_asset_that_a_page_names_exists() {
    let mut named = BTreeSet::new();
    for (_, text) in templates() {
        for part in text.split("frame.asset(\"").skip(1) {
            named.insert(part.split('"').next().unwrap_or_default().to_owned());
        }
    }
    assert!(named.contains("css/theme.css"), "{named:?}");
    for asset in named {
        assert!(root().join("static").join(&asset).is_file(), "static/{asset} is missing");
    }
}

/// A vendored file is what its README says it is: unchanged, with its version and licence beside it.
#[test]
fn vendored_libraries_are_what_their_readme_says() {
    let readme = fs::read_to_string(root().join("static/vendor/README.md")).expect("the readme");
    let mut scripts = Vec::new();
    files(&root().join("static/vendor"), "js", &mut scripts);
    files(&root().join("static/vendor"), "css", &mut scripts);
    files(&root().join("tests/vendor"), "js", &mut scripts);
    assert!(scripts.len() >= 3, "{scripts:?}");
    for path in scripts {
        let hash = hex::encode(Sha256::digest(fs::read(&path).expect("a library")));
        assert!(readme.contains(&hash), "{} differs from static/vendor/README.md ({hash})", path.display());
        assert!(path.with_file_name("LICENSE").is_file(), "{} has no licence beside it", path.display());
    }
}

#[test]
fn foreign_text_is_escaped() {
    let evil = "<script>alert('x')</script>\"";
    let page = ErrorPage {
        frame: Frame { platform: evil.into(), search: evil.into(), token: evil.into(), ..Frame::default() },
        title: evil.into(),
        detail: evil.into(),
        number: evil.into(),
        back: Link::new(evil, "/\" onclick=\"x"),
        errors: vec![FieldError { field: evil.into(), message: evil.into() }],
    };
    let html = page.render().expect("a page");
    assert!(!html.contains("<script>"), "{html}");
    assert!(!html.contains("\" onclick="), "{html}");
    assert!(html.contains("&#60;script&#62;"), "{html}");
}

#[test]
fn the_first_wrong_field_gets_the_cursor_and_the_summary_names_all() {
    let mut fields = [
        Field::new(Kind::Text, "contact", "收货联系人"),
        Field::new(Kind::Whole, "quantity", "数量")
            .value("1.5")
            .error("数量应为不小于 1 的整数，您填的是 1.5"),
        Field::new(Kind::Date, "wanted", "希望到货日期").error("请填写希望到货日期"),
    ];
    let summary = focus_first(fields.iter_mut());
    assert_eq!(fields.iter().map(|f| f.focus).collect::<Vec<_>>(), [false, true, false]);
    let names: Vec<_> = summary.iter().map(|e| e.field.as_str()).collect();
    assert_eq!(names, ["quantity", "wanted"]);
    assert_eq!(summary.first().map(|e| e.message.as_str()), Some("数量应为不小于 1 的整数，您填的是 1.5"));
}

#[test]
fn following_the_head_of_the_sorted_column_turns_the_order_round() {
    let columns = vec![
        Column::text("品名").key("name"),
        Column::number("单价", "元").key("price"),
        Column::text("标识"),
    ];
    let sorted = sortable(columns, &["name", "price"], ("price", Order::Up), |key, order| {
        format!("?sort={key}&order={}", order.aria())
    });
    let links: Vec<_> = sorted.iter().map(|c| c.sort.as_deref()).collect();
    assert_eq!(links, [Some("?sort=name&order=ascending"), Some("?sort=price&order=descending"), None]);
    assert_eq!(sorted.iter().map(|c| c.order).collect::<Vec<_>>(), [Order::No, Order::Up, Order::No]);
}
