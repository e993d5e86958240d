//! Apple: every service, and the resolved events that are still listed.

use unistatus_core::schema::Status::Ok;
use unistatus_core::target::Coverage;

use super::{Shown, shown};

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    shown("apple", "apple/system-status-resolved-event-2026-07-29.json", Coverage::Complete)
        .counts([78, 0, 0, 0]).told(2).spot("App Store", "App Store", Ok, "2026-07-30T02:31:00.000Z"),
];
