//! What letters are about, and what of it somebody does not want to get by mail as well. The message in the portal comes in
//! any case; legal notices and what touches the safety of the account always come by mail too.

use diesel::prelude::*;

use super::super::error::Result;
use super::super::schema::mail_choice;
use crate::sql::{AnyConn, Id};
use crate::{on_db, text_enum};

text_enum! {
    /// What a letter is about.
    pub enum Topic {
        /// Anything else.
        Notice = "notice" | "一般通知",
        /// Orders.
        Order = "order" | "订单",
        /// Listings and prices.
        Listing = "listing" | "挂网与价格",
        /// Volumes, tenders and contracts; kept by earlier versions, not offered before anything is sent about it.
        Tender = "tender" | "报量、招采与合同",
        /// Files, imports and other work that ended.
        Work = "work" | "导入等办理结果",
        /// The organisation and its people.
        Organisation = "organisation" | "单位与人员",
        /// The safety of the reader's own account.
        Account = "account" | "账号安全",
        /// What the law says must reach the reader.
        Legal = "legal" | "法定通知",
    }
}

impl Topic {
    /// What letters are sent about.
    pub fn sent() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|kind| *kind != Self::Tender)
    }

    /// True where nobody can do without the mail.
    pub fn is_obligatory(self) -> bool {
        matches!(self, Self::Account | Self::Legal)
    }
}

/// Which of these people do not want letters about `kind` by mail.
pub(super) fn without_mail(conn: &mut AnyConn, users: &[Id], kind: Topic) -> Result<Vec<Id>> {
    if kind.is_obligatory() {
        return Ok(Vec::new());
    }
    Ok(mail_choice::table
        .filter(mail_choice::user_id.eq_any(users.to_vec()))
        .filter(mail_choice::kind.eq(kind))
        .filter(mail_choice::by_mail.eq(false))
        .select(mail_choice::user_id)
        .load(conn)?)
}

/// What a person gets by mail: every kind with yes or no.
///
/// # Errors
/// Of the database.
pub fn choices(conn: &mut AnyConn, user: Id) -> Result<Vec<(Topic, bool)>> {
    let kept: Vec<(Topic, bool)> = mail_choice::table
        .filter(mail_choice::user_id.eq(user))
        .select((mail_choice::kind, mail_choice::by_mail))
        .load(conn)?;
    let by_mail = |kind: Topic| {
        kind.is_obligatory() || kept.iter().find(|(k, _)| *k == kind).is_none_or(|(_, by_mail)| *by_mail)
    };
    Ok(Topic::sent().map(|kind| (kind, by_mail(kind))).collect())
}

/// Keeps what a person wants by mail: the kinds in `wanted`, and the obligatory ones whatever was said; inside `db.write_unaudited`.
///
/// # Errors
/// Of the database.
pub fn choose(conn: &mut AnyConn, user: Id, wanted: &[Topic]) -> Result<()> {
    for kind in Topic::sent().filter(|kind| !kind.is_obligatory()) {
        let row = (
            mail_choice::user_id.eq(user),
            mail_choice::kind.eq(kind),
            mail_choice::by_mail.eq(wanted.contains(&kind)),
        );
        on_db!(&mut *conn, c => diesel::insert_into(mail_choice::table)
            .values(row)
            .on_conflict((mail_choice::user_id, mail_choice::kind))
            .do_update()
            .set(mail_choice::by_mail.eq(wanted.contains(&kind)))
            .execute(c))?;
    }
    Ok(())
}
