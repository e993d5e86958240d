//! status.io: the page, and each component in each of its containers.

use unistatus_core::schema::Status::Ok;
use unistatus_core::target::Coverage;

use super::{Shown, is, shown};

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    shown("statusio", "gitlab/statusio-operational-2026-10-01.json", Coverage::Complete)
        .page(is(Ok), "page", "2026-10-01T12:12:07.169Z").counts([24, 0, 0, 0]).regional(24)
        .spot(
            "650c87fbadb04b052efa2bc9/5b36e11140e76c04b7220a31", "CI/CD - Hosted runners on macOS", Ok,
            "2026-09-25T04:37:30.640Z",
        ),
];
