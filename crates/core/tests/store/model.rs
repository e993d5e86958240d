//! Both backends against the simplest thing that keeps the promise: the same commits give the same answers, states,
//! events and incidents, and the same answers to what is asked of the past.

mod asks;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tokio::runtime::Runtime;
use tokio::time::timeout;
use unistatus_core::schema::{
    About, Dimensions, Event, Gap, Incident, IncidentKind, IncidentState, Scalar, Service, Status, Timestamp,
};
use unistatus_core::store::testkit::{Author, Database, at, event, health, incident};
use unistatus_core::store::{Changed, Commit, Outcome, Placed, Store, StoreError, TargetState, Watch};

use self::asks::{Ask, asks};

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
struct Model {
    targets: BTreeMap<String, Known>,
    /// All events in the order in which they were committed.
    feed: Vec<Event>,
}

struct Known {
    state: TargetState,
    changes: BTreeSet<String>,
    health: String,
    events: Vec<Event>,
    incidents: Vec<Incident>,
    gaps: BTreeSet<Gap>,
}

impl Model {
    fn revision(&self, target: &str) -> u64 {
        self.targets.get(target).map_or(0, |known| known.state.revision)
    }

    /// The instant of a target's next events if the clock says this: their times never go back.
    fn instant(&self, target: &str, clock: Timestamp) -> Timestamp {
        let last = self.targets.get(target).and_then(|known| known.events.last());
        last.map_or(clock, |last| last.at.max(clock))
    }

    /// The services of a target that it would lose with the revision after this one.
    fn removals(&self, target: &str, kept: &[Service]) -> Vec<Event> {
        let Some(Known { state, .. }) = self.targets.get(target) else { return Vec::new() };
        let lost = state.services.iter().filter(|service| kept.iter().all(|kept| kept.key != service.key));
        lost.map(|service| Event { to: None, ..event(target, state.revision + 1, service) }).collect()
    }

    fn commit(&mut self, commit: &Commit) -> Answer {
        if commit.gap.is_some_and(|gap| gap.until <= gap.from) {
            return Answer::Invalid;
        }
        let known = self.targets.get(&commit.target);
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
        let known = self.targets.entry(commit.target.clone()).or_insert_with(|| Known::new(commit));
        known.apply(commit, !older);
        self.feed.extend(commit.change.iter().flat_map(|change| change.events.clone()));
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
        let (events, incidents, gaps) = (Vec::new(), Vec::new(), BTreeSet::new());
        Self { state, changes: BTreeSet::new(), health: String::new(), events, incidents, gaps }
    }

    fn apply(&mut self, commit: &Commit, with_health: bool) {
        if with_health {
            self.health.clone_from(&commit.id);
            self.state.health = commit.health.clone();
        }
        self.gaps.extend(commit.gap);
        let Some(change) = commit.change.clone() else { return };
        self.changes.insert(commit.id.clone());
        self.state.endpoint = change.endpoint;
        self.state.kind = change.kind;
        self.state.about = change.about;
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
    Change { target: &'static str, behind: u64, now: Now, incidents: Vec<Incident>, asked: Timestamp },
    /// Health alone.
    Health { target: &'static str, behind: u64, gap: Option<Gap>, asked: Timestamp },
    /// The target is asked no more.
    Retire { target: &'static str, asked: Timestamp },
    /// One of the commits before, once more.
    Again(Index),
}

/// What an ask finds.
#[derive(Clone, Debug)]
struct Now {
    services: Vec<Service>,
    about: About,
    gap: Option<Gap>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let target = || select(&TARGETS[..]);
    let behind = || prop_oneof![6 => Just(0_u64), 1 => 1..3_u64];
    let change = (target(), behind(), found(), vec(incidents(), 0..3), soon());
    let change = change.prop_map(|(target, behind, now, incidents, asked)| Step::Change {
        target,
        behind,
        now,
        incidents,
        asked,
    });
    let health = (target(), behind(), gaps(), soon());
    let health = health.prop_map(|(target, behind, gap, asked)| Step::Health { target, behind, gap, asked });
    let step = prop_oneof![
        6 => change,
        2 => health,
        1 => (target(), soon()).prop_map(|(target, asked)| Step::Retire { target, asked }),
        2 => any::<Index>().prop_map(Step::Again),
    ];
    vec(step, 1..16)
}

/// Few instants, so that many are equal.
fn soon() -> impl Strategy<Value = Timestamp> {
    (0..20_i64).prop_map(at)
}

fn gaps() -> impl Strategy<Value = Option<Gap>> {
    // One of four lasts no time, which is refused. Of those that begin at the same instant all end at the same.
    prop::option::of((0..20_i64).prop_map(|from| Gap { from: at(from), until: at(from + from % 4) }))
}

fn found() -> impl Strategy<Value = Now> {
    let about = prop::option::of(any::<String>()).prop_map(|title| About { title, ..About::default() });
    (vec(services(), 0..4), about, gaps()).prop_map(|(mut services, about, gap)| {
        // A key is a service's alone.
        let mut keys = BTreeSet::new();
        services.retain(|service| keys.insert(service.key.clone()));
        Now { services, about, gap }
    })
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
    let kind = select(&[IncidentKind::Incident, IncidentKind::Maintenance][..]);
    let state = select(&[IncidentState::Identified, IncidentState::Resolved, IncidentState::Completed][..]);
    let started_at = prop_oneof![prop::option::of(soon()), instants()];
    let rest = (select(&Status::ALL[..]), kind, state, prop::option::of(soon()), prop::option::of(soon()));
    let parts = ("[a-c]|\\PC{0,6}", any::<String>(), started_at, rest);
    parts.prop_map(|(key, title, started_at, (impact, kind, state, updated_at, resolved_at))| Incident {
        title,
        kind,
        state,
        impact: Some(impact),
        updated_at,
        resolved_at,
        ..incident(&key, started_at)
    })
}

impl Step {
    fn commit(self, model: &Model, before: &[Commit]) -> Option<Commit> {
        let author = |target: &str, behind| Author::at(target, model.revision(target).saturating_sub(behind));
        Some(match self {
            Self::Change { target, behind, now: Now { services, about, gap }, incidents, asked } => {
                let mut removals = model.removals(target, &services);
                let mut commit = author(target, behind).change(services);
                let revision = commit.revision();
                let change = commit.change.as_mut()?;
                (change.incidents, change.about) = (incidents, about);
                change.events.append(&mut removals);
                for event in &mut change.events {
                    (event.revision, event.at) = (revision, model.instant(target, asked));
                }
                Commit { health: health(asked), gap, ..commit }
            }
            Self::Health { target, behind, gap, asked } => Commit { gap, ..author(target, behind).healthy(asked) },
            Self::Retire { target, asked } => {
                model.targets.get(target)?;
                let mut commit = author(target, 0).retire();
                let removal = |event| Event { at: model.instant(target, asked), ..event };
                commit.change.as_mut()?.events = model.removals(target, &[]).into_iter().map(removal).collect();
                commit
            }
            Self::Again(index) if !before.is_empty() => index.get(before).clone(),
            Self::Again(_) => return None,
        })
    }
}

async fn agrees(store: &dyn Store, model: &Model) {
    let listed: Vec<_> = model.targets.values().map(|known| &known.state).filter(|state| !state.retired).collect();
    assert_eq!(store.targets().await.unwrap().iter().collect::<Vec<_>>(), listed);
    for target in TARGETS {
        let known = model.targets.get(target);
        assert_eq!(store.target(target).await.unwrap().as_ref(), known.map(|known| &known.state));
        let (events, incidents) = known.map_or((&[][..], &[][..]), |known| (&known.events, &known.incidents));
        assert_eq!(store.events(target).await.unwrap(), events);
        assert_eq!(store.incidents(target).await.unwrap(), incidents);
    }
}

/// What a watch tells until it has told as many events.
async fn told(watch: &mut dyn Watch, count: usize) -> Vec<Placed> {
    let mut told = Vec::new();
    while told.len() < count {
        match timeout(Duration::from_mins(1), watch.changed()).await.unwrap().unwrap() {
            Changed::Some { events, .. } => told.extend(events),
            Changed::Everything => panic!("nothing was missed"),
        }
    }
    told
}

async fn behaves_like_the_model(database: Database, steps: Vec<Step>, asks: Vec<Ask>) {
    let store = database.open().await;
    let mut watch = store.watch().await.unwrap();
    let (mut model, mut commits) = (Model::default(), Vec::new());
    for step in steps {
        let Some(commit) = step.commit(&model, &commits) else { continue };
        assert_eq!(Answer::from(store.commit(&commit).await), model.commit(&commit), "{commit:?}");
        commits.push(commit);
    }
    agrees(&*store, &model).await;
    let told = told(&mut *watch, model.feed.len()).await;
    assert_eq!(told.iter().map(|placed| &placed.event).collect::<Vec<_>>(), model.feed.iter().collect::<Vec<_>>());
    for ask in asks {
        ask.agrees(&*store, &model, &told).await;
    }
    store.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_behaves_like_the_model(steps in steps(), asks in asks()) {
        Runtime::new().unwrap().block_on(behaves_like_the_model(Database::sqlite(), steps, asks));
    }

    #[test]
    fn mongo_behaves_like_the_model(steps in steps(), asks in asks()) {
        if let Some(database) = Database::mongo() {
            Runtime::new().unwrap().block_on(behaves_like_the_model(database, steps, asks));
        }
    }
}
