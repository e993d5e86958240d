//! Which updates of one AWS service belong to the same incident, and which of them close it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Entry, PREFIXES};
use crate::schema::{Timestamp, plain_text};
use crate::target::Meaning;
use crate::target::aws::without_marks;

/// Updates of one incident lie this close together even when its title is reworded in between.
const NEAR: Duration = Duration::from_hours(12);

/// Updates with the same title lie further apart than this only if the trouble has come back. The long events of 2026
/// went weeks without an update.
const LONGEST_SILENCE: Duration = Duration::from_hours(45 * 24);

/// How a closing body ends, in lower case.
const CLOSING_SENTENCE: &str = "the service is operating normally";

/// Words that make that sentence a hope.
const HEDGES: [&str; 6] = ["until", "once", "when", "before", "if", "not"];

/// One update.
#[derive(Debug)]
pub(super) struct Item<'a> {
    pub(super) entry: &'a Entry,
    pub(super) at: Option<Timestamp>,
    /// The word for the severity; the whole title where it has none.
    pub(super) prefix: String,
    /// The title without prefix and closing marks.
    pub(super) headline: String,
    pub(super) is_closed: bool,
}

impl<'a> Item<'a> {
    /// Reads an item; `at` is the time in its guid.
    pub(super) fn new(entry: &'a Entry, at: Option<Timestamp>) -> Self {
        let (title, is_marked) = without_marks(&entry.title);
        let (prefix, headline) = match title.split_once(':') {
            Some((prefix, headline)) => (prefix.trim(), headline.trim()),
            None => (title.as_str(), title.as_str()),
        };
        let is_closed = is_marked || PREFIXES.meaning(prefix) == Some(Meaning::OK) || ends_well(&entry.body);
        let headline = if headline.is_empty() { title.as_str() } else { headline };
        Self { entry, at: at.or(entry.published), prefix: prefix.to_owned(), headline: headline.to_owned(), is_closed }
    }

    /// Whether it is the closing message itself, not an older update that was marked afterwards.
    fn is_last_word(&self) -> bool {
        PREFIXES.meaning(&self.prefix) == Some(Meaning::OK)
    }
}

fn ends_well(body: &str) -> bool {
    let body = plain_text(body).to_lowercase();
    let body = body.trim_end_matches(['.', ' ']);
    let sentence = body.rsplit(". ").next().unwrap_or(body);
    sentence.ends_with(CLOSING_SENTENCE) && !sentence.split(' ').any(|word| HEDGES.contains(&word))
}

/// Sorts one service's updates into incidents, newest first in each and among them.
///
/// The same headline is the same incident, up to a closing message or a long silence. An incident that falls silent
/// without a close shortly before another begins is that other one under its first name: AWS rewords titles. Two that
/// overlap in time are two.
pub(super) fn incidents(mut items: Vec<Item<'_>>) -> Vec<Vec<Item<'_>>> {
    // Stable: items without a time come last and keep the order of the feed, which is newest first as well.
    items.sort_by_key(|item| std::cmp::Reverse(item.at));
    let mut runs: Vec<Vec<Item<'_>>> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for item in items {
        let headline = item.headline.to_lowercase();
        let run = places.get(&headline).and_then(|&place| runs.get_mut(place));
        if let Some(run) = run.filter(|run| !item.is_last_word() && within(LONGEST_SILENCE, &item, run)) {
            run.push(item);
        } else {
            places.insert(headline, runs.len());
            runs.push(vec![item]);
        }
    }
    let mut merged: Vec<Vec<Item<'_>>> = Vec::new();
    for run in runs {
        let earlier_name = merged
            .last_mut()
            .filter(|newer| run.first().is_some_and(|newest| !newest.is_closed && within(NEAR, newest, newer)));
        match earlier_name {
            Some(newer) => newer.extend(run),
            None => merged.push(run),
        }
    }
    merged
}

/// Whether an item comes before all of a newer run, and by no more than `span`.
fn within(span: Duration, item: &Item<'_>, run: &[Item<'_>]) -> bool {
    match (item.at, run.last().and_then(|oldest| oldest.at)) {
        (Some(at), Some(oldest)) => at <= oldest && at.until(oldest) <= span,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(title: &str) -> Entry {
        Entry { title: title.to_owned(), ..Entry::default() }
    }

    /// The incidents of updates given as `(hour, title)`, as lists of hours.
    fn told(updates: &[(i64, &str)]) -> Vec<Vec<i64>> {
        let entries: Vec<Entry> = updates.iter().map(|(_, title)| entry(title)).collect();
        let items = updates.iter().zip(&entries);
        let items = items.map(|((hour, _), entry)| Item::new(entry, Timestamp::from_secs(hour * 3600))).collect();
        let hours = |item: &Item<'_>| item.at.unwrap().as_millis() / 3_600_000;
        incidents(items).iter().map(|run| run.iter().map(hours).collect()).collect()
    }

    #[test]
    fn one_headline_is_one_incident_until_it_is_closed() {
        assert_eq!(
            told(&[
                (103, "Service is operating normally: [RESOLVED] API errors"),
                (102, "Service degradation: [RESOLVED] API Errors"),
                (101, "Informational message: [RESOLVED] API errors"),
                (20, "Service is operating normally: API errors"),
                (19, "Informational message: API errors"),
            ]),
            [vec![103, 102, 101], vec![20, 19]]
        );
    }

    #[test]
    fn a_reworded_title_is_the_same_incident_if_it_is_near() {
        let reworded = [(12, "Service is operating normally: Power"), (10, "Informational message: Instances")];
        assert_eq!(told(&reworded), [vec![12, 10]]);
        let far = [(42, "Service is operating normally: Power"), (10, "Informational message: Instances")];
        assert_eq!(told(&far), [vec![42], vec![10]]);
        let closed = [(12, "Informational message: Power"), (10, "Service is operating normally: Instances")];
        assert_eq!(told(&closed), [vec![12], vec![10]]);
    }

    #[test]
    fn incidents_that_overlap_are_two() {
        assert_eq!(
            told(&[
                (12, "Service is operating normally: Power"),
                (11, "Informational message: Network"),
                (10, "Informational message: Power"),
            ]),
            [vec![12, 10], vec![11]]
        );
    }

    #[test]
    fn a_long_silence_makes_a_new_incident() {
        let hours = 46 * 24;
        assert_eq!(
            told(&[(hours + 5, "Informational message: Power"), (5, "Informational message: Power")]),
            [vec![hours + 5], vec![5]]
        );
        assert_eq!(told(&[(500, "Informational message: Power"), (5, "Informational message: Power")]).len(), 1);
    }
}
