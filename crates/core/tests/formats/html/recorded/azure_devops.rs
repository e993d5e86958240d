//! Azure DevOps: each service in each geography, with the keys that the JSON API gives.

use unistatus_core::schema::IncidentState::Investigating;
use unistatus_core::schema::Status::Outage;

use super::{Shown, shown};
use crate::common::all_recordings;

const FILE: &str = "azure-devops/status-2022-03-16.html";

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    shown("azure-devops", FILE).counts([7 * 8 - 3, 0, 0, 3]).regional(7 * 8).named(3).told(1, 0)
        .spot("Repos/US", "Repos", Outage, "US"),
];

#[test]
fn the_open_event_is_told_in_full() {
    let recordings = all_recordings("html");
    let Some(bytes) = recordings.get(FILE) else { return };
    let report = super::read("azure-devops", bytes).unwrap();
    let incident = &report.incidents[0];
    assert_eq!((incident.key.as_str(), incident.state), ("295691068", Investigating));
    assert_eq!(incident.title, "Search capabilities are unhealthy in SU2");
    assert_eq!(incident.impact, Some(Outage));
    assert_eq!(incident.started_at.unwrap().to_string(), "2022-03-16T16:31:09.933Z");
    assert_eq!(incident.updated_at.unwrap().to_string(), "2022-03-16T17:14:36.440Z");
    assert_eq!(incident.services, ["Boards/US", "Repos/US", "Other services/US"]);
}
