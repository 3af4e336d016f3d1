//! While a demonstration's data is put in, nothing that takes its time is worth a warning: nobody waits for a page yet.

use std::sync::atomic::{AtomicBool, Ordering};

static UNDER_WAY: AtomicBool = AtomicBool::new(false);

/// Begins or ends it.
pub fn set(under_way: bool) {
    UNDER_WAY.store(under_way, Ordering::Relaxed);
}

/// True while it goes on.
pub fn is_under_way() -> bool {
    UNDER_WAY.load(Ordering::Relaxed)
}
