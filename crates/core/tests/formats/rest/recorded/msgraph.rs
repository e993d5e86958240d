//! Microsoft Graph: overviews, with and without their issues.

use unistatus_core::schema::Status::Ok;
use unistatus_core::target::Coverage;

use super::{Shown, shown};

const fn msgraph(file: &'static str) -> Shown {
    shown("msgraph", file, Coverage::Complete)
}

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    msgraph("microsoft-graph/healthoverviews-doc.json").counts([3, 0, 0, 0])
        .spot("OrgLiveID", "Identity Service", Ok, ""),
    msgraph("microsoft-graph/healthoverviews-expand-issues-cli-2022-05.json").counts([1, 0, 0, 0]).told(1)
        .spot("cloudappsecurity", "Microsoft Defender for Cloud Apps", Ok, "2022-05-17T11:00:42.200Z"),
];
