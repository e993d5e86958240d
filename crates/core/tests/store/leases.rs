//! The roll, the leases and their fences on both backends against the simplest thing that keeps the promise.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tokio::runtime::Runtime;
use unistatus_core::schema::Status;
use unistatus_core::store::testkit::{Author, Database, at};
use unistatus_core::store::{Commit, Member, Outcome, Roll, Store, StoreError};

const COLLECTORS: [&str; 3] = ["b", "a", "c"];
const TARGETS: [&str; 3] = ["github", "$set", "slack"];

type Name = &'static str;
type Names = BTreeSet<Name>;

fn owned(names: &Names) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

/// What is done, and by which process.
#[derive(Clone, Debug)]
enum Step {
    /// A collector reports; its time is over at once, or never.
    Report {
        id: Name,
        load: u64,
        lives: bool,
    },
    StrikeOff,
    Leave(Name),
    Open(Names),
    Take(Name, Names),
    GiveUp(Name, Names),
    Close(Name, Name),
    /// A commit for the revision that the target has, or the one before; under one of the tokens so far.
    Commit {
        target: Name,
        is_change: bool,
        behind: u64,
        token: Option<Index>,
    },
    /// One of the commits before, once more.
    Again(Index),
}

fn steps() -> impl Strategy<Value = Vec<(Step, usize)>> {
    let id = || select(&COLLECTORS[..]);
    let target = || select(&TARGETS[..]);
    let targets = || btree_set(target(), 0..4);
    let behind = prop_oneof![4 => Just(0_u64), 1 => Just(1)];
    let token = prop::option::weighted(0.8, any::<Index>());
    let commit = (target(), any::<bool>(), behind, token);
    let step = prop_oneof![
        4 => (id(), 0..3_u64, any::<bool>()).prop_map(|(id, load, lives)| Step::Report { id, load, lives }),
        1 => Just(Step::StrikeOff),
        1 => id().prop_map(Step::Leave),
        2 => targets().prop_map(Step::Open),
        6 => (id(), targets()).prop_map(|(id, targets)| Step::Take(id, targets)),
        2 => (id(), targets()).prop_map(|(id, targets)| Step::GiveUp(id, targets)),
        1 => (id(), target()).prop_map(|(id, target)| Step::Close(id, target)),
        8 => commit.prop_map(|(target, is_change, behind, token)| Step::Commit { target, is_change, behind, token }),
        2 => any::<Index>().prop_map(Step::Again),
    ];
    vec((step, 0..2_usize), 1..40)
}

/// What a commit is answered with, to compare.
#[derive(Debug, PartialEq)]
enum Answer {
    Applied,
    AlreadyApplied,
    Conflict(u64),
    Fenced,
    Invalid,
}

impl From<Result<Outcome, StoreError>> for Answer {
    fn from(answer: Result<Outcome, StoreError>) -> Self {
        match answer {
            Ok(Outcome::Applied) => Self::Applied,
            Ok(Outcome::AlreadyApplied) => Self::AlreadyApplied,
            Err(StoreError::Conflict { found, .. }) => Self::Conflict(found),
            Err(StoreError::Fenced { .. }) => Self::Fenced,
            Err(StoreError::Invalid { .. }) => Self::Invalid,
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// A store in memory, written for nothing but to be read.
#[derive(Default)]
struct Model {
    /// The load of each, and whether it lives.
    roll: BTreeMap<Name, (u64, bool)>,
    leases: BTreeMap<Name, Lease>,
    /// All that were given.
    tokens: Vec<u64>,
    targets: BTreeMap<String, Known>,
}

#[derive(Default)]
struct Lease {
    holder: Option<Name>,
    /// Who took it last.
    taken_by: Option<Name>,
    /// The last one that was given with it.
    token: u64,
}

#[derive(Default)]
struct Known {
    revision: u64,
    fence: u64,
    changes: BTreeSet<String>,
    health: Option<Commit>,
}

impl Model {
    fn strike_off(&mut self, id: Name) {
        self.roll.remove(id);
        self.vacate(id, |_| true);
    }

    fn vacate(&mut self, id: Name, which: impl Fn(Name) -> bool) {
        for (target, lease) in &mut self.leases {
            lease.holder = lease.holder.filter(|&holder| holder != id || !which(target));
        }
    }

    fn held_by(&self, id: Option<Name>) -> BTreeMap<String, u64> {
        let held = self.leases.iter().filter(|(_, lease)| lease.holder == id);
        held.map(|(target, lease)| (target.to_string(), lease.token)).collect()
    }

    fn left_by(&self, id: Name) -> BTreeSet<String> {
        let left = self.leases.iter().filter(|(_, lease)| lease.holder.is_none() && lease.taken_by == Some(id));
        left.map(|(target, _)| target.to_string()).collect()
    }

    fn report(&mut self, id: Name, load: u64, lives: bool) -> Roll {
        let was_on_it = self.roll.insert(id, (load, lives)).is_some();
        let members = self.roll.iter().map(|(id, &(load, _))| Member { id: id.to_string(), load });
        Roll { was_on_it, members: members.collect() }
    }

    /// The targets whose leases are to be got.
    fn takes(&self, id: Name, targets: &Names) -> Names {
        let is_to_be_had = |target: &&Name| {
            self.roll.contains_key(id)
                && self.leases.get(*target).is_some_and(|lease| lease.holder.is_none_or(|holder| holder == id))
        };
        targets.iter().filter(is_to_be_had).copied().collect()
    }

    fn take(&mut self, id: Name, got: &BTreeMap<String, u64>) {
        let last = self.tokens.iter().max().copied().unwrap_or_default();
        for (target, lease) in &mut self.leases {
            let Some(&token) = got.get(*target) else { continue };
            assert!(token > last, "{token} was given after {last}");
            *lease = Lease { holder: Some(id), taken_by: Some(id), token };
            if let Some(known) = self.targets.get_mut(*target) {
                known.fence = token;
            }
            self.tokens.push(token);
        }
    }

    fn next(&self, target: Name, is_change: bool, behind: u64, second: i64) -> Commit {
        let revision = self.targets.get(target).map_or(0, |known| known.revision);
        let mut author = Author::at(target, revision.saturating_sub(behind));
        if is_change { author.turn(at(second), &[("a", Some(Status::Ok))]) } else { author.healthy(at(second)) }
    }

    fn commit(&mut self, commit: &Commit) -> Answer {
        let token = self.leases.get(commit.target.as_str()).map_or(0, |lease| lease.token);
        let new = Known { fence: token, ..Known::default() };
        let known = self.targets.get(&commit.target).unwrap_or(&new);
        let is_its_last = known.health.as_ref().is_some_and(|last| last.id == commit.id);
        if known.changes.contains(&commit.id) || (commit.change.is_none() && is_its_last) {
            return Answer::AlreadyApplied;
        }
        if commit.fence.is_some_and(|token| token < known.fence) {
            return Answer::Fenced;
        }
        if commit.base != known.revision {
            return Answer::Conflict(known.revision);
        }
        match &known.health {
            None if commit.change.is_none() => return Answer::Invalid,
            Some(last) if last.health.last_attempt > commit.health.last_attempt => return Answer::AlreadyApplied,
            _ => {}
        }
        let known = self.targets.entry(commit.target.clone()).or_insert(new);
        known.revision = commit.revision();
        known.changes.extend(commit.change.is_some().then(|| commit.id.clone()));
        known.health = Some(commit.clone());
        Answer::Applied
    }
}

async fn agrees(store: &dyn Store, model: &Model) {
    let vacant: BTreeSet<_> = model.held_by(None).into_keys().collect();
    assert_eq!(store.vacant_leases().await.unwrap(), vacant);
    for id in COLLECTORS {
        assert_eq!(store.held_leases(id).await.unwrap(), model.held_by(Some(id)), "{id}");
        assert_eq!(store.left_leases(id).await.unwrap(), model.left_by(id), "{id}");
    }
}

async fn carry_out(store: &dyn Store, model: &mut Model, step: Step, second: i64, commits: &mut Vec<Commit>) {
    match step {
        Step::Report { id, load, lives } => {
            let span = if lives { Duration::from_hours(1) } else { Duration::ZERO };
            let me = Member { id: id.to_owned(), load };
            assert_eq!(store.report_in(&me, span, at(0)).await.unwrap(), model.report(id, load, lives));
        }
        Step::StrikeOff => {
            let over = model.roll.iter().filter(|(_, (_, lives))| !lives);
            let over: Names = over.map(|(id, _)| *id).collect();
            assert_eq!(store.strike_off(at(0)).await.unwrap(), owned(&over));
            for id in over {
                model.strike_off(id);
            }
        }
        Step::Leave(id) => {
            store.leave_roll(id).await.unwrap();
            model.strike_off(id);
        }
        Step::Open(targets) => {
            store.open_leases(&owned(&targets)).await.unwrap();
            for target in targets {
                model.leases.entry(target).or_default();
            }
        }
        Step::Take(id, targets) => {
            let got = store.take_leases(id, &owned(&targets)).await.unwrap();
            let expected = owned(&model.takes(id, &targets));
            assert_eq!(got.keys().cloned().collect::<BTreeSet<_>>(), expected);
            model.take(id, &got);
        }
        Step::GiveUp(id, targets) => {
            store.give_up_leases(id, &owned(&targets)).await.unwrap();
            model.vacate(id, |target| targets.contains(target));
        }
        Step::Close(id, target) => {
            store.close_lease(id, target).await.unwrap();
            if model.leases.get(target).is_some_and(|lease| lease.holder == Some(id)) {
                model.leases.remove(target);
            }
        }
        Step::Commit { target, is_change, behind, token } => {
            let given = token.filter(|_| !model.tokens.is_empty());
            let fence = given.map(|index| *index.get(&model.tokens));
            commits.push(Commit { fence, ..model.next(target, is_change, behind, second) });
            commit(store, model, &commits[commits.len() - 1]).await;
        }
        Step::Again(index) if !commits.is_empty() => commit(store, model, index.get(commits)).await,
        Step::Again(_) => {}
    }
}

async fn commit(store: &dyn Store, model: &mut Model, commit: &Commit) {
    assert_eq!(Answer::from(store.commit(commit).await), model.commit(commit), "{commit:?}");
}

async fn behaves_like_the_model(database: Database, steps: Vec<(Step, usize)>) {
    let handles = [database.open().await, database.open().await];
    let (mut model, mut commits) = (Model::default(), Vec::new());
    for (second, (step, process)) in (0..).zip(steps) {
        carry_out(&*handles[process], &mut model, step, second, &mut commits).await;
        agrees(&*handles[1 - process], &model).await;
    }
    for (target, known) in &model.targets {
        let state = handles[0].target(target).await.unwrap().unwrap();
        let last = known.health.as_ref().unwrap();
        assert_eq!((state.revision, &state.health), (known.revision, &last.health));
    }
    for handle in handles {
        handle.close().await;
    }
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
