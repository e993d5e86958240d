//! The targets that this collector asks: those whose leases it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use unistatus_core::causes::with_causes;
use unistatus_core::observe::{self, Known};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{Commit, StoreError};
use unistatus_core::target::spec::Configured;

use crate::attend::{Begins, Shared, Tenure, attend};
use crate::crew::share::{self, Loads, Situation};

/// How long a lease may be vacant. Then it is taken also by who has enough: nobody else knows its target.
const VACANT: Duration = Duration::from_secs(10);
/// For how long nothing may have moved until the last differences are evened out: all have reported twice by then.
const STEADY: Duration = Duration::from_secs(5);
/// For how long nothing is given up after something came back that nobody wanted; twice as long each further time.
const KEEP: Duration = Duration::from_mins(1);
/// … at the most.
const LONGEST_KEEP: Duration = Duration::from_hours(1);

/// The targets that this collector asks, and those that it could ask.
#[derive(Debug)]
pub(crate) struct Held {
    shared: Arc<Shared>,
    /// What could be asked.
    known: BTreeMap<String, Configured>,
    /// Those of them that the store has leases of.
    opened: BTreeSet<String>,
    /// Those that are asked, each with its task.
    attended: BTreeMap<String, Attended>,
    /// Those that are asked no more, and whose lease is still held until all of them is written.
    leaving: BTreeMap<String, Leaving>,
    /// Since when what is vacant was seen to be so.
    vacant_since: BTreeMap<String, Instant>,
    /// Those that were given up a moment ago, and when.
    given: BTreeMap<String, Instant>,
    /// Those that were vacant for long, and that nobody else took.
    unwanted: BTreeSet<String>,
    /// How much the others and this collector ask, and since when.
    steady: ((Vec<u64>, u64), Instant),
    /// Until when nothing is given up, and for how long not after that.
    keeps: (Instant, Duration),
    /// Who is on the roll.
    crew: Vec<String>,
    has_settled: bool,
    stop: CancellationToken,
    abort: CancellationToken,
}

#[derive(Debug)]
struct Attended {
    definition: String,
    load: u64,
    token: Arc<AtomicU64>,
    /// Starts no new ask.
    stop: CancellationToken,
    /// Breaks off the one under way.
    abort: CancellationToken,
    task: JoinHandle<Option<Known>>,
}

#[derive(Debug)]
struct Leaving {
    load: u64,
    /// Whether nobody is to ask it any more.
    is_retired: bool,
    /// Ends once all is written.
    written: JoinHandle<()>,
}

impl Held {
    /// Nothing is asked yet.
    pub(crate) fn nothing(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            known: BTreeMap::new(),
            opened: BTreeSet::new(),
            attended: BTreeMap::new(),
            leaving: BTreeMap::new(),
            vacant_since: BTreeMap::new(),
            given: BTreeMap::new(),
            unwanted: BTreeSet::new(),
            steady: (Default::default(), Instant::now()),
            keeps: (Instant::now(), KEEP),
            crew: Vec::new(),
            has_settled: false,
            stop: CancellationToken::new(),
            abort: CancellationToken::new(),
        }
    }

    /// Whether a target could be asked.
    pub(crate) fn knows(&self, target: &str) -> bool {
        self.known.contains_key(target)
    }

    /// The target whose task ended although nobody asked it to, if there is one.
    pub(crate) fn broken(&self) -> Option<String> {
        self.attended.iter().find(|(_, attended)| attended.task.is_finished()).map(|(name, _)| name.clone())
    }

    /// Says what could be asked from now on. What is asked and is not among it is retired; what is defined otherwise is
    /// asked so; all else goes on undisturbed.
    pub(crate) async fn may_be_asked(&mut self, all: BTreeMap<String, Configured>) {
        let gone: Vec<String> = self.attended.keys().filter(|name| !all.contains_key(*name)).cloned().collect();
        for name in gone {
            self.retire(&name).await;
        }
        self.opened.retain(|name| all.contains_key(name));
        self.known = all;
        let is_changed = |(name, attended): &(&String, &Attended)| {
            self.known.get(*name).is_some_and(|configured| configured.definition != attended.definition)
        };
        let changed: Vec<String> = self.attended.iter().filter(is_changed).map(|(name, _)| name.clone()).collect();
        for name in changed {
            let Some(token) = self.attended.get(&name).map(|attended| Arc::clone(&attended.token)) else { continue };
            let known = self.dismiss(&name).await;
            self.engage(&name, Tenure { token, begins: Begins::AtOnce }, known);
        }
    }

    /// Takes and gives up leases, so that each collector has an even share. What the store does not do now is done after
    /// the next report.
    pub(crate) async fn settle(&mut self) {
        match self.try_settle().await {
            Ok(()) => {}
            // The report that follows will say so.
            Err(error) if error.is_transient() => tracing::debug!(%error, "the leases stay as they are"),
            Err(error) => tracing::error!(error = with_causes(&error), "the leases stay as they are"),
        }
        self.shared.monitor.shares(self.attended.len(), self.crew.len());
        self.shared.standing.asks(share::sum(&self.loads()) + self.load_leaving());
    }

    async fn try_settle(&mut self) -> Result<(), StoreError> {
        let shared = Arc::clone(&self.shared);
        self.meet_crew();
        if self.crew.is_empty() {
            // The others have to know of this one first.
            return Ok(());
        }
        let is_in_doubt = shared.standing.is_in_doubt();
        if is_in_doubt {
            self.find_out().await?;
        }
        self.hand_over().await?;
        let fresh: BTreeSet<String> = self.known.keys().filter(|name| !self.opened.contains(*name)).cloned().collect();
        if !fresh.is_empty() {
            shared.store.open_leases(&fresh).await?;
            self.opened.extend(fresh);
        }
        let vacant = self.see_vacant(&shared.store.vacant_leases().await?);
        let (mine, given) = (self.loads(), self.given.keys().cloned().collect());
        let others = self.loads_of_others();
        let is_steady = self.is_steady(&others, share::sum(&mine));
        let situation = Situation {
            total: self.known.values().map(|configured| self.load(configured)).sum(),
            others: &others,
            place: self.crew.iter().position(|id| id == shared.standing.id()).unwrap_or_default(),
            mine: &mine,
            is_steady,
            vacant: &vacant,
            unwanted: &self.unwanted,
            given: &given,
        };
        let mut moves = situation.moves();
        moves.take.extend(self.nobody_wants(&vacant));
        self.take(&moves.take).await?;
        if is_in_doubt {
            // Not before what is vacant was taken: what the journal kept of it is written under the new lease.
            shared.standing.is_certain();
        }
        if Instant::now() >= self.keeps.0 {
            for name in &moves.give {
                self.leave(name);
            }
        }
        self.has_settled = true;
        Ok(())
    }

    /// Learns who is there. Others may want what those before did not.
    fn meet_crew(&mut self) {
        let crew: Vec<String> = self.shared.standing.members().into_iter().map(|member| member.id).collect();
        if crew != self.crew {
            tracing::info!(collectors = crew.len(), "share the work");
            self.unwanted.clear();
            self.keeps = (Instant::now(), KEEP);
            self.crew = crew;
        }
    }

    fn loads_of_others(&self) -> Vec<u64> {
        let members = self.shared.standing.members().into_iter();
        members.filter(|member| member.id != self.shared.standing.id()).map(|member| member.load).collect()
    }

    /// Whether these loads, those of the others and its own, have been so for long enough that all have said so.
    fn is_steady(&mut self, others: &[u64], mine: u64) -> bool {
        let loads = (others.to_vec(), mine);
        if self.steady.0 != loads {
            self.steady = (loads, Instant::now());
        }
        self.leaving.is_empty() && self.steady.1.elapsed() >= STEADY
    }

    fn loads(&self) -> Loads {
        self.attended.iter().map(|(name, attended)| (name.clone(), attended.load)).collect()
    }

    fn load_leaving(&self) -> u64 {
        self.leaving.values().map(|leaving| leaving.load).sum()
    }

    fn load(&self, configured: &Configured) -> u64 {
        share::load(configured.target.identity().interval(self.shared.options.interval))
    }

    /// What is vacant and could be asked here.
    fn see_vacant(&mut self, vacant: &BTreeSet<String>) -> Loads {
        let here: Loads = vacant
            .iter()
            .filter(|name| !self.attended.contains_key(*name) && !self.leaving.contains_key(*name))
            .filter_map(|name| Some((name.clone(), self.load(self.known.get(name)?))))
            .collect();
        self.vacant_since.retain(|name, _| here.contains_key(name));
        let now = Instant::now();
        for name in here.keys() {
            self.vacant_since.entry(name.clone()).or_insert(now);
        }
        here
    }

    /// What has been vacant for so long that nobody else seems to want it.
    fn nobody_wants(&mut self, vacant: &Loads) -> BTreeSet<String> {
        let is_old = |name: &&String| self.vacant_since.get(*name).is_some_and(|since| since.elapsed() >= VACANT);
        let old: BTreeSet<String> = vacant.keys().filter(is_old).cloned().collect();
        if old.iter().any(|name| self.given.contains_key(name)) {
            // The others have other targets: to try all of them one after the other would leave each alone for a while.
            let (_, span) = self.keeps;
            self.keeps = (Instant::now() + span, (span * 2).min(LONGEST_KEEP));
        }
        self.unwanted.extend(old.iter().cloned());
        old
    }

    /// Finds out what is still held, and holds on to that.
    async fn find_out(&mut self) -> Result<(), StoreError> {
        let shared = Arc::clone(&self.shared);
        let held = shared.store.held_leases(shared.standing.id()).await?;
        let lost: Vec<String> = self.attended.keys().filter(|name| !held.contains_key(*name)).cloned().collect();
        for name in &lost {
            self.dismiss(name).await;
            shared.backlog.forget(name);
            shared.monitor.retired(name);
        }
        if !lost.is_empty() {
            tracing::info!(targets = lost.len(), "are asked by others by now");
        }
        for name in self.leaving.keys().filter(|name| !held.contains_key(*name)) {
            shared.backlog.forget(name);
        }
        let (mine, strange): (BTreeSet<String>, BTreeSet<String>) =
            held.into_keys().partition(|name| self.known.contains_key(name) && !self.leaving.contains_key(name));
        let strange: BTreeSet<String> = strange.into_iter().filter(|name| !self.leaving.contains_key(name)).collect();
        if !strange.is_empty() {
            shared.store.give_up_leases(shared.standing.id(), &strange).await?;
        }
        // Anew, also those that were not lost: whoever had them in between may have raised the fence.
        self.take(&mine).await
    }

    /// Takes leases, and asks what it got.
    async fn take(&mut self, targets: &BTreeSet<String>) -> Result<(), StoreError> {
        if targets.is_empty() {
            return Ok(());
        }
        let got = self.shared.store.take_leases(self.shared.standing.id(), targets).await?;
        let begins = if self.has_settled || self.crew.len() > 1 { Begins::InTurn } else { Begins::AtOnce };
        for (name, token) in got {
            // What waits to be written was made under the token before.
            self.shared.backlog.renew(&name, token);
            if let Some(attended) = self.attended.get(&name) {
                attended.token.store(token, Ordering::Relaxed);
            } else {
                self.engage(&name, Tenure { token: Arc::new(AtomicU64::new(token)), begins }, None);
            }
        }
        Ok(())
    }

    fn engage(&mut self, name: &str, tenure: Tenure, known: Option<Known>) {
        let Some(configured) = self.known.get(name) else { return };
        let (stop, abort) = (self.stop.child_token(), self.abort.child_token());
        let (load, definition) = (self.load(configured), configured.definition.clone());
        self.shared.monitor.engaged(name);
        let (orders, token) = ((stop.clone(), abort.clone()), Arc::clone(&tenure.token));
        let task = tokio::spawn(attend(Arc::clone(&self.shared), configured.clone(), tenure, known, orders));
        let attended = Attended { definition, load, token, stop, abort, task };
        self.attended.insert(name.to_owned(), attended);
    }

    /// Asks a target no more; returns what is known of it.
    async fn dismiss(&mut self, name: &str) -> Option<Known> {
        let attended = self.attended.remove(name)?;
        attended.stop.cancel();
        attended.abort.cancel();
        attended.task.await.inspect_err(|error| tracing::error!(target = name, %error, "its task broke")).ok().flatten()
    }

    /// Asks a target no more and takes it off the list; its history stays.
    async fn retire(&mut self, name: &str) {
        let Some(Attended { token, load, .. }) = self.attended.get(name) else { return };
        let (token, load) = (token.load(Ordering::Relaxed), *load);
        if let Some(known) = self.dismiss(name).await {
            self.shared.strike_off(name, Some(token), &known);
        }
        let (backlog, target) = (Arc::clone(&self.shared.backlog), name.to_owned());
        self.leaves(name, load, true, async move { backlog.written(&target).await });
    }

    /// Gives a target up: once the ask under way has ended and all is written, the lease goes.
    fn leave(&mut self, name: &str) {
        let Some(Attended { load, stop, task, .. }) = self.attended.remove(name) else { return };
        stop.cancel();
        let (backlog, target) = (Arc::clone(&self.shared.backlog), name.to_owned());
        self.leaves(name, load, false, async move {
            let _ = task.await;
            backlog.written(&target).await;
        });
    }

    fn leaves(&mut self, name: &str, load: u64, is_retired: bool, written: impl Future<Output = ()> + Send + 'static) {
        self.shared.monitor.retired(name);
        let written = tokio::spawn(written);
        self.leaving.insert(name.to_owned(), Leaving { load, is_retired, written });
    }

    /// Gives the leases up of what is left and written.
    async fn hand_over(&mut self) -> Result<(), StoreError> {
        let (store, me) = (Arc::clone(&self.shared.store), self.shared.standing.id().to_owned());
        let is_over = |(_, leaving): &(&String, &Leaving)| leaving.written.is_finished();
        let over: BTreeMap<String, bool> =
            self.leaving.iter().filter(is_over).map(|(name, leaving)| (name.clone(), leaving.is_retired)).collect();
        let given: BTreeSet<String> =
            over.iter().filter(|(_, is_retired)| !**is_retired).map(|(name, _)| name.clone()).collect();
        if !given.is_empty() {
            store.give_up_leases(&me, &given).await?;
        }
        for name in over.iter().filter(|(_, is_retired)| **is_retired).map(|(name, _)| name) {
            store.close_lease(&me, name).await?;
            self.opened.remove(name);
        }
        self.leaving.retain(|name, _| !over.contains_key(name));
        let now = Instant::now();
        self.given.retain(|_, since| now.duration_since(*since) < 2 * VACANT);
        self.given.extend(given.into_iter().map(|name| (name, now)));
        Ok(())
    }

    /// Starts no new ask, and breaks off after this long what is then still under way.
    pub(crate) async fn end(&mut self, grace: Duration) {
        self.stop.cancel();
        let mut asks: JoinSet<()> = std::mem::take(&mut self.attended)
            .into_values()
            .map(|attended| async move { drop(attended.task.await) })
            .collect();
        if tokio::time::timeout(grace, async { while asks.join_next().await.is_some() {} }).await.is_err() {
            tracing::info!(under_way = asks.len(), "breaking off what is still under way");
            self.abort.cancel();
            while asks.join_next().await.is_some() {}
        }
    }
}

impl Shared {
    /// Takes a target off the list; under a lease, if there is one.
    pub(crate) fn strike_off(&self, name: &str, fence: Option<u64>, known: &Known) {
        let id = self.commit_ids.next();
        if let Some(commit) = observe::retire(known, name, id, Timestamp::now())
            && self.backlog.push(Commit { fence, ..commit }).is_err()
        {
            // Who wrote it asks it, too, and may go on doing so.
            tracing::warn!(target = name, "stays on the list: somebody else writes it");
        }
    }
}
