//! The second step of the log-in: six digits of RFC 6238 (SHA-1, 30 s) from an app, or a recovery code. A step is taken once;
//! a recovery code is used once. Secrets are kept sealed and stand neither in the audit nor in the log.

use diesel::prelude::*;
use serde::Serialize;
use totp_rs::{Algorithm, Builder, Secret, Totp};

use super::keys::Keys;
use super::seal;
use crate::platform::audit::Audited;
use crate::platform::db::Db;
use crate::platform::error::{Error, Result};
use crate::platform::input::half_width;
use crate::platform::schema::{recovery_code, user_totp};
use crate::platform::secret;
use crate::platform::sql::{AnyConn, Id, Time};
use crate::versioned;

/// Seconds of a step.
const STEP: i64 = 30;
/// Recovery codes that are handed out at once.
pub const RECOVERY_CODES: usize = 10;

/// Somebody's second step.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = user_totp, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct SecondStep {
    /// The person.
    pub id: Id,
    /// Sealed; neither in the audit nor in the log.
    #[serde(skip)]
    pub secret: String,
    /// The last step that was taken; book-keeping, not in the audit.
    #[serde(skip)]
    #[diesel(skip_update)]
    pub last_step: i64,
    /// When it was begun.
    pub created_at: Time,
    /// When a first code was right; none until then.
    pub confirmed_at: Option<Time>,
    /// Optimistic lock.
    pub version: i64,
}

impl Audited for SecondStep {
    const TYPE: &'static str = "user_totp";
    fn id(&self) -> Id {
        self.id
    }
}

versioned!(SecondStep, "两步验证");

/// 160 random bits, as RFC 4226 advises.
pub(super) fn fresh_secret() -> [u8; 20] {
    rand::random()
}

fn totp(secret: &[u8]) -> Result<Totp> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP.unsigned_abs())
        .with_secret(Secret::from(secret))
        .build()
        .map_err(|e| Error::internal(format!("second step: {e}")))
}

/// The step whose code it is, of this one and its two neighbours: clocks differ by half a minute.
pub fn matching_step(secret: &[u8], code: &str, now: Time) -> Result<Option<i64>> {
    let seconds = u64::try_from(now.0.and_utc().timestamp()).unwrap_or(0);
    Ok(totp(secret)?.check(code, seconds).and_then(|step| i64::try_from(step).ok()))
}

/// The secret as people type it into an app.
pub(super) fn base32(secret: &[u8]) -> String {
    Secret::from(secret).to_base32()
}

/// What was typed: digits of any width, with or without blanks and dashes.
pub fn normalise(typed: &str) -> String {
    let plain = half_width(typed.get(..200).unwrap_or(typed));
    plain.chars().filter(char::is_ascii_alphanumeric).take(40).collect::<String>().to_uppercase()
}

/// What is kept of somebody's second step.
pub(super) fn find(conn: &mut AnyConn, user: Id) -> Result<Option<SecondStep>> {
    Ok(user_totp::table.find(user).select(SecondStep::as_select()).first(conn).optional()?)
}

/// True where somebody must give a code to log in.
pub(super) fn is_on(conn: &mut AnyConn, user: Id) -> Result<bool> {
    Ok(find(conn, user)?.is_some_and(|row| row.confirmed_at.is_some()))
}

/// How a code was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// The app's.
    App,
    /// One of the recovery codes.
    Recovery,
}

/// Takes a code: of two that come at once one gets it, and nobody gets it again. None where it is wrong or was taken.
pub(super) fn take(
    conn: &mut AnyConn,
    keys: &Keys,
    row: &SecondStep,
    typed: &str,
    now: Time,
) -> Result<Option<Taken>> {
    let code = normalise(typed);
    if code.len() != 6 {
        return take_recovery(conn, row.id, &code, now);
    }
    let Some(secret) = seal::open(keys, row.id, &row.secret) else {
        tracing::error!(user = %row.id, "the secret of a second step cannot be opened; its key is gone");
        return Ok(None);
    };
    let Some(step) = matching_step(&secret, &code, now)? else { return Ok(None) };
    let unused = user_totp::table.find(row.id).filter(user_totp::last_step.lt(step));
    let taken = diesel::update(unused).set(user_totp::last_step.eq(step)).execute(conn)?;
    Ok((taken == 1).then_some(Taken::App))
}

fn take_recovery(conn: &mut AnyConn, user: Id, code: &str, now: Time) -> Result<Option<Taken>> {
    let unused =
        recovery_code::table.find((user, secret::hash(code))).filter(recovery_code::used_at.is_null());
    let used = diesel::update(unused).set(recovery_code::used_at.eq(now)).execute(conn)?;
    Ok((used == 1).then_some(Taken::Recovery))
}

/// How many recovery codes somebody has left.
pub(super) fn recovery_left(conn: &mut AnyConn, user: Id) -> Result<usize> {
    let left: i64 = recovery_code::table
        .filter(recovery_code::user_id.eq(user))
        .filter(recovery_code::used_at.is_null())
        .count()
        .get_result(conn)?;
    usize::try_from(left).map_err(Error::internal)
}

/// Ten fresh recovery codes of 80 bits, `K7QM-2XWP-…`.
pub fn fresh_recovery_codes() -> Vec<String> {
    let one = || {
        let bytes: [u8; 10] = rand::random();
        let text: Vec<char> = base32(&bytes).chars().collect();
        text.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    };
    (0..RECOVERY_CODES).map(|_| one()).collect()
}

/// Keeps the hashes of new recovery codes in place of the old ones.
pub(super) fn put_recovery_codes(conn: &mut AnyConn, user: Id, codes: &[String], now: Time) -> Result<()> {
    drop_recovery_codes(conn, user)?;
    for code in codes {
        let row = (
            recovery_code::user_id.eq(user),
            recovery_code::code_hash.eq(secret::hash(&normalise(code))),
            recovery_code::created_at.eq(now),
        );
        diesel::insert_into(recovery_code::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Drops somebody's recovery codes.
pub(super) fn drop_recovery_codes(conn: &mut AnyConn, user: Id) -> Result<()> {
    diesel::delete(recovery_code::table.filter(recovery_code::user_id.eq(user))).execute(conn)?;
    Ok(())
}

/// Seals with today's key what an earlier key sealed; for the hourly task. Returns how many.
///
/// # Errors
/// Of the database.
pub async fn seal_anew(db: &Db, keys: &Keys) -> Result<usize> {
    let rows: Vec<(Id, String)> =
        db.read(|c| Ok(user_totp::table.select((user_totp::id, user_totp::secret)).load(c)?)).await?;
    let mut done = 0;
    for (id, old) in rows {
        if seal::is_current(keys, &old) {
            continue;
        }
        let Some(secret) = seal::open(keys, id, &old) else {
            tracing::warn!(user = %id, "the secret of a second step cannot be opened; its key is gone");
            continue;
        };
        let new = seal::seal(keys, id, &secret)?;
        done += db
            .write_unaudited("totp.seal", move |c| {
                let same = user_totp::table.find(id).filter(user_totp::secret.eq(&old));
                diesel::update(same).set(user_totp::secret.eq(&new)).execute(c).map_err(Error::from)
            })
            .await?;
    }
    Ok(done)
}

/// The address that an app reads from the picture.
pub fn app_address(platform: &str, login: &str, secret: &[u8]) -> String {
    let escape =
        |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    let issuer = escape(platform);
    format!(
        "otpauth://totp/{issuer}:{}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP}",
        escape(login),
        base32(secret)
    )
}

/// A picture that an app reads: the side in modules with its white frame, and the black ones as an SVG path.
pub fn picture(text: &str) -> Result<(i32, String)> {
    const FRAME: i32 = 4;
    let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Medium)
        .map_err(|_| Error::internal("too long for a picture"))?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            path.push_str(&format!("M{} {}h1v1h-1z", x + FRAME, y + FRAME));
        }
    }
    Ok((code.size() + 2 * FRAME, path))
}
