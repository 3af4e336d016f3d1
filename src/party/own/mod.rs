//! An organisation's own data: what is registered about it and the licences it handed in.

pub mod api;
pub mod pages;
/// What the pages show.
pub mod views;

use diesel::prelude::*;

use super::model::Organisation;
use super::store;
use crate::platform::attachment::{self, Attachment};
use crate::platform::auth::users::UserState;
use crate::platform::auth::{Function, OrgKind, Principal};
use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::http::upload::{Kept, Upload};
use crate::platform::schema::app_user;

/// What licences are attached to.
pub const SUBJECT: &str = "organisation";
/// Name of the field that files come in.
pub const FIELD: &str = "files";
/// Licences that an organisation keeps at most.
const MOST: usize = 50;

/// The organisation with its licences.
///
/// # Errors
/// Of the database.
pub async fn show(db: &Db, who: &Principal) -> Result<(Organisation, Vec<Attachment>)> {
    let own = who.organisation;
    db.read(move |c| Ok((store::organisation(c, own)?, attachment::of_owner(c, own)?))).await
}

/// A function that people of the organisation can have, what it is for, and who has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The function.
    pub function: Function,
    /// What it is for, in a sentence.
    pub duty: &'static str,
    /// Who has it, by name; those who cannot log in at present are left out.
    pub people: Vec<String>,
}

/// Every function that fits the organisation, also where nobody has it yet.
///
/// # Errors
/// Of the database.
pub async fn posts(db: &Db, who: &Principal) -> Result<Vec<Post>> {
    let own = who.organisation;
    let people: Vec<(Function, String)> = db
        .read(move |c| {
            Ok(app_user::table
                .filter(app_user::organisation_id.eq(own).and(app_user::state.eq(UserState::Active)))
                .order((app_user::display_name, app_user::id))
                .select((app_user::function, app_user::display_name))
                .load(c)?)
        })
        .await?;
    let fitting = Function::ALL.iter().copied().filter(|f| who.is(|kind| f.fits(kind)));
    let post = |function: Function| Post {
        function,
        duty: duty(function, who),
        people: people.iter().filter(|(f, _)| *f == function).map(|(_, name)| name.clone()).collect(),
    };
    Ok(fitting.map(post).collect())
}

fn duty(function: Function, who: &Principal) -> &'static str {
    match function {
        Function::Admin => "管理本单位的用户和证照；医疗机构和企业还管理系统对接",
        Function::Order => "查找药品、下单、撤销订单、维护收货地址",
        Function::Report => "填报采购需求量",
        Function::Check => "复核本单位他人提交的内容，不复核自己提交的",
        Function::Finance => "查看订单金额和付款情况",
        Function::Trade if who.is(OrgKind::is_manufacturer) => {
            "认领企业代码、下调挂网价、委托配送企业、确认或拒绝订单"
        }
        Function::Trade => "确认或拒绝订单、组织配送",
        Function::Officer if who.is(OrgKind::is_other_authority) => "查看监管信息，提出处理意见",
        Function::Officer => "审核和办理本机构职责内的业务；须两人办理的，由另一位经办复核",
        Function::Viewer => "只查看，不办理",
    }
}

/// Keeps what was uploaded and attaches it to the organisation.
///
/// # Errors
/// 422 naming `/files`.
pub async fn add_files(db: &Db, who: &Principal, upload: &Upload) -> Result<Vec<Attachment>> {
    let own = who.organisation;
    upload.file(FIELD)?;
    let kept: Vec<Kept> = upload.keep(db, who.received_at, FIELD).await?;
    db.write(&who.actor(), move |tx| {
        if attachment::of_subject(tx.conn, SUBJECT, own)?.len() + kept.len() > MOST {
            let detail = format!("本单位最多保存 {MOST} 份证照，请核对后再上传。");
            return Err(Refusal::field(format!("/{FIELD}"), detail).into());
        }
        attachment::attach(tx, &kept, Some(own), SUBJECT, own)
    })
    .await
}
