//! `payment-standard`: payment standards of medical insurance (HI, SH-L-6 to SH-L-8, HN-9, SN-14).

use super::lines::{Form, Rule, write_json};
use crate::rules::explain::Steps;
use crate::rules::json::{Json, Object, RowError};
use crate::rules::money::Dec;
use crate::rules::payment::{Kind, Missing, Peers, Product, Profile, Rules, SpecialClass, standard};
use crate::rules::policy::{Policy, PolicyError};

pub(super) const FORM: Form = Form { key: "id", prepare };

const PROFILES: &[(&str, Profile)] = &[
    ("hainan", Profile::Hainan),
    ("shanghai", Profile::Shanghai),
    ("henan", Profile::Henan),
    ("shaanxi", Profile::Shaanxi),
];
const KINDS: &[(&str, Kind)] = &[
    ("drug", Kind::Drug),
    ("consumable", Kind::Consumable),
    ("decoction_piece", Kind::DecoctionPiece),
    ("hospital_preparation", Kind::HospitalPreparation),
];
const CLASSES: &[(&str, SpecialClass)] = &[
    ("narcotic", SpecialClass::Narcotic),
    ("psychotropic_1", SpecialClass::Psychotropic1),
    ("toxic", SpecialClass::Toxic),
    ("radioactive", SpecialClass::Radioactive),
];

fn prepare(policy: &Policy) -> Result<Rule, PolicyError> {
    let rules = Rules::from_policy(policy)?;
    Ok(Box::new(move |object, out, steps| compute(object, out, steps, &rules)))
}

#[derive(serde::Serialize)]
struct Out<'a> {
    id: &'a str,
    standard: Option<Dec>,
    patient_excess: Option<Dec>,
    rule: &'static str,
    clause: &'static str,
}

fn compute(object: &Object<'_>, out: &mut Vec<u8>, steps: &mut Steps, rules: &Rules) -> Result<(), RowError> {
    let id = object.text("id")?;
    object.need("profile")?;
    let profile = object.opt_word("profile", PROFILES)?.unwrap_or(Profile::Hainan);
    object.need("product")?;
    let product = match object.opt_object("product")? {
        Some(product) => read_product(product).map_err(|error| error.inside("product"))?,
        None => Product::default(),
    };
    let peers = Peers {
        group_selected: prices(object, "group_selected_prices")?,
        same_spec: prices(object, "same_spec_listed")?,
        other_spec: object.objects("other_spec_listed", other_spec)?.unwrap_or_default(),
    };
    let found = standard(profile, &product, &peers, rules, steps)
        .map_err(|Missing(name)| RowError::new("MISSING", name, "is missing and the rule needs it"))?;
    let (standard, patient_excess) = (found.standard, found.patient_excess);
    write_json(out, &Out { id, standard, patient_excess, rule: found.rule, clause: found.clause })
}

fn read_product(object: &Object<'_>) -> Result<Product, RowError> {
    let price = |name| object.get(name).map(|found| price(name, found)).transpose();
    Ok(Product {
        kind: object.opt_word("kind", KINDS)?,
        special_class: object.opt_word("special_class", CLASSES)?,
        in_scope: object.flag("in_scope", false)?,
        selected_price: price("selected_price")?,
        negotiated_price: price("negotiated_price")?,
        generic_negotiated_price: price("generic_negotiated_price")?,
        listing_price: price("listing_price")?,
        purchase_price: price("purchase_price")?,
        price: price("price")?,
        bureau_price: price("bureau_price")?,
        prior_limit: price("prior_limit")?,
    })
}

/// Open: a price of zero is a price, one below is not; a product without `kind` is one for which no special rule
/// holds, without `in_scope` it is out of scope.
fn price(name: &str, found: &Json<'_>) -> Result<Dec, RowError> {
    let price = found.dec().filter(|price| !price.is_negative());
    price.ok_or_else(|| RowError::bad(name, found, "a price in yuan from 0 without exponent"))
}

fn prices(object: &Object<'_>, name: &str) -> Result<Vec<Dec>, RowError> {
    Ok(object.list(name, |item| price("", item))?.unwrap_or_default())
}

fn other_spec(object: &Object<'_>) -> Result<(Dec, Dec), RowError> {
    let member = |name| price(name, object.need(name)?);
    Ok((member("price")?, member("k")?))
}
