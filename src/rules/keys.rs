//! Every rule's parameters in one list.

use super::policy::Key;

/// The keys that a profile must hold, each declared beside the rule that reads it.
pub const KEYS: &[&[Key]] = &[
    super::injection::KEYS,
    super::order::KEYS,
    super::calendar::KEYS,
    super::award::KEYS,
    super::credit::KEYS,
    super::payment::KEYS,
    super::price_ratio::KEYS,
    super::volume::KEYS,
    super::allocation::KEYS,
    super::completion::KEYS,
    super::hospital::KEYS,
    super::leads::KEYS,
    super::linkage::KEYS,
    super::online::KEYS,
    super::retail::KEYS,
    super::rounds::KEYS,
    super::settlement::KEYS,
    super::surplus::KEYS,
    super::terms::KEYS,
];
