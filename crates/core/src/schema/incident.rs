//! Why a service is as it is: incidents and maintenances, in one shape for all sources.

use serde::{Deserialize, Serialize};

use super::{Status, Timestamp};

/// Unplanned or planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IncidentKind {
    /// Something broke.
    Incident,
    /// Somebody works on it, as announced.
    Maintenance,
}

impl IncidentKind {
    /// The word of the public contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Maintenance => "maintenance",
        }
    }
}

/// How far an incident or a maintenance has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IncidentState {
    /// The cause is being looked for.
    Investigating,
    /// The cause is known.
    Identified,
    /// A fix is in place and being watched.
    Monitoring,
    /// The incident is over.
    Resolved,
    /// The maintenance lies ahead.
    Scheduled,
    /// The maintenance is under way, or being verified.
    InProgress,
    /// The maintenance is over.
    Completed,
}

impl IncidentState {
    /// Whether nothing more is to come of it.
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Resolved | Self::Completed)
    }
}

/// One update of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IncidentUpdate {
    /// When it was posted, where the source says so.
    pub at: Option<Timestamp>,
    /// The state it brought, where the source says so.
    pub state: Option<IncidentState>,
    /// What it says: plain text, length-limited.
    pub text: String,
}

impl IncidentUpdate {
    /// How many characters of an update's text are kept.
    pub const MAX_TEXT: usize = 2_000;
}

/// An incident or a maintenance that a source tells of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Incident {
    /// The source's id of it, unique inside the target.
    pub key: String,
    /// Unplanned or planned.
    pub kind: IncidentKind,
    /// Its headline: plain text.
    pub title: String,
    /// How far it has come.
    pub state: IncidentState,
    /// How bad it is, in the unified words; `Ok` where the source says "no impact", `None` where it says nothing.
    pub impact: Option<Status>,
    /// When it began, or is planned to begin.
    pub started_at: Option<Timestamp>,
    /// When the source last updated it.
    pub updated_at: Option<Timestamp>,
    /// When it ended; for a maintenance that lies ahead or is under way `None`, whatever end is planned.
    pub resolved_at: Option<Timestamp>,
    /// The source's page about it.
    pub url: Option<String>,
    /// The keys of the services it names, as far as the document tells them; else their names.
    pub services: Vec<String>,
    /// What was said about it, newest first.
    pub updates: Vec<IncidentUpdate>,
}

impl Incident {
    /// How many updates of one incident are kept, the newest ones.
    pub const MAX_UPDATES: usize = 50;

    /// When a closed one ended, as far as that is known: else when it was last updated, else when it began. `None` for one
    /// that is open, and where no time is known at all.
    pub fn ended_at(&self) -> Option<Timestamp> {
        let ended = self.resolved_at.or(self.updated_at).or(self.started_at);
        ended.filter(|_| !self.is_open())
    }

    /// Whether it is still going on or lies ahead.
    pub const fn is_open(&self) -> bool {
        !self.state.is_closed()
    }
}
