//! Salesforce: the active instances of a product.

use unistatus_core::schema::Status::Ok;
use unistatus_core::target::Coverage;

use super::{Shown, shown};

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    shown("salesforce", "salesforce/product-tableau-ok-2026-07.json", Coverage::Complete)
        .counts([21, 0, 0, 0]).regional(21).spot("PDUKAA", "PDUKAA", Ok, ""),
];
