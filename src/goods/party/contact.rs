//! Whom the other side of an order calls: one person and one number an organisation, kept by its administrator.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::address::{self, PHONE};
use crate::platform::audit::Audited;
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Refusal, Result};
use crate::platform::input::{Checks, Field};
use crate::platform::schema::order_contact;
use crate::platform::sql::{AnyConn, Id};
use crate::platform::versioned::fresh;
use crate::platform::who::{Post, Principal};
use crate::{save, versioned};

/// Whom the other side of an order calls.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = order_contact, treat_none_as_null = true)]
pub struct OrderContact {
    /// The organisation's key.
    pub id: Id,
    /// A person or an office, such as 药剂科.
    pub name: String,
    /// Telephone.
    pub phone: String,
    /// For the optimistic lock.
    pub version: i64,
}

versioned!(OrderContact, "订单联系人");

impl Audited for OrderContact {
    const TYPE: &'static str = "order_contact";
    fn id(&self) -> Id {
        self.id
    }
}

/// What is typed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct ContactInput {
    /// A person or an office.
    #[schema(min_length = 1, max_length = 50)]
    pub name: String,
    /// How it is reached.
    #[schema(min_length = 5, max_length = 30)]
    pub phone: String,
}

/// Who is asked for.
pub const NAME: Field = Field::new("name", "联系人", 1..=50);

/// Whom to call at an organisation; none where it has named nobody.
pub fn of(conn: &mut AnyConn, organisation: Id) -> Result<Option<OrderContact>> {
    let row = order_contact::table.find(organisation).select(OrderContact::as_select());
    Ok(row.first(conn).optional()?)
}

/// Names whom to call, in a running write: for who has just been admitted.
///
/// # Errors
/// Of the database.
pub fn insert(tx: &mut Tx, row: &OrderContact) -> Result<()> {
    diesel::insert_into(order_contact::table).values(row).execute(tx.conn)?;
    tx.record("contact.set", None, Some(row), None)
}

/// Names whom to call; `version` is 0 where nobody was named.
///
/// # Errors
/// 403 for anybody but the administrator, 409 for a stale version, 422 with the members that are wrong.
pub async fn set(db: &Db, who: &Principal, version: i64, input: ContactInput) -> Result<OrderContact> {
    if who.post != Post::Admin {
        return Err(Refusal::new(403, "FORBIDDEN", "订单联系电话由本单位管理员维护。").into());
    }
    let mut checks = Checks::default();
    let name = checks.line(&NAME, &input.name);
    let phone = address::check_phone(&mut checks, &input.phone);
    checks.finish()?;
    let id = who.organisation;
    db.write(&who.actor(), move |tx| {
        let mut after = OrderContact { id, name: name.clone(), phone: phone.clone(), version: 1 };
        match of(tx.conn, id)? {
            Some(before) => {
                fresh(&before, version)?;
                save!(tx, order_contact, &before, &mut after, "contact.set", None)?;
            }
            None if version == 0 => insert(tx, &after)?,
            None => return Err(Refusal::stale("订单联系人").into()),
        }
        Ok(after)
    })
    .await
}

/// The two fields of the form, in their order.
pub const FIELDS: [&Field; 2] = [&NAME, &PHONE];
