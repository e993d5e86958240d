//! incident.io in the shape of Statuspage, which is a table of that format, too.

use unistatus_core::schema::Status::Ok;
use unistatus_core::target::Coverage;

use super::{Shown, is, shown};

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    shown("incident-io", "openai/summary-incidentio-operational-2026-07.json", Coverage::Complete)
        .page(is(Ok), "OpenAI", "2026-07-09T19:25:56.000Z")
        .counts([25, 0, 0, 0]).spot("01JMXBRMFE4MAP2BHSJNZ787WX", "Images", Ok, "2026-07-09T19:25:56.000Z"),
];
