//! AWS: the services of open events, those that are well again among them.

use unistatus_core::schema::Status::{Degraded, Outage};
use unistatus_core::target::Coverage;

use super::{Shown, shown};

const fn aws(file: &'static str) -> Shown {
    shown("aws", file, Coverage::OpenOnly)
}

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    // 140 and 149 services, five of them in both, all five well again; twelve have no region.
    aws("aws/currentevents-two-regions-down-2026-08-01.json")
        .counts([5, 0, 0, 279]).regional(272).named(279).open(2, 0).told(3)
        .spot("s3-me-central-1", "Amazon Simple Storage Service", Outage, "2026-03-01T12:51:25.000Z"),
    aws("aws/currentevents-three-events-2026-09.json")
        .counts([0, 0, 0, 6]).regional(6).named(6).open(2, 0).told(3)
        .spot("bedrock-me-south-1", "Amazon Bedrock", Outage, "2026-03-02T05:56:27.000Z"),
    aws("aws/currentevents-three-events-2026-09.utf16be.json")
        .counts([0, 0, 0, 6]).regional(6).named(6).open(2, 0).told(3)
        .spot("bedrock-me-south-1", "Amazon Bedrock", Outage, "2026-03-02T05:56:27.000Z"),
    aws("aws/data-legacy-eleven-current-2020-11-25.json")
        .counts([0, 0, 9, 2]).regional(10).named(11).open(11, 0).told(11)
        .spot("cognito-us-east-1", "Amazon Cognito", Degraded, "2020-11-25T15:07:00.000Z"),
    aws("aws/data-legacy-one-disruption-2023-04-16.json").counts([0, 0, 0, 1]).named(1).open(1, 0).told(1)
        .spot("billingconsole", "AWS Billing Console", Outage, "2023-04-16T14:41:48.000Z"),
    aws("aws/data-legacy-none-current-2022-09-28.json"),
];
