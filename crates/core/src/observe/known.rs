//! What the collector knows of a target: what the store will hold once all commits under way are written.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::schema::{About, Incident, Kind, Service};
use crate::store::{Commit, Health, Store, StoreError, TargetState};

/// What is known of a target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// The revision of its state; 0 if it was never committed.
    pub revision: u64,
    /// What the state was collected from; `None` before the first commit.
    pub source: Option<Source>,
    /// Whether it was retired.
    pub retired: bool,
    /// Its services, in the source's order.
    pub services: Vec<Service>,
    /// Its incidents by key.
    pub incidents: BTreeMap<String, KnownIncident>,
    /// How its collection goes; `None` before the first ask.
    pub health: Option<Health>,
}

/// What a target's state is collected from, and what is told about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The address that is asked.
    pub endpoint: String,
    /// The transport.
    pub kind: Kind,
    /// What people want to know of it.
    pub about: About,
}

/// An incident as far as it has to be known to tell a change of it. Feeds list closed ones for years, so those are
/// known by their fingerprint only.
#[derive(Clone, Debug, PartialEq)]
pub enum KnownIncident {
    /// Going on, or ahead.
    Open(Box<Incident>),
    /// Over.
    Closed(u64),
}

impl KnownIncident {
    fn of(incident: &Incident) -> Self {
        if incident.is_open() { Self::Open(Box::new(incident.clone())) } else { Self::Closed(fingerprint(incident)) }
    }

    /// Whether this is what is known of an incident already.
    pub fn is_same(&self, incident: &Incident) -> bool {
        match self {
            Self::Open(known) => **known == *incident,
            Self::Closed(known) => !incident.is_open() && *known == fingerprint(incident),
        }
    }
}

fn fingerprint(incident: &Incident) -> u64 {
    let mut hasher = DefaultHasher::new();
    incident.hash(&mut hasher);
    hasher.finish()
}

impl Known {
    /// What a store knows of a target; nothing if it never heard of it.
    ///
    /// # Errors
    /// What the store cannot answer.
    pub async fn load(store: &dyn Store, name: &str) -> Result<Self, StoreError> {
        Ok(match store.target(name).await? {
            Some(state) => Self::from_store(state, &store.incidents(name).await?),
            None => Self::default(),
        })
    }

    /// What the store knows.
    pub fn from_store(state: TargetState, incidents: &[Incident]) -> Self {
        Self {
            revision: state.revision,
            source: Some(Source { endpoint: state.endpoint, kind: state.kind, about: state.about }),
            retired: state.retired,
            services: state.services,
            incidents: incidents.iter().map(|incident| (incident.key.clone(), KnownIncident::of(incident))).collect(),
            health: Some(state.health),
        }
    }

    /// How many asks in a row have failed.
    pub fn failures(&self) -> u32 {
        self.health.as_ref().map_or(0, |health| health.consecutive_failures)
    }

    /// Takes over what a commit changes.
    pub fn apply(&mut self, commit: &Commit) {
        self.health = Some(commit.health.clone());
        self.revision = commit.revision();
        if let Some(change) = &commit.change {
            self.source =
                Some(Source { endpoint: change.endpoint.clone(), kind: change.kind, about: change.about.clone() });
            self.retired = change.retired;
            self.services.clone_from(&change.services);
            for incident in &change.incidents {
                self.incidents.insert(incident.key.clone(), KnownIncident::of(incident));
            }
        }
    }
}
