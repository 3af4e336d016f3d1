//! The links that applicants are sent.

use chrono::Duration;

use crate::accounts::link::{Fault, Purpose};
use crate::platform::error::Refusal;

/// The first administrator of an organisation that was admitted. Never swept: a used one keeps an organisation from getting a
/// second first administrator.
pub const ADMISSION: Purpose = Purpose::of("admission", Duration::days(7), refusal);

/// An applicant's own application; works as often as it is opened, and beside the later ones.
pub const APPLICATION: Purpose =
    Purpose { replaces: false, ..Purpose::of("application", Duration::days(180), refusal) };

fn refusal(fault: Fault) -> Refusal {
    let (status, code, detail) = match fault {
        Fault::Unknown => (
            404,
            "LINK_UNKNOWN",
            "链接不完整或不正确。请从邮件中重新打开，或把邮件中的整个链接复制到地址栏。",
        ),
        Fault::Used => {
            (409, "LINK_USED", "这个链接已经使用过，每个链接只能使用一次。账号已经开通，请直接登录。")
        }
        Fault::Expired => (
            409,
            "LINK_EXPIRED",
            "这个链接已经过期或已被新的链接取代。请使用最近一封邮件中的链接；如没有，请联系省级采购机构重新发送。",
        ),
    };
    Refusal::new(status, code, detail)
}
