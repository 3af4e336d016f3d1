//! What the offices of goods compute without a database.

use jicai::catalogue::words::{READINGS, comparable_key, escaped, folded, initials, sort_key};

#[test]
fn initials_are_those_that_a_clerk_types() {
    let first = |text: &str| initials(text).into_iter().next().unwrap_or_default();
    assert_eq!(first("阿莫西林"), "amxl");
    assert_eq!(first("注射用头孢曲松钠"), "zsytbqsn");
    assert_eq!(first("维生素Ｂ12 片"), "wssb12p");
    // 人参 is read rén shēn, although 参 alone is cān; 重组 is chóng zǔ.
    assert!(initials("人参").contains(&"rs".to_owned()));
    assert!(initials("重组").contains(&"cz".to_owned()));
    assert!(initials("长春").len() <= READINGS && initials("重重重重重重重重").len() <= READINGS);
    assert_eq!(initials("（）—"), Vec::<String>::new());
}

#[test]
fn keys_are_folded_and_plain() {
    assert_eq!(folded("　Ｌ－门冬 氨酸"), "l-门冬氨酸");
    assert_eq!(sort_key("绿原酸", "１.0g", "青禾"), "lvyuansuan 1.0g qinghe");
    assert_eq!(
        comparable_key("头孢曲松钠", "1.0 G", "粉针剂"),
        comparable_key("头孢曲松钠", "１.0g", "粉针剂")
    );
    assert_eq!(escaped(r"50%_\"), r"50\%\_\\");
}
