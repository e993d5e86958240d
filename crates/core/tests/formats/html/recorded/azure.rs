//! Azure: each product in each region that has it.

use unistatus_core::schema::Status::Ok;

use super::{Shown, shown};

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    // Cut to one product, which fourteen of fifteen columns do not have.
    shown("azure", "azure/status-page-2022.html").counts([1, 0, 0, 0]).regional(1)
        .spot("Azure Monitor/Non-Regional", "Azure Monitor", Ok, "Non-Regional"),
];
