//! What tests need that ask something of a store: fresh databases of both kinds, a MongoDB that can be killed, and
//! small values to commit.

#![expect(clippy::expect_used, reason = "a test kit reports by panicking")]
#![expect(clippy::missing_panics_doc, reason = "a test kit reports by panicking")]

mod filled;
mod mongo;
mod mongod;
mod sample;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

pub use filled::{FENCED, answers, fill};
pub use mongo::TestMongo;
pub use sample::{Author, at, check, event, health, incident, rollup, service};

use super::transfer::{Export, Import};
use super::{Store, StoreError, open, open_destination, open_source};

/// An empty database, which lives as long as this value.
#[derive(Debug)]
pub struct Database {
    address: String,
    _folder: Option<TempDir>,
}

impl Database {
    /// A database of SQLite, in a folder of its own.
    pub fn sqlite() -> Self {
        let folder = TempDir::new().expect("a folder for temporary files");
        let address = format!("sqlite:{}", folder.path().join("unistatus.db").display());
        Self { address, _folder: Some(folder) }
    }

    /// A database of the MongoDB that all tests of this process share; `None` where there is none (see [`TestMongo`]).
    pub fn mongo() -> Option<Self> {
        TestMongo::shared().map(Self::on)
    }

    /// A database of this MongoDB.
    pub fn on(mongo: &TestMongo) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test{}", COUNT.fetch_add(1, Ordering::Relaxed));
        Self { address: mongo.address(&name), _folder: None }
    }

    /// One more empty database of the same kind.
    #[must_use]
    pub fn another(&self) -> Self {
        if self.address.starts_with("sqlite:") {
            return Self::sqlite();
        }
        Self::mongo().expect("there is a MongoDB, as this is one")
    }

    /// What `DB_URL` would say.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// One more handle on the database, as another process would have it.
    pub async fn open(&self) -> Arc<dyn Store> {
        self.try_open().await.expect("a fresh database opens")
    }

    /// A handle for whoever copies it elsewhere.
    pub async fn open_source(&self) -> Arc<dyn Export> {
        open_source(&self.address).await.expect("it is there and whole")
    }

    /// A handle for whoever copies another one to it.
    pub async fn open_destination(&self) -> Arc<dyn Import> {
        open_destination(&self.address).await.expect("it opens")
    }

    /// As [`Self::open`], where it may fail.
    pub async fn try_open(&self) -> Result<Arc<dyn Store>, StoreError> {
        open(&self.address).await
    }
}
