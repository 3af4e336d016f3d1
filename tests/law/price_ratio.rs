//! 差比价: official prices, exact powers, and correct rounding against independently computed digits.

use jicai_rules::explain::Steps;
use jicai_rules::money::Dec;
use jicai_rules::price_ratio::{Dosage, Kind, Params, PriceRatioError, Rule};

fn dec(text: &str) -> Dec {
    Dec::parse(text).unwrap()
}

fn params() -> Params {
    Params {
        content: dec("1.7"),
        fill_volume: dec("1.9"),
        pack_count: dec("1.95"),
        content_limit: dec("8"),
        injection_min: dec("0.20"),
    }
}

fn price(kind: Kind, dosage: Dosage, from: [&str; 3]) -> Result<(String, String), PriceRatioError> {
    let [price, x_representative, x] = from.map(dec);
    let found = Rule::new(params()).price(kind, dosage, &price, &x_representative, &x, &mut Steps::off())?;
    Ok((found.k.to_fixed(6), found.price.to_fixed(4)))
}

fn pack(from: [&str; 3]) -> (String, String) {
    price(Kind::PackCount, Dosage::Other, from).unwrap()
}

fn is(k: &str, price: &str) -> (String, String) {
    (k.to_owned(), price.to_owned())
}

/// 13 official prices of price bureaus, 2009–2010: the formula gives the listed price of 12, to within the
/// bureaus' rounding to two significant digits, and the column `computed` to all its digits.
#[test]
fn hi_4_official_prices_come_out() {
    let mut reader = csv::Reader::from_reader(include_bytes!("../data/price_ratio_vectors.csv").as_slice());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 13);
    for row in &rows {
        let kind = if &row[0] == "pack_count" { Kind::PackCount } else { Kind::FillVolume };
        let (k, computed) = price(kind, Dosage::Other, [&row[5], &row[3], &row[4]]).unwrap();
        assert_eq!(dec(&computed), dec(&row[9]), "{} {}", &row[1], &row[2]);
        assert_eq!(dec(&k).rounded(5, jicai_rules::money::Round::HalfAway), dec(&row[8]), "{}", &row[2]);
        let gap = &dec(&computed) - &dec(&row[6]);
        let near = gap <= dec("0.05") && gap >= dec("-0.05");
        assert_eq!(near, &row[10] == "1", "{} {}: listed {}", &row[1], &row[2], &row[6]);
    }
}

#[test]
fn a_power_of_two_is_exact() {
    assert_eq!(pack(["1", "10", "20"]), is("1.950000", "1.9500"));
    assert_eq!(pack(["1", "10", "80"]), is("7.414875", "7.4149"));
    assert_eq!(pack(["1", "20", "10"]), is("0.512821", "0.5128"));
    assert_eq!(pack(["3.9", "2.5", "1.25"]), is("0.512821", "2.0000"), "3.9 / 1.95 is 2");
    assert_eq!(pack(["7", "0.3", "0.3"]), is("1.000000", "7.0000"));
    // A half of the last place goes up: 0.00005 × 1 and 0.0001 × 1.95^-1 lie on either side.
    assert_eq!(pack(["0.00005", "1", "1"]), is("1.000000", "0.0001"));
    assert_eq!(pack(["0.00004999999999999999999999999999", "1", "1"]).1, "0.0000");
}

/// Digits computed with 100-digit logarithms by an independent program.
#[test]
fn k_is_rounded_correctly() {
    assert_eq!(pack(["3.1", "64", "10"]), is("0.167212", "0.5184"));
    let content = |from| price(Kind::Content, Dosage::Other, from).unwrap();
    assert_eq!(content(["1000000", "1", "3"]), is("2.318745", "2318744.5101"));
    assert_eq!(content(["1", "0.25", "1.9"]), is("4.723821", "4.7238"));
}

#[test]
fn content_from_eightfold_on_needs_its_own_representative() {
    let content = |x_representative, x| price(Kind::Content, Dosage::Other, ["1", x_representative, x]);
    assert_eq!(content("1", "8"), Err(PriceRatioError::ContentRatio));
    assert_eq!(content("8", "1"), Err(PriceRatioError::ContentRatio));
    assert!(content("1", "7.999999").is_ok() && content("7.999999", "1").is_ok());
    assert_eq!(pack(["1", "1", "8"]).0, "7.414875", "other kinds have no limit");
}

#[test]
fn granule_bags_are_linear_and_injections_have_a_least_price() {
    let granule = |kind, x| price(kind, Dosage::GranuleBag, ["3", "9", x]).unwrap();
    assert_eq!(granule(Kind::PackCount, "10"), is("1.111111", "3.3333"));
    assert_eq!(granule(Kind::FillVolume, "18"), is("1.900000", "5.7000"), "only the number of bags is");
    let injection = |from| price(Kind::PackCount, Dosage::Injection, from).unwrap().1;
    assert_eq!(injection(["0.39", "2", "1"]), "0.2000");
    assert_eq!(injection(["0.38", "2", "1"]), "0.2000", "0.1949 is raised");
    assert_eq!(pack(["0.38", "2", "1"]).1, "0.1949");
}

#[test]
fn far_apart_figures_neither_panic_nor_lose_digits() {
    let long = "9".repeat(390);
    assert_eq!(pack([&long, "1", "1"]).1, format!("{long}.0000"));
    assert!(pack(["1", "1", &long]).1.len() > 300);
    assert_eq!(pack(["1", &long, "1"]), is("0.000000", "0.0000"));
    assert_eq!(price(Kind::Content, Dosage::Other, ["0", "1", "1"]), Err(PriceRatioError::NotPositive));
}
