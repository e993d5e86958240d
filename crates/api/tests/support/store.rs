//! A store in memory that can be away. It refuses commits: the API writes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use tokio::sync::watch;
use unistatus_core::schema::{Event, Incident, Timestamp};
use unistatus_core::store::{
    Changed, Commit, EventQuery, History, IncidentQuery, Late, Outcome, Past, Place, Placed, Retention, States, Store,
    StoreError, TargetIncident, TargetState, Watch as StoreWatch, Window,
};

use super::accounts::Kept;

#[derive(Clone, Debug)]
pub(crate) struct MemoryStore {
    content: Arc<Mutex<Content>>,
    /// Counts what happened, to wake the watches.
    happened: Arc<watch::Sender<u64>>,
}

#[derive(Debug, Default)]
pub(super) struct Content {
    targets: BTreeMap<String, TargetState>,
    /// The names of the targets that changed, in order.
    changes: Vec<String>,
    corrupt: BTreeSet<String>,
    pub(super) kept: Kept,
    away: bool,
}

impl MemoryStore {
    pub(crate) fn new(targets: impl IntoIterator<Item = TargetState>) -> Self {
        let targets = targets.into_iter().map(|target| (target.name.clone(), target)).collect();
        let content = Content { targets, ..Content::default() };
        Self { content: Arc::new(Mutex::new(content)), happened: Arc::new(watch::Sender::new(0)) }
    }

    /// Writes a target's state and tells the watches.
    pub(crate) fn put(&self, state: TargetState) {
        self.change(|content| {
            content.changes.push(state.name.clone());
            content.targets.insert(state.name.clone(), state);
        });
    }

    /// Changes a target's state and tells the watches.
    pub(crate) fn update(&self, name: &str, change: impl FnOnce(&mut TargetState)) {
        self.change(|content| {
            content.changes.push(name.to_owned());
            change(content.targets.get_mut(name).unwrap());
        });
    }

    /// Breaks the record of a target and tells the watches that it changed.
    pub(crate) fn corrupt(&self, name: &str) {
        self.change(|content| {
            content.changes.push(name.to_owned());
            content.corrupt.insert(name.to_owned());
        });
    }

    /// Cuts the database off, or brings it back.
    pub(crate) fn set_away(&self, away: bool) {
        self.change(|content| content.away = away);
    }

    /// Has somebody removed by another server while they log in.
    pub(crate) fn remove_at_login(&self, name: &str) {
        self.change(|content| content.kept.removed_meanwhile = Some(name.to_owned()));
    }

    /// Has an admin allow somebody to write just before they are next replaced.
    pub(crate) fn promote_at_replacement(&self, name: &str) {
        self.change(|content| content.kept.promoted_meanwhile = Some(name.to_owned()));
    }

    /// How many sessions there are.
    pub(crate) fn sessions(&self) -> usize {
        self.content.lock().unwrap().kept.sessions.len()
    }

    /// How many uses of keys were written down.
    pub(crate) fn uses(&self) -> usize {
        self.content.lock().unwrap().kept.uses
    }

    fn change(&self, change: impl FnOnce(&mut Content)) {
        change(&mut self.content.lock().unwrap());
        self.happened.send_modify(|count| *count += 1);
    }

    pub(super) fn open(&self) -> Result<MutexGuard<'_, Content>, StoreError> {
        let content = self.content.lock().unwrap();
        if content.away {
            return Err(StoreError::Unavailable { message: "the test cut it off".to_owned(), source: None });
        }
        Ok(content)
    }
}

impl From<MemoryStore> for Arc<dyn Store> {
    fn from(store: MemoryStore) -> Self {
        Arc::new(store)
    }
}

#[async_trait]
impl States for MemoryStore {
    async fn commit(&self, _: &Commit) -> Result<Outcome, StoreError> {
        Err(StoreError::Unsuitable("the API writes nothing".to_owned()))
    }

    async fn enter_late(&self, _: &[Commit]) -> Result<Late, StoreError> {
        Err(StoreError::Unsuitable("the API writes nothing".to_owned()))
    }

    async fn targets(&self) -> Result<Vec<TargetState>, StoreError> {
        let content = self.open()?;
        if let Some(name) = content.corrupt.first() {
            return Err(StoreError::corrupt(name, "the test broke it"));
        }
        Ok(content.targets.values().filter(|target| !target.retired).cloned().collect())
    }

    async fn target(&self, name: &str) -> Result<Option<TargetState>, StoreError> {
        let content = self.open()?;
        if content.corrupt.contains(name) {
            return Err(StoreError::corrupt(name, "the test broke it"));
        }
        Ok(content.targets.get(name).cloned())
    }

    async fn names(&self) -> Result<BTreeSet<String>, StoreError> {
        Ok(self.open()?.targets.values().filter(|target| !target.retired).map(|target| target.name.clone()).collect())
    }

    async fn targets_named(&self, names: &BTreeSet<String>) -> Result<Vec<TargetState>, StoreError> {
        let content = self.open()?;
        if let Some(name) = names.intersection(&content.corrupt).next() {
            return Err(StoreError::corrupt(name, "the test broke it"));
        }
        Ok(content.targets.values().filter(|target| names.contains(&target.name)).cloned().collect())
    }
}

#[async_trait]
impl History for MemoryStore {
    async fn events(&self, _: &str) -> Result<Vec<Event>, StoreError> {
        Ok(Vec::new())
    }

    async fn incidents(&self, _: &str) -> Result<Vec<Incident>, StoreError> {
        Ok(Vec::new())
    }

    async fn find_events(&self, _: &EventQuery) -> Result<Vec<Event>, StoreError> {
        self.open().map(|_| Vec::new())
    }

    async fn find_incidents(&self, _: &IncidentQuery) -> Result<Vec<TargetIncident>, StoreError> {
        self.open().map(|_| Vec::new())
    }

    async fn past(&self, _: &Window) -> Result<Past, StoreError> {
        self.open().map(|_| Past::default())
    }

    async fn events_behind(&self, _: &Place, _: usize) -> Result<Option<Vec<Placed>>, StoreError> {
        self.open().map(|_| None)
    }

    async fn retain(&self, _: Retention, _: Timestamp) -> Result<(), StoreError> {
        self.open().map(drop)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn watch(&self) -> Result<Box<dyn StoreWatch>, StoreError> {
        let seen = self.open()?.changes.len();
        Ok(Box::new(Watch { store: self.clone(), seen, happened: self.happened.subscribe() }))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.open().map(drop)
    }

    async fn close(&self) {}
}

struct Watch {
    store: MemoryStore,
    /// How many changes have been reported.
    seen: usize,
    happened: watch::Receiver<u64>,
}

#[async_trait]
impl StoreWatch for Watch {
    async fn changed(&mut self) -> Result<Changed, StoreError> {
        loop {
            self.happened.mark_unchanged();
            {
                let content = self.store.open()?;
                let unseen: BTreeSet<String> = content.changes[self.seen..].iter().cloned().collect();
                self.seen = content.changes.len();
                if !unseen.is_empty() {
                    return Ok(Changed::Some { targets: unseen, events: Vec::new() });
                }
            }
            self.happened.changed().await.unwrap();
        }
    }

    fn place(&self) -> Option<Place> {
        Place::parse(&self.seen.to_string())
    }
}
