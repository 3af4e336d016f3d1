//! Price linkage between provinces (INJ-2.2).

use super::super::explain::Steps;
use super::super::money::{Dec, Round};
use super::InjPolicy;
use super::unit_price::yuan;
use crate::values;

/// What another province's unit price means for ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linkage {
    /// The other price is not lower: nothing to do.
    NotLower,
    /// Lower, but equal in the whole part and the first decimal: may count as the same price (视同价格一致).
    DeemedEqual,
    /// Lower: the price is to follow.
    Due,
}

/// Compares our unit price with another province's, both in yuan; digits are cut, never rounded.
///
/// INJ-2.2
pub fn linkage(own: &Dec, other: &Dec, policy: &InjPolicy, steps: &mut Steps) -> Linkage {
    let cut = |price: &Dec| price.rounded(policy.equal_decimals, Round::Down);
    let equal = policy.tolerance && cut(own) == cut(other);
    let result = match () {
        _ if other >= own => Linkage::NotLower,
        _ if equal => Linkage::DeemedEqual,
        _ => Linkage::Due,
    };
    steps.add("INJ-2.2", || {
        let places = policy.equal_decimals;
        let (one, two) = (cut(own).to_fixed(places), cut(other).to_fixed(places));
        let why = match result {
            Linkage::NotLower => "不低于本省价格，无需联动".to_owned(),
            Linkage::DeemedEqual => format!("整数位及前 {places} 位小数均为 {one}，视同价格一致"),
            Linkage::Due => format!("低于本省价格（{one} 与 {two}），应向下联动"),
        };
        let text = format!("本省 {} 元，外省 {} 元，{why}", yuan(own), yuan(other));
        (text, values! { "own" => yuan(own), "other" => yuan(other) })
    });
    result
}
