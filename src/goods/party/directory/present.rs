//! Organisations as the directory shows them.

use super::store::{BY_NAME, SortKey};
use super::suspend::REASON;
use super::views::{ListPage, ShowPage};
use crate::party::model::{OrgState, Organisation};
use crate::party::own::Own;
use crate::party::own::views::FileRow;
use crate::platform::error::FieldError;
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::form::Form;
use crate::platform::http::place::ListAddress;
use crate::platform::http::view::{Badge, Cell, Confirm, Field, Frame, Kind, Link, Pair, Table};
use crate::platform::sheet::Sheet;
use crate::platform::who::OrgKind;

/// The list.
pub fn list(frame: Frame, place: &ListAddress, rows: &[Organisation], next: Option<&str>) -> ListPage {
    ListPage {
        frame,
        filters: filters(place),
        table: Table {
            caption: "单位名录".into(),
            empty_text: "没有符合条件的单位，请放宽筛选条件。".into(),
            empty_link: place.is_filtered().then(|| Link::new("查看全部", "/organisations")),
            paging: place.paging(rows.len(), next, None),
            export: Some(place.at("/organisations.xlsx")),
            ..columns().table("organisations", rows, place, &BY_NAME.to_string())
        },
    }
}

/// The list as a sheet.
pub fn sheet(rows: &[Organisation], chosen: &[String]) -> Sheet {
    columns().sheet("单位名录", chosen, rows)
}

fn columns() -> Columns<'static, Organisation> {
    Columns::new([
        Column::name("单位名称", |o: &Organisation| {
            Cell::from(&o.name).below(Cell::code(&o.credit_code))
        })
        .sort(SortKey::Name.as_str())
        .sheet("单位名称", 36, |o| o.name.clone())
        .sheet("统一社会信用代码", 22, |o| o.credit_code.clone()),
        Column::text("kinds", "单位类别", Organisation::kind_labels).under(Organisation::kind_labels).sheet(
            "单位类别",
            24,
            Organisation::kind_labels,
        ),
        Column::text("place", "所在地", place_of).under(place_of).sheet("市", 10, |o| o.city.clone()).sheet(
            "县（区）",
            12,
            |o| o.district.clone(),
        ),
        Column::text("time", "登记时间", |o: &Organisation| o.created_at)
            .sort(SortKey::Time.as_str())
            .class("nowrap")
            .wide_only()
            .sheet("登记时间", 18, |o| o.created_at),
        Column::text("state", "状态", |o: &Organisation| Badge::new(o.state.tone(), o.state.label()))
            .sheet("状态", 10, |o| o.state.label())
            .sheet("暂停原因", 30, |o| o.state_reason.clone()),
        Column::acts(|o: &Organisation| {
            Cell::link(format!("/organisations/{}", o.id), "查看", &o.name).opening()
        }),
    ])
}

fn filters(place: &ListAddress) -> Vec<Field> {
    let all = || std::iter::once((String::new(), "全部".to_owned()));
    let kinds = all().chain(OrgKind::ALL.iter().map(|k| (k.to_string(), k.label().to_owned())));
    let states = all().chain(OrgState::ALL.iter().map(|s| (s.to_string(), s.label().to_owned())));
    [
        Field::new(Kind::Select, "kind", "单位类别").choices(kinds),
        Field::new(Kind::Select, "state", "状态").choices(states),
        Field::new(Kind::Text, "city", "市"),
        Field::new(Kind::Text, "q", "名称或信用代码"),
    ]
    .map(|field| place.field(field))
    .into_iter()
    .chain(place.kept())
    .collect()
}

fn place_of(row: &Organisation) -> String {
    if row.district.is_empty() { row.city.clone() } else { format!("{} · {}", row.city, row.district) }
}

/// One organisation; `failed` opens the act again with what was typed and what was wrong.
pub fn one(
    frame: Frame,
    Own { organisation: row, files, contact }: &Own,
    may_act: bool,
    typed: &Form,
    failed: Option<&[FieldError]>,
) -> ShowPage {
    let mut facts = vec![
        Pair::new("统一社会信用代码", &row.credit_code),
        Pair::new("单位类别", row.kind_labels()),
        Pair::new("所在地", place_of(row)),
        Pair::new("登记时间", row.created_at.minute()),
    ];
    facts.extend(contact.iter().map(|to| Pair::new("订单联系电话", format!("{}，{}", to.name, to.phone))));
    facts.extend(row.state_reason.iter().map(|why| Pair::new("暂停原因", why)));
    ShowPage {
        frame,
        name: row.name.clone(),
        state: Badge::new(row.state.tone(), row.state.label()),
        facts,
        files: files.iter().map(FileRow::of).collect(),
        act: may_act.then(|| act(row, typed, failed)),
    }
}

fn act(row: &Organisation, typed: &Form, failed: Option<&[FieldError]>) -> Confirm {
    let (to, label, consequence) = match row.state {
        OrgState::Active => (
            OrgState::Suspended,
            "暂停办理业务",
            "立即生效：该单位所有人员退出登录，正在办理的事不再受理，已保存的草稿保留。原因会发给该单位。",
        ),
        OrgState::Suspended => {
            (OrgState::Active, "恢复办理业务", "立即生效：该单位人员可以重新登录。原因会发给该单位。")
        }
    };
    let error = failed.and_then(<[FieldError]>::first).map(|e| e.detail.clone()).unwrap_or_default();
    let reason = Field::of(Kind::Long, &REASON).help("5 至 200 字");
    Confirm {
        action: format!("/organisations/{}/state", row.id),
        label: label.into(),
        consequence: consequence.into(),
        fields: vec![reason.value(typed.value("reason")).error(error)],
        hidden: vec![("state".into(), to.to_string()), ("version".into(), row.version.to_string())],
        danger: to == OrgState::Suspended,
        open: failed.is_some(),
    }
}
