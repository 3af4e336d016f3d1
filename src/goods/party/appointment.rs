//! An enterprise names the distributors that deliver its products (配送关系).

use diesel::prelude::*;

use super::model::{Appointment, OrgState, Organisation};
use super::store;
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::idempotency::{self, Answer, Key};
use crate::platform::schema::distributor_appointment;
use crate::platform::sql::Id;
use crate::platform::versioned::in_state;
use crate::platform::who::{OrgKind, Post, Principal};
use crate::save;

/// Distributors of one enterprise at most; every list of who delivers is as long at most.
const MOST: i64 = 500;

/// Names a distributor, or names again one whose appointment had ended.
///
/// # Errors
/// 404 if there is no such distributor, 422 if it is no distributor or suspended, 409 if it is named already.
pub async fn appoint(db: &Db, principal: &Principal, distributor: Id) -> Result<Appointment> {
    may_appoint(principal)?;
    let manufacturer = principal.organisation;
    db.write(&principal.actor(), move |tx| insert_appointment(tx, manufacturer, distributor)).await
}

/// As [`appoint`], once for a key, however often it is asked.
///
/// # Errors
/// As [`appoint`]; 422 for a key that was used for something else.
pub async fn appoint_once(db: &Db, principal: &Principal, key: Key, distributor: Id) -> Result<Answer> {
    may_appoint(principal)?;
    let manufacturer = principal.organisation;
    db.write(&principal.actor(), move |tx| {
        idempotency::run(tx, &key, |tx| {
            let row = insert_appointment(tx, manufacturer, distributor)?;
            Ok((201, serde_json::to_value(row).map_err(Error::internal)?))
        })
    })
    .await
}

/// As [`appoint`], inside a running write.
pub fn insert_appointment(tx: &mut Tx, manufacturer: Id, distributor: Id) -> Result<Appointment> {
    let named = store::organisation(tx.conn, distributor)?;
    if !named.kinds().any(|k| k == OrgKind::Distributor) || named.state != OrgState::Active {
        return Err(Refusal::field(
            "/distributor_id",
            format!("{}不是可委托的配送企业，请重新选择", named.name),
        )
        .into());
    }
    let running = distributor_appointment::table
        .filter(distributor_appointment::manufacturer_id.eq(manufacturer))
        .filter(distributor_appointment::ended_at.is_null());
    let running: i64 = running.count().get_result(tx.conn)?;
    in_state(running < MOST, || format!("一家企业至多委托 {MOST} 家配送企业，请先终止不再合作的委托。"))?;
    match store::appointment(tx.conn, manufacturer, distributor)? {
        None => {
            let (id, created_at) = (Id::new(), tx.now());
            let row = Appointment {
                id,
                manufacturer_id: manufacturer,
                distributor_id: distributor,
                ended_at: None,
                created_at,
                version: 1,
            };
            diesel::insert_into(distributor_appointment::table).values(&row).execute(tx.conn)?;
            tx.record("appointment.make", None, Some(&row), None)?;
            Ok(row)
        }
        Some(before) => {
            in_state(before.ended_at.is_some(), || {
                format!("{}已是本企业的配送企业，无需重复委托。", named.name)
            })?;
            let mut after = Appointment { ended_at: None, ..before.clone() };
            save!(tx, distributor_appointment, &before, &mut after, "appointment.make", None)?;
            Ok(after)
        }
    }
}

/// Ends an appointment. Orders already submitted stay with the distributor.
///
/// # Errors
/// 404 if there is no running appointment.
pub async fn end(db: &Db, principal: &Principal, distributor: Id) -> Result<Appointment> {
    may_appoint(principal)?;
    let manufacturer = principal.organisation;
    db.write(&principal.actor(), move |tx| {
        let running =
            store::appointment(tx.conn, manufacturer, distributor)?.filter(|a| a.ended_at.is_none());
        let before = running.ok_or_else(|| Refusal::not_found("配送关系"))?;
        let mut after = Appointment { ended_at: Some(tx.now()), ..before.clone() };
        save!(tx, distributor_appointment, &before, &mut after, "appointment.end", None)?;
        Ok(after)
    })
    .await
}

/// The distributors that the principal's enterprise has named.
pub async fn list(db: &Db, principal: &Principal) -> Result<Vec<(Appointment, Organisation)>> {
    let manufacturer = principal.organisation;
    db.read(move |conn| store::appointments(conn, manufacturer)).await
}

/// Whether somebody names distributors for the enterprise.
///
/// # Errors
/// 403.
pub fn may_appoint(principal: &Principal) -> Result<()> {
    let allowed =
        principal.is(OrgKind::is_manufacturer) && (principal.post.lists() || principal.post == Post::Admin);
    if allowed {
        Ok(())
    } else {
        Err(Refusal::new(403, "FORBIDDEN", "配送企业由生产企业的业务或挂网申报人员委托。").into())
    }
}
