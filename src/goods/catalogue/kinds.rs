//! What products and codes are and how far they are, in words.

use crate::rules::dosage::Dosage;
use crate::words;

words! {
    /// How a drug is given, as far as the law cares: injections are listed by the smallest unit (INJ-1.1).
    pub enum DosageClass {
        /// 注射剂: solution, powder, infusion, pre-filled pen.
        Injection = "injection",
        /// 口服.
        Oral = "oral",
        /// 外用.
        External = "external",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// What stands behind a product's quality (INJ-3.3).
    pub enum QualityLevel {
        /// 原研药.
        Originator = "originator",
        /// 参比制剂.
        Reference = "reference",
        /// Passed the consistency evaluation (过评).
        Evaluated = "evaluated",
        /// None of these.
        Ordinary = "ordinary",
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

impl DosageClass {
    /// For people; the same words stand in the sheets.
    pub fn label(self) -> &'static str {
        match self {
            Self::Injection => "注射剂",
            Self::Oral => "口服",
            Self::External => "外用",
            Self::Other => "其他",
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

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Originator => "原研药",
            Self::Reference => "参比制剂",
            Self::Evaluated => "通过一致性评价",
            Self::Ordinary => "—",
        }
    }
}

words! {
    /// How far a code is (INJ-6.1).
    pub enum CodeState {
        /// In use.
        Active = "active",
        /// Still in use, no longer maintained.
        Frozen = "frozen",
        /// Out of use from its day on.
        Disabled = "disabled",
    }
}

impl CodeState {
    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "在用",
            Self::Frozen => "停止维护",
            Self::Disabled => "停用",
        }
    }
}

words! {
    /// What a product is; volumes of drugs are reported by generic name, of consumables by brand (HVC-10).
    pub enum ProductKind {
        /// 药品.
        Drug = "drug",
        /// 医用耗材.
        Consumable = "consumable",
    }
}

words! {
    /// How far a product is (table (b)).
    pub enum ProductState {
        /// Known, without a code.
        Draft = "draft",
        /// With a code, not yet in use.
        CodeBound = "code_bound",
        /// In use.
        Active = "active",
        /// Not for the time being, because of its quality (SH-A-8).
        Suspended = "suspended",
        /// Ended, or merged into its unit (INJ-1.2).
        Withdrawn = "withdrawn",
    }
}

impl ProductState {
    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "无编码",
            Self::CodeBound => "已赋码",
            Self::Active => "在用",
            Self::Suspended => "因质量暂停",
            Self::Withdrawn => "已撤出",
        }
    }

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

words! {
    /// Whether special rules hold for a product.
    pub enum SpecialClass {
        /// None.
        None = "none",
        /// 麻醉药品 (HI-7).
        Narcotic = "narcotic",
        /// 第一类精神药品 (HI-7).
        PsychotropicOne = "psychotropic_1",
        /// 第二类精神药品.
        PsychotropicTwo = "psychotropic_2",
        /// 医疗用毒性药品 (HI-7).
        Toxic = "toxic",
        /// 放射性药品 (HI-7).
        Radioactive = "radioactive",
        /// 细胞治疗药品 (GEN-10).
        CellTherapy = "cell_therapy",
        /// 短缺药品.
        Shortage = "shortage",
        /// 抗菌药物, reported in the restricted ratio.
        Antibacterial = "antibacterial",
        /// 重点监控药品.
        KeyMonitored = "key_monitored",
    }
}

impl SpecialClass {
    /// For people; the same words stand in the sheets.
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "一般",
            Self::Narcotic => "麻醉药品",
            Self::PsychotropicOne => "第一类精神药品",
            Self::PsychotropicTwo => "第二类精神药品",
            Self::Toxic => "医疗用毒性药品",
            Self::Radioactive => "放射性药品",
            Self::CellTherapy => "细胞治疗药品",
            Self::Shortage => "短缺药品",
            Self::Antibacterial => "抗菌药物",
            Self::KeyMonitored => "重点监控药品",
        }
    }
}
