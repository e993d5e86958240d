//! Meta: each service of each product, none with a time.

use unistatus_core::schema::Status::Ok;
use unistatus_core::target::Coverage;

use super::{Shown, shown};

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    shown("meta", "meta/orgs-no-known-issues-2026-07-31.json", Coverage::Complete)
        .counts([51, 0, 0, 0]).grouped(51).spot("admin-center/9", "Partner Center", Ok, ""),
];
