//! Azure DevOps: complete, one service for each service and geography.

use unistatus_core::schema::Status::Ok;
use unistatus_core::target::Coverage;

use super::{Shown, shown};

const fn azure(file: &'static str) -> Shown {
    shown("azure-devops", file, Coverage::Complete)
}

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    azure("azure-devops/health-healthy-2026-07-24.json").counts([7 * 8, 0, 0, 0]).regional(7 * 8)
        .spot("Core services/APAC", "Core services", Ok, ""),
    azure("azure-devops/health-filtered-services-geographies-doc.json").counts([2, 0, 0, 0]).regional(2)
        .spot("Pipelines/AU", "Pipelines", Ok, ""),
];
