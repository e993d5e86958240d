//! Heroku: the colours of the systems; what is scheduled stays listed long after.

use unistatus_core::schema::Status::Ok;
use unistatus_core::target::Coverage;

use super::{Shown, shown};

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    // Of the two maintenances one is ended by an update of that type, the other only by its text, which is not read.
    shown("heroku", "heroku/current-status-green-stale-scheduled-2026-10-02.json", Coverage::Complete)
        .counts([3, 0, 0, 0]).open(0, 1).told(2).spot("Apps", "Apps", Ok, ""),
];
