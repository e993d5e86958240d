//! The store for production: MongoDB, as a replica set, since it takes one to have transactions and change streams.
//!
//! | collection | a document is | written |
//! |---|---|---|
//! | `status` | a target as the contract shows it, `_id` its name | by each change |
//! | `health` | how the collection of a target goes, `_id` its name | by each commit |
//! | `commits` | which commit brought a revision | by each change |
//! | `events` | one change of one service's status, and until when it was the last one | by each change |
//! | `incidents` | one incident in its last known form | by each change that knows of it |
//! | `gaps` | a time of which nothing is known | by the commit that ends it |
//! | `checks` | one measurement of a probe (a time series of each target) | by each ask of a probe |
//! | `rollups` | the checks of a target in an hour | by each hour |
//! | `servers` | a server that was added, `_id` its name | by whoever manages servers |
//! | `turns` | who asks a target just now, for a request | by whoever may ask for requests |
//! | `collectors` | a collector on the roll, `_id` its id | by each of its reports |
//! | `leases` | who asks a target, `_id` its name | by whoever takes it or gives it up |
//! | `keys`, `users` | who may do what, `_id` the key's id or the user's name | by whoever gives access |
//! | `sessions` | a login that goes on | by each login |
//! | `settings` | what all programs on the database share, `_id` what it is | once; the last number of a lease by each |
//! | `templates` | a template of messages, `_id` its id | by whoever manages templates |
//! | `reports` | what another service answered, `_id` its id | by whoever keeps it |
//!
//! All writes wait for a majority, all reads see only what a majority has.

mod accounts;
mod address;
mod checks;
mod commit;
mod error;
mod feed;
mod late;
mod leases;
mod lost;
mod past;
mod prepare;
mod query;
mod record;
mod reports;
mod retain;
mod server;
mod servers;
mod templates;
mod transfer;
mod turns;
mod watch;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::action::StartTransaction;
use mongodb::bson::{Document, RawDocument, RawDocumentBuf, doc};
use mongodb::error::Error;
use mongodb::options::{DatabaseOptions, FindOptions, ReadConcern, WriteConcern};
use mongodb::{Client, ClientSession, Collection, Database};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use self::address::Address;
use self::error::{failed, is_duplicate_key, overdue};
use self::record::{EventRecord, HealthRecord, IncidentRecord, StatusRecord, decode};
use self::watch::MongoWatch;
use crate::schema::{Event, Incident, Timestamp};
use crate::store::late::Run;
use crate::store::{
    Commit, EventQuery, History, IncidentQuery, Late, Outcome, Past, Place, Placed, Retention, States, Store,
    StoreError, TargetIncident, TargetState, Watch, Window,
};

const STATUS: &str = "status";
const HEALTH: &str = "health";
const COMMITS: &str = "commits";
const EVENTS: &str = "events";
const INCIDENTS: &str = "incidents";
const GAPS: &str = "gaps";
const CHECKS: &str = "checks";
const ROLLUPS: &str = "rollups";
const SERVERS: &str = "servers";
const TURNS: &str = "turns";
const COLLECTORS: &str = "collectors";
const LEASES: &str = "leases";
const KEYS: &str = "keys";
const USERS: &str = "users";
const SESSIONS: &str = "sessions";
const SETTINGS: &str = "settings";
const TEMPLATES: &str = "templates";
const REPORTS: &str = "reports";

/// How long an answer is waited for, over all tries. A server that was lost is given up sooner.
const DEADLINE: Duration = Duration::from_secs(10);

/// How long the connections are given to end in good order.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A store in one MongoDB database.
pub(super) struct MongoStore {
    client: Client,
    database: Database,
    /// What the server knows this program as.
    app_name: String,
    /// Which servers these are, and which database of theirs: no user, no password.
    location: String,
    closed: AtomicBool,
}

impl MongoStore {
    /// Checks an address. One with `+srv` is taken as it is: to read it is to ask the DNS.
    pub(super) async fn check_address(address: &str) -> Result<(), StoreError> {
        if address.starts_with("mongodb+srv:") { Ok(()) } else { Address::read(address).await.map(drop) }
    }

    /// Connects, refuses a server that cannot serve, and creates what is missing.
    pub(super) async fn open(address: &str) -> Result<Self, StoreError> {
        let address = Address::read(address).await?;
        let location = address.location();
        let Address { options, database } = address;
        let client = Client::with_options(options.clone()).map_err(|error| failed("be addressed", error))?;
        let majority = DatabaseOptions::builder().write_concern(WriteConcern::majority()).build();
        let store = Self {
            database: client.database_with_options(&database, majority),
            client,
            app_name: options.app_name.clone().unwrap_or_default(),
            location,
            closed: AtomicBool::new(false),
        };
        store.in_time("answer", server::examine(&store.client, &options)).await?;
        // Take as long as they take, once in the life of a database: an index may be one over years.
        prepare::create(&store.database).await?;
        prepare::upgrade(&store.database).await?;
        Ok(store)
    }

    fn collection(&self, name: &str) -> Collection<RawDocumentBuf> {
        self.database.collection(name)
    }

    /// Ends what takes longer than the deadline, and refuses what comes after the end.
    async fn in_time<T>(&self, what: &str, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(StoreError::closed());
        }
        tokio::time::timeout(DEADLINE, work).await.unwrap_or_else(|_| Err(overdue(what)))
    }

    /// The states that a filter over `status` finds, by name; services and health of one moment.
    async fn states(&self, filter: Document) -> Result<Vec<TargetState>, StoreError> {
        self.states_at(&mut self.moment().await?, filter).await
    }

    /// The same, as of a session's moment.
    async fn states_at(&self, session: &mut ClientSession, filter: Document) -> Result<Vec<TargetState>, StoreError> {
        let of_health = match filter.get("_id") {
            Some(name) => doc! { "_id": name },
            None => doc! {},
        };
        let by_name = FindOptions::builder().sort(doc! { "_id": 1 }).build();
        let status: Vec<StatusRecord> = self.find(session, STATUS, filter, by_name).await?;
        let health: Vec<HealthRecord> = self.find(session, HEALTH, of_health, FindOptions::default()).await?;
        let mut health: HashMap<_, _> = health.into_iter().map(|record| (record.target, record.health)).collect();
        let with_health = |record: StatusRecord| match health.remove(&record.target) {
            Some(health) => Ok(record.with_health(health)),
            None => Err(StoreError::corrupt(format!("target {}", record.target), "it has no health")),
        };
        status.into_iter().map(with_health).collect()
    }

    async fn find<T: DeserializeOwned>(
        &self,
        session: &mut ClientSession,
        collection: &'static str,
        filter: Document,
        options: FindOptions,
    ) -> Result<Vec<T>, StoreError> {
        let found = self.collection(collection).find(filter).with_options(options).session(&mut *session).await;
        let mut found = found.map_err(cannot_read)?;
        let mut records = Vec::new();
        while let Some(document) = found.stream(session).try_next().await.map_err(cannot_read)? {
            records.push(decode(collection, &document)?);
        }
        Ok(records)
    }

    /// What a filter finds of what a majority has, each document read by itself: for what is no target's.
    async fn find_each<T>(
        &self,
        collection: &'static str,
        filter: Document,
        options: FindOptions,
        read: impl Fn(&RawDocument) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let collection = self.collection(collection);
        let found = collection.find(filter).with_options(options);
        let mut found = found.read_concern(ReadConcern::majority()).await.map_err(cannot_read)?;
        let mut records = Vec::new();
        while found.advance().await.map_err(cannot_read)? {
            records.push(read(found.current())?);
        }
        Ok(records)
    }

    /// The document of an id, if there is one.
    async fn find_by_id<T>(
        &self,
        collection: &'static str,
        id: &str,
        read: impl Fn(&RawDocument) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let found = self.find_each(collection, doc! { "_id": id }, FindOptions::default(), read).await?;
        Ok(found.into_iter().next())
    }

    /// Adds a document; answers whether there was none of its id.
    async fn insert_new<T: Serialize + Send + Sync>(
        &self,
        collection: &'static str,
        record: &T,
    ) -> Result<bool, StoreError> {
        match self.database.collection::<T>(collection).insert_one(record).await {
            Ok(_) => Ok(true),
            Err(error) if is_duplicate_key(&error) => Ok(false),
            Err(error) => Err(failed(&format!("write to {collection}"), error)),
        }
    }

    async fn history<T: DeserializeOwned>(
        &self,
        collection: &'static str,
        target: &str,
        order: Document,
    ) -> Result<Vec<T>, StoreError> {
        let options = FindOptions::builder().sort(order).build();
        self.find(&mut self.moment().await?, collection, doc! { "target": target }, options).await
    }
}

/// Begins a transaction that sees one moment, and is written by a majority.
fn transaction(session: &mut ClientSession) -> StartTransaction<&mut ClientSession> {
    session.start_transaction().read_concern(ReadConcern::snapshot()).write_concern(WriteConcern::majority())
}

fn cannot_read(error: Error) -> StoreError {
    failed("answer a question", error)
}

/// What is read of a document where only its name is wanted.
#[derive(Deserialize)]
struct Named {
    #[serde(rename = "_id")]
    name: String,
}

impl fmt::Debug for MongoStore {
    /// Names the database only: the address may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongoStore").field("database", &self.database.name()).finish_non_exhaustive()
    }
}

#[async_trait]
impl States for MongoStore {
    async fn commit(&self, commit: &Commit) -> Result<Outcome, StoreError> {
        commit.check()?;
        self.in_time("write a commit", self.write(commit)).await
    }

    async fn enter_late(&self, commits: &[Commit]) -> Result<Late, StoreError> {
        match Run::of(commits)? {
            Some(run) => self.in_time("let late changes enter the history", self.let_enter(run)).await,
            None => Ok(Late::NOTHING),
        }
    }

    async fn targets(&self) -> Result<Vec<TargetState>, StoreError> {
        self.in_time("list the targets", self.states(doc! { "retired": false })).await
    }

    async fn target(&self, name: &str) -> Result<Option<TargetState>, StoreError> {
        let states = self.in_time("find a target", self.states(doc! { "_id": name })).await?;
        Ok(states.into_iter().next())
    }

    async fn names(&self) -> Result<BTreeSet<String>, StoreError> {
        let list = async {
            let status = self.database.collection::<Named>(STATUS);
            let listed = status.find(doc! { "retired": false });
            let listed = listed.projection(doc! { "_id": 1 }).read_concern(ReadConcern::majority()).await;
            listed.map_err(cannot_read)?.map_ok(|named| named.name).try_collect().await.map_err(cannot_read)
        };
        self.in_time("list the names of the targets", list).await
    }

    async fn targets_named(&self, names: &BTreeSet<String>) -> Result<Vec<TargetState>, StoreError> {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        self.in_time("find targets", self.states(doc! { "_id": { "$in": names } })).await
    }
}

#[async_trait]
impl History for MongoStore {
    async fn events(&self, target: &str) -> Result<Vec<Event>, StoreError> {
        let order = doc! { "target": 1, "revision": 1 };
        let mut records: Vec<EventRecord> = self.in_time("list events", self.history(EVENTS, target, order)).await?;
        // The index orders them by revision; few share one.
        records.sort_by_key(|record| (record.event.revision, record.event.at, record.position));
        Ok(records.into_iter().map(|record| record.event).collect())
    }

    async fn incidents(&self, target: &str) -> Result<Vec<Incident>, StoreError> {
        let order = doc! { "startedAt": -1, "key": 1 };
        let records: Vec<IncidentRecord> =
            self.in_time("list incidents", self.history(INCIDENTS, target, order)).await?;
        Ok(records.into_iter().map(|record| record.incident).collect())
    }

    async fn find_events(&self, query: &EventQuery) -> Result<Vec<Event>, StoreError> {
        self.in_time("find events", self.page_of_events(query)).await
    }

    async fn find_incidents(&self, query: &IncidentQuery) -> Result<Vec<TargetIncident>, StoreError> {
        self.in_time("find incidents", self.page_of_incidents(query)).await
    }

    async fn past(&self, window: &Window) -> Result<Past, StoreError> {
        self.in_time("tell the past", self.all_known_in(window)).await
    }

    async fn events_behind(&self, place: &Place, limit: usize) -> Result<Option<Vec<Placed>>, StoreError> {
        let read = async { feed::events_behind(&self.database, place, limit).await.map_err(cannot_read) };
        self.in_time("tell what followed a place", read).await
    }

    /// The server goes by its own clock.
    async fn retain(&self, retention: Retention, _: Timestamp) -> Result<(), StoreError> {
        let set = async {
            retain::retain(&self.database, retention).await.map_err(|error| failed("let the past expire", error))
        };
        self.in_time("let the past expire", set).await
    }
}

#[async_trait]
impl Store for MongoStore {
    async fn watch(&self) -> Result<Box<dyn Watch>, StoreError> {
        let begin = async { MongoWatch::begin(self.database.clone()).await.map_err(cannot_read) };
        Ok(Box::new(self.in_time("begin to watch", begin).await?))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let ask = async { self.database.run_command(doc! { "ping": 1 }).await.map_err(cannot_read) };
        self.in_time("answer", ask).await.map(|_| ())
    }

    async fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        // At once: it would wait for watches, which others own. The driver still waits for what one has asked where
        // nobody awaits the answer any more.
        let _ = tokio::time::timeout(LAST_WORDS, self.client.clone().shutdown().immediate(true)).await;
    }
}
