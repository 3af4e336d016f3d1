//! An organisation's own data: what is registered about it and the licences it handed in.

pub mod api;
pub mod pages;
/// What the pages show.
pub mod views;

use diesel::prelude::*;

use super::contact::OrderContact;
use super::model::Organisation;
use super::{contact, store};
use crate::accounts::users::UserState;
use crate::platform::attachment::{self, Attachment};
use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::http::upload::{Kept, Upload};
use crate::platform::schema::app_user;
use crate::platform::who::{Post, Principal};

/// What licences are attached to.
pub const SUBJECT: &str = "organisation";
/// Name of the field that files come in.
pub const FIELD: &str = "files";
/// Licences that an organisation keeps at most.
const MOST: usize = 50;

/// What an organisation sees of itself.
#[derive(Debug, Clone)]
pub struct Own {
    /// What is registered.
    pub organisation: Organisation,
    /// Its licences.
    pub files: Vec<Attachment>,
    /// Whom the other side of an order calls.
    pub contact: Option<OrderContact>,
}

/// The organisation with its licences and whom to call there.
pub async fn show(db: &Db, who: &Principal) -> Result<Own> {
    let own = who.organisation;
    db.read(move |c| {
        let organisation = store::organisation(c, own)?;
        Ok(Own { organisation, files: attachment::of_owner(c, own)?, contact: contact::of(c, own)? })
    })
    .await
}

/// A post of the organisation, what it is for, and who has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostHolders {
    /// Which.
    pub post: Post,
    /// What it is for, in a sentence.
    pub duty: &'static str,
    /// Who has it, by name; those who cannot log in at present are left out.
    pub people: Vec<String>,
}

/// Every post that fits the organisation, also where nobody has it yet.
pub async fn posts(db: &Db, who: &Principal) -> Result<Vec<PostHolders>> {
    let own = who.organisation;
    let people: Vec<(Post, String)> = db
        .read(move |c| {
            Ok(app_user::table
                .filter(app_user::organisation_id.eq(own).and(app_user::state.eq(UserState::Active)))
                .order((app_user::display_name, app_user::id))
                .select((app_user::function, app_user::display_name))
                .load(c)?)
        })
        .await?;
    let fitting = Post::ALL.iter().copied().filter(|post| who.is(|kind| post.fits(kind)));
    let holders = |post: Post| PostHolders {
        post,
        duty: post.duty(who),
        people: people.iter().filter(|(held, _)| *held == post).map(|(_, name)| name.clone()).collect(),
    };
    Ok(fitting.map(holders).collect())
}

/// Keeps what was uploaded and attaches it to the organisation. A file that is there already, whatever it is called, is answered
/// as it stands, so that the same request sent twice keeps it once.
///
/// # Errors
/// 422 naming `/files`.
pub async fn add_files(db: &Db, who: &Principal, upload: &Upload) -> Result<Vec<Attachment>> {
    let own = who.organisation;
    upload.file(FIELD)?;
    let kept: Vec<Kept> = upload.keep(db, who.received_at, FIELD).await?;
    db.write(&who.actor(), move |tx| {
        let mut there = attachment::of_subject(tx.conn, SUBJECT, own)?;
        let mut answer = Vec::new();
        for one in &kept {
            if let Some(same) = there.iter().find(|file| file.sha256 == one.file.sha256) {
                answer.push(same.clone());
                continue;
            }
            if there.len() >= MOST {
                let detail = format!("本单位最多保存 {MOST} 份证照，请核对后再上传。");
                return Err(Refusal::field(format!("/{FIELD}"), detail).into());
            }
            let made = attachment::attach(tx, std::slice::from_ref(one), Some(own), SUBJECT, own)?;
            there.extend(made.iter().cloned());
            answer.extend(made);
        }
        Ok(answer)
    })
    .await
}
