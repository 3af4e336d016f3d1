//! Normalised strength (INJ-3.1, INJ-4.1): real specifications, and that the way of writing never changes what is read.

use jicai_rules::money::Dec;
use jicai_rules::strength::{Unreadable, parse, parse_with_fill};
use proptest::prelude::*;

/// All specifications of the third round's lots, of 25 registered products and of a hospital's price notice.
const REAL: &str = include_str!("../data/strengths.txt");

fn key(text: &str) -> String {
    parse(text).map_or_else(|e| format!("{}: {}", e.code(), e.chinese()), |s| s.key())
}

#[test]
fn inj_3_1_real_specifications_are_read() {
    for (text, expected) in [
        ("0.25g", "250mg"),
        ("0.25μg", "0.00025mg"),
        ("65克", "65000mg"),
        ("0.2ml:2000AXaIU", "0.2ml:2000AXaIU"),
        ("1ml:5单位", "1ml:5IU"),
        ("2ml:10μg", "2ml:0.01mg"),
        ("500ml", "500ml"),
        ("10ml:3g(I)", "10ml:3000mg"),
        ("8.5ml:0.85mg（按C52H74N16O15S2 计）", "8.5ml:0.85mg"),
        ("1mg(相当于0.86mg特利加压素)", "1mg"),
        // 20 g in 100 ml.
        ("100ml(20%)", "100ml:20000mg"),
        ("250ml(20%)", "250ml:50000mg"),
        ("3%（5ml:150mg)", "5ml:150mg"),
        ("3%（0.4ml:12mg）", "0.4ml:12mg"),
        ("5ml:5mg (0.1%)", "5ml:5mg"),
        ("0.375g(2:1)", "250mg+125mg"),
        ("0.3125g(4:1)", "250mg+62.5mg"),
        ("1g(7:1)", "875mg+125mg"),
        ("3g(1:1)", "1500mg+1500mg"),
        ("4.5g（哌拉西林4.0g与他唑巴坦0.5g）", "4000mg+500mg"),
        ("氯沙坦钾100mg和氢氯噻嗪12.5mg", "100mg+12.5mg"),
        ("每片含奥美沙坦酯20mg和苯磺酸氨氯地平5mg（以氨氯地平计）", "20mg+5mg"),
        ("5mg/40mg(以氨氯地平/阿托伐他汀计)", "5mg+40mg"),
        ("碘化铵1.5mg、薄荷油4.4mg", "1.5mg+4.4mg"),
        ("(以左氧氟沙星计)含左氧氟沙星0.25g", "250mg"),
        ("250ml:盐酸替罗非班12.5mg与氯化钠2.25g", "250ml:12.5mg+2250mg"),
        ("100ml:依达拉奉30mg与氯化钠855mg", "100ml:30mg+855mg"),
        ("100mg/5ml,300mg/ 瓶", "15ml:300mg"),
        ("200mg/5ml,1500mg/ 瓶", "37.5ml:1500mg"),
        ("每毫升含葡萄糖酸氯己定1.2mg和甲硝唑0.2mg", "1.2mg+0.2mg/1ml"),
        ("每片(10cm2)含硫酸庆大霉素1000单位", "1000IU"),
        (
            "粉体室：按头孢美唑（C15H17N7O5S3）计 1.0g；液体室：氯化钠注射液100ml:0.9g",
            "{1000mg}{100ml:900mg}",
        ),
    ] {
        assert!(REAL.lines().any(|line| line == text), "{text} is no real specification");
        assert_eq!(key(text), expected, "{text}");
    }
}

#[test]
fn inj_3_1_every_real_specification_is_read_and_simple_ones_to_the_digit() {
    let mut simple = 0;
    for text in REAL.lines() {
        let read = parse(text).unwrap_or_else(|e| panic!("{text}: {}", e.chinese()));
        // By shifting digits, apart from the rule's own arithmetic.
        let Some((number, zeros)) =
            text.strip_suffix("mg").map(|n| (n, 0)).or_else(|| text.strip_suffix('g').map(|n| (n, 3)))
        else {
            continue;
        };
        if !number.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            continue;
        }
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        let digits: u64 = format!("{whole}{part}{}", "0".repeat(zeros)).parse().unwrap();
        let places = u32::try_from(part.len()).unwrap();
        assert_eq!(read.key(), format!("{}mg", Dec::new(digits, places)), "{text}");
        simple += 1;
    }
    assert!(simple > 60, "{simple}");
}

#[test]
fn inj_3_1_one_content_in_many_writings() {
    for same in [
        &["0.25g", "250mg", "250 毫克", "０．２５ｇ", "0.250G", "250000μg", "250000ug", "250000mcg", ".25克"]
            [..],
        &[
            "2ml:0.1g",
            "0.1g/2ml",
            "0.1g:2ml",
            "2ml：100mg",
            "2ml∶100mg",
            "2ml(0.1g)",
            "0.1g（2ml）",
            "2ml（50mg/ml）",
            "2000μl:0.1g",
        ],
        &["80万单位", "80万IU", "800000U", "800,000国际单位", "80万u"],
        &["50ml:20%", "50ml（20%）", "20%(50ml:10g)", "50ml:10g", "10g/50ml"],
        &["头孢哌酮1g与舒巴坦0.5g", "1.5g(2:1)", "1g+0.5g", "1g:0.5g", "1000mg＋500mg"],
        &["10mg/ml", "每毫升含10mg", "每1ml含10mg", "每10ml含0.1g", "0.01g/毫升"],
        &["0.5g", "0.5g*10支", "0.5g×10瓶", "0.5gx12片×2板", "500mg/支", "0.5g/瓶"],
        &["0.5g+2ml", "2ml+0.5g", "500mg＋2毫升"],
        &["10g:1%", "1%(10g)", "10g（1%）"],
    ] {
        let first = key(same[0]);
        assert!(!first.contains(' '), "{first}");
        for text in same {
            assert_eq!(key(text), first, "{text}");
        }
    }
    assert_eq!(key("0.5g+2ml"), "{500mg}{2ml}", "a kit holds its parts apart");
}

#[test]
fn inj_3_1_what_differs_stays_apart() {
    let all =
        ["2ml:0.1g", "1ml:0.05g", "0.1g", "1ml:50mg", "50mg/ml", "0.1g+2ml", "2ml", "1000IU", "1000AXaIU"];
    for (n, a) in all.iter().enumerate() {
        for b in &all[n + 1..] {
            let same = (*a == "1ml:0.05g" && *b == "1ml:50mg") || (*a == "1ml:50mg" && *b == "1ml:0.05g");
            assert_eq!(key(a) == key(b), same, "{a} and {b}");
        }
    }
}

#[test]
fn inj_3_1_what_cannot_be_read_says_why() {
    for (text, code) in [
        ("", "EMPTY"),
        ("　 ", "EMPTY"),
        ("无", "EMPTY"),
        ("-", "EMPTY"),
        ("复方", "NO_AMOUNT"),
        ("10丸", "NO_AMOUNT"),
        (";", "NO_AMOUNT"),
        ("；；附", "NO_AMOUNT"),
        ("7cm×10cm", "AMBIGUOUS"),
        ("0.25", "UNKNOWN_UNIT"),
        ("5滴", "UNKNOWN_UNIT"),
        ("10mgx", "UNKNOWN_UNIT"),
        ("1.2.3g", "UNKNOWN_UNIT"),
        ("0mg", "NOT_POSITIVE"),
        ("5%(5ml:150mg)", "INCONSISTENT"),
        ("4.5g（哌拉西林4.0g与他唑巴坦0.4g）", "INCONSISTENT"),
        ("80万单位(0.48g)", "INCONSISTENT"),
        ("1g(2:1)", "AMBIGUOUS"),
        ("3*0.5g", "UNKNOWN_UNIT"),
        ("10ml:5ml", "AMBIGUOUS"),
        ("2ml(0.1g", "AMBIGUOUS"),
        ("1g,2g", "AMBIGUOUS"),
    ] {
        let reason = parse(text).expect_err(text);
        assert_eq!(reason.code(), code, "{text}: {}", reason.chinese());
        assert!(reason.chinese().chars().any(|c| c > '\u{2e7f}'), "{}", reason.chinese());
    }
    assert_eq!(parse(&"0.25g ".repeat(100)), Err(Unreadable::TooLong));
    assert_eq!(parse(&format!("{}(", "(".repeat(250))).expect_err("brackets").code(), "AMBIGUOUS");
}

#[test]
fn inj_3_1_the_fill_volume_may_stand_in_a_field_of_its_own() {
    let key = |strength, fill| parse_with_fill(strength, fill).map(|s| s.key());
    assert_eq!(key("0.1g", Some("2ml")).unwrap(), "2ml:100mg");
    assert_eq!(key("2ml:0.1g", Some("2 毫升")).unwrap(), "2ml:100mg");
    assert_eq!(key("0.1g", None).unwrap(), "100mg");
    assert_eq!(key("0.1g", Some(" ")).unwrap(), "100mg");
    assert_eq!(key("无", Some("100ml")).unwrap(), "100ml");
    assert_eq!(key("2ml:0.1g", Some("1ml")).expect_err("two fills").code(), "INCONSISTENT");
    assert_eq!(key("0.1g", Some("一盒")).expect_err("no fill").code(), "NO_AMOUNT");
}

/// An amount of so many µg in one of its writings.
fn written(micrograms: u64, way: u8) -> String {
    let dec = |places: u32| Dec::new(micrograms, places).to_string();
    match way % 9 {
        0 => format!("{}g", dec(6)),
        1 => format!("{}mg", dec(3)),
        2 => format!("{micrograms}μg"),
        3 => format!("{micrograms}ug"),
        4 => format!("{micrograms}mcg"),
        5 => format!("{} 毫克", dec(3)),
        6 => format!("　{}Ｇ", dec(6)),
        7 => format!("{}MG", dec(3)),
        _ => format!("{micrograms}µg"),
    }
}

fn volume(microlitres: u64, way: u8) -> String {
    match way % 4 {
        0 => format!("{}ml", Dec::new(microlitres, 3)),
        1 => format!("{microlitres}μL"),
        2 => format!("{}毫升", Dec::new(microlitres, 3)),
        _ => format!("{} ｍＬ", Dec::new(microlitres, 3)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn inj_3_1_spelling_never_changes_what_is_read(a in 1_u64..10_000_000_000, v in 1_u64..10_000_000, ways: (u8, u8, u8, u8)) {
        prop_assert_eq!(key(&written(a, ways.0)), key(&written(a, ways.1)));
        let colon = format!("{}:{}", volume(v, ways.2), written(a, ways.0));
        let slash = format!("{}/{}", written(a, ways.1), volume(v, ways.3));
        prop_assert_eq!(key(&colon), format!("{}ml:{}mg", Dec::new(v, 3), Dec::new(a, 3)));
        prop_assert_eq!(key(&colon), key(&slash));
        let pair = format!("{}+{}", written(a, ways.2), written(v, ways.3));
        let named = format!("甲{}和乙{}", written(a, ways.0), written(v, ways.1));
        prop_assert_eq!(key(&pair), key(&named));
    }

    #[test]
    fn inj_3_1_different_contents_stay_apart(a in 1_u64..1_000_000_000, b in 1_u64..1_000_000_000, way: u8) {
        prop_assume!(a != b);
        prop_assert_ne!(key(&written(a, way)), key(&written(b, way.wrapping_add(1))));
    }

    #[test]
    fn inj_3_1_nothing_makes_it_fall(text in "[0-9a-zA-Z.:/+*(),;%（）：μ每片含支瓶 万亿室计]{0,60}") {
        let read = parse(&text);
        prop_assert!(read.is_err() || read.is_ok_and(|s| !s.key().is_empty()));
    }
}
