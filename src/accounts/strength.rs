//! Which passwords may be used (NIST 800-63B 5.1.1.2): long ones that guessers do not try first and that are not the person's
//! own names. No rules about kinds of characters, no periodic change: length is what helps.

use std::sync::OnceLock;

use pinyin::ToPinyin;
use unicode_normalization::UnicodeNormalization;

use crate::platform::error::{Refusal, Result};
use crate::platform::input::Field;

/// Fewest characters of a password.
pub const MIN_CHARS: usize = 12;
/// Most characters, so that nobody makes the platform hash a book.
pub const MAX_CHARS: usize = 128;
/// A password, as forms ask for it.
pub const PASSWORD: Field = Field::new("password", "密码", MIN_CHARS..=MAX_CHARS);
/// Names shorter than this may stand in a password: they are there by chance.
const SHORTEST_NAME: usize = 4;

/// What guessers try first: words that a common password is made of, and whole passwords that are no words.
const COMMON: &str = include_str!("common.txt");

/// Checks a password that somebody wants to use, at the member `pointer`, against all names of the person: log-in, name,
/// mailbox, organisation.
///
/// # Errors
/// 422 with a sentence that says what is wrong; the password itself is never repeated.
pub fn check_for(pointer: &str, names: &[&str], password: &str) -> Result<()> {
    let chars = password.chars().take(MAX_CHARS * 2).count();
    let problem = if chars > MAX_CHARS {
        format!("密码至多 {MAX_CHARS} 个字符，您填的太长了。")
    } else {
        let lower = normal(password).to_lowercase();
        let chars = lower.chars().count();
        if chars < MIN_CHARS {
            format!("密码至少 {MIN_CHARS} 个字符，您填的有 {chars} 个。可以用几个不相干的词连成一句。")
        } else if is_common(&lower) || is_monotonous(&lower) {
            "这个密码太常见，容易被猜中，请换一个。".into()
        } else if names.iter().flat_map(|name| spellings(name)).any(|name| lower.contains(&name)) {
            "密码中不能含有登录名、本人姓名、邮箱名或单位名称，请换一个。".into()
        } else {
            return Ok(());
        }
    };
    Err(Refusal::field(pointer, problem).into())
}

/// The same password whatever keyboard or input method typed it: NFKC, as NIST 800-63B 5.1.1.2 advises.
pub(super) fn normal(password: &str) -> String {
    password.nfkc().collect()
}

/// A name as it may stand in a password: as it is written and in pinyin.
fn spellings(name: &str) -> Vec<String> {
    let name = normal(name).trim().to_lowercase();
    let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let pinyin: String = name
        .chars()
        .filter_map(|c| match c.to_pinyin() {
            Some(sound) => Some(sound.plain().to_owned()),
            None if c.is_ascii_alphanumeric() => Some(c.to_string()),
            None => None,
        })
        .collect();
    // Two Chinese characters are a name; two letters are chance.
    let chinese = name.chars().filter(|c| is_chinese(*c)).count() >= 2;
    let mut all = Vec::new();
    if chinese || name.chars().count() >= SHORTEST_NAME {
        all.push(name);
    }
    if pinyin.len() >= SHORTEST_NAME {
        all.push(pinyin);
    }
    all
}

fn words() -> &'static [Vec<char>] {
    static WORDS: OnceLock<Vec<Vec<char>>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let lines = COMMON.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut words: Vec<Vec<char>> = lines.map(|line| line.to_lowercase().chars().collect()).collect();
        // The longest first: 5201314 is one thing, not 520 and a rest.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words
    })
}

/// True where nothing is left of a password but what guessers append, once the common words are taken out: `woaini` with a
/// year, `password` twice, `P@ssw0rd` with three exclamation marks.
fn is_common(lower: &str) -> bool {
    let typed: Vec<char> = lower.chars().collect();
    let plain: Vec<char> = typed.iter().copied().map(unmasked).collect();
    [&typed, &plain].into_iter().any(|read| rest(read, &typed) < MIN_CHARS / 3)
}

/// Letters that are left of what was `typed` without the common words that are found in how it is `read`. Six digits count as
/// one letter: they may be a day of birth or a telephone number.
fn rest(read: &[char], typed: &[char]) -> usize {
    let mut taken = vec![false; typed.len()];
    for word in words() {
        for (at, window) in read.windows(word.len()).enumerate() {
            let free = taken.iter().skip(at).take(word.len()).all(|taken| !taken);
            if window == word.as_slice() && free {
                taken.iter_mut().skip(at).take(word.len()).for_each(|taken| *taken = true);
            }
        }
    }
    let left = || typed.iter().zip(&taken).filter(|(_, taken)| !**taken).map(|(c, _)| c);
    let letters = left().filter(|c| c.is_alphabetic() || !c.is_ascii()).count();
    letters + left().filter(|c| c.is_ascii_digit()).count() / 6
}

/// What a sign stands for where a word is written with signs.
fn unmasked(c: char) -> char {
    match c {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// A few different characters only, or a short piece again and again: `121212121212`, `abcabcabcabc`.
fn is_monotonous(password: &str) -> bool {
    let chars: Vec<char> = password.chars().collect();
    let mut seen = chars.clone();
    seen.sort_unstable();
    seen.dedup();
    let repeats = |n: usize| chars.iter().zip(chars.iter().skip(n)).all(|(one, other)| one == other);
    seen.len() < 4 || (1..=chars.len() / 3).any(repeats) || is_run(&chars)
}

/// `abcdefghijkl`, `987654321098`: each character follows the one before.
fn is_run(chars: &[char]) -> bool {
    let steps = chars
        .iter()
        .zip(chars.iter().skip(1))
        .map(|(one, other)| u32::from(*other).abs_diff(u32::from(*one)));
    steps.filter(|step| *step != 1).count() <= 1
}
