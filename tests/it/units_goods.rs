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

/// Names that nobody could find by the initials that one says, and those that stood at the wrong place of a list.
#[test]
fn drug_names_are_read_as_a_pharmacist_does() {
    for (name, said) in [
        ("屈螺酮炔雌醇片", "qltqccp"),
        ("屈螺酮炔雌醇片(Ⅱ)", "qltqccp"),
        ("左炔诺孕酮炔雌醚片", "zqnytqcmp"),
        ("复方左炔诺孕酮片", "ffzqnytp"),
        ("复方炔诺酮片", "ffqntp"),
        ("复方炔诺孕酮片", "ffqnytp"),
        ("复方庚酸炔诺酮注射液", "ffgsqntzsy"),
        ("注射用醋酸卡泊芬净", "zsycskbfj"),
        ("醋酸卡泊芬净", "cskbfj"),
    ] {
        assert_eq!(initials(name).first().map(String::as_str), Some(said), "{name}");
    }
    for (name, sorted) in [
        ("重组人干扰素", "chongzurenganraosu"),
        ("注射用长春新碱", "zhusheyongchangchunxinjian"),
        ("生长抑素", "shengzhangyisu"),
        ("丹参片", "danshenpian"),
        ("复方阿胶浆", "fufangejiaojiang"),
        ("阿莫西林", "amoxilin"),
        ("参苓白术散", "shenlingbaizhusan"),
        ("妇科调经片", "fuketiaojingpian"),
        ("枸橼酸铋钾", "juyuansuanbijia"),
        ("枸杞子", "gouqizi"),
        ("桔梗", "jiegeng"),
        ("川芎嗪", "chuanxiongqin"),
    ] {
        assert_eq!(sort_key(name, "", "").trim_end(), sorted, "{name}");
    }
}

/// Every generic name that ships is found by what one says: pypinyin 0.55.0 with 炔 q, 泊 b, 粘 n, 芎 x, which it reads otherwise.
#[test]
fn every_name_that_ships_is_found_by_the_initials_one_says() {
    let spoken: std::collections::BTreeMap<&str, &str> = include_str!("../data/spoken_initials.csv")
        .lines()
        .skip(1)
        .filter_map(|line| line.rsplit_once(','))
        .collect();
    let shipped = include_str!("../../config/demo/products.csv");
    for row in csv::Reader::from_reader(shipped.as_bytes()).records() {
        let row = row.expect("a row");
        let name = row.get(2).expect("a generic name");
        let said = spoken.get(name).unwrap_or_else(|| panic!("write down how one says {name}"));
        assert_eq!(initials(name).first().map(String::as_str), Some(*said), "{name}");
    }
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
