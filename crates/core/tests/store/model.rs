//! Both backends against the simplest thing that keeps the promise: the same commits give the same answers, states,
//! events and incidents.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tokio::runtime::Runtime;
use unistatus_core::schema::{Dimensions, Event, Incident, Scalar, Service, Status, Timestamp};
use unistatus_core::store::testkit::{Author, Database, at, event, health, incident};
use unistatus_core::store::{Commit, Outcome, Store, StoreError, TargetState};

const TARGETS: [&str; 3] = ["b", "a", "B"];

/// What a commit is answered with, to compare.
#[derive(Debug, PartialEq)]
enum Answer {
    Applied,
    AlreadyApplied,
    Conflict(u64),
    Invalid,
}

impl From<Result<Outcome, StoreError>> for Answer {
    fn from(answer: Result<Outcome, StoreError>) -> Self {
        match answer {
            Ok(Outcome::Applied) => Self::Applied,
            Ok(Outcome::AlreadyApplied) => Self::AlreadyApplied,
            Err(StoreError::Conflict { found, .. }) => Self::Conflict(found),
            Err(StoreError::Invalid { .. }) => Self::Invalid,
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// A store in memory, written for nothing but to be read.
#[derive(Default)]
struct Model(BTreeMap<String, Known>);

struct Known {
    state: TargetState,
    changes: BTreeSet<String>,
    health: String,
    events: Vec<Event>,
    incidents: Vec<Incident>,
}

impl Model {
    fn revision(&self, target: &str) -> u64 {
        self.0.get(target).map_or(0, |known| known.state.revision)
    }

    fn commit(&mut self, commit: &Commit) -> Answer {
        let known = self.0.get_mut(&commit.target);
        if known.as_ref().is_some_and(|known| match commit.change {
            Some(_) => known.changes.contains(&commit.id),
            None => known.health == commit.id,
        }) {
            return Answer::AlreadyApplied;
        }
        let revision = known.as_ref().map_or(0, |known| known.state.revision);
        if revision != commit.base {
            return Answer::Conflict(revision);
        }
        let older = known.as_ref().is_some_and(|known| commit.health.last_attempt < known.state.health.last_attempt);
        match (known, &commit.change) {
            (None, None) => return Answer::Invalid,
            (Some(_), None) if older => return Answer::AlreadyApplied,
            _ => {}
        }
        let known = self.0.entry(commit.target.clone()).or_insert_with(|| Known::new(commit));
        known.apply(commit, !older);
        Answer::Applied
    }
}

impl Known {
    fn new(commit: &Commit) -> Self {
        let change = commit.change.as_ref().unwrap();
        let state = TargetState {
            name: commit.target.clone(),
            endpoint: String::new(),
            kind: change.kind,
            about: change.about.clone(),
            revision: 0,
            retired: false,
            services: Vec::new(),
            health: commit.health.clone(),
        };
        let (events, incidents) = (Vec::new(), Vec::new());
        Self { state, changes: BTreeSet::new(), health: String::new(), events, incidents }
    }

    fn apply(&mut self, commit: &Commit, with_health: bool) {
        if with_health {
            self.health.clone_from(&commit.id);
            self.state.health = commit.health.clone();
        }
        let Some(change) = commit.change.clone() else { return };
        self.changes.insert(commit.id.clone());
        self.state.endpoint = change.endpoint;
        self.state.kind = change.kind;
        self.state.retired = change.retired;
        self.state.services = change.services;
        self.state.revision += 1;
        self.events.extend(change.events);
        for incident in change.incidents {
            self.incidents.retain(|known| known.key != incident.key);
            self.incidents.push(incident);
        }
        self.incidents.sort_by(|a, b| b.started_at.cmp(&a.started_at).then_with(|| a.key.cmp(&b.key)));
    }
}

/// One step of a test.
#[derive(Clone, Debug)]
enum Step {
    /// A change of a target, made for the revision it has, or `behind` as many before.
    Change { target: &'static str, behind: u64, services: Vec<Service>, incidents: Vec<Incident>, asked: Timestamp },
    /// Health alone.
    Health { target: &'static str, behind: u64, asked: Timestamp },
    /// The target is asked no more.
    Retire { target: &'static str },
    /// One of the commits before, once more.
    Again(Index),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let target = || select(&TARGETS[..]);
    let behind = || prop_oneof![6 => Just(0_u64), 1 => 1..3_u64];
    let asked = || (0..20_i64).prop_map(at);
    let change = (target(), behind(), vec(services(), 0..4), vec(incidents(), 0..3), asked());
    let change = change.prop_map(|(target, behind, mut services, incidents, asked)| {
        // A key is a service's alone.
        let mut keys = BTreeSet::new();
        services.retain(|service| keys.insert(service.key.clone()));
        Step::Change { target, behind, services, incidents, asked }
    });
    let step = prop_oneof![
        6 => change,
        2 => (target(), behind(), asked()).prop_map(|(target, behind, asked)| Step::Health { target, behind, asked }),
        1 => target().prop_map(|target| Step::Retire { target }),
        2 => any::<Index>().prop_map(Step::Again),
    ];
    vec(step, 1..16)
}

fn instants() -> impl Strategy<Value = Option<Timestamp>> {
    prop::option::of((-1_000_000_000_000..9_000_000_000_000_i64).prop_map(|ms| Timestamp::from_millis(ms).unwrap()))
}

fn services() -> impl Strategy<Value = Service> {
    let scalar = prop_oneof![
        any::<bool>().prop_map(Scalar::Bool),
        any::<i64>().prop_map(Scalar::Integer),
        any::<f64>().prop_filter("finite", |float| float.is_finite()).prop_map(Scalar::Float),
        any::<String>().prop_map(Scalar::Text),
    ];
    let dimensions = btree_map("[^\0]{0,6}", scalar, 0..4).prop_map(Dimensions::from_iter);
    let parts = ("[a-c]|\\PC{0,6}", any::<String>(), select(&Status::ALL[..]), instants(), dimensions);
    parts.prop_map(|(key, name, status, last_timestamp, dimensions)| Service {
        key,
        name,
        status,
        last_timestamp,
        dimensions,
    })
}

fn incidents() -> impl Strategy<Value = Incident> {
    let parts = ("[a-c]|\\PC{0,6}", any::<String>(), instants(), select(&Status::ALL[..]));
    parts.prop_map(|(key, title, started_at, impact)| Incident {
        title,
        impact: Some(impact),
        ..incident(&key, started_at)
    })
}

impl Step {
    fn commit(self, model: &Model, before: &[Commit]) -> Option<Commit> {
        let author = |target: &str, behind| Author::at(target, model.revision(target).saturating_sub(behind));
        Some(match self {
            Self::Change { target, behind, services, incidents, asked } => {
                let mut commit = author(target, behind).change(services);
                commit.health = health(asked);
                commit.change.as_mut()?.incidents = incidents;
                commit
            }
            Self::Health { target, behind, asked } => author(target, behind).healthy(asked),
            Self::Retire { target } => {
                let known = model.0.get(target)?;
                let mut commit = author(target, 0).retire();
                let removal =
                    |service: &Service| Event { to: None, ..event(target, known.state.revision + 1, service) };
                commit.change.as_mut()?.events = known.state.services.iter().map(removal).collect();
                commit
            }
            Self::Again(index) if !before.is_empty() => index.get(before).clone(),
            Self::Again(_) => return None,
        })
    }
}

async fn agrees(store: &dyn Store, model: &Model) {
    let listed: Vec<_> = model.0.values().map(|known| &known.state).filter(|state| !state.retired).collect();
    assert_eq!(store.targets().await.unwrap().iter().collect::<Vec<_>>(), listed);
    for target in TARGETS {
        let known = model.0.get(target);
        assert_eq!(store.target(target).await.unwrap().as_ref(), known.map(|known| &known.state));
        let (events, incidents) = known.map_or((&[][..], &[][..]), |known| (&known.events, &known.incidents));
        assert_eq!(store.events(target).await.unwrap(), events);
        assert_eq!(store.incidents(target).await.unwrap(), incidents);
    }
}

async fn behaves_like_the_model(database: Database, steps: Vec<Step>) {
    let store = database.open().await;
    let (mut model, mut commits) = (Model::default(), Vec::new());
    for step in steps {
        let Some(commit) = step.commit(&model, &commits) else { continue };
        assert_eq!(Answer::from(store.commit(&commit).await), model.commit(&commit), "{commit:?}");
        commits.push(commit);
    }
    agrees(&*store, &model).await;
    store.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_behaves_like_the_model(steps in steps()) {
        Runtime::new().unwrap().block_on(behaves_like_the_model(Database::sqlite(), steps));
    }

    #[test]
    fn mongo_behaves_like_the_model(steps in steps()) {
        if let Some(database) = Database::mongo() {
            Runtime::new().unwrap().block_on(behaves_like_the_model(database, steps));
        }
    }
}
