//! Small values to commit, and one who commits them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::schema::{
    About, Check, Dimensions, Event, Incident, IncidentKind, IncidentState, Kind, ProbeId, Service, Status, Timestamp,
    Validators,
};
use crate::store::{Change, Commit, Health, Outcome, Rollup, States, StoreError};

/// An instant, so many seconds after the first one of these tests.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(1_700_000_000 + seconds).expect("a date")
}

/// A service whose key is its name.
pub fn service(name: &str, status: Status) -> Service {
    let key = name.to_owned();
    Service { name: key.clone(), key, status, last_timestamp: Some(at(0)), dimensions: Dimensions::new() }
}

/// The health after a success at an instant.
pub fn health(asked: Timestamp) -> Health {
    Health {
        interval_ms: 60_000,
        last_attempt: asked,
        last_success: Some(asked),
        duration_ms: 120,
        http_status: Some(200),
        bytes: 4096,
        consecutive_failures: 0,
        failure: None,
        not_before: None,
        next_ask: None,
        believed_until: None,
        validators: Validators { etag: Some("\"1\"".to_owned()), last_modified: None, definition: "d1".to_owned() },
    }
}

/// The first sight of a service.
pub fn event(target: &str, revision: u64, service: &Service) -> Event {
    Event {
        target: target.to_owned(),
        revision,
        key: service.key.clone(),
        service: service.name.clone(),
        dimensions: service.dimensions.clone(),
        from: None,
        to: Some(service.status),
        source_at: service.last_timestamp,
        at: at(0),
    }
}

/// An open incident.
pub fn incident(key: &str, started_at: Option<Timestamp>) -> Incident {
    Incident {
        key: key.to_owned(),
        kind: IncidentKind::Incident,
        title: format!("Incident {key}"),
        state: IncidentState::Investigating,
        impact: Some(Status::Degraded),
        started_at,
        updated_at: started_at,
        resolved_at: None,
        url: None,
        services: Vec::new(),
        updates: Vec::new(),
    }
}

/// A check of a target that was answered.
pub fn check(target: &str, at: Timestamp) -> Check {
    let latency = Some(Duration::from_micros(12_345));
    Check { probe: ProbeId::of_target(target), at, status: Status::Ok, latency, sent: 4, lost: 0 }
}

/// The roll-up of a target, of the hour that begins at an instant.
pub fn rollup(target: &str, hour: Timestamp) -> Rollup {
    Rollup {
        probe: ProbeId::of_target(target),
        hour,
        checks: 360,
        outages: 1,
        sent: 1440,
        lost: 4,
        latency: Duration::from_micros(4_444_200),
        classes: BTreeMap::from([(12, 300), (13, 59)]),
    }
}

/// One who writes the commits of one target, each on top of the last.
#[derive(Clone, Debug)]
pub struct Author {
    target: String,
    revision: u64,
}

impl Author {
    /// The author of a target that is not known yet.
    pub fn new(target: &str) -> Self {
        Self::at(target, 0)
    }

    /// The author of a target at a revision.
    pub fn at(target: &str, revision: u64) -> Self {
        Self { target: target.to_owned(), revision }
    }

    /// The commit that makes these the services, with the first sight of each as an event.
    pub fn change(&mut self, services: Vec<Service>) -> Commit {
        let (base, revision) = (self.revision, self.revision + 1);
        self.revision = revision;
        let change = Change {
            endpoint: format!("https://{}.example/status", self.target),
            kind: Kind::Rest,
            about: About::default(),
            events: services.iter().map(|service| event(&self.target, revision, service)).collect(),
            services,
            incidents: Vec::new(),
            retired: false,
        };
        self.commit(base, Some(change))
    }

    /// The commit that retires the target.
    pub fn retire(&mut self) -> Commit {
        let mut commit = self.change(Vec::new());
        if let Some(change) = &mut commit.change {
            change.retired = true;
        }
        commit
    }

    /// The commit that brings these changes of status at an instant. What the services are now is left out.
    pub fn turn(&mut self, at: Timestamp, turns: &[(&str, Option<Status>)]) -> Commit {
        let mut commit = self.change(Vec::new());
        let revision = commit.revision();
        let turned = |&(key, to): &(&str, Option<Status>)| Event {
            to,
            at,
            ..event(&self.target, revision, &service(key, Status::Ok))
        };
        if let Some(change) = &mut commit.change {
            change.events = turns.iter().map(turned).collect();
        }
        Commit { health: health(at), ..commit }
    }

    /// The commit that changes nothing but the health, which is that of an instant.
    pub fn healthy(&self, asked: Timestamp) -> Commit {
        Commit { health: health(asked), ..self.commit(self.revision, None) }
    }

    /// Makes these the services, and writes that.
    pub async fn write<S: States + ?Sized>(
        &mut self,
        store: &S,
        services: Vec<Service>,
    ) -> Result<Outcome, StoreError> {
        store.commit(&self.change(services)).await
    }

    fn commit(&self, base: u64, change: Option<Change>) -> Commit {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let id = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Commit { id, target: self.target.clone(), base, change, gap: None, health: health(at(0)), fence: None }
    }
}
