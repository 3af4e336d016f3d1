//! Organisations and people for tests of the ground, put straight into the tables.

use jicai::accounts::users::{self, User, UserState};
use jicai::party::organisation::{NewOrganisation, insert_organisation};
use jicai::platform::clock::Clock;
use jicai::platform::db::{Actor, Db};
use jicai::platform::sql::Id;
use jicai::platform::who::{Kinds, OrgKind, Post};

/// The platform itself, now.
pub fn actor() -> Actor {
    Actor::system("test", Clock::default().now())
}

/// An organisation of that kind; `n` makes its name and code.
pub async fn organisation(db: &Db, kind: OrgKind, n: u32) -> Id {
    let new = NewOrganisation {
        kind,
        name: format!("{}{n}", kind.label()),
        credit_code: credit_code(n),
        city: "澜州".into(),
        other_kinds: Kinds::default(),
        district: String::new(),
    };
    db.write(&actor(), move |tx| Ok(insert_organisation(tx, &new)?.id)).await.unwrap()
}

/// A person; without an address where `email` is empty.
pub async fn person(db: &Db, organisation: Id, login: &str, post: Post, state: UserState, email: &str) -> Id {
    let user = User {
        id: Id::new(),
        organisation_id: organisation,
        login: login.into(),
        display_name: login.into(),
        email: email.into(),
        function: post,
        state,
        password_hash: "$none".into(),
        stamp: Id::new(),
        created_at: Clock::default().now(),
        version: 1,
    };
    db.write(&actor(), move |tx| Ok(users::insert(tx, &user)?.id)).await.unwrap()
}

/// A valid unified social credit code (GB 32100-2015): the last character is computed.
pub fn credit_code(n: u32) -> String {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let organisation = format!("{n:08}");
    let check = {
        let weights = [3, 7, 9, 10, 5, 8, 4, 2];
        let sum: usize = organisation.bytes().zip(weights).map(|(b, w)| usize::from(b - b'0') * w).sum();
        match 11 - sum % 11 {
            10 => 'X',
            11 => '0',
            d => char::from_digit(u32::try_from(d).unwrap(), 10).unwrap(),
        }
    };
    let body = format!("91430100{organisation}{check}");
    let sum: usize =
        body.bytes().zip(WEIGHTS).map(|(b, w)| ALPHABET.iter().position(|a| *a == b).unwrap() * w).sum();
    let last = ALPHABET[(31 - sum % 31) % 31] as char;
    format!("{body}{last}")
}
