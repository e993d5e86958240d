//! Instatus: a summary alone is the page, components alone have none; groups are rows among them.

use unistatus_core::schema::Status::Ok;
use unistatus_core::target::Coverage;

use super::{Shown, is, shown};

const fn instatus(file: &'static str) -> Shown {
    shown("instatus", file, Coverage::Complete)
}

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    instatus("instatus/perplexity-summary-up-2026-09.json").page(is(Ok), "Perplexity", ""),
    instatus("instatus/perplexity-components-2026-09.json").counts([3, 0, 0, 0])
        .spot("cmr18ih7201l20rqmap66bx4l", "Computer", Ok, ""),
    instatus("instatus/zed-components-groups-2026-10-02.json").counts([5, 0, 0, 0]).grouped(4)
        .spot("cmu1vrtvz01lq1flr9ot7rwe6", "Delta Cloud Services", Ok, ""),
];
