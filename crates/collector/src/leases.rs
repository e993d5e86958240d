//! The leases that this collector holds, and with them what it asks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use unistatus_core::causes::with_causes;
use unistatus_core::observe::Known;
use unistatus_core::store::StoreError;
use unistatus_core::target::spec::Configured;

use crate::asking::Asking;
use crate::attend::Begins;
use crate::crew::ledger::Ledger;
use crate::crew::share::{self, Loads, Situation};
use crate::crew::strays::Strays;
use crate::shared::Shared;

/// How often it is looked whether leases are held that nobody knows of: they were taken, and the store's answer was lost.
const AUDIT: Duration = Duration::from_secs(30);
/// How often it is looked whether all leases are there: somebody may have closed one just when this collector came to know
/// its target.
const REOPEN: Duration = Duration::from_mins(5);
/// How many leases are opened, taken or given up in one call, which the store has to answer in time.
const AT_ONCE: usize = 10_000;

/// The targets that this collector asks, and those that it could ask.
#[derive(Debug)]
pub(crate) struct Held {
    shared: Arc<Shared>,
    /// What could be asked.
    known: BTreeMap<String, Configured>,
    /// Those of them that the store has leases of.
    opened: BTreeSet<String>,
    /// When it was looked last for all of them.
    reopened: Instant,
    /// What is asked.
    asking: Asking,
    ledger: Ledger,
    strays: Strays,
    /// Who is on the roll.
    crew: Vec<String>,
    has_settled: bool,
    /// When it was looked last whether leases are held unknown; `None` if that may well be.
    audited: Option<Instant>,
}

impl Held {
    /// Nothing is asked yet.
    pub(crate) fn nothing(shared: Arc<Shared>) -> Self {
        Self {
            asking: Asking::nothing(Arc::clone(&shared)),
            shared,
            known: BTreeMap::new(),
            opened: BTreeSet::new(),
            reopened: Instant::now(),
            ledger: Ledger::new(),
            strays: Strays::default(),
            crew: Vec::new(),
            has_settled: false,
            audited: None,
        }
    }

    /// Whether a target could be asked.
    pub(crate) fn knows(&self, target: &str) -> bool {
        self.known.contains_key(target)
    }

    /// The target whose task ended although nobody asked it to, if there is one.
    pub(crate) fn broken(&self) -> Option<String> {
        self.asking.broken()
    }

    /// Says what could be asked from now on. What is asked and is not among it is retired, where others may know it only once
    /// none of them takes it.
    pub(crate) async fn may_be_asked(&mut self, all: BTreeMap<String, Configured>) {
        self.asking.follow(&all, self.is_alone()).await;
        self.opened.retain(|name| all.contains_key(name));
        self.known = all;
    }

    /// Takes and gives up leases, so that each collector has an even share; and, where it `knows_all` that could be asked,
    /// retires what nobody knows. What the store does not do now is done after the next report.
    pub(crate) async fn settle(&mut self, knows_all: bool) {
        match self.try_settle(knows_all).await {
            Ok(()) => {}
            // The report that follows will say so.
            Err(error) if error.is_transient() => tracing::debug!(%error, "the leases stay as they are"),
            Err(error) => tracing::error!(error = with_causes(&error), "the leases stay as they are"),
        }
        let loads = self.asking.loads();
        self.shared.monitor.shares(loads.len(), self.crew.len());
        self.shared.standing.asks(share::sum(&loads) + self.asking.leaving().unwrap_or_default());
    }

    async fn try_settle(&mut self, knows_all: bool) -> Result<(), StoreError> {
        let shared = Arc::clone(&self.shared);
        self.meet_crew();
        if self.crew.is_empty() {
            // The others have to know of this one first.
            return Ok(());
        }
        let doubts = shared.standing.in_doubt();
        if doubts.is_some() {
            self.find_out().await?;
        } else if self.audited.is_none_or(|audited| audited.elapsed() >= AUDIT) {
            self.audit().await?;
        }
        self.hand_over().await?;
        self.open().await?;
        let all_vacant = shared.store.vacant_leases().await?;
        let vacant = self.within_reach(&all_vacant);
        self.ledger.are_vacant(&vacant);
        let (mine, others, given) = (self.asking.loads(), self.loads_of_others(), self.ledger.given());
        let is_steady = self.ledger.are_steady(&others, share::sum(&mine)) && self.asking.leaving().is_none();
        let situation = Situation {
            total: self.known.values().map(|configured| shared.load(configured)).sum(),
            others: &others,
            place: self.crew.iter().position(|id| id == shared.standing.id()).unwrap_or_default(),
            mine: &mine,
            is_steady,
            vacant: &vacant,
            unwanted: self.ledger.unwanted(),
            given: &given,
        };
        let mut moves = situation.moves();
        moves.take.extend(self.ledger.nobody_wants());
        self.take(&moves.take).await?;
        if let Some(doubts) = doubts {
            // Not before what is vacant was taken: what the journal kept of it is written under the new lease.
            shared.standing.settle(doubts);
        }
        if self.ledger.may_give() {
            for name in &moves.give {
                self.asking.leave(name);
            }
        }
        self.has_settled = true;
        if knows_all { self.retire_strays(&all_vacant).await } else { Ok(()) }
    }

    /// Learns who is there.
    fn meet_crew(&mut self) {
        let crew: Vec<String> = self.shared.standing.members().into_iter().map(|member| member.id).collect();
        if crew != self.crew {
            tracing::info!(collectors = crew.len(), "share the work");
            self.ledger.meet_others();
            self.crew = crew;
        }
    }

    /// Whether nobody else is on the roll.
    fn is_alone(&self) -> bool {
        self.crew.len() == 1
    }

    fn loads_of_others(&self) -> Vec<u64> {
        let members = self.shared.standing.members().into_iter();
        members.filter(|member| member.id != self.shared.standing.id()).map(|member| member.load).collect()
    }

    /// Takes off the list what was asked here last, and nobody knows any more: it was given up to others, or is not among the
    /// targets any more with which this collector started again.
    async fn retire_strays(&mut self, vacant: &BTreeSet<String>) -> Result<(), StoreError> {
        let is_stray = |name: &&String| !self.knows(name) && !self.asking.holds(name);
        let strays = vacant.iter().filter(is_stray).cloned().collect();
        self.strays.are(&strays);
        let abandoned = self.strays.abandoned();
        // What an earlier process left may be of one of them, and comes first.
        if abandoned.is_empty() || self.shared.backlog.has_left() {
            return Ok(());
        }
        let left = self.shared.store.left_leases(self.shared.standing.id()).await?;
        let (mine, of_others) = abandoned.into_iter().partition(|name| left.contains(name));
        self.strays.leave_alone(of_others);
        for some in parts(&mine) {
            let audited = self.audited.take();
            for (name, token) in self.shared.store.take_leases(self.shared.standing.id(), &some).await? {
                self.retire_stray(name, token).await?;
            }
            self.audited = audited;
        }
        Ok(())
    }

    async fn retire_stray(&mut self, name: String, token: u64) -> Result<(), StoreError> {
        match Known::load(&*self.shared.store, &name).await {
            Ok(known) => {
                tracing::info!(target = name, "nobody asks it any more; it is taken off the list");
                self.asking.retire_unasked(&name, token, &known);
                Ok(())
            }
            Err(error) if error.is_about_the_database() => Err(error),
            Err(error) => {
                let error = with_causes(&error);
                tracing::error!(target = name, error, "what is known of it cannot be read; it stays on the list");
                let stray = BTreeSet::from([name]);
                self.give_up(&stray).await?;
                self.strays.leave_alone(stray);
                Ok(())
            }
        }
    }

    /// What is vacant and could be asked here.
    fn within_reach(&self, vacant: &BTreeSet<String>) -> Loads {
        let not_held = vacant.iter().filter(|name| !self.asking.holds(name));
        not_held.filter_map(|name| Some((name.clone(), self.shared.load(self.known.get(name)?)))).collect()
    }

    /// Finds out what is still held, and holds on to that.
    async fn find_out(&mut self) -> Result<(), StoreError> {
        let shared = Arc::clone(&self.shared);
        let held: BTreeSet<String> = shared.store.held_leases(shared.standing.id()).await?.into_keys().collect();
        // Those who did not see this collector may have closed some of the others.
        self.opened.clear();
        let lost = self.asking.keep_only(&held).await;
        if lost > 0 {
            tracing::info!(targets = lost, "are asked by others by now");
        }
        // Anew, also those that were not lost: whoever had them in between may have raised the fence.
        self.see_held(held.into_iter().filter(|name| !self.asking.is_leaving(name)).collect()).await
    }

    /// Looks whether leases are held that are not known of.
    async fn audit(&mut self) -> Result<(), StoreError> {
        let held = self.shared.store.held_leases(self.shared.standing.id()).await?;
        self.see_held(held.into_keys().filter(|name| !self.asking.holds(name)).collect()).await
    }

    /// Takes anew what is held, and gives up what could not be asked.
    async fn see_held(&mut self, held: BTreeSet<String>) -> Result<(), StoreError> {
        self.audited = Some(Instant::now());
        let (mine, strange): (BTreeSet<String>, BTreeSet<String>) = held.into_iter().partition(|name| self.knows(name));
        self.give_up(&strange).await?;
        self.take(&mine).await
    }

    /// Gives the leases up of what is left and written.
    async fn hand_over(&mut self) -> Result<(), StoreError> {
        let (store, me) = (Arc::clone(&self.shared.store), self.shared.standing.id().to_owned());
        let over = self.asking.over();
        self.give_up(&over.given).await?;
        if !over.retired.is_empty() {
            // Those that somebody else wrote just then are listed still, and strays that are seen to once more.
            let listed = store.names().await?;
            let (listed, retired) = over.retired.iter().cloned().partition(|name| listed.contains(name));
            self.give_up(&listed).await?;
            for name in &retired {
                store.close_lease(&me, name).await?;
                self.opened.remove(name);
            }
        }
        self.asking.let_go(&over);
        self.ledger.were_given(over.given);
        Ok(())
    }

    /// Sees to it that the store has a lease of all that could be asked.
    async fn open(&mut self) -> Result<(), StoreError> {
        if self.reopened.elapsed() >= REOPEN {
            self.opened.clear();
        }
        if self.opened.is_empty() {
            self.reopened = Instant::now();
        }
        if self.opened.len() == self.known.len() {
            return Ok(());
        }
        let fresh = self.known.keys().filter(|name| !self.opened.contains(*name)).cloned().collect();
        for some in parts(&fresh) {
            self.shared.store.open_leases(&some).await?;
            self.opened.extend(some);
        }
        Ok(())
    }

    /// Takes leases, and asks what it got.
    async fn take(&mut self, targets: &BTreeSet<String>) -> Result<(), StoreError> {
        let begins = if self.has_settled || self.crew.len() > 1 { Begins::InTurn } else { Begins::AtOnce };
        for some in parts(targets) {
            let audited = self.audited.take();
            let got = self.shared.store.take_leases(self.shared.standing.id(), &some).await?;
            self.audited = audited;
            for (name, token) in got {
                // What waits to be written was made under the token before.
                self.shared.backlog.renew(&name, token);
                if !self.asking.renew(&name, token)
                    && let Some(configured) = self.known.get(&name)
                {
                    self.asking.begin(configured, token, begins);
                }
            }
        }
        Ok(())
    }

    /// Gives leases up.
    async fn give_up(&self, targets: &BTreeSet<String>) -> Result<(), StoreError> {
        for some in parts(targets) {
            self.shared.store.give_up_leases(self.shared.standing.id(), &some).await?;
        }
        Ok(())
    }

    /// Starts no new ask, and breaks off after this long what is then still under way.
    pub(crate) async fn end(&mut self, grace: Duration) {
        self.asking.end(grace).await;
    }
}

/// These targets, as many at a time as one call takes.
fn parts(targets: &BTreeSet<String>) -> Vec<BTreeSet<String>> {
    let targets: Vec<&String> = targets.iter().collect();
    targets.chunks(AT_ONCE).map(|some| some.iter().map(|&target| target.clone()).collect()).collect()
}
