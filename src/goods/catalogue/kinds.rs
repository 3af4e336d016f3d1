//! What products and codes are and how far they are, in words.

use crate::rules::dosage::Dosage;
use crate::text_enum;

text_enum! {
    /// How a drug is given, as far as the law cares: injections are listed by the smallest unit (INJ-1.1). The labels
    /// stand in the sheets as well.
    pub enum DosageClass {
        /// 注射剂: solution, powder, infusion, pre-filled pen.
        Injection = "injection" | "注射剂",
        /// 口服.
        Oral = "oral" | "口服",
        /// 外用.
        External = "external" | "外用",
        /// Anything else.
        Other = "other" | "其他",
    }
}

text_enum! {
    /// What stands behind a product's quality (INJ-3.3).
    pub enum QualityLevel {
        /// 原研药.
        Originator = "originator" | "原研药",
        /// 参比制剂.
        Reference = "reference" | "参比制剂",
        /// Passed the consistency evaluation (过评).
        Evaluated = "evaluated" | "通过一致性评价",
        /// None of these.
        Ordinary = "ordinary" | "—",
    }
}

impl From<Dosage> for DosageClass {
    fn from(class: Dosage) -> Self {
        match class {
            Dosage::Injection => Self::Injection,
            Dosage::Oral => Self::Oral,
            Dosage::External => Self::External,
            Dosage::Other => Self::Other,
        }
    }
}

impl QualityLevel {
    /// The words of the sheets.
    pub fn word(self) -> &'static str {
        match self {
            Self::Originator => "原研药",
            Self::Reference => "参比制剂",
            Self::Evaluated => "过评",
            Self::Ordinary => "普通",
        }
    }
}

text_enum! {
    /// How far a code is (INJ-6.1).
    pub enum CodeState {
        /// In use.
        Active = "active" | "在用",
        /// Still in use, no longer maintained.
        Frozen = "frozen" | "停止维护",
        /// Out of use from its day on.
        Disabled = "disabled" | "停用",
    }
}

text_enum! {
    /// What a product is; volumes of drugs are reported by generic name, of consumables by brand (HVC-10).
    pub enum ProductKind {
        /// 药品.
        Drug = "drug",
        /// 医用耗材.
        Consumable = "consumable",
    }
}

text_enum! {
    /// How far a product is (table (b)).
    pub enum ProductState {
        /// Known, without a code.
        Draft = "draft" | "无编码",
        /// With a code, not yet in use.
        CodeBound = "code_bound" | "已赋码",
        /// In use.
        Active = "active" | "在用",
        /// Not for the time being, because of its quality (SH-A-8).
        Suspended = "suspended" | "因质量暂停",
        /// Ended, or merged into its unit (INJ-1.2).
        Withdrawn = "withdrawn" | "已撤出",
    }
}

impl ProductState {
    /// Whether a product may go from this state to that one (table (b)).
    pub fn may_become(self, next: Self) -> bool {
        use ProductState::{Active, CodeBound, Draft, Suspended, Withdrawn};
        matches!(
            (self, next),
            (Draft, CodeBound)
                | (CodeBound, Active)
                | (Active, Suspended | Withdrawn)
                | (Suspended, Active | Withdrawn)
        )
    }
}

text_enum! {
    /// Whether special rules hold for a product. The labels stand in the sheets as well.
    pub enum SpecialClass {
        /// None.
        None = "none" | "一般",
        /// 麻醉药品 (HI-7).
        Narcotic = "narcotic" | "麻醉药品",
        /// 第一类精神药品 (HI-7).
        PsychotropicOne = "psychotropic_1" | "第一类精神药品",
        /// 第二类精神药品.
        PsychotropicTwo = "psychotropic_2" | "第二类精神药品",
        /// 医疗用毒性药品 (HI-7).
        Toxic = "toxic" | "医疗用毒性药品",
        /// 放射性药品 (HI-7).
        Radioactive = "radioactive" | "放射性药品",
        /// 细胞治疗药品 (GEN-10).
        CellTherapy = "cell_therapy" | "细胞治疗药品",
        /// 短缺药品.
        Shortage = "shortage" | "短缺药品",
        /// 抗菌药物, reported in the restricted ratio.
        Antibacterial = "antibacterial" | "抗菌药物",
        /// 重点监控药品.
        KeyMonitored = "key_monitored" | "重点监控药品",
    }
}
