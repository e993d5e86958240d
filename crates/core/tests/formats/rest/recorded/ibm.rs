//! IBM Cloud: each resource and region that open items name; none of the recorded ones is open.

use unistatus_core::target::Coverage;

use super::{Shown, shown};

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    shown("ibm", "ibm-cloud/enhancedstatus-resolved-2026-08-01.json", Coverage::OpenOnly).told(6),
];
