//! The invented province of the demo: cities, hospitals, enterprises and their people. No name belongs to anybody.

use crate::platform::who::{OrgKind, Post};

/// Twelve cities of 澜江省.
pub const CITIES: [&str; 12] =
    ["澜州", "云浦", "青屿", "岚川", "望汀", "鹤洲", "霁阳", "临穹", "棠溪", "雁浦", "沐汀", "砚城"];

/// Five hospitals a city, by these endings.
const HOSPITALS: [(&str, OrgKind); 5] = [
    ("市第一人民医院", OrgKind::PublicHospital),
    ("市中心医院", OrgKind::PublicHospital),
    ("市中医医院", OrgKind::PublicHospital),
    ("市妇幼保健院", OrgKind::PublicHospital),
    ("康和医院", OrgKind::PrivateHospital),
];

/// Forty manufacturers; the short name is the brand (厂牌).
const BRANDS: [&str; 40] = [
    "青禾",
    "恒澍",
    "润嘉谷",
    "泽安堂",
    "康泓",
    "明济源",
    "瑞珩",
    "仁沐",
    "博沅",
    "安栩",
    "景澄",
    "华岫",
    "启岚",
    "同濯",
    "正屿",
    "康砚",
    "怡泞",
    "百澍",
    "和煦堂",
    "天沅",
    "宁汀",
    "晨岫",
    "东穹",
    "澜培",
    "星泞",
    "益濯",
    "盛珩",
    "林栩",
    "江澄",
    "海岫",
    "南沅",
    "远穹",
    "新汀",
    "长泞",
    "兰溪谷",
    "松澍",
    "清珩",
    "朗栩",
    "福濯",
    "万岫",
];

const DISTRIBUTORS: [&str; 20] = [
    "通达源",
    "捷运康",
    "安速达",
    "惠民通",
    "康捷顺",
    "汇川达",
    "联众康",
    "顺济通",
    "恒运达",
    "万通康",
    "速安源",
    "达济康",
    "仁通达",
    "众合运",
    "九江汇",
    "信达康",
    "广济运",
    "宏捷通",
    "诚运康",
    "合众达",
];

/// A person of the demo.
#[derive(Debug, Clone)]
pub struct Person {
    /// What is typed at the login page.
    pub login: String,
    /// Name on the screen.
    pub name: String,
    /// What the person does.
    pub post: Post,
}

/// An organisation of the demo, with its people.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// What it is.
    pub kind: OrgKind,
    /// Full name.
    pub name: String,
    /// Short name of an enterprise, as on the box.
    pub brand: String,
    /// City without 市.
    pub city: &'static str,
    /// Place among all organisations; makes the credit code.
    pub serial: u32,
    /// Its users.
    pub people: Vec<Person>,
}

const FAMILY: [&str; 16] =
    ["林", "周", "沈", "许", "何", "宋", "唐", "冯", "董", "程", "曹", "袁", "邓", "傅", "曾", "彭"];
const GIVEN: [&str; 16] = [
    "书宁", "文静", "志远", "晓岚", "建平", "雨桐", "思源", "海燕", "明哲", "佳怡", "立新", "若溪", "国栋",
    "欣然", "子谦", "春梅",
];

fn pick<'a>(list: &[&'a str], n: u32) -> &'a str {
    list.get(n as usize % list.len()).copied().unwrap_or_default()
}

fn person(serial: u32, nth: u32, login: String, post: Post) -> Person {
    let name = format!("{}{}", pick(&FAMILY, serial * 5 + nth * 3), pick(&GIVEN, serial * 7 + nth * 11));
    Person { login, name, post }
}

/// Everybody, always the same: agency, bureau, observer, 60 hospitals, 40 manufacturers, 20 distributors.
pub fn organisations() -> Vec<Organisation> {
    let mut all = authorities();
    let mut serial = 10;
    for (c, city) in CITIES.iter().copied().enumerate() {
        for (h, (ending, kind)) in HOSPITALS.iter().enumerate() {
            let n = c * HOSPITALS.len() + h + 1;
            let military = n == 10;
            let name = if military { "澜江军区总医院".to_owned() } else { format!("{city}{ending}") };
            let people = staff(serial, &format!("hospital{n}"), &[Post::Order, Post::Order]);
            let kind = if military { OrgKind::MilitaryHospital } else { *kind };
            all.push(Organisation { kind, name, brand: String::new(), city, serial, people });
            serial += 1;
        }
    }
    for (n, brand) in BRANDS.iter().enumerate() {
        let city = pick(&CITIES, serial);
        let ending =
            pick(&["制药有限公司", "药业股份有限公司", "生物制药有限公司", "医药科技有限公司"], serial);
        // One enterprise where each has a part of the business; in the others one person does all of it.
        let posts: &[Post] = match n + 1 {
            24 => &[Post::Trade, Post::Listing, Post::Fulfilment, Post::Finance],
            _ => &[Post::Trade],
        };
        let people = staff(serial, &format!("enterprise{}", n + 1), posts);
        let name = format!("{city}{brand}{ending}");
        all.push(Organisation {
            kind: OrgKind::Manufacturer,
            name,
            brand: (*brand).into(),
            city,
            serial,
            people,
        });
        serial += 1;
    }
    for (n, brand) in DISTRIBUTORS.iter().enumerate() {
        let city = pick(&CITIES, serial);
        let people = staff(serial, &format!("distributor{}", n + 1), &[Post::Trade]);
        let name = format!("{city}{brand}医药物流有限公司");
        all.push(Organisation {
            kind: OrgKind::Distributor,
            name,
            brand: (*brand).into(),
            city,
            serial,
            people,
        });
        serial += 1;
    }
    all
}

fn authorities() -> Vec<Organisation> {
    let of = |kind, name: &str, serial, people| Organisation {
        kind,
        name: name.into(),
        brand: String::new(),
        city: "澜州",
        serial,
        people,
    };
    vec![
        of(
            OrgKind::Agency,
            "澜江省医药采购服务中心",
            1,
            vec![
                person(1, 1, "officer1".into(), Post::Officer),
                person(1, 2, "officer2".into(), Post::Officer),
                person(1, 3, "agency-admin".into(), Post::Admin),
            ],
        ),
        of(
            OrgKind::ProvincialBureau,
            "澜江省医疗保障局",
            2,
            vec![person(2, 1, "bureau1".into(), Post::Officer)],
        ),
        of(
            OrgKind::Observer,
            "澜江省集中采购义务监督员",
            3,
            vec![person(3, 1, "observer1".into(), Post::Viewer)],
        ),
    ]
}

fn staff(serial: u32, prefix: &str, posts: &[Post]) -> Vec<Person> {
    let mut people: Vec<Person> = posts
        .iter()
        .zip(["a", "b", "c", "d"])
        .zip(1..)
        .map(|((post, letter), nth)| person(serial, nth, format!("{prefix}{letter}"), *post))
        .collect();
    people.push(person(serial, 9, format!("{prefix}-admin"), Post::Admin));
    people
}
