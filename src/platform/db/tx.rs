//! What an operation sees inside `db.write`.

use diesel::prelude::*;

use crate::clock;
use crate::error::{Error, Refusal, Result};
use crate::schema::{app_user, organisation, setting};
use crate::sql::{AnyConn, Id, Time};

/// Who acts, through which request, received when. Carried into every write and from there into the audit.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The person, where it is one.
    pub user: Option<Id>,
    /// The organisation that the person acts for.
    pub organisation: Option<Id>,
    /// Name for the audit: the person's, or the job's.
    pub name: String,
    /// Request id, as in the log.
    pub request_id: Option<String>,
    /// Real time when the last byte of the request was read, or when the job started.
    pub received_at: Time,
}

impl Actor {
    /// The platform itself: jobs and the command line.
    pub fn system(name: &str, at: Time) -> Self {
        Self { user: None, organisation: None, name: name.into(), request_id: None, received_at: at }
    }
}

/// One write in progress. The closure may run again, so it does nothing but database work.
pub struct Tx<'a> {
    /// The connection, inside the transaction.
    pub conn: &'a mut AnyConn,
    /// Who acts.
    pub actor: &'a Actor,
    pub(crate) audited: usize,
    legal: Option<Time>,
    changes_before: i64,
}

impl<'a> Tx<'a> {
    /// Who was suspended, locked or moved while a request was on its way changes nothing any more: looked at in the write itself, in one
    /// statement with the procedure's time, which every entry in the audit asks for.
    pub(super) fn begin(conn: &'a mut AnyConn, actor: &'a Actor) -> Result<Self> {
        let state = organisation::table
            .filter(organisation::id.nullable().eq(actor.organisation))
            .select(organisation::state)
            .single_value();
        // Of requests alone: a job goes on whoever began it.
        let asks = actor.user.filter(|_| actor.request_id.is_some());
        let person = || app_user::table.filter(app_user::id.nullable().eq(asks));
        let user = person().select(app_user::state).single_value();
        let works_at = person().select(app_user::organisation_id).single_value();
        let offset = setting::table.find(clock::OFFSET_KEY).select(setting::value).single_value();
        let asked = (state, offset, user, works_at);
        let (changes_before, found): (i64, Found) = match conn {
            AnyConn::Sqlite(c) => diesel::select((total_changes(), asked)).get_result(c)?,
            // Its marker is 0 in every new transaction and need not be asked for.
            AnyConn::Pg(c) => (0, diesel::select(asked).get_result(c)?),
        };
        let (state, offset, user, works_at) = found;
        if state.as_deref() == Some("suspended") {
            return Err(suspended().into());
        }
        let moved = works_at.is_some() && actor.organisation.is_some() && works_at != actor.organisation;
        if moved || user.as_deref() == Some("disabled") {
            return Err(locked_meanwhile().into());
        }
        let legal = Some(actor.received_at.plus(clock::offset_of(offset)?));
        Ok(Self { conn, actor, audited: 0, legal, changes_before })
    }

    /// Real time of the request.
    pub fn now(&self) -> Time {
        self.actor.received_at
    }

    /// The procedure's instant of the request.
    pub fn legal_now(&mut self) -> Result<Time> {
        match self.legal {
            Some(t) => Ok(t),
            None => {
                let t = self.now().plus(clock::legal_offset(self.conn)?);
                self.legal = Some(t);
                Ok(t)
            }
        }
    }

    /// What this write has moved the procedure's time to is read again.
    pub fn legal_moved(&mut self) {
        self.legal = None;
    }

    /// A write without an entry in the audit is rolled back: nothing changes unseen.
    pub(super) fn check_audited(&mut self) -> Result<()> {
        if self.audited == 0 && change_marker(self.conn)? != self.changes_before {
            return Err(Error::internal("a write changed rows without an audit entry"));
        }
        Ok(())
    }
}

/// State of the organisation, the clock's offset, state of the person, where the person works.
type Found = (Option<String>, Option<String>, Option<String>, Option<Id>);

/// What somebody is told whose account was locked or moved while the request was on its way.
fn locked_meanwhile() -> Refusal {
    let detail = "您的账号刚刚被停用或调整，本次没有办成。请重新登录；如有疑问请联系本单位管理员。";
    Refusal::new(401, "LOGIN_REQUIRED", detail)
}

/// What somebody is told whose organisation is suspended.
pub fn suspended() -> Refusal {
    let detail = "贵单位已被暂停办理业务，本次没有办成；此前保存的草稿仍然保留。原因见发给贵单位的邮件，恢复后可继续办理；\
                  如有疑问请联系省级采购机构。";
    Refusal::new(403, "ORGANISATION_SUSPENDED", detail)
}

diesel::define_sql_function! {
    /// SQLite: rows that were changed through this connection since it was opened.
    fn total_changes() -> diesel::sql_types::BigInt;
}

#[derive(diesel::QueryableByName)]
struct Marker {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

/// A number that differs before and after rows were changed in the running transaction.
fn change_marker(conn: &mut AnyConn) -> Result<i64> {
    let row: Marker = match conn {
        AnyConn::Sqlite(c) => return Ok(diesel::select(total_changes()).get_result(c)?),
        AnyConn::Pg(c) => {
            diesel::sql_query("SELECT (pg_current_xact_id_if_assigned() IS NOT NULL)::int::bigint AS n")
                .get_result(c)?
        }
    };
    Ok(row.n)
}
