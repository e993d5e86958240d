//! SAP Concur: all of it, by whether its banner is shown.

use unistatus_core::schema::Status::Ok;
use unistatus_core::target::Coverage;

use super::{Shown, is, shown};

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    shown("concur", "concur/banner-hidden-2026-07-30.json", Coverage::Complete).page(is(Ok), "SAP Concur", ""),
];
