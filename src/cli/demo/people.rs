//! Puts the demo's organisations and their people into an empty database.

use std::collections::BTreeMap;

use super::province::{self, Organisation};
use crate::accounts::password::Passwords;
use crate::accounts::users::{self, User};
use crate::party;
use crate::party::contact::{self, OrderContact};
use crate::platform::db::{Actor, Db};
use crate::platform::error::{Error, Result};
use crate::platform::sql::{Id, Time};
use crate::platform::who::{Kinds, OrgKind, Post, Principal};
use crate::rules::codes::{self, CodeKind};
use crate::rules::explain::Steps;

/// The password of every demo account. It opens nothing but invented data on the reader's own machine.
pub const PASSWORD: &str = "jicai-demo-2024";

/// Who is who in the seeded database, by log-in name.
pub struct People {
    by_login: BTreeMap<String, Principal>,
    /// Manufacturers in the order of their numbers: key, brand.
    pub manufacturers: Vec<(Id, String)>,
}

impl People {
    /// Somebody, acting now.
    pub fn acting(&self, login: &str, now: Time) -> Result<Principal> {
        let found =
            self.by_login.get(login).ok_or_else(|| Error::internal(format!("no demo account {login}")))?;
        Ok(Principal { received_at: now, ..found.clone() })
    }
}

impl People {
    /// The person who does an enterprise's business, acting now.
    pub fn clerk_of(&self, organisation: Id, now: Time) -> Result<Principal> {
        self.by_login
            .values()
            .find(|p| p.organisation == organisation && p.post == Post::Trade)
            .map(|found| Principal { received_at: now, ..found.clone() })
            .ok_or_else(|| Error::internal("an enterprise without a clerk"))
    }
}

/// Registers everybody, a city's worth of people in one write at the most.
pub async fn seed(db: &Db, passwords: &Passwords, now: Time) -> Result<People> {
    // Nobody may choose such a password; it opens nothing but the demonstration.
    let hash = passwords.hash(PASSWORD.into()).await?;
    let mut people = People { by_login: BTreeMap::new(), manufacturers: Vec::new() };
    for organisation in province::organisations() {
        let hash = hash.clone();
        let row = organisation.clone();
        let actor = Actor::system("演示数据", now);
        let users = db.write(&actor, move |tx| register(tx, &row, &hash)).await?;
        if let (OrgKind::Manufacturer, Some(user)) = (organisation.kind, users.first()) {
            people.manufacturers.push((user.organisation_id, organisation.brand.clone()));
        }
        for user in users {
            people.by_login.insert(user.login.clone(), principal(&organisation, &user, now));
        }
    }
    Ok(people)
}

fn register(tx: &mut crate::platform::db::Tx, row: &Organisation, hash: &str) -> Result<Vec<User>> {
    let new = party::organisation::NewOrganisation {
        kind: row.kind,
        name: row.name.clone(),
        credit_code: credit_code(row.serial)?,
        city: row.city.into(),
        other_kinds: Kinds::default(),
        district: String::new(),
    };
    let organisation = party::organisation::insert_organisation(tx, &new)?;
    let contact = OrderContact {
        id: organisation.id,
        name: if row.kind.is_hospital() { "药剂科采购组" } else { "订单客服" }.into(),
        phone: format!("000-5550{:04}", row.serial),
        version: 1,
    };
    contact::insert(tx, &contact)?;
    row.people
        .iter()
        .map(|person| {
            let user = User {
                id: Id::new(),
                organisation_id: organisation.id,
                login: person.login.clone(),
                display_name: person.name.clone(),
                email: format!("{}@demo.invalid", person.login),
                function: person.post,
                state: users::UserState::Active,
                password_hash: hash.into(),
                stamp: Id::new(),
                created_at: tx.now(),
                version: 1,
            };
            users::insert(tx, &user)
        })
        .collect()
}

fn principal(organisation: &Organisation, user: &User, now: Time) -> Principal {
    Principal {
        user: user.id,
        organisation: user.organisation_id,
        kind: organisation.kind,
        other_kinds: Kinds::default(),
        post: user.function,
        name: user.display_name.clone(),
        organisation_name: organisation.name.clone(),
        request_id: None,
        received_at: now,
    }
}

/// An invented unified social credit code whose check character is right.
pub fn credit_code(serial: u32) -> Result<String> {
    let body = format!("91990000MA9{serial:06}");
    "0123456789ABCDEFGHJKLMNPQRTUWXY"
        .chars()
        .map(|check| format!("{body}{check}"))
        .find(|code| codes::check(CodeKind::Uscc, code, None, &mut Steps::off()).is_ok())
        .ok_or_else(|| Error::internal(format!("no check character for {body}")))
}
