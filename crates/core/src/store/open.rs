//! From an address to a store.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::mongo::MongoStore;
use super::sqlite::SqliteStore;
use super::transfer::{Export, Import};
use super::{Store, StoreError};
use crate::causes::with_causes;

/// How often a database that is away is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Which store an address is of, and what it opens.
enum Place<'a> {
    Mongo(&'a str),
    Sqlite(&'a str),
}

impl<'a> Place<'a> {
    fn read(address: &'a str) -> Result<Self, StoreError> {
        match address.split_once(':') {
            Some(("mongodb" | "mongodb+srv", _)) => Ok(Self::Mongo(address)),
            Some(("sqlite", path)) => Ok(Self::Sqlite(path)),
            _ => Err(StoreError::Unsuitable(
                "the database's address is none that is known; accepted are sqlite:PATH, mongodb://HOST/DATABASE and \
                 mongodb+srv://HOST/DATABASE"
                    .to_owned(),
            )),
        }
    }
}

/// Checks an address as far as that can be done without opening anything or asking anybody.
///
/// # Errors
/// [`StoreError::Unsuitable`], as [`open`].
pub async fn check_address(address: &str) -> Result<(), StoreError> {
    match Place::read(address)? {
        Place::Mongo(address) => MongoStore::check_address(address).await,
        Place::Sqlite(path) => SqliteStore::check_path(path),
    }
}

/// Opens the database at an address: `mongodb://…` or `mongodb+srv://…` (the database is the path, `unistatus` if there
/// is none), or `sqlite:PATH` (the file is created if it is missing).
///
/// # Errors
/// [`StoreError::Unsuitable`] if the address or the database cannot serve: the message says what is accepted.
/// The same for the half of a copy, which [`migrate()`](super::transfer::migrate()) has still to finish.
/// [`StoreError::Unavailable`] if the database does not answer. No message holds a password.
pub async fn open(address: &str) -> Result<Arc<dyn Store>, StoreError> {
    match Place::read(address)? {
        Place::Mongo(address) => Ok(whole(MongoStore::open(address).await?).await?),
        Place::Sqlite(path) => Ok(whole(SqliteStore::open(path).await?).await?),
    }
}

/// Opens a database that is there, to read all it keeps.
///
/// # Errors
/// As [`open_existing`].
pub async fn open_source(address: &str) -> Result<Arc<dyn Export>, StoreError> {
    match Place::read(existing(address)?)? {
        Place::Mongo(address) => Ok(whole(MongoStore::open(address).await?).await?),
        Place::Sqlite(path) => Ok(whole(SqliteStore::open(path).await?).await?),
    }
}

/// Opens a database to copy another one to it, also where that was begun before.
///
/// # Errors
/// As [`open`].
pub async fn open_destination(address: &str) -> Result<Arc<dyn Import>, StoreError> {
    match Place::read(address)? {
        Place::Mongo(address) => Ok(Arc::new(MongoStore::open(address).await?)),
        Place::Sqlite(path) => Ok(Arc::new(SqliteStore::open(path).await?)),
    }
}

/// Refuses the half of a copy: what it lacks would be taken for what never was.
async fn whole<S: Export>(store: S) -> Result<Arc<S>, StoreError> {
    match store.origin().await? {
        Some(origin) if !origin.is_whole => Err(StoreError::Unsuitable(format!(
            "the database is the half of a copy of {}: a migration to it is under way, or was cut short; `unistatus \
             migrate` with the same addresses goes on with it",
            origin.from
        ))),
        _ => Ok(Arc::new(store)),
    }
}

/// Opens a database as [`open`] does, but waits for one that is away; `None` if `stop` came first.
///
/// # Errors
/// [`StoreError::Unsuitable`], as [`open`].
pub async fn open_patiently(address: &str, stop: &CancellationToken) -> Result<Option<Arc<dyn Store>>, StoreError> {
    let mut is_told = false;
    loop {
        let error = tokio::select! {
            opened = open(address) => match opened {
                Err(error) if error.is_transient() => error,
                opened => return opened.map(Some),
            },
            () = stop.cancelled() => return Ok(None),
        };
        if !std::mem::replace(&mut is_told, true) {
            tracing::warn!(error = with_causes(&error), "waiting for the database");
        }
        tokio::select! {
            () = tokio::time::sleep(RETRY) => {}
            () = stop.cancelled() => return Ok(None),
        }
    }
}

/// Opens a database that is there: a missing SQLite file is not created.
///
/// # Errors
/// As [`open`]; [`StoreError::Unavailable`] if the file is missing.
pub async fn open_existing(address: &str) -> Result<Arc<dyn Store>, StoreError> {
    open(existing(address)?).await
}

/// Refuses an address whose SQLite file is missing.
fn existing(address: &str) -> Result<&str, StoreError> {
    match address.strip_prefix("sqlite:") {
        Some(path) if !Path::new(path).exists() => {
            let message = format!("there is no file {path} yet; `unistatus up` or a collector makes it");
            Err(StoreError::Unavailable { message, source: None })
        }
        _ => Ok(address),
    }
}
