//! What the law makes of a registered dosage form (剂型).

/// How a drug is given, as far as the law cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dosage {
    /// 注射剂: solution, powder, infusion, pre-filled pen.
    Injection,
    /// 口服.
    Oral,
    /// 外用.
    External,
    /// Anything else, such as 吸入剂.
    Other,
}

const INJECTION: [&str; 8] = ["注射", "粉针", "水针", "输液", "静滴", "静脉", "冻干粉针", "植入剂(注射)"];
const EXTERNAL: [&str; 22] = [
    "外用", "软膏", "乳膏", "凝胶", "眼", "鼻", "耳", "栓", "贴", "搽", "洗剂", "涂剂", "喷雾", "含漱",
    "漱口", "阴道", "灌肠", "酊剂", "擦剂", "膏药", "涂膜", "膜剂",
];
const OTHER: [&str; 5] = ["吸入", "气雾", "粉雾", "雾化", "透析"];
const ORAL: [&str; 16] = [
    "口服",
    "片",
    "胶囊",
    "颗粒",
    "丸",
    "散",
    "糖浆",
    "合剂",
    "冲剂",
    "口崩",
    "膏滋",
    "煎膏",
    "滴丸",
    "干混悬",
    "混悬",
    "茶剂",
];

/// The class of a dosage form by its registered name. All kinds of injections are one class.
///
/// INJ-1.1
/// Open: forms that say nothing (溶液剂, 滴剂) and unknown ones are `Other`, which the officer corrects by the product details.
pub fn class_of(form: &str) -> Dosage {
    let has = |words: &[&str]| words.iter().any(|word| form.contains(word));
    // 吸入用溶液 is no injection, 注射用混悬液 no oral form: the first that fits decides.
    if has(&INJECTION) {
        Dosage::Injection
    } else if has(&OTHER) {
        Dosage::Other
    } else if has(&EXTERNAL) {
        Dosage::External
    } else if has(&ORAL) {
        Dosage::Oral
    } else {
        Dosage::Other
    }
}
