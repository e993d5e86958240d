//! What the history feeds of status pages have in common: an item per incident or maintenance, rewritten in place, its
//! updates with a label each, and nothing that says how the page is but what of all that is still open.

use crate::schema::{IncidentState, Service, Timestamp};
use crate::target::{Meaning, whole};

/// What a state means for the page; `None` if it means nothing now.
pub(super) const fn meaning(state: IncidentState) -> Option<Meaning> {
    match state {
        // The feed has nothing else that could speak for the page, so what is watched still counts.
        IncidentState::Investigating | IncidentState::Identified | IncidentState::Monitoring => Some(Meaning::DEGRADED),
        IncidentState::InProgress => Some(Meaning::Maintenance),
        IncidentState::Scheduled | IncidentState::Resolved | IncidentState::Completed => None,
    }
}

/// The state that a label brings, by a family's table of labels, which compare without regard to case.
pub(super) fn state(labels: &[(&str, IncidentState)], label: &str) -> Option<IncidentState> {
    labels.iter().find(|(known, _)| known.eq_ignore_ascii_case(label)).map(|&(_, state)| state)
}

/// How the incidents of a feed leave its page.
#[derive(Debug, Default)]
pub(super) struct Sum {
    open: Option<Meaning>,
    open_at: Option<Timestamp>,
    told_at: Option<Timestamp>,
}

impl Sum {
    /// Counts an incident in: what it means now, `None` if nothing, and since when.
    pub(super) fn add(&mut self, open: Option<Meaning>, at: Option<Timestamp>) {
        if let Some(meaning) = open {
            self.open = Some(self.open.map_or(meaning, |worst| worst.worst(meaning)));
            self.open_at = self.open_at.max(at);
        }
        self.told_at = self.told_at.max(at);
    }

    /// The page: as bad as the worst that is open.
    pub(super) fn into_page(self, name: impl Into<String>) -> Service {
        let mut page = whole::page(name, self.open.unwrap_or(Meaning::OK), &[]);
        page.last_timestamp = if self.open.is_some() { self.open_at } else { self.told_at };
        page
    }
}

/// One update in an item's body.
#[derive(Debug)]
pub(super) struct Block<'a> {
    /// When it was posted, as the page writes that.
    pub(super) date: &'a str,
    pub(super) label: &'a str,
    pub(super) html: &'a str,
}

/// The updates of a body in its order, each `<small>date</small><br><tag>Label</tag> - text`. A label stands right
/// after the break: announcements and headings inside a text are set in the same tag.
pub(super) fn blocks<'a>(body: &'a str, tag: &str) -> Vec<Block<'a>> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let starts = body.match_indices("<small>").filter_map(|(at, mark)| {
        let (date, rest) = body.get(at + mark.len()..)?.split_once("</small>")?;
        let (_, rest) = rest.trim_start().strip_prefix("<br")?.split_once('>')?;
        let (label, html) = rest.trim_start().strip_prefix(open.as_str())?.split_once(close.as_str())?;
        let html = html.trim_start();
        Some((at, date, label.trim(), html.strip_prefix('-').unwrap_or(html)))
    });
    let mut blocks = Vec::new();
    let mut next = body.len();
    for (at, date, label, html) in starts.collect::<Vec<_>>().into_iter().rev() {
        // What follows the label, up to where the next block begins.
        let html = html.get(..next.saturating_sub(body.len() - html.len())).unwrap_or_default();
        blocks.push(Block { date, label, html });
        next = at;
    }
    blocks.reverse();
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Status;

    #[test]
    fn the_page_is_as_bad_as_the_worst_that_is_open() {
        let page = |told: &[(Option<Meaning>, i64)]| {
            let mut sum = Sum::default();
            for &(open, secs) in told {
                sum.add(open, Timestamp::from_secs(secs));
            }
            let page = sum.into_page("ACME");
            (page.status, page.last_timestamp.map(|at| at.as_millis() / 1000))
        };
        let (degraded, unknown) = (Some(Meaning::DEGRADED), Some(Meaning::UNKNOWN));
        assert_eq!(page(&[]), (Status::Ok, None));
        assert_eq!(page(&[(None, 30), (None, 20)]), (Status::Ok, Some(30)));
        assert_eq!(page(&[(None, 30), (unknown, 10), (degraded, 20), (None, 5)]), (Status::Degraded, Some(20)));
    }

    #[test]
    fn a_block_reaches_to_the_next_and_a_label_follows_the_break() {
        let body = "<p><b>Note</b></p><small>one</small><br /><b>A</b> - x <b>y</b><br /><small>no</small> z<br />\
                    <small>two</small><br><b> B </b>";
        let told: Vec<_> = blocks(body, "b").into_iter().map(|block| (block.date, block.label, block.html)).collect();
        assert_eq!(told, [("one", "A", " x <b>y</b><br /><small>no</small> z<br />"), ("two", "B", "")]);
        assert!(blocks(body, "strong").is_empty());
    }
}
