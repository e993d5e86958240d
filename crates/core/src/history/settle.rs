//! Which of several claims to the same time is believed.

use std::collections::BinaryHeap;

use super::Stretch;
use crate::schema::Timestamp;

/// Makes one account of what each period of a service claims: of two claims to the same time the later one in the list
/// has it. The claims of a clock that never stepped back do not overlap, and come out as they are.
///
/// The account is ordered by time, and no time is in it twice.
pub(super) fn settle(claims: impl Iterator<Item = Stretch>) -> Vec<Stretch> {
    // The rank comes first, so that it decides.
    let mut claims: Vec<(usize, Stretch)> = claims.enumerate().collect();
    claims.sort_by_key(|(_, claim)| claim.span.from);
    let Some(end) = claims.iter().map(|(_, claim)| claim.span.until).max() else { return Vec::new() };
    let mut sweep = Sweep { open: BinaryHeap::new(), settled: Vec::with_capacity(claims.len()) };
    for claim in claims {
        sweep.go_on_to(claim.1.span.from);
        sweep.open.push(claim);
    }
    sweep.go_on_to(end);
    sweep.settled
}

/// A walk along the time.
struct Sweep {
    /// The claims that have begun and may not be over yet, by rank.
    open: BinaryHeap<(usize, Stretch)>,
    /// The account so far.
    settled: Vec<Stretch>,
}

impl Sweep {
    /// Settles the time up to an instant, at which no open claim begins.
    fn go_on_to(&mut self, instant: Timestamp) {
        while let Some(&(_, claim)) = self.open.peek() {
            let mut span = claim.span;
            span.from = self.settled.last().map_or(span.from, |last| span.from.max(last.span.until));
            let part = span.before(instant);
            if !part.is_empty() {
                self.settled.push(Stretch { span: part, ..claim });
            }
            if span.until > instant {
                break;
            }
            self.open.pop();
        }
    }
}
