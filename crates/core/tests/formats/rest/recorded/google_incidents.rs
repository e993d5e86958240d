//! Google: one service for each product and present location of the incidents that have not ended.

use unistatus_core::schema::Status::{Degraded, Outage};
use unistatus_core::target::Coverage;

use super::{Shown, shown};

const fn google(file: &'static str) -> Shown {
    shown("google-incidents", file, Coverage::OpenOnly)
}

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    google("google-cloud/incidents-ongoing-outage-us-west1-2026-08-20.json")
        .counts([0, 0, 0, 27]).regional(27).named(27).open(1, 0).told(5)
        .spot("fPovtKbaWN9UTepMm3kJ/us-west1", "AlloyDB for PostgreSQL", Outage, "2026-08-20T18:53:26.000Z"),
    google("google-cloud/incidents-ongoing-disruption-2026-06-23.json")
        .counts([0, 0, 6, 0]).regional(6).named(6).open(1, 0).told(3)
        .spot("5x6CGnZvSHQZ26KtxpK1/asia-south2", "Hybrid Connectivity", Degraded, "2026-06-23T22:52:49.000Z"),
    google("google-cloud/incidents-outage-downgraded-2025-06-13.json")
        .counts([0, 0, 55 * 36, 0]).regional(55 * 36).named(55 * 36).open(1, 0).told(4)
        .spot("VzyLPL7CtWQqJ9WeKAjp/asia-east1", "API Gateway", Degraded, "2025-06-13T00:33:34.000Z"),
    google("google-cloud/incidents-old-schema-2020-12-10.json")
        .counts([0, 0, 5, 0]).named(5).open(5, 0).told(9)
        .spot("zall", "Google Cloud Infrastructure Components", Degraded, "2020-12-10T03:17:42.000Z"),
    google("google-cloud/incidents-none-ongoing-2026-07-15.json").told(4),
    google("google-cloud/incidents-two-with-postmortem-2026-08.json").told(2),
    google("google-workspace/incidents-none-ongoing-2026-07.json").told(8),
];
