//! The structure of codes, on real codes and on each of them with one place spoilt.

use jicai_rules::codes::{CodeFault, CodeKind, Scanned, check, clean_uscc, is_unconfirmed, scanned};
use jicai_rules::explain::Steps;

fn tested(kind: CodeKind, code: &str) -> Result<(), CodeFault> {
    check(kind, code, None, &mut Steps::off())
}

/// 25 real products: medical-insurance code and standard code (national code database, 2020).
fn real_drugs() -> Vec<(&'static str, &'static str)> {
    let lines = include_str!("../data/drug_codes.csv").lines().skip(1);
    lines.filter_map(|line| line.split_once(',')).collect()
}

/// SN-3
#[test]
fn sn_3_every_real_drug_code_and_standard_code_is_valid() {
    assert_eq!(real_drugs().len(), 25);
    for (code, standard) in real_drugs() {
        assert_eq!(check(CodeKind::Drug, code, Some(standard), &mut Steps::off()), Ok(()), "{code}");
        assert_eq!(tested(CodeKind::StandardCode, standard), Ok(()), "{standard}");
    }
}

/// One wrong digit, or two neighbours of different value swapped in a way that the weights see, is found.
#[test]
fn a_spoilt_digit_of_a_standard_code_is_found() {
    for (_, standard) in real_drugs() {
        for place in 3..14 {
            let mut digits = standard.as_bytes().to_vec();
            digits[place] = if digits[place] == b'9' { b'0' } else { digits[place] + 1 };
            let spoilt = String::from_utf8(digits).unwrap();
            assert_eq!(tested(CodeKind::StandardCode, &spoilt), Err(CodeFault::CheckCharacter), "{spoilt}");
        }
    }
}

/// The last five characters of a western drug's code are digits 4 to 8 of its standard code.
#[test]
fn a_drug_code_of_another_product_is_found() {
    let drugs = real_drugs();
    let (code, own) = drugs[0];
    let other =
        drugs.iter().map(|(_, standard)| *standard).find(|standard| standard[3..8] != own[3..8]).unwrap();
    let against = |standard| check(CodeKind::Drug, code, Some(standard), &mut Steps::off());
    assert_eq!(against(other), Err(CodeFault::StandardCode));
    assert_eq!(against("86"), Err(CodeFault::StandardCode));
    assert_eq!(against("一二三四五六七八"), Err(CodeFault::StandardCode));
}

/// Check characters of real organisations' published credit codes.
#[test]
fn a_credit_code_ends_with_its_check_character() {
    // From the public register of enterprises.
    for code in ["91330100799655058B", "914403001922038216", "9144030071526726XG"] {
        assert_eq!(tested(CodeKind::Uscc, code), Ok(()), "{code}");
        for place in 0..18 {
            let mut letters = code.as_bytes().to_vec();
            letters[place] = if letters[place] == b'7' { b'8' } else { b'7' };
            let spoilt = String::from_utf8(letters).unwrap();
            assert_eq!(tested(CodeKind::Uscc, &spoilt), Err(CodeFault::CheckCharacter), "{spoilt}");
        }
    }
}

/// The reason is the first test that fails, in the order of the contract.
#[test]
fn the_first_failing_test_is_the_reason() {
    use CodeFault::{Alphabet, Length, Prefix};
    use CodeKind::{Consumable, Drug, StandardCode, Trace, TraceOther, Uscc};
    let (hundred, longer) = ("a".repeat(100), "a".repeat(101));
    for (kind, code, expected) in [
        (Uscc, "", Err(Length)),
        (Uscc, "9133010079965505", Err(Length)),
        (Uscc, "91330100799655058b", Err(Alphabet)),
        (Uscc, "9133010079965505OB", Err(Alphabet)),
        (Uscc, "９1330100799655058B", Err(Alphabet)),
        (Uscc, "9133A100799655058B", Err(Alphabet)),
        (Uscc, "A1330100799655058B", Err(CodeFault::CheckCharacter)),
        (Drug, "", Err(Prefix)),
        (Drug, "T000100001", Ok(())),
        (Drug, "T00010000A", Err(Alphabet)),
        (Drug, "T00010000", Err(Length)),
        (Drug, "TA01ABD075A0020101000", Err(Length)),
        (Drug, "JA01ABD075A00201", Ok(())),
        (Drug, "JA01ABD075A0020", Err(Length)),
        (Drug, "JA01ABD075A0020a", Err(Alphabet)),
        (Drug, "YA01ABD075A002010100", Err(Prefix)),
        (Drug, "x", Err(Prefix)),
        (Drug, "X", Err(Length)),
        (Drug, "ZA01ABD075A002010100594", Err(Length)),
        (Drug, "ZA01ABD075A00201010a", Err(Alphabet)),
        (Drug, "ZA01ABD075A002010100", Ok(())),
        (Drug, "TA01ABD075A002010100", Ok(())),
        (Drug, "XA01ABD075A00201010059-", Err(Alphabet)),
        (StandardCode, "8690059400034", Err(Length)),
        (StandardCode, "8690059400034X", Err(Alphabet)),
        (StandardCode, "87900594000342", Err(Prefix)),
        (StandardCode, "86800594000342", Err(Prefix)),
        (Consumable, "D", Err(Prefix)),
        (Consumable, "C0201010520000100001", Ok(())),
        (Consumable, "C02010105200001000010000001", Ok(())),
        (Consumable, "C020101052", Err(Length)),
        (Consumable, "C020101052000010000A", Err(Alphabet)),
        (Trace, "81234567890123456789", Ok(())),
        (Trace, "8123456789012345678", Err(Length)),
        (Trace, "8123456789012345678O", Err(Alphabet)),
        (TraceOther, "", Err(Length)),
        (TraceOther, "(01)06901234567892(21)a~!", Ok(())),
        (TraceOther, hundred.as_str(), Ok(())),
        (TraceOther, longer.as_str(), Err(Length)),
        (TraceOther, "a b", Err(Alphabet)),
        (TraceOther, "a\u{7f}", Err(Alphabet)),
        (TraceOther, "追溯", Err(Alphabet)),
    ] {
        assert_eq!(tested(kind, code), expected, "{kind:?} {code}");
    }
}

/// A step names the code and says in Chinese what is wrong with it.
#[test]
fn the_step_says_what_is_wrong() {
    let mut steps = Steps::on();
    let result = check(CodeKind::Trace, "123", None, &mut steps);
    assert_eq!(result, Err(CodeFault::Length));
    let told = steps.take();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].clause, "JX-14");
    assert_eq!(told[0].text, "药品追溯码 123：长度不对，应为 20 位");
}

/// What people paste; the command judges codes as they are.
#[test]
fn sn_2_a_pasted_credit_code_is_cleaned() {
    for pasted in [
        "9133 0100 7996 5505 8B",
        "91330100-799655058-b",
        "　９１３３０１００７９９６５５０５８ｂ\u{200b}",
        "91330100\u{2013}799655058\u{2014}B\r\n",
    ] {
        assert_eq!(clean_uscc(pasted), "91330100799655058B", "{pasted:?}");
        assert!(tested(CodeKind::Uscc, pasted).is_err(), "{pasted:?}");
    }
    assert_eq!(
        clean_uscc("91330100799655O58B"),
        "91330100799655O58B",
        "O for 0 is for a person to put right"
    );
}

#[test]
fn jx_14_what_was_scanned_is_decided_by_order() {
    // Read as GS1 these would be coupons or measures; a standard code is a valid GTIN of a Chinese company.
    for code in ["80201234567890123456", "81101234567890123456", "82001234567890123456"] {
        assert_eq!(scanned(code, None), Scanned::Trace);
        assert_eq!(scanned(code, Some(Scanned::Own)), Scanned::Own, "what is stated wins");
    }
    assert_eq!(scanned("MA.156.M0.100001.1234", None), Scanned::Ma);
    assert_eq!(scanned("86900594000342", None), Scanned::Gs1);
    assert_eq!(scanned("(01)06901234567892(21)A1", None), Scanned::Gs1);
    assert_eq!(scanned("812345678901234567890", None), Scanned::Gs1, "21 digits");
}

/// The form of hospital preparations' codes rests on one weak source.
#[test]
fn a_code_that_begins_with_j_is_unconfirmed() {
    assert!(is_unconfirmed("JA01ABD075A00201") && !is_unconfirmed("XA01ABD075A00201010059"));
}
