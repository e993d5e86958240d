//! The embedded store: one SQLite file in WAL mode, which `collector` and `api` share as two processes.
//!
//! One thread writes ([`writer`]), a few connections read ([`read`]), and a watch asks the file whether it has
//! changed ([`watch`]). All of it blocks, so none of it runs on the threads of the async runtime.

mod accounts;
mod checks;
mod feed;
mod file;
mod find;
mod forget;
mod late;
mod leases;
#[cfg(test)]
mod plans;
mod queue;
mod read;
mod reports;
mod servers;
mod templates;
mod transfer;
mod turns;
mod watch;
mod window;
mod write;
mod writer;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, Params, Transaction};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use self::file::{File, sql};
use self::forget::{Forgotten, forget};
use self::read::{Readers, at_one_moment};
use self::watch::SqliteWatch;
use self::writer::Writer;
use crate::schema::{Event, Incident, Timestamp};
use crate::store::late::Run;
use crate::store::{
    Commit, EventQuery, History, IncidentQuery, Late, Outcome, Past, Place, Placed, Retention, States, Store,
    StoreError, TargetIncident, TargetState, Watch, Window,
};

/// How long the end waits for a write that is under way: it may itself wait for another process's to end.
const LAST_WRITE: Duration = Duration::from_secs(2);

/// How many read at a time.
const READERS: usize = 4;

/// A store in one SQLite file.
#[derive(Debug)]
pub(super) struct SqliteStore {
    file: File,
    writer: Arc<Writer>,
    readers: Arc<Readers>,
    /// A turn to read. Each reader takes a thread and a connection of its own.
    turns: Arc<Semaphore>,
}

impl SqliteStore {
    /// Checks whether a path can be that of a database.
    pub(super) fn check_path(path: &str) -> Result<(), StoreError> {
        File::new(path).map(drop)
    }

    /// Opens a file, and creates it if it is missing.
    pub(super) async fn open(path: &str) -> Result<Self, StoreError> {
        let file = File::new(path)?;
        blocking(move || {
            let writer = Writer::start(file.open()?)?;
            let readers = Arc::new(Readers::new(file.clone()));
            Ok(Self { writer: Arc::new(writer), readers, file, turns: Arc::new(Semaphore::new(READERS)) })
        })
        .await
    }

    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = Arc::clone(&self.readers);
        // Never closed. Kept until the query has ended, also where nobody waits for it any more.
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        blocking(move || {
            let _turn = turn;
            readers.read(query)
        })
        .await
    }

    /// Runs a statement that writes a row or none; answers whether it did.
    async fn execute(&self, statement: &'static str, values: impl Params + Send + 'static) -> Result<bool, StoreError> {
        let run = move |transaction: &Transaction<'_>| transaction.prepare_cached(statement)?.execute(values);
        self.writer.work(move |transaction| run(transaction).map_err(sql)).await.map(|written| written == 1)
    }
}

#[async_trait]
impl States for SqliteStore {
    async fn commit(&self, commit: &Commit) -> Result<Outcome, StoreError> {
        commit.check()?;
        self.writer.commit(commit.clone()).await
    }

    async fn enter_late(&self, commits: &[Commit]) -> Result<Late, StoreError> {
        match Run::of(commits)? {
            Some(run) => self.writer.work(move |transaction| late::enter(transaction, &run)).await,
            None => Ok(Late::NOTHING),
        }
    }

    async fn targets(&self) -> Result<Vec<TargetState>, StoreError> {
        self.read(read::targets).await
    }

    async fn target(&self, name: &str) -> Result<Option<TargetState>, StoreError> {
        let name = name.to_owned();
        self.read(move |connection| read::target(connection, &name)).await
    }

    async fn names(&self) -> Result<BTreeSet<String>, StoreError> {
        self.read(read::names).await
    }

    async fn targets_named(&self, names: &BTreeSet<String>) -> Result<Vec<TargetState>, StoreError> {
        let names = names.clone();
        self.read(move |connection| read::targets_named(connection, &names)).await
    }
}

#[async_trait]
impl History for SqliteStore {
    async fn events(&self, target: &str) -> Result<Vec<Event>, StoreError> {
        let target = target.to_owned();
        self.read(move |connection| read::events(connection, &target)).await
    }

    async fn incidents(&self, target: &str) -> Result<Vec<Incident>, StoreError> {
        let target = target.to_owned();
        self.read(move |connection| read::incidents(connection, &target)).await
    }

    async fn find_events(&self, query: &EventQuery) -> Result<Vec<Event>, StoreError> {
        let query = query.clone();
        self.read(move |connection| find::events(connection, &query)).await
    }

    async fn find_incidents(&self, query: &IncidentQuery) -> Result<Vec<TargetIncident>, StoreError> {
        let query = query.clone();
        self.read(move |connection| find::incidents(connection, &query)).await
    }

    async fn past(&self, window: &Window) -> Result<Past, StoreError> {
        let window = window.clone();
        self.read(move |connection| window::past(connection, &window)).await
    }

    async fn events_behind(&self, place: &Place, limit: usize) -> Result<Option<Vec<Placed>>, StoreError> {
        let Some(number) = feed::number(place) else { return Ok(None) };
        self.read(move |connection| at_one_moment(connection, |connection| feed::behind(connection, number, limit)))
            .await
    }

    async fn retain(&self, retention: Retention, now: Timestamp) -> Result<(), StoreError> {
        let Some(horizon) = retention.horizon(now) else { return Ok(()) };
        while self.writer.work(move |transaction| forget(transaction, horizon)).await? == Forgotten::Some {}
        Ok(())
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn watch(&self) -> Result<Box<dyn Watch>, StoreError> {
        if self.readers.is_closed() {
            return Err(StoreError::closed());
        }
        let (readers, file) = (Arc::clone(&self.readers), self.file.clone());
        Ok(Box::new(blocking(move || SqliteWatch::begin(readers, &file)).await?))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read(|connection| connection.query_row("SELECT count(*) FROM targets", [], |_| Ok(())).map_err(sql)).await
    }

    async fn close(&self) {
        self.readers.close();
        let writer = Arc::clone(&self.writer);
        // Fails only if the thread panicked, which it has logged. What is given up is written whole or not at all.
        let _ = timeout(LAST_WRITE, spawn_blocking(move || writer.close())).await;
    }
}

/// Runs what blocks on a thread that may be blocked.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(StoreError::unavailable("the work on the SQLite file did not end", error)),
    }
}
