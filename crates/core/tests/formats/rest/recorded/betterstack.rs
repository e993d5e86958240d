//! Better Stack: resolved reports without an end are over, and what is not monitored is not known.

use unistatus_core::schema::Status::{Ok, Unknown};
use unistatus_core::target::Coverage;

use super::{Shown, is, shown};

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    shown("betterstack", "betterstack/betterstack-index-resolved-reports-2026-09-07.json", Coverage::Complete)
        .page(is(Ok), "Better Stack", "2026-09-07T12:17:28.639Z").counts([2, 1, 0, 0]).grouped(3).told(3)
        .spot("4188756", "Uptime backend processing health", Unknown, "2026-09-07T12:17:28.639Z"),
];
