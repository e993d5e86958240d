//! Zscaler: complete, the services of one cloud.

use unistatus_core::schema::Status::{Degraded, Ok};
use unistatus_core::target::Coverage;

use super::{Shown, shown};

const fn zscaler(file: &'static str) -> Shown {
    shown("zscaler", file, Coverage::Complete)
}

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    zscaler("zscaler/zsn-degradation-2026-08-12.json").counts([19, 0, 1, 0]).named(1).open(1, 0).told(3)
        .spot("1961", "Data Protection", Degraded, "2026-08-12T06:54:30.000Z"),
    zscaler("zscaler/zdx-quiet-2026-08-12.json").counts([8, 0, 0, 0]).spot("921", "Alerting", Ok, ""),
];
