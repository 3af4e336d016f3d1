//! Selected drugs in pharmacies, private institutions and village clinics (三进): JX-5, JX-6, JX-10, JX-11,
//! GEN-1, GEN-2, GEN-6.

use std::collections::BTreeSet;

use super::explain::Steps;
use super::money::{Dec, Round};
use super::policy::{Key, Kind, Policy, PolicyError};
use super::rounds::percent;
use crate::values;

/// The parameters of the three entries.
pub const KEYS: &[Key] = &[
    Key { name: "jx.recommended_share_min", kind: Kind::Decimal { min: "0", max: "1" } },
    Key { name: "jx.markup_max", kind: Kind::Decimal { min: "0", max: "1" } },
    Key { name: "sale.markup", kind: Kind::Decimal { min: "0", max: "1" } },
    Key { name: "jx.min_varieties.chain_store", kind: COUNT },
    Key { name: "jx.min_varieties.single_pharmacy", kind: COUNT },
    Key { name: "jx.min_varieties.general_private", kind: COUNT },
    Key { name: "jx.min_varieties.specialist_private", kind: COUNT },
    Key { name: "jx.min_varieties.village_clinic", kind: COUNT },
    Key { name: "hb.clinic_min_vbp", kind: COUNT },
    Key { name: "xj.clinic_min_drugs", kind: COUNT },
    Key { name: "xj.adjust_max", kind: Kind::Decimal { min: "0", max: "1" } },
];

const COUNT: Kind = Kind::Whole { min: 0, max: 100_000 };

/// Who takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Participant {
    ChainStore,
    SinglePharmacy,
    GeneralPrivate,
    SpecialistPrivate,
    /// Also community health centres and stations.
    VillageClinic,
}

impl Participant {
    /// The parameter with the least number of varieties.
    pub fn key(self) -> &'static str {
        match self {
            Participant::ChainStore => "jx.min_varieties.chain_store",
            Participant::SinglePharmacy => "jx.min_varieties.single_pharmacy",
            Participant::GeneralPrivate => "jx.min_varieties.general_private",
            Participant::SpecialistPrivate => "jx.min_varieties.specialist_private",
            Participant::VillageClinic => "jx.min_varieties.village_clinic",
        }
    }
}

/// How many varieties a participant chose, by generic name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Varieties {
    pub chosen: usize,
    pub recommended: usize,
}

/// Counts varieties by generic name: two specifications of one name count once. JX-5, JX-6, GEN-1.
pub fn varieties(chosen: &[&str], recommended: &[&str]) -> Varieties {
    let chosen: BTreeSet<_> = chosen.iter().collect();
    let list: BTreeSet<_> = recommended.iter().collect();
    Varieties { chosen: chosen.len(), recommended: chosen.intersection(&list).count() }
}

fn count(n: usize) -> Dec {
    Dec::from(i64::try_from(n).unwrap_or(i64::MAX))
}

/// Whether enough of what was chosen is on the recommended list: a share of at least `min`. In principle only
/// (原则上): a warning. JX-5.
pub fn enough_recommended(of: &Varieties, min: &Dec, steps: &mut Steps) -> bool {
    let enough = count(of.recommended) >= &count(of.chosen) * min;
    steps.add("JX-5", || {
        let share = percent(&count(of.recommended), &count(of.chosen), 1).unwrap_or_default();
        let word = if enough { "不低于" } else { "低于" };
        let (min, part, all) = (min * &Dec::from(100), of.recommended, of.chosen);
        (
            format!("推荐配备 {part} 种 ÷ 选择 {all} 种 = {share}%，{word} {min}%"),
            values! { "share" => share },
        )
    });
    enough
}

/// Whether a participant stocks enough varieties. JX-6 (a warning), GEN-1 (a condition).
pub fn enough_varieties(of: &Varieties, min: i64, steps: &mut Steps) -> bool {
    let enough = i64::try_from(of.chosen).is_ok_and(|n| n >= min);
    steps.add("JX-6", || {
        let word = if enough { "不少于" } else { "少于" };
        (
            format!("配备 {} 种（按通用名计），{word} {min} 种", of.chosen),
            values! { "chosen" => of.chosen, "min" => min },
        )
    });
    enough
}

/// The most that may be charged for a selected drug, yuan: the selected price and `markup`, cut to the fen so
/// that the mark-up is never exceeded. JX-10.
pub fn most_charged(selected: &Dec, markup: &Dec, steps: &mut Steps) -> Dec {
    let factor = &Dec::from(1) + markup;
    let most = (selected * &factor).rounded(2, Round::Down);
    steps.add("JX-10", || {
        let text = format!("中选价 {selected} 元 × {factor} = {most} 元（去尾到分）");
        (text, values! { "selected" => selected, "most" => most })
    });
    most
}

/// Who sells a selected drug to the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seller {
    /// A public medical institution: HUN-7.
    Public,
    /// A pharmacy or private institution of the three entries: JX-10.
    Participant,
    /// A village clinic under integrated management: JX-10, zero mark-up.
    IntegratedClinic,
}

/// The mark-ups of a province, as shares of the selected price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markups {
    pub public: Dec,
    pub participant: Dec,
}

impl Markups {
    /// The mark-ups of a profile.
    ///
    /// # Errors
    /// A value that is left to the tender.
    pub fn from_policy(policy: &Policy) -> Result<Self, PolicyError> {
        Ok(Markups { public: policy.dec("sale.markup")?, participant: policy.dec("jx.markup_max")? })
    }

    /// The mark-up that a seller may take. HUN-7, JX-10.
    pub fn of(&self, seller: Seller) -> Dec {
        match seller {
            Seller::Public => self.public.clone(),
            Seller::Participant => self.participant.clone(),
            Seller::IntegratedClinic => Dec::default(),
        }
    }
}

/// Whether a sale price is in order: at most the mark-up, in clinics under integrated management exactly the
/// selected price. JX-10.
///
/// Open: the base is the selected price even where less was paid.
pub fn charge_allowed(
    price: &Dec,
    selected: &Dec,
    markup: &Dec,
    integrated_clinic: bool,
    steps: &mut Steps,
) -> bool {
    if integrated_clinic {
        steps.add("JX-10", || {
            let word = if price == selected { "一致" } else { "不一致" };
            let text = format!("一体化管理村卫生室零差率：售价 {price} 元与中选价 {selected} 元{word}");
            (text, values! { "price" => price, "selected" => selected })
        });
        return price == selected;
    }
    let most = most_charged(selected, markup, steps);
    steps.add("JX-10", || {
        let word = if *price <= most { "不高于" } else { "高于" };
        (format!("售价 {price} 元{word} {most} 元"), values! { "price" => price, "most" => most })
    });
    *price <= most
}

/// Whether an online sale is in order: within the own province and at the price of the shop; a delivery fee is
/// apart. JX-11.
pub fn online_sale_allowed(online: &Dec, offline: &Dec, within_province: bool, steps: &mut Steps) -> bool {
    let allowed = within_province && online == offline;
    steps.add("JX-11", || {
        let place = if within_province { "省内" } else { "省外" };
        let word = if allowed { "可以" } else { "不可以：只限省内，且线上线下同价" };
        let text = format!("线上售价 {online} 元，线下售价 {offline} 元，销往{place}：{word}");
        (text, values! { "online" => online, "offline" => offline })
    });
    allowed
}

/// Whether the replacement of `replaced` of the `required` varieties stays within `share` of them. GEN-2.
///
/// Open: the share says which varieties may be others; the number required stays.
pub fn replacement_allowed(replaced: i64, required: i64, share: &Dec, steps: &mut Steps) -> bool {
    let most = &Dec::from(required) * share;
    let allowed = Dec::from(replaced) <= most;
    steps.add("GEN-2", || {
        let word = if allowed { "不超过" } else { "超过" };
        (
            format!("{required} 种 × {share} = {most} 种，调换 {replaced} 种，{word}"),
            values! { "most" => most },
        )
    });
    allowed
}

/// What is charged for `dispensed` pricing units out of a pack, yuan with two decimals; `None` for an empty pack.
/// GEN-6.
///
/// Open: an amount that is no whole fen is rounded half up once, on the amount.
pub fn split_charge(
    pack_price: &Dec,
    units_in_pack: &Dec,
    dispensed: &Dec,
    steps: &mut Steps,
) -> Option<Dec> {
    let charge = (pack_price * dispensed).divided(units_in_pack, 2, Round::HalfAway)?;
    steps.add("GEN-6", || {
        let text = format!(
            "每盒 {pack_price} 元 ÷ {units_in_pack} × 发出 {dispensed} = {charge} 元（四舍五入到分）"
        );
        (text, values! { "charge" => charge })
    });
    Some(charge)
}
