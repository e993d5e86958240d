//! A database that can be taken away.

use rusqlite::Connection;
use tokio::task::block_in_place;
use unistatus_core::store::testkit::{Database, TestMongo};

use super::lock;

/// A database of one's own, and what takes it away.
#[derive(Debug)]
pub(crate) struct Outage {
    pub(crate) database: Database,
    server: Option<TestMongo>,
    lock: Option<Connection>,
}

impl Outage {
    /// On a MongoDB of its own; `None`, with a note, where there is none.
    pub(crate) fn of_mongo() -> Option<Self> {
        let server = TestMongo::start()?;
        Some(Self { database: Database::on(&server), server: Some(server), lock: None })
    }

    /// On a SQLite file.
    pub(crate) fn of_sqlite() -> Self {
        Self { database: Database::sqlite(), server: None, lock: None }
    }

    /// Takes the database away: kills the server, or locks the file.
    pub(crate) async fn begin(&mut self) {
        match &mut self.server {
            Some(server) => block_in_place(|| server.kill()),
            None => self.lock = Some(lock(&self.database).await),
        }
    }

    /// Brings it back.
    pub(crate) fn end(&mut self) {
        match &mut self.server {
            Some(server) => block_in_place(|| server.restart()),
            None => self.lock = None,
        }
    }
}

/// Makes two tests of each function: one with a SQLite file, one with a MongoDB (skipped where there is none).
macro_rules! with_an_outage_of_both_stores {
    ($($case:ident)+) => {
        mod of_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::$case($crate::support::Outage::of_sqlite()).await;
            })+
        }

        mod of_mongo {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                if let Some(outage) = $crate::support::Outage::of_mongo() {
                    super::$case(outage).await;
                }
            })+
        }
    };
}
pub(crate) use with_an_outage_of_both_stores;
