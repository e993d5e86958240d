//! The time in which a target's services cannot be known.

use std::time::Duration;

use super::Span;
use crate::schema::{Gap, Timestamp};

/// The time that no success covers, ordered, none of it twice: the gaps that are written down, and the one that goes on
/// since the services are not believed any more, if they are not.
pub(super) fn blind_spans(gaps: impl Iterator<Item = Gap>, stale_from: Option<Timestamp>) -> Vec<Span> {
    let written = gaps.map(|Gap { from, until }| Span { from, until });
    let present = stale_from.map(|from| Span { from, until: from.plus(Duration::MAX) });
    let mut spans: Vec<Span> = written.chain(present).filter(|span| !span.is_empty()).collect();
    spans.sort_unstable();
    // What touches is made one.
    spans.dedup_by(|next, kept| {
        let is_one = next.from <= kept.until;
        if is_one {
            kept.until = kept.until.max(next.until);
        }
        is_one
    });
    spans
}
