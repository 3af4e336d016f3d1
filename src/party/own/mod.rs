//! An organisation's own data: what is registered about it and the licences it handed in.

pub mod api;
pub mod pages;
/// What the pages show.
pub mod views;

use super::model::Organisation;
use super::store;
use crate::platform::attachment::{self, Attachment};
use crate::platform::auth::Principal;
use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::http::upload::{Kept, Upload};

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
