//! Where a product comes from, by its approval or registration number.

/// True for a product made outside the mainland: it has a national general agent, which counts as its manufacturer (SN-2).
///
/// Drugs: 国药准字 with J or C as its second letter (HJ, SJ, ZJ; HC, SC, ZC), and the older 进口药品注册证 and 医药产品注册证
/// (H20150001, BH20150001, HC20150001). Devices: 国械注进, 国械注许, the older 国食药监械(进)字 and (许)字, and filings 国械备.
///
/// Open: 国药准字J (进口分包装) is the domestic packer's own number, so it is not taken for an import.
///
/// SN-2
pub fn is_imported(number: &str) -> bool {
    let plain: String = number.chars().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.replace('（', "(").replace('）', ")").to_ascii_uppercase();
    if let Some(rest) = plain.strip_prefix("国药准字") {
        return letters(rest)
            .is_some_and(|found| matches!(found.as_bytes(), [b'H' | b'S' | b'Z', b'J' | b'C']));
    }
    if plain.contains('械') {
        let foreign = ["国械注进", "国械注许", "国械备"];
        let older = plain.contains("械(进)字") || plain.contains("械(许)字");
        return older || foreign.iter().any(|word| plain.starts_with(word));
    }
    // 进口药品注册证号: the letter alone before the year; B before it for the large pack.
    let rest = plain.strip_prefix("注册证号").unwrap_or(&plain);
    let found = letters(rest).map(|found| found.strip_prefix('B').unwrap_or(found));
    found.is_some_and(|found| matches!(found, "H" | "S" | "Z" | "HC" | "SC" | "ZC"))
}

/// The letters before at least eight digits that end the number.
fn letters(text: &str) -> Option<&str> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_uppercase()).len();
    let (letters, rest) = text.split_at_checked(digits)?;
    let whole = rest.len() >= 8 && rest.bytes().all(|b| b.is_ascii_digit());
    whole.then_some(letters)
}
