//! Google: each product, in each region that has it.

use unistatus_core::schema::Status::Ok;

use super::{Shown, shown};
use crate::common::all_recordings;

const CLOUD: &str = "gcp/regional-americas-2022-trimmed.html";

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    shown("google", "firebase/status-2018-11-16.html").counts([20, 0, 0, 0])
        .spot("AB Testing", "AB Testing", Ok, ""),
    // 90 products in 11 regions, less 311 empty cells.
    shown("google", CLOUD).counts([90 * 11 - 311, 0, 0, 0]).regional(90 * 11 - 311).told(1, 0)
        .spot("Google Kubernetes Engine/us-east1", "Google Kubernetes Engine", Ok, "us-east1"),
];

#[test]
fn the_banner_is_told_and_is_no_state() {
    let recordings = all_recordings("html");
    let Some(bytes) = recordings.get(CLOUD) else { return };
    let report = super::read("google", bytes).unwrap();
    let incident = &report.incidents[0];
    assert!(incident.title.starts_with("europe-west1, europe-west2,"), "{}", incident.title);
    assert!(incident.title.ends_with("Investigation in progress."), "{}", incident.title);
    assert_eq!((incident.impact, incident.services.len()), (None, 0));
}
