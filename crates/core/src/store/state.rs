//! What is known of a target, and what one ask changes of it.

use serde::{Deserialize, Serialize};

use super::Health;
use crate::schema::{About, Event, Gap, Incident, Kind, ProbeId, Service};

/// All that is known of a target now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetState {
    /// Its name.
    pub name: String,
    /// The address that is asked.
    pub endpoint: String,
    /// The transport.
    pub kind: Kind,
    /// What people want to know of it.
    pub about: About,
    /// How often its state changed: rises by one with each [`Change`], also over a retirement.
    pub revision: u64,
    /// Whether it is asked no more: it has no services then and is not listed, but its history stays.
    pub retired: bool,
    /// Its services, in the source's order.
    pub services: Vec<Service>,
    /// How its collection goes.
    pub health: Health,
}

impl TargetState {
    /// Under which id its measurements are kept, if it measures.
    pub fn probe(&self) -> ProbeId {
        ProbeId::of(&self.name, &self.about)
    }
}

/// What one ask of one target changes: made from the state at [`Commit::base`], and valid for that only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Commit {
    /// Tells this commit from every other one, of every writer; what makes sending it again harmless.
    pub id: String,
    /// The target's name.
    pub target: String,
    /// The revision it was made from; 0 if the target was not known.
    pub base: u64,
    /// What changed of the state; `None` if nothing did. The first commit of a target always has one.
    pub change: Option<Change>,
    /// The time that ended with this ask and that no success covers, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
    /// How the collection goes now.
    pub health: Health,
    /// The token of the lease that it was made under ([`Leases`](super::Leases)): it is refused once somebody took the
    /// lease again. `None` where it was made under none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fence: Option<u64>,
}

impl Commit {
    /// The target's revision once this is written.
    pub const fn revision(&self) -> u64 {
        match self.change {
            Some(_) => self.base + 1,
            None => self.base,
        }
    }
}

/// A change of a target's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The address that is asked.
    pub endpoint: String,
    /// The transport.
    pub kind: Kind,
    /// What people want to know of the target.
    #[serde(default)]
    pub about: About,
    /// All services as they are now, in the source's order.
    pub services: Vec<Service>,
    /// The changes of status that led here, one for a service at most; their `revision` is the commit's.
    pub events: Vec<Event>,
    /// The incidents that are new or changed; one that the store has under the same key is replaced. Of two with the
    /// same key the later one counts.
    pub incidents: Vec<Incident>,
    /// Whether the target is asked no more from now on.
    pub retired: bool,
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was written.
    Applied,
    /// There was nothing to write: it had been written before, or it brings only health and there is newer one.
    AlreadyApplied,
}
