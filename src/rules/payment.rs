//! Payment standards of medical insurance (医保支付标准): HI-1…7, SH-L-6…8, HN-9, SN-14.

use super::explain::Steps;
use super::money::{Dec, Round};
use super::policy::{Key, Kind as Value, Policy, PolicyError};
use crate::values;

/// Whose rules apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    Hainan,
    Shanghai,
    Henan,
    Shaanxi,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Drug,
    Consumable,
    /// 中药饮片.
    DecoctionPiece,
    /// 医疗机构制剂.
    HospitalPreparation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecialClass {
    Narcotic,
    /// 第一类精神药品.
    Psychotropic1,
    Toxic,
    Radioactive,
}

/// A product; all prices in yuan, `None` where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Product {
    pub kind: Option<Kind>,
    pub special_class: Option<SpecialClass>,
    /// Within the scope of a volume-based procurement.
    pub in_scope: bool,
    pub selected_price: Option<Dec>,
    pub negotiated_price: Option<Dec>,
    /// Negotiated price of the same generic name.
    pub generic_negotiated_price: Option<Dec>,
    pub listing_price: Option<Dec>,
    /// What the institution paid.
    pub purchase_price: Option<Dec>,
    /// What the institution charges.
    pub price: Option<Dec>,
    /// Set by the national or provincial bureau.
    pub bureau_price: Option<Dec>,
    /// Payment limit before the volume-based procurement (HN-9).
    pub prior_limit: Option<Dec>,
}

/// Prices of other products that the rules compare with, yuan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peers {
    /// Selected prices of the same category and similar function.
    pub group_selected: Vec<Dec>,
    /// Listing prices of the same generic name, dosage form and specification.
    pub same_spec: Vec<Dec>,
    /// Listing prices of other specifications, each with its price ratio k.
    pub other_spec: Vec<(Dec, Dec)>,
}

/// Parameters of the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Greatest mark-up on decoction pieces, 0.25 (HI-5).
    pub tcm_markup_max: Dec,
    /// Also cap a product above its old limit by the group (HN-9, last vector); not in the letter.
    pub apply_group_cap_always: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standard {
    /// Yuan; `None`: no standard by these rules.
    pub standard: Option<Dec>,
    /// What the patient bears above the standard, yuan.
    pub patient_excess: Option<Dec>,
    pub rule: &'static str,
    pub clause: &'static str,
}

/// The price that a rule needs and that is missing, by its member name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} 缺失，适用的规则需要它")]
pub struct Missing(pub &'static str);

type Found = (Option<Dec>, &'static str, &'static str);

/// The payment standard of a product. HI-1…7, SH-L-6…8, HN-9, SN-14.
pub fn standard(
    profile: Profile,
    product: &Product,
    peers: &Peers,
    rules: &Rules,
    steps: &mut Steps,
) -> Result<Standard, Missing> {
    let (standard, rule, clause) = match profile {
        Profile::Hainan => hainan(product, peers, rules)?,
        Profile::Shanghai => shanghai(product, peers)?,
        Profile::Henan => henan(product, peers, rules)?,
        Profile::Shaanxi => selected_or_group(product, peers, ["SN-14"; 3])?,
    };
    let patient_excess = product
        .price
        .as_ref()
        .zip(standard.as_ref())
        .map(|(price, standard)| if price > standard { price - standard } else { Dec::default() });
    let found = Standard { standard, patient_excess, rule, clause };
    tell(product, peers, rules, &found, steps);
    Ok(found)
}

fn need<'a>(price: &'a Option<Dec>, name: &'static str) -> Result<&'a Dec, Missing> {
    price.as_ref().ok_or(Missing(name))
}

/// A product of a price and a factor, cut to the fen.
fn cut(price: &Dec, factor: &Dec) -> Dec {
    (price * factor).rounded(2, Round::Down)
}

fn hainan(product: &Product, peers: &Peers, rules: &Rules) -> Result<Found, Missing> {
    match product.special_class {
        Some(SpecialClass::Narcotic | SpecialClass::Psychotropic1) => {
            let price = need(&product.bureau_price, "product.bureau_price")?;
            return Ok((Some(price.clone()), "national_price", "HI-7"));
        }
        Some(SpecialClass::Toxic | SpecialClass::Radioactive) => {
            let price = need(&product.purchase_price, "product.purchase_price")?;
            return Ok((Some(price.clone()), "purchase_price", "HI-7"));
        }
        None => {}
    }
    match product.kind {
        Some(Kind::DecoctionPiece) => {
            let charged = need(&product.price, "product.price")?;
            let bought = need(&product.purchase_price, "product.purchase_price")?;
            let most = cut(bought, &(&Dec::from(1) + &rules.tcm_markup_max));
            Ok((Some(charged.min(&most).clone()), "markup_cap", "HI-5"))
        }
        Some(Kind::HospitalPreparation) => {
            let price = need(&product.bureau_price, "product.bureau_price")?;
            Ok((Some(price.clone()), "bureau_table", "HI-6"))
        }
        Some(Kind::Drug | Kind::Consumable) | None => Ok(generic_cap(product, hainan_drug(product, peers))),
    }
}

/// From the selected price on.
fn hainan_drug(product: &Product, peers: &Peers) -> Found {
    let group = peers.group_selected.iter().max().filter(|_| product.in_scope);
    let other_spec = peers.other_spec.iter().map(|(price, k)| cut(price, k)).min();
    let rules = [
        (product.selected_price.clone(), "selected", "HI-2"),
        (product.negotiated_price.clone(), "negotiated", "HI-1"),
        (group.cloned(), "highest_selected", "HI-2"),
        (product.listing_price.clone(), "listed", "HI-3"),
        (peers.same_spec.iter().min().cloned(), "same_spec_lowest", "HI-4"),
        (other_spec, "price_ratio", "HI-4"),
    ];
    rules.into_iter().find(|(price, ..)| price.is_some()).unwrap_or((None, "not_payable", "HI-4"))
}

/// No drug of a generic name costs more than its negotiated one (HI-1).
fn generic_cap(product: &Product, found: Found) -> Found {
    match (&product.generic_negotiated_price, &found.0) {
        (Some(cap), Some(standard)) if cap < standard => (Some(cap.clone()), "generic_cap", "HI-1"),
        _ => found,
    }
}

fn shanghai(product: &Product, peers: &Peers) -> Result<Found, Missing> {
    if !product.in_scope {
        return Ok((None, "existing_method", "SH-L-8"));
    }
    selected_or_group(product, peers, ["SH-L-6", "SH-L-7", "SH-L-8"])
}

fn henan(product: &Product, peers: &Peers, rules: &Rules) -> Result<Found, Missing> {
    let Some(limit) = &product.prior_limit else { return selected_or_group(product, peers, ["HN-9"; 3]) };
    let price = product.selected_price.as_ref().or(product.price.as_ref()).ok_or(Missing("product.price"))?;
    if price <= limit {
        return selected_or_group(product, peers, ["HN-9"; 3]);
    }
    let group = peers.group_selected.iter().max();
    match group.filter(|_| rules.apply_group_cap_always && product.selected_price.is_none()) {
        Some(highest) if highest < limit => Ok((Some(highest.clone()), "highest_selected", "HN-9")),
        _ => Ok((Some(limit.clone()), "prior_limit", "HN-9")),
    }
}

/// The selected price; else the charge, at most the highest selected price of the group; else the old method.
fn selected_or_group(product: &Product, peers: &Peers, clauses: [&'static str; 3]) -> Result<Found, Missing> {
    let [selected, group, existing] = clauses;
    if let Some(price) = &product.selected_price {
        return Ok((Some(price.clone()), "selected", selected));
    }
    match peers.group_selected.iter().max() {
        None => Ok((None, "existing_method", existing)),
        Some(highest) => {
            let charged = need(&product.price, "product.price")?;
            Ok((Some(charged.min(highest).clone()), "highest_selected", group))
        }
    }
}

fn tell(product: &Product, peers: &Peers, rules: &Rules, found: &Standard, steps: &mut Steps) {
    steps.add(found.clause, || {
        let shown = |price: &Option<Dec>| price.as_ref().map(Dec::to_string).unwrap_or_default();
        let highest = peers.group_selected.iter().max().cloned();
        let basis = match found.rule {
            "national_price" => "麻醉药品和第一类精神药品按国家制定的价格".to_owned(),
            "purchase_price" => "医疗用毒性药品、放射性药品按实际购进价格".to_owned(),
            "markup_cap" => {
                let factor = &Dec::from(1) + &rules.tcm_markup_max;
                let bought = product.purchase_price.clone().unwrap_or_default();
                let most = cut(&bought, &factor);
                let charged = shown(&product.price);
                format!("中药饮片：购进价 {bought} 元 × {factor} = {most} 元（去尾到分），售价 {charged} 元，取较低者")
            }
            "bureau_table" => "医疗机构制剂按省级医保行政部门制定的标准".to_owned(),
            "selected" => "中选产品按中选价格".to_owned(),
            "negotiated" => "国谈药品按谈判价格".to_owned(),
            "highest_selected" => format!("非中选产品不高于同类最高中选价 {} 元", shown(&highest)),
            "listed" => "按本产品挂网价格".to_owned(),
            "same_spec_lowest" => "未挂网，按同通用名、同剂型、同规格挂网最低价".to_owned(),
            "price_ratio" => "未挂网，按其他规格的挂网价与差比系数折算（去尾到分）取最低".to_owned(),
            "generic_cap" => "不得高于同通用名国谈药品的支付标准".to_owned(),
            "prior_limit" => "价格高于带量采购前的医保支付限额，按原限额".to_owned(),
            "not_payable" => "没有同通用名、同剂型的挂网药品，医保基金不予支付".to_owned(),
            _ => "不在集采范围或没有同类中选产品，维持现有支付办法".to_owned(),
        };
        let excess = found.patient_excess.as_ref().filter(|excess| excess.is_positive());
        let excess = excess.map(|excess| format!("，超出部分 {excess} 元由患者自负")).unwrap_or_default();
        let verdict = match &found.standard {
            Some(standard) => format!("：支付标准 {standard} 元{excess}"),
            None => String::new(),
        };
        let values = values! { "rule" => found.rule, "standard" => shown(&found.standard) };
        (format!("{basis}{verdict}"), values)
    });
}

/// The parameters of payment standards.
pub const KEYS: &[Key] = &[
    Key { name: "hi.tcm_markup_max", kind: Value::Decimal { min: "0", max: "1" } },
    Key { name: "hi.effective", kind: Value::Day },
    Key { name: "hn.apply_group_cap_always", kind: Value::Flag },
    Key { name: "pay.standard", kind: Value::Word(&["hainan", "shanghai", "henan", "shaanxi"]) },
];

impl Profile {
    /// Whose method the province's profile has chosen (17.3).
    ///
    /// # Errors
    /// A value that is left to the tender.
    pub fn from_policy(policy: &Policy) -> Result<Self, PolicyError> {
        match policy.word("pay.standard")? {
            "hainan" => Ok(Profile::Hainan),
            "shanghai" => Ok(Profile::Shanghai),
            "henan" => Ok(Profile::Henan),
            "shaanxi" => Ok(Profile::Shaanxi),
            _ => Err(PolicyError::Undeclared("pay.standard".to_owned(), "word")),
        }
    }
}

impl Rules {
    pub fn from_policy(policy: &Policy) -> Result<Self, PolicyError> {
        Ok(Rules {
            tcm_markup_max: policy.dec("hi.tcm_markup_max")?,
            apply_group_cap_always: policy.flag("hn.apply_group_cap_always")?,
        })
    }
}
