#!/bin/sh
# Expected: rust_decimal reads "12.30" and refuses what no price list writes; `from_str_exact`, if nothing else, takes plain digits only.
# Happens: `parse`, serde and `from_str_exact` all pass over underscores ("1_000.50", "1._5", "1__"); serde and `parse` take exponents,
#   so the string "1e3" is 1000, while `from_str_exact` refuses it; a JSON number goes through a float and loses digits without an error.
# Why it matters: a price of a bid is quoted by the text that was signed. If the platform reads 1_0.5 as 10.5 and another reader refuses
#   it, or a JSON total of 123456789012.345678 comes out with another sixth decimal, both sides hold a different figure.
# Seen with rust_decimal 1.43.0 (features std, serde) and serde_json 1.0.154 on 2026-11-30.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/src"
cat > "$dir/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
rust_decimal = { version = "=1.43.0", default-features = false, features = ["std", "serde"] }
serde_json = "=1.0.154"
[profile.dev]
debug = false
TOML
cat > "$dir/src/main.rs" <<'RUST'
use rust_decimal::Decimal;

fn main() {
    println!("rust_decimal 1.43.0, serde_json 1.0.154");
    let mut all = true;
    // Text, then what parse, from_str_exact and serde make of it; "-" is a refusal.
    let texts = [
        ("12.30", ["12.30", "12.30", "12.30"]),
        ("1_000.50", ["1000.50", "1000.50", "1000.50"]),
        ("1._5", ["1.5", "1.5", "1.5"]),
        ("1__", ["1", "1", "1"]),
        ("1e3", ["1000", "-", "1000"]),
    ];
    for (text, known) in texts {
        let shown = |read: Option<Decimal>| read.map_or("-".to_owned(), |d| d.to_string());
        let now = [
            shown(text.parse().ok()),
            shown(Decimal::from_str_exact(text).ok()),
            shown(serde_json::from_str(&format!("\"{text}\"")).ok()),
        ];
        println!("{text:>10} parse {:>8} from_str_exact {:>8} serde {:>8}", now[0], now[1], now[2]);
        all &= now == known;
    }
    for (number, known) in [
        ("0.1", "0.1"),
        ("123456789012.345678", "123456789012.34567"),
        ("12345678901234567.89", "12345678901234568"),
    ] {
        let now = serde_json::from_str::<Decimal>(number).map_or("-".into(), |d| d.to_string());
        println!("JSON number {number} is read as {now}");
        all &= now == known;
    }
    if !all {
        println!("it behaves differently now");
        std::process::exit(1);
    }
}
RUST
cd "$dir" && CARGO_TARGET_DIR="$dir/target" cargo run --quiet
