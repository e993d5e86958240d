//! Slack: the services of active items; a notice leaves its own OK.

use unistatus_core::schema::Status::{Degraded, Ok, Outage};
use unistatus_core::target::Coverage;

use super::{Shown, shown};

const fn slack(file: &'static str) -> Shown {
    shown("slack", file, Coverage::OpenOnly)
}

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    slack("slack/current-ok-2024-02-27.json"),
    slack("slack/current-one-incident-2024-02-27.json").counts([0, 0, 1, 0]).named(1).open(1, 0).told(1)
        .spot("Messaging", "Messaging", Degraded, "2024-02-27T16:02:40.000Z"),
    slack("slack/current-two-incidents-2024-02-22.json").counts([0, 0, 4, 0]).named(4).open(2, 0).told(2)
        .spot("Login/SSO", "Login/SSO", Degraded, "2024-02-22T07:46:24.000Z"),
    slack("slack/current-notice-only-2022-02-17.json").counts([1, 0, 0, 0]).named(1).open(1, 0).told(1)
        .spot("Login/SSO", "Login/SSO", Ok, "2022-02-17T15:15:48.000Z"),
    slack("slack/current-outage-2023-07-27.json").counts([0, 0, 0, 4]).named(4).open(1, 0).told(1)
        .spot("Connections", "Connections", Outage, "2023-07-27T10:13:49.000Z"),
    slack("slack/history-five-2026-08.json").counts([0, 0, 2, 0]).named(2).open(1, 0).told(5)
        .spot("Workspace/Org Administration", "Workspace/Org Administration", Degraded, "2026-08-17T21:57:51.000Z"),
];
