//! Names of drugs by the thousand, the same in every run.

/// Deterministic numbers.
pub struct Dice(pub u64);

impl Dice {
    /// 0 to `sides` - 1.
    pub fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }

    /// Small numbers far more often than great ones.
    pub fn skewed(&mut self, sides: usize) -> usize {
        self.throw(sides).min(self.throw(sides)).min(self.throw(sides))
    }

    /// Characters that names of drugs are made of.
    pub fn word(&mut self, length: usize) -> String {
        const SYLLABLES: &str = "阿莫西林头孢曲松钠克拉维酸钾氨苄青霉素沙坦洛尔替尼单抗辛伐他汀格列美脲奥美拉唑硝苯地平丙泊酚罗库溴铵肝磷右旋糖酐注射用复方盐硫甲紫杉醇多西环铂顺卡培滨吉非";
        let all: Vec<char> = SYLLABLES.chars().collect();
        (0..length).map(|_| all[self.throw(all.len())]).collect()
    }
}
