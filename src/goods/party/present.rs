//! Rows of this office as pages show them.

use super::address::{ADDRESS, PHONE, RECIPIENT};
use super::model::{Appointment, DeliveryAddress, Organisation};
use super::views::{AddressForm, FoundDistributor};
use crate::platform::error::FieldError;
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::form::Form;
use crate::platform::http::place::ListAddress;
use crate::platform::http::view::{Cell, Confirm, Field, Kind, Table, focus_first};

/// The list of addresses; with the way to change them for who may keep them.
pub fn addresses_table(list: &[DeliveryAddress], place: &ListAddress, may_keep: bool) -> Table {
    let columns = Columns::new([
        Column::name("收货人", |a: &DeliveryAddress| a.recipient.clone()),
        Column::text("phone", "联系电话", |a: &DeliveryAddress| a.phone.clone())
            .class("nowrap")
            .under(|a| a.phone.clone()),
        Column::text("address", "收货地址", |a: &DeliveryAddress| match a.is_default {
            true => Cell::from(&a.address).then(Cell::span("narrow-only", "默认地址")),
            false => Cell::from(&a.address),
        }),
        Column::text("default", "默认", |a: &DeliveryAddress| if a.is_default { "默认" } else { "" })
            .wide_only(),
        Column::acts(|a: &DeliveryAddress| match may_keep {
            true => {
                Cell::link(format!("/addresses/{}", a.id), "修改", format!("{}的地址", a.recipient)).opening()
            }
            false => Cell::default(),
        }),
    ]);
    Table {
        caption: "收货地址".into(),
        empty_text: "还没有收货地址。请在下面填写一个，下单时就可以选用。".into(),
        ..columns.table("addresses", list, place, "")
    }
}

/// Deletes an address.
pub fn delete_address(row: &DeliveryAddress) -> Confirm {
    Confirm {
        action: format!("/addresses/{}/delete", row.id),
        label: "删除这个地址".into(),
        consequence: format!("将删除 {} 的收货地址；已提交的订单不受影响。", row.recipient),
        hidden: vec![("version".into(), row.version.to_string())],
        danger: true,
        ..Confirm::default()
    }
}

/// The form with what was typed and what is wrong with it.
pub fn address_form(form: &Form, errors: &[FieldError]) -> AddressForm {
    let mut fields: Vec<Field> = blank_fields().into_iter().map(|field| form.refill(field, errors)).collect();
    AddressForm {
        errors: focus_first(fields.iter_mut()),
        fields,
        is_default: !form.value("is_default").is_empty(),
        ..AddressForm::default()
    }
}

/// The form with what is kept.
pub fn filled_address_form(row: &DeliveryAddress) -> AddressForm {
    let values = [&row.recipient, &row.phone, &row.address];
    AddressForm {
        action: format!("/addresses/{}", row.id),
        fields: blank_fields().into_iter().zip(values).map(|(field, value)| field.value(value)).collect(),
        is_default: row.is_default,
        hidden: vec![("version".into(), row.version.to_string())],
        ..AddressForm::default()
    }
}

fn blank_fields() -> [Field; 3] {
    [
        Field::of(Kind::Text, &RECIPIENT),
        Field::of(Kind::Phone, &PHONE).help("例如 0771-2345678"),
        Field::of(Kind::Text, &ADDRESS).help("写到楼栋和房间，例如 中山路 1 号药剂科库房"),
    ]
}

/// The list of distributors; with the act that ends an appointment for who may.
pub fn distributors_table(
    named: &[(Appointment, Organisation)],
    place: &ListAddress,
    token: &str,
    may_end: bool,
) -> Table {
    type Named = (Appointment, Organisation);
    let columns = Columns::new([
        Column::name("配送企业", |(_, o): &Named| o.name.clone()),
        Column::text("city", "所在市", |(_, o): &Named| o.city.clone()).under(|(_, o)| o.city.clone()),
        Column::acts(|(_, o): &Named| match may_end {
            true => Cell::act(token, end_appointment(o)),
            false => Cell::default(),
        }),
    ]);
    Table {
        caption: "委托的配送企业".into(),
        empty_text: "还没有委托配送企业，现在全部由本企业直接供货。".into(),
        ..columns.table("distributors", named, place, "")
    }
}

fn end_appointment(named: &Organisation) -> Confirm {
    Confirm {
        action: format!("/distributors/{}/end", named.id),
        label: "终止委托".into(),
        consequence: format!(
            "终止后，医疗机构不能再选择 {} 供应本企业的药品；已提交的订单仍由其供货。",
            named.name
        ),
        danger: true,
        ..Confirm::default()
    }
}

/// A distributor that was found.
pub fn found_distributor(found: &Organisation, named: &[(Appointment, Organisation)]) -> FoundDistributor {
    FoundDistributor {
        value: found.id.to_string(),
        name: found.name.clone(),
        city: found.city.clone(),
        named: named.iter().any(|(_, o)| o.id == found.id),
    }
}

/// What to say where a search found nothing; empty where it did, or where there was none.
pub fn no_distributor(query: &str, found: &[Organisation]) -> String {
    if query.is_empty() || !found.is_empty() {
        return String::new();
    }
    format!("没有名称中含“{query}”的配送企业。请核对名称，或少写几个字再查找。")
}
