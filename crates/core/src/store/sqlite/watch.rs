//! How changes are noticed: by asking whether the file has changed, ten times a second.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::Connection;

use super::read::{Readers, at_one_moment, changes_since, data_version, last_change};
use super::{File, blocking, feed};
use crate::store::{Changed, Place, StoreError, Watch};

/// How long a change may go unnoticed. One question costs some microseconds while nothing changes.
const EVERY: Duration = Duration::from_millis(100);

/// A watch on a connection of its own, since SQLite tells a connection only of the others' changes.
pub(super) struct SqliteWatch {
    readers: Arc<Readers>,
    connection: Arc<Mutex<Connection>>,
    seen: Seen,
}

/// How far a watch has seen.
#[derive(Clone, Copy)]
struct Seen {
    data_version: i64,
    change_number: i64,
    event_number: i64,
}

impl SqliteWatch {
    /// Begins to watch; blocks.
    pub(super) fn begin(readers: Arc<Readers>, file: &File) -> Result<Self, StoreError> {
        let connection = file.open_to_read()?;
        // First, so that a change that comes in between is found by the first look.
        let data_version = data_version(&connection)?;
        let seen = at_one_moment(&connection, |connection| {
            let (change_number, event_number) = (last_change(connection)?, feed::last_number(connection)?);
            Ok(Seen { data_version, change_number, event_number })
        })?;
        Ok(Self { readers, connection: Arc::new(Mutex::new(connection)), seen })
    }
}

#[async_trait]
impl Watch for SqliteWatch {
    async fn changed(&mut self) -> Result<Changed, StoreError> {
        loop {
            if self.readers.is_closed() {
                return Err(StoreError::closed());
            }
            let (connection, seen) = (Arc::clone(&self.connection), self.seen);
            let (changed, seen) =
                blocking(move || seen.look(&connection.lock().unwrap_or_else(PoisonError::into_inner))).await?;
            // Only now, with no await before the return: a cancelled look has seen nothing.
            self.seen = seen;
            if let Some(changed) = changed {
                return Ok(changed);
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    fn place(&self) -> Option<Place> {
        Some(feed::place_at(self.seen.event_number))
    }
}

impl Seen {
    /// What changed since, and how far that goes.
    fn look(self, connection: &Connection) -> Result<(Option<Changed>, Self), StoreError> {
        let data_version = data_version(connection)?;
        if data_version == self.data_version {
            return Ok((None, self));
        }
        at_one_moment(connection, |connection| {
            let changes = changes_since(connection, self.change_number)?;
            if changes.is_empty() {
                // Checks, or what else is no target's; each event comes with a change of its target.
                return Ok((None, Self { data_version, ..self }));
            }
            let events = match feed::behind(connection, self.event_number, usize::MAX) {
                // Once and for all: with an error it would be met again by every look.
                Err(error @ StoreError::Corrupt { .. }) => {
                    tracing::error!(%error, "an event is left out");
                    None
                }
                events => events?,
            };
            let change_number = changes.iter().map(|&(_, number)| number).max().unwrap_or(self.change_number);
            let seen = Self { data_version, change_number, event_number: feed::last_number(connection)? };
            let targets: BTreeSet<_> = changes.into_iter().map(|(target, _)| target).collect();
            let report = match events {
                Some(events) => Changed::Some { targets, events },
                // Forgotten already (they ended long before they were committed), or not to be read.
                None => Changed::Everything,
            };
            Ok((Some(report), seen))
        })
    }
}
