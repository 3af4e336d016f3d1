//! Organisations as the directory shows them.

use super::store::Sort;
use super::suspend::REASON;
use super::views::{ListPage, Row, ShowPage};
use crate::party::model::{OrgState, Organisation};
use crate::party::own::views::FileRow;
use crate::platform::attachment::Attachment;
use crate::platform::error::FieldError;
use crate::platform::http::form::Form;
use crate::platform::http::place::Place;
use crate::platform::http::view::{Badge, Confirm, Field, Frame, Kind, Link, Order, Pair, Table, sortable};
use crate::platform::sheet::{Cell, Column, Sheet};
use crate::platform::who::OrgKind;

/// The order that an address asks for.
pub fn sort(place: &Place) -> Sort {
    match place.value("sort") {
        "-name" => Sort::NameDown,
        "-time" => Sort::Newest,
        "time" => Sort::Oldest,
        _ => Sort::Name,
    }
}

fn sorted_by(sort: Sort) -> (&'static str, Order) {
    match sort {
        Sort::Name => ("name", Order::Up),
        Sort::NameDown => ("name", Order::Down),
        Sort::Newest => ("time", Order::Down),
        Sort::Oldest => ("time", Order::Up),
    }
}

/// The list, without its frame.
pub fn list(place: &Place, rows: &[Organisation], next: Option<&str>) -> ListPage {
    let href = |key: &str, order: Order| {
        let sign = if order == Order::Down { "-" } else { "" };
        place.with("sort", &format!("{sign}{key}"))
    };
    ListPage {
        frame: Frame::default(),
        filters: filters(place),
        table: Table {
            id: "organisations".into(),
            caption: "单位名录".into(),
            columns: sortable(ListPage::heads(), &["name", "time"], sorted_by(sort(place)), href),
            empty: rows.is_empty(),
            empty_text: "没有符合条件的单位，请放宽筛选条件。".into(),
            empty_link: place.is_filtered().then(|| Link::new("查看全部", "/organisations")),
            paging: place.paging(rows.len(), next, None),
            export: Some(place.at("/organisations.xlsx")),
            ..Table::default()
        },
        rows: rows.iter().map(row).collect(),
    }
}

fn filters(place: &Place) -> Vec<Field> {
    let all = || std::iter::once((String::new(), "全部".to_owned()));
    let kinds = all().chain(OrgKind::ALL.iter().map(|k| (k.to_string(), k.label().to_owned())));
    let states = all().chain(OrgState::ALL.iter().map(|s| (s.to_string(), s.label().to_owned())));
    vec![
        Field::new(Kind::Select, "kind", "单位类别").value(place.value("kind")).choices(kinds),
        Field::new(Kind::Select, "state", "状态").value(place.value("state")).choices(states),
        Field::new(Kind::Text, "city", "市").value(place.value("city")),
        Field::new(Kind::Text, "q", "名称或信用代码").value(place.value("q")),
    ]
}

fn place_of(row: &Organisation) -> String {
    if row.district.is_empty() { row.city.clone() } else { format!("{} · {}", row.city, row.district) }
}

fn row(row: &Organisation) -> Row {
    Row {
        name: row.name.clone(),
        credit_code: row.credit_code.clone(),
        kinds: row.kind_labels(),
        place: place_of(row),
        when: row.created_at.day().to_string(),
        state: Badge::new(row.state.tone(), row.state.label()),
        href: format!("/organisations/{}", row.id),
    }
}

/// One organisation; `failed` opens the act again with what was typed and what was wrong.
pub fn one(
    frame: Frame,
    row: &Organisation,
    files: &[Attachment],
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

/// The list as a sheet.
pub fn sheet(rows: &[Organisation]) -> Sheet {
    let heads = [
        ("单位名称", 36),
        ("统一社会信用代码", 22),
        ("单位类别", 24),
        ("市", 10),
        ("县（区）", 12),
        ("登记时间", 18),
        ("状态", 10),
        ("暂停原因", 30),
    ];
    let mut sheet = Sheet::new("单位名录", heads.map(|(head, width)| Column::new(head, width)).into());
    for row in rows {
        sheet.row(vec![
            row.name.clone().into(),
            row.credit_code.clone().into(),
            row.kind_labels().into(),
            row.city.clone().into(),
            row.district.clone().into(),
            row.created_at.minute().into(),
            row.state.label().into(),
            row.state_reason.clone().map_or(Cell::Empty, Into::into),
        ]);
    }
    sheet
}
