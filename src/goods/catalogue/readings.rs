//! How the characters of drug names are read. The dictionary's usual reading of a character is often not the one that a
//! pharmacist says: 炔 is quē, 参 shēn, 术 zhú, and 长春 is cháng chūn. What stands here takes the dictionary's place.

use pinyin::{ToPinyin, ToPinyinMulti};

/// Which form what is made of readings has. Counted up with every change here: sweeps make all of an earlier form again.
pub const FORM: i32 = 1;

/// Words whose characters are read otherwise than alone; the first that fits counts.
pub const WORDS: &[(&str, &[&str])] = &[
    ("重组", &["chong", "zu"]),
    ("重楼", &["chong", "lou"]),
    ("重酒石酸", &["zhong", "jiu", "shi", "suan"]),
    ("生长", &["sheng", "zhang"]),
    ("阿胶", &["e", "jiao"]),
    ("手术", &["shou", "shu"]),
    ("术后", &["shu", "hou"]),
    ("枸杞", &["gou", "qi"]),
    ("薄膜", &["bo", "mo"]),
    ("薄荷", &["bo", "he"]),
    ("芫花", &["yuan", "hua"]),
    ("茜草", &["qian", "cao"]),
    ("蛤壳", &["ge", "qiao"]),
    ("蛤蚧", &["ge", "jie"]),
    ("荨麻", &["xun", "ma"]),
    ("藏红花", &["zang", "hong", "hua"]),
    ("藏青果", &["zang", "qing", "guo"]),
];

/// Characters whose readings in drug names are others than the dictionary's, or in another order.
const CHARACTERS: &[(char, &[&str])] = &[
    ('炔', &["que"]),
    ('泊', &["bo"]),
    ('吖', &["a"]),
    ('参', &["shen"]),
    ('术', &["zhu"]),
    ('调', &["tiao"]),
    ('枸', &["ju"]),
    ('桔', &["jie"]),
    ('芎', &["xiong"]),
    ('豉', &["chi"]),
    ('朴', &["po"]),
    ('咯', &["luo"]),
    ('呱', &["gua"]),
    ('长', &["chang"]),
    ('伯', &["bo"]),
    ('茄', &["qie"]),
    ('行', &["xing"]),
    ('便', &["bian"]),
    ('强', &["qiang"]),
    ('巯', &["qiu"]),
    ('番', &["fan"]),
    ('柏', &["bai", "bo"]),
    ('粘', &["nian", "zhan"]),
];

/// A piece of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A character that is read in one of these ways, the usual one first; without tones.
    Read(Vec<&'static str>),
    /// A character without a reading.
    Sign(char),
}

/// The pieces of a text.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = WORDS.iter().find(|(word, _)| rest.starts_with(word));
        let length = match word {
            Some((word, readings)) => {
                pieces.extend(readings.iter().map(|reading| Piece::Read(vec![reading])));
                word.len()
            }
            None => {
                pieces.push(piece(first));
                first.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    pieces
}

fn piece(c: char) -> Piece {
    if let Some((_, readings)) = CHARACTERS.iter().find(|(known, _)| *known == c) {
        return Piece::Read(readings.to_vec());
    }
    let usual = c.to_pinyin().map(pinyin::Pinyin::plain);
    let all = c.to_pinyin_multi().into_iter().flatten().map(pinyin::Pinyin::plain);
    let readings: Vec<&'static str> = usual.into_iter().chain(all).collect();
    if readings.is_empty() { Piece::Sign(c) } else { Piece::Read(readings) }
}
