//! What is asked of the past, and how it is answered.

use std::cmp::Ordering;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::{StoreError, TargetState};
use crate::schema::{Event, Gap, Incident, IncidentKind, Status, Timestamp};

/// A place in the order in which a store's changes were committed: what was committed up to and with it is before it.
///
/// Its text means something to the store that gave it only, and means the same to every process that uses the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place(String);

impl Place {
    /// How long the text of a place may be.
    pub const MAX_LENGTH: usize = 1024;

    /// The place that a store wrote down as this text. `None` if no store writes such texts: letters, digits and a few
    /// signs, [`Place::MAX_LENGTH`] of them at the most.
    pub fn parse(text: &str) -> Option<Self> {
        let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let fits = !text.is_empty() && text.len() <= Self::MAX_LENGTH;
        (fits && text.bytes().all(is_fine)).then(|| Self(text.to_owned()))
    }

    /// The place that a store knows by a number.
    pub(super) fn numbered(number: u64) -> Self {
        Self(number.to_string())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An event, and the place right behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The place behind the event.
    pub place: Place,
    /// The event.
    pub event: Event,
}

/// Which events are asked for: all conditions hold. The default is all events there are.
///
/// The answer is ordered newest first: by time, latest first; at the same time by target; of one target by revision,
/// highest first; in one revision by key. (Names and keys bytewise.)
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventQuery {
    /// Of these targets; of all where there are none.
    pub targets: Vec<String>,
    /// Of services that have this name or key.
    pub service: Option<String>,
    /// To one of these statuses; to any, and removals too, where there are none.
    pub to: Vec<Status>,
    /// At this instant or later.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
    /// Those behind this one in the order of the answer.
    pub behind: Option<EventId>,
    /// So many at the most.
    pub limit: Option<u32>,
}

/// What identifies an event, and where it stands in the answer to an [`EventQuery`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventId {
    /// When we saw it.
    pub at: Timestamp,
    /// The target.
    pub target: String,
    /// The revision that brought it, or that it was seen from.
    pub revision: u64,
    /// The service's key.
    pub key: String,
}

impl EventId {
    /// The id of an event.
    pub fn of(event: &Event) -> Self {
        Self { at: event.at, target: event.target.clone(), revision: event.revision, key: event.key.clone() }
    }
}

impl Ord for EventId {
    /// By the order of the answer to an [`EventQuery`]: the newest is the least.
    fn cmp(&self, other: &Self) -> Ordering {
        let newest = other.at.cmp(&self.at).then_with(|| self.target.cmp(&other.target));
        newest.then_with(|| other.revision.cmp(&self.revision)).then_with(|| self.key.cmp(&other.key))
    }
}

impl PartialOrd for EventId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Which incidents are asked for: all conditions hold. The default is all incidents there are.
///
/// The answer is ordered newest start first, those without a start last; at the same start by target, then by key
/// (bytewise).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IncidentQuery {
    /// Of these targets; of all where there are none.
    pub targets: Vec<String>,
    /// Of this kind.
    pub kind: Option<IncidentKind>,
    /// Whether they are still going on or lie ahead.
    pub open: Option<bool>,
    /// Over at this instant or later, or not over yet. (Where it is not known when a closed one ended, when it was last
    /// updated counts, else when it began.)
    pub from: Option<Timestamp>,
    /// Begun before this instant, or it is not known when.
    pub until: Option<Timestamp>,
    /// Those behind this one in the order of the answer.
    pub behind: Option<IncidentId>,
    /// So many at the most.
    pub limit: Option<u32>,
}

/// What identifies an incident, and where it stands in the answer to an [`IncidentQuery`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentId {
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// The target that tells of it.
    pub target: String,
    /// Its key.
    pub key: String,
}

impl Ord for IncidentId {
    /// By the order of the answer to an [`IncidentQuery`]: the newest is the least.
    fn cmp(&self, other: &Self) -> Ordering {
        let newest = other.started_at.cmp(&self.started_at);
        newest.then_with(|| self.target.cmp(&other.target)).then_with(|| self.key.cmp(&other.key))
    }
}

impl PartialOrd for IncidentId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// An incident, and who tells of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetIncident {
    /// The target's name.
    pub target: String,
    /// The incident in its last known form.
    pub incident: Incident,
}

impl TargetIncident {
    /// Its id.
    pub fn id(&self) -> IncidentId {
        let Self { target, incident } = self;
        IncidentId { started_at: incident.started_at, target: target.clone(), key: incident.key.clone() }
    }
}

/// Of which time, and of which targets, everything is asked for that was known in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Of this target; of all where there is none.
    pub target: Option<String>,
    /// The first instant.
    pub from: Timestamp,
    /// The last instant.
    pub to: Timestamp,
    /// How many periods it may have, and how many gaps; without a bound where there is none.
    pub most: Option<u32>,
}

impl Window {
    /// All of a time: of a target, or of all of them.
    pub fn new(target: Option<&str>, from: Timestamp, to: Timestamp) -> Self {
        Self { target: target.map(str::to_owned), from, to, most: None }
    }

    /// How many elements to read, so that one too many is seen.
    pub(super) fn limit(&self) -> Option<i64> {
        self.most.map(|most| i64::from(most) + 1)
    }

    /// Refuses an answer that has more elements than it may.
    ///
    /// # Errors
    /// [`StoreError::TooMuch`]
    pub(super) fn bounded<T>(&self, elements: Vec<T>) -> Result<Vec<T>, StoreError> {
        match self.most {
            Some(most) if u32::try_from(elements.len()).map_or(true, |length| length > most) => {
                Err(StoreError::TooMuch { most })
            }
            _ => Ok(elements),
        }
    }
}

/// A change of status, and how long the status that it brought was the service's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Period {
    /// The change.
    pub event: Event,
    /// When the next event of the service followed; a removal ends with itself. `None` for the last one.
    pub until: Option<Timestamp>,
}

/// All that was known in a [`Window`], as far as it is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    /// The targets as they are now, by name: the retired ones, too.
    pub states: Vec<TargetState>,
    /// The events up to the window's end whose status was a service's inside the window (one that lasted no time counts
    /// if its instant lies inside): by target, then by revision, then by time, then as they were committed.
    pub periods: Vec<Period>,
    /// The gaps that touch the window: by target, then by time.
    pub gaps: Vec<(String, Gap)>,
}

/// How long the past is kept: what ended longer ago is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// For ever.
    Forever,
    /// For so long.
    For(Duration),
}

/// The seconds of a day.
const DAY: u64 = 24 * 60 * 60;

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forever => f.write_str("forever"),
            Self::For(span) if span.as_secs().is_multiple_of(DAY) => write!(f, "{}d", span.as_secs() / DAY),
            Self::For(span) => humantime::format_duration(*span).fmt(f),
        }
    }
}

impl Retention {
    /// What ended before this instant is forgotten now; `None` if nothing ever is.
    pub fn horizon(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Forever => None,
            Self::For(span) => Some(now.minus(span)),
        }
    }
}
