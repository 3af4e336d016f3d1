//! What the house asks of publication.

use super::{Announcement, routes};
use crate::platform::office::{MenuItem, Office};
use crate::platform::row_source;
use crate::platform::schema::announcement;

/// What the public sees.
pub const OFFICE: Office = Office {
    menu: &[MenuItem::new(200, "公告", "/announcements", |_| true)],
    rows: &[row_source!(announcement, Announcement)],
    ..Office::new("publication", routes::routes)
};
