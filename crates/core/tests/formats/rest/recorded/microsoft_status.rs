//! status.cloud.microsoft: complete; the times of the posts are those of the answers.

use unistatus_core::schema::Status::Ok;
use unistatus_core::target::Coverage;

use super::{Shown, shown};

const fn microsoft(file: &'static str) -> Shown {
    shown("microsoft-status", file, Coverage::Complete)
}

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    microsoft("microsoft-status/azure-available-2026-08-01.json").counts([1, 0, 0, 0])
        .spot("post", "Microsoft service health", Ok, ""),
    microsoft("microsoft-status/m365consumer-operational-2026-08-01.json").counts([10, 0, 0, 0])
        .spot("TeamsforLife", "Microsoft Teams Free", Ok, ""),
];
