//! Payment standards: every vector of HI, SH-L-6…8, HN-9 and SN-14.

use jicai_rules::explain::Steps;
use jicai_rules::money::Dec;
use jicai_rules::payment::{Kind, Missing, Peers, Product, Profile, Rules, SpecialClass, Standard, standard};

fn dec(text: &str) -> Dec {
    Dec::parse(text).unwrap()
}

fn some(text: &str) -> Option<Dec> {
    Some(dec(text))
}

fn rules() -> Rules {
    Rules { tcm_markup_max: dec("0.25"), apply_group_cap_always: false }
}

fn group(prices: &[&str]) -> Peers {
    Peers { group_selected: prices.iter().map(|price| dec(price)).collect(), ..Peers::default() }
}

fn found(profile: Profile, product: Product, peers: &Peers) -> Standard {
    standard(profile, &product, peers, &rules(), &mut Steps::off()).unwrap()
}

/// The standard alone.
fn price(profile: Profile, product: Product, peers: &Peers) -> Option<String> {
    found(profile, product, peers).standard.map(|price| price.to_string())
}

fn is(price: &str) -> Option<String> {
    Some(price.to_owned())
}

#[test]
fn hi_1_a_negotiated_price_caps_its_generic_name() {
    let listed = |listing: &str| Product {
        listing_price: some(listing),
        generic_negotiated_price: some("100"),
        ..Product::default()
    };
    let standard = |listing| price(Profile::Hainan, listed(listing), &Peers::default());
    assert_eq!([standard("120"), standard("80"), standard("100")], [is("100"), is("80"), is("100")]);
    let negotiated = Product { negotiated_price: some("100.00"), ..Product::default() };
    assert_eq!(found(Profile::Hainan, negotiated, &Peers::default()).rule, "negotiated");
}

#[test]
fn hi_2_selected_price_else_the_highest_selected_of_the_group() {
    let selected = Product { selected_price: some("2.35"), ..Product::default() };
    assert_eq!(price(Profile::Hainan, selected, &Peers::default()), is("2.35"));
    let other = Product { in_scope: true, price: some("4.00"), ..Product::default() };
    assert_eq!(price(Profile::Hainan, other, &group(&["2.00", "3.10"])), is("3.1"));
}

/// The catalogue's second vector of HI-2 caps a non-selected 2.90 at itself; the public contract of the rule
/// gives the highest selected price whatever is charged, and the fund still never pays more than the charge.
#[test]
fn hi_2_a_cheaper_product_gets_the_group_standard_and_no_excess() {
    let cheaper = Product { in_scope: true, price: some("2.90"), ..Product::default() };
    let standard = found(Profile::Hainan, cheaper, &group(&["3.10"]));
    assert_eq!((standard.standard, standard.patient_excess), (some("3.10"), some("0")));
}

#[test]
fn hi_3_own_listing_price_under_the_generic_cap() {
    let listed = Product { listing_price: some("35.80"), ..Product::default() };
    assert_eq!(price(Profile::Hainan, listed.clone(), &Peers::default()), is("35.8"));
    let capped = Product { generic_negotiated_price: some("30.00"), ..listed };
    assert_eq!(found(Profile::Hainan, capped, &Peers::default()).rule, "generic_cap");
}

#[test]
fn hi_4_lowest_of_the_same_spec_then_price_ratio_then_nothing() {
    let same = Peers { same_spec: vec![dec("5.00"), dec("4.50")], ..Peers::default() };
    assert_eq!(price(Profile::Hainan, Product::default(), &same), is("4.5"));
    let other =
        Peers { other_spec: vec![(dec("3.33"), dec("1.9")), (dec("10"), dec("2"))], ..Peers::default() };
    let by_ratio = found(Profile::Hainan, Product::default(), &other);
    assert_eq!((by_ratio.standard, by_ratio.rule), (some("6.32"), "price_ratio"), "6.327 is cut to the fen");
    let nothing =
        found(Profile::Hainan, Product { price: some("9"), ..Product::default() }, &Peers::default());
    assert_eq!((nothing.standard, nothing.patient_excess, nothing.rule), (None, None, "not_payable"));
}

#[test]
fn hi_5_decoction_pieces_at_most_25_percent_above_purchase() {
    let piece = |price: &str| Product {
        kind: Some(Kind::DecoctionPiece),
        purchase_price: some("10.00"),
        price: some(price),
        ..Product::default()
    };
    let standard = |charged| price(Profile::Hainan, piece(charged), &Peers::default());
    assert_eq!([standard("12.50"), standard("12.51"), standard("11.00")], [is("12.5"), is("12.5"), is("11")]);
    let cents = Product { purchase_price: some("0.33"), ..piece("1") };
    assert_eq!(
        price(Profile::Hainan, cents, &Peers::default()),
        is("0.41"),
        "0.4125 is cut, never rounded up"
    );
}

#[test]
fn hi_6_preparations_by_the_bureaus_table() {
    let made = Product { kind: Some(Kind::HospitalPreparation), ..Product::default() };
    let missing = standard(Profile::Hainan, &made, &Peers::default(), &rules(), &mut Steps::off());
    assert_eq!(missing, Err(Missing("product.bureau_price")));
    let priced = Product { bureau_price: some("8"), ..made };
    assert_eq!(found(Profile::Hainan, priced, &Peers::default()).clause, "HI-6");
}

#[test]
fn hi_7_special_classes_come_first() {
    let product = |class, bureau, bought| Product {
        special_class: Some(class),
        bureau_price: some(bureau),
        purchase_price: some(bought),
        selected_price: some("1"),
        ..Product::default()
    };
    let narcotic = product(SpecialClass::Narcotic, "12.00", "11.50");
    assert_eq!(price(Profile::Hainan, narcotic, &Peers::default()), is("12"));
    let radioactive = product(SpecialClass::Radioactive, "1", "800.00");
    assert_eq!(price(Profile::Hainan, radioactive, &Peers::default()), is("800"));
}

fn in_scope(selected: Option<&str>, charged: &str) -> Product {
    Product {
        kind: Some(Kind::Consumable),
        in_scope: true,
        selected_price: selected.map(dec),
        price: some(charged),
        ..Product::default()
    }
}

#[test]
fn sh_l_6_a_selected_product_is_paid_in_full() {
    let standard = found(Profile::Shanghai, in_scope(Some("2000"), "2000"), &Peers::default());
    assert_eq!(
        (standard.standard, standard.patient_excess, standard.clause),
        (some("2000"), some("0"), "SH-L-6")
    );
    assert_eq!(price(Profile::Shanghai, in_scope(Some("1800"), "1800"), &Peers::default()), is("1800"));
}

#[test]
fn sh_l_7_the_highest_selected_price_of_the_group_and_the_excess_by_the_patient() {
    let others = group(&["1500", "2000"]);
    let paid = |charged| {
        let standard = found(Profile::Shanghai, in_scope(None, charged), &others);
        (standard.standard.unwrap().to_string(), standard.patient_excess.unwrap().to_string())
    };
    assert_eq!(paid("3000"), ("2000".to_owned(), "1000".to_owned()));
    assert_eq!(paid("2000"), ("2000".to_owned(), "0".to_owned()));
    assert_eq!(paid("1800"), ("1800".to_owned(), "0".to_owned()));
}

#[test]
fn sh_l_8_out_of_scope_stays_as_it_was() {
    let out = Product { in_scope: false, ..in_scope(Some("900"), "1000") };
    let standard = found(Profile::Shanghai, out, &group(&["800"]));
    assert_eq!((standard.standard, standard.rule, standard.clause), (None, "existing_method", "SH-L-8"));
    assert_eq!(found(Profile::Shanghai, in_scope(None, "1"), &Peers::default()).rule, "existing_method");
}

/// Price or selected price against an old limit of 1,000, the group's highest at 700.
fn henan(selected: Option<&str>, charged: &str, rules: &Rules) -> String {
    let product = Product { prior_limit: some("1000"), ..in_scope(selected, charged) };
    let standard = standard(Profile::Henan, &product, &group(&["700"]), rules, &mut Steps::off());
    standard.unwrap().standard.unwrap().to_string()
}

#[test]
fn hn_9_the_old_limit_caps_what_is_dearer() {
    assert_eq!(henan(Some("800"), "800", &rules()), "800");
    assert_eq!(henan(Some("1000"), "1000", &rules()), "1000");
    assert_eq!(henan(Some("1200"), "1200", &rules()), "1000");
    assert_eq!(henan(None, "900", &rules()), "700");
    assert_eq!(henan(None, "1300", &rules()), "1000", "by the letter, although 900 gets only 700");
    let cautious = Rules { apply_group_cap_always: true, ..rules() };
    assert_eq!(henan(None, "1300", &cautious), "700");
    assert_eq!(henan(Some("1200"), "1200", &cautious), "1000");
}

#[test]
fn sn_14_at_most_the_highest_standard_of_the_group() {
    let others = group(&["700", "900"]);
    assert_eq!(price(Profile::Shaanxi, in_scope(None, "1200"), &others), is("900"));
    assert_eq!(price(Profile::Shaanxi, in_scope(None, "650"), &others), is("650"));
    assert_eq!(found(Profile::Shaanxi, in_scope(None, "650"), &Peers::default()).rule, "existing_method");
}

#[test]
fn a_price_that_the_rule_needs_is_missing() {
    let without = Product { in_scope: true, ..Product::default() };
    let missing = |profile| standard(profile, &without, &group(&["1"]), &rules(), &mut Steps::off());
    for profile in [Profile::Shanghai, Profile::Henan, Profile::Shaanxi] {
        assert_eq!(missing(profile), Err(Missing("product.price")));
    }
}

#[test]
fn hi_5_the_step_shows_the_sum() {
    let mut steps = Steps::on();
    let piece = Product {
        kind: Some(Kind::DecoctionPiece),
        purchase_price: some("10"),
        price: some("12.51"),
        ..Product::default()
    };
    standard(Profile::Hainan, &piece, &Peers::default(), &rules(), &mut steps).unwrap();
    let told = &steps.take()[0];
    assert_eq!(told.clause, "HI-5");
    let sum = "中药饮片：购进价 10 元 × 1.25 = 12.5 元（去尾到分），售价 12.51 元，取较低者";
    assert_eq!(told.text, format!("{sum}：支付标准 12.5 元，超出部分 0.01 元由患者自负"));
}
