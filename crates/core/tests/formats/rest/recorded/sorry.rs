//! Sorry: a status is the page; its components lie elsewhere.

use unistatus_core::schema::Status::Ok;
use unistatus_core::target::Coverage;

use super::{Shown, is, shown};

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    shown("sorry", "sorry/iorad-status-operational-2025-07.json", Coverage::Complete)
        .page(is(Ok), "iorad status", "2025-07-05T03:57:23.748Z"),
];
