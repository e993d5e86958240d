//! What a vendor has to say about trouble and planned work.

use std::iter;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Condition;

/// Whether something went wrong or was planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IncidentKind {
    /// Nobody planned it.
    Incident,
    /// Planned work.
    Maintenance,
}

/// How far an incident or a maintenance has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// An incident whose cause is not known.
    Investigating,
    /// An incident whose cause is known.
    Identified,
    /// An incident that should be over; the vendor looks on.
    Monitoring,
    /// An incident that is over.
    Resolved,
    /// A maintenance that is announced.
    Scheduled,
    /// A maintenance that runs.
    InProgress,
    /// A maintenance that is over.
    Completed,
}

impl Stage {
    /// Whether nothing more is to come.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Resolved | Self::Completed)
    }
}

/// One post of a vendor about an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// When it was posted.
    pub at: DateTime<Utc>,
    /// How far things are.
    pub stage: Stage,
    /// What the services concerned are like from here on.
    pub condition: Condition,
    /// What the vendor writes, plain text.
    pub text: String,
}

/// An incident or a maintenance of a vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Unique within the vendor, never used twice; formats make their own ids of it.
    pub id: String,
    /// Incident or maintenance.
    pub kind: IncidentKind,
    /// What the vendor calls it.
    pub title: String,
    /// The services concerned, by their places in the vendor's list.
    pub services: Vec<usize>,
    /// From when to when a maintenance is planned.
    pub window: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// The vendor did not post it: a service's condition was set by hand. Formats that list services leave it out;
    /// feeds of events have no other way to say that a service is in trouble.
    pub implied: bool,
    /// The post that opened it.
    pub first: Update,
    /// The posts since, oldest first.
    pub later: Vec<Update>,
}

impl Incident {
    /// All posts, oldest first.
    pub fn updates(&self) -> impl DoubleEndedIterator<Item = &Update> {
        iter::once(&self.first).chain(&self.later)
    }

    /// The newest post.
    pub fn latest(&self) -> &Update {
        self.later.last().unwrap_or(&self.first)
    }

    /// How far it has come.
    pub fn stage(&self) -> Stage {
        self.latest().stage
    }

    /// Whether it is not over: scheduled work is open too.
    pub fn is_open(&self) -> bool {
        !self.stage().is_over()
    }

    /// Whether it is going on now.
    pub fn is_active(&self) -> bool {
        self.is_open() && self.stage() != Stage::Scheduled
    }

    /// When it was over, `None` while it is not.
    pub fn ended_at(&self) -> Option<DateTime<Utc>> {
        (!self.is_open()).then_some(self.latest().at)
    }

    /// The worst that it did so far to the services concerned.
    pub fn worst(&self) -> Condition {
        self.updates().map(|update| update.condition).max().unwrap_or_default()
    }

    /// Posts an update.
    pub(crate) fn post(&mut self, update: Update) {
        self.later.push(update);
    }
}
