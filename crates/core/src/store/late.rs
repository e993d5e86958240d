//! Changes that were seen and could not be written before somebody else took the target over: how they enter its history.
//!
//! Whoever took over knows better how the target is, but not how it was before. So of each service what was seen before the
//! first change that the history has since is put before that one, and what was seen after it is left out. Where the
//! history has none since, the service is as it was, and a last event leads back to that. Pure.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Commit, Period, StoreError};
use crate::schema::{Event, Status, Timestamp, dimension_names};

/// The least time that a status lasts.
const MOMENT: Duration = Duration::from_millis(1);

/// What became of changes that came late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// What the history did not know better is in it.
    Entered {
        /// How many events were added, those included that lead back to what was known. None where all had entered before.
        added: usize,
        /// How many were left out: somebody else had told of another change of the service by then.
        overtaken: usize,
    },
    /// Nothing was written: nobody has heard the target since, so it is not known what the changes led to.
    TooEarly,
}

impl Late {
    /// There was nothing to enter.
    pub(super) const NOTHING: Self = Self::Entered { added: 0, overtaken: 0 };
}

/// Commits of one target that were refused, as far as they enter its history.
#[derive(Debug)]
pub(super) struct Run {
    /// The target.
    pub(super) target: String,
    /// The revision that the first one was made for: up to there the history is the same for all.
    pub(super) base: u64,
    /// When the target was heard for the last one.
    pub(super) heard: Timestamp,
    /// From when on what was heard then is not believed any more.
    pub(super) stale_from: Option<Timestamp>,
    /// What was seen, by service.
    seen: BTreeMap<String, Vec<Event>>,
}

/// What a store has that decides about a [`Run`].
#[derive(Debug)]
pub(super) struct Stored {
    /// Of each service of the run the last event before its base, and all from there on.
    pub(super) periods: Vec<Period>,
    /// The first event after the run that a later revision than its base brought.
    pub(super) next_change: Option<Timestamp>,
    /// The end of the gap in which the run ends: one that begins while it is believed, and ends after it.
    pub(super) gap_end: Option<Timestamp>,
    /// When the target was last heard.
    pub(super) last_success: Option<Timestamp>,
}

/// What is to be written of a [`Run`].
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// The events that are new.
    pub(super) added: Vec<Period>,
    /// Events that are there, with what they follow and with their ends as they are from now on.
    pub(super) amended: Vec<Period>,
    /// How many were left out.
    pub(super) overtaken: usize,
}

impl Entry {
    /// What becomes of the run once it is written.
    pub(super) const fn outcome(&self) -> Late {
        Late::Entered { added: self.added.len(), overtaken: self.overtaken }
    }
}

impl Run {
    /// The run that these commits make; `None` where they tell of no change.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] if one of them contradicts itself, or is not made on top of the one before.
    pub(super) fn of(commits: &[Commit]) -> Result<Option<Self>, StoreError> {
        let (Some(first), Some(last)) = (commits.first(), commits.last()) else { return Ok(None) };
        commits.iter().try_for_each(Commit::check)?;
        for pair in commits.windows(2) {
            if (&pair[0].target, pair[0].revision()) != (&pair[1].target, pair[1].base) {
                return Err(StoreError::invalid(&pair[1].target, "it is not made on top of the one before it"));
            }
        }
        // That a target is asked no more was decided, not seen.
        let changes = commits.iter().filter_map(|commit| commit.change.as_ref()).filter(|change| !change.retired);
        let mut seen: BTreeMap<String, Vec<Event>> = BTreeMap::new();
        for event in changes.flat_map(|change| &change.events) {
            seen.entry(event.key.clone()).or_default().push(event.clone());
        }
        let run = Self {
            target: first.target.clone(),
            base: first.base,
            heard: last.health.last_attempt,
            stale_from: last.health.stale_from(),
            seen,
        };
        Ok((!run.seen.is_empty()).then_some(run))
    }

    /// Whether the state that it goes on from was here: `revision` is that of the target, 0 where it is not known.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] if it was not: the database is an older one than the one that it was made for.
    pub(super) fn check(&self, revision: u64) -> Result<(), StoreError> {
        if self.base <= revision {
            return Ok(());
        }
        let fault = format!("it goes on from revision {}, and there is none above {revision}", self.base);
        Err(StoreError::invalid(&self.target, fault))
    }

    /// The keys of its services.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.seen.keys().map(String::as_str)
    }

    /// What is to be written of it; `None` while nobody has heard the target since.
    pub(super) fn enter(&self, stored: Stored) -> Option<Entry> {
        let end = self.end(&stored);
        let mut chains: BTreeMap<&str, Chain> = self.keys().map(|key| (key, Chain::default())).collect();
        for period in stored.periods {
            if let Some(chain) = chains.get_mut(period.event.key.as_str()) {
                chain.links.push(Link::stored(period));
            }
        }
        let mut entry = Entry::default();
        for (mut chain, seen) in chains.into_values().zip(self.seen.values()) {
            chain.links.sort_by_key(|link| (link.event().revision, link.event().at));
            entry.overtaken += chain.enter(self.base, seen, end)?;
            chain.sort_into(&mut entry);
        }
        Some(entry)
    }

    /// When what it saw had ended, where nothing else tells; `None` while nobody has heard the target since.
    ///
    /// That is when whoever took over heard it first. The store knows that where a gap ended then. Else it was before what
    /// was seen would not have been believed any more, for then there would be a gap.
    fn end(&self, stored: &Stored) -> Option<Timestamp> {
        let known = [stored.next_change, stored.last_success, stored.gap_end].into_iter().flatten();
        let heard = known.filter(|&instant| instant > self.heard).min()?;
        Some(stored.gap_end.or(self.stale_from).map_or(heard, |latest| heard.min(latest)))
    }
}

/// A service's events, in order.
#[derive(Debug, Default)]
struct Chain {
    links: Vec<Link>,
}

#[derive(Debug)]
struct Link {
    period: Period,
    /// What it followed, and its end, where it is there already.
    was: Option<(Option<Status>, Option<Timestamp>)>,
}

impl Link {
    fn stored(period: Period) -> Self {
        let was = Some((period.event.from, period.until));
        Self { period, was }
    }

    fn new(event: Event) -> Self {
        let until = event.to.is_none().then_some(event.at);
        Self { period: Period { event, until }, was: None }
    }

    fn event(&self) -> &Event {
        &self.period.event
    }

    fn is_new(&self) -> bool {
        self.was.is_none()
    }
}

impl Chain {
    /// Puts what was seen where it belongs; answers how much of it does not.
    fn enter(&mut self, base: u64, seen: &[Event], end: Option<Timestamp>) -> Option<usize> {
        let mut place = self.links.partition_point(|link| link.event().revision < base);
        let mut overtaken = 0;
        for event in seen {
            let Some(at) = self.pass(&mut place, base, event) else { continue };
            if self.links.get(place).is_some_and(|next| next.event().at <= at) {
                overtaken += 1;
            } else if self.standing_before(place) != standing(event) {
                // It belongs to the revision that it was seen from: behind what led there, before what others brought.
                self.links.insert(place, Link::new(Event { revision: base, at, ..event.clone() }));
                place += 1;
            }
        }
        self.leave_to_next(&mut place);
        self.lead_back(end)?;
        self.join();
        Some(overtaken)
    }

    /// Goes past what came late before this event, and answers when it happened: at its time, and after the one before it.
    /// `None` if it is there already.
    fn pass(&mut self, place: &mut usize, base: u64, event: &Event) -> Option<Timestamp> {
        loop {
            let before = place.checked_sub(1).map(|before| self.links[before].event().at.plus(MOMENT));
            let at = before.map_or(event.at, |before| before.max(event.at));
            let passed = self.links.get(*place).map(Link::event);
            let Some(passed) = passed.filter(|passed| passed.revision == base && passed.at <= at) else {
                return Some(at);
            };
            let is_it = passed.at == at && standing(passed) == standing(event);
            if !self.leave_to_next(place) {
                *place += 1;
                if is_it {
                    return None;
                }
            }
        }
    }

    /// Leaves the last change before this place to the event there, if it is new and that tells of the same.
    fn leave_to_next(&mut self, place: &mut usize) -> bool {
        let told = self.links.get(*place).map(|next| standing(next.event()));
        let last = place.checked_sub(1).filter(|&last| {
            let last = &self.links[last];
            last.is_new() && told == Some(standing(last.event()))
        });
        if let Some(last) = last {
            self.links.remove(last);
            *place = last;
        }
        last.is_some()
    }

    /// Leads back to what is known, where what was seen would be the last that is told.
    fn lead_back(&mut self, end: Option<Timestamp>) -> Option<()> {
        let Some(last) = self.links.last().filter(|last| last.is_new()).map(Link::event) else { return Some(()) };
        let known = self.links.iter().rfind(|link| !link.is_new()).map(Link::event).filter(|known| known.to.is_some());
        if known.and_then(standing) == standing(last) {
            return Some(());
        }
        let at = end?.max(last.at.plus(MOMENT));
        let (revision, to) = (last.revision, known.and_then(|known| known.to));
        let back = Event { revision, to, source_at: None, at, ..known.unwrap_or(last).clone() };
        self.links.push(Link::new(back));
        Some(())
    }

    /// Lets what is new follow what is before it, and what is behind it follow what is new.
    fn join(&mut self) {
        for at in 1..self.links.len() {
            let [.., left, right] = &mut self.links[..=at] else { return };
            if left.is_new() || right.is_new() {
                right.period.event.from = left.event().to;
                if left.event().to.is_some() {
                    left.period.until = Some(right.event().at);
                }
            }
        }
    }

    /// The standing that the event before this place left.
    fn standing_before(&self, place: usize) -> Option<(Status, bool)> {
        standing(self.links[..place].last()?.event())
    }

    fn sort_into(self, entry: &mut Entry) {
        for Link { period, was } in self.links {
            match was {
                None => entry.added.push(period),
                Some(was) if was != (period.event.from, period.until) => entry.amended.push(period),
                Some(_) => {}
            }
        }
    }
}

/// What an event left of its service, as history tells it: its status, and whether that was planned; `None` for a removal.
fn standing(event: &Event) -> Option<(Status, bool)> {
    event.to.map(|status| (status, dimension_names::is_planned(&event.dimensions)))
}
