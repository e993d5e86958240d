//! From one store to another: what is told of all that a store keeps, how it is kept elsewhere, and the procedure that
//! moves it ([`migrate()`]). Which backends they are makes no difference.
//!
//! Not told are the roll, the leases and the turns: they belong to programs that run. What is needed of them is: the
//! last token, and the fence of each target, so that what was made under a lease before is refused after as well.

mod entry;
mod migrate;
mod side;
mod walk;

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub(super) use entry::by_revision;
pub use entry::{AppliedCommit, Entry, EntryId, KeptTarget, Part, Revision, Setting, TargetGap};
pub use migrate::{MigrateError, Step, Task, migrate};
pub use walk::{Difference, Tally};

use super::StoreError;
use crate::schema::Timestamp;

/// What a database is a copy of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// Where the other one is ([`Export::location`]).
    pub from: String,
    /// Whether all of it is here, and was compared.
    pub is_whole: bool,
}

/// A store that tells all it keeps.
#[async_trait]
pub trait Export: Send + Sync + fmt::Debug {
    /// Where the database is, without a secret; the same however its address is written, as far as that can be known.
    fn location(&self) -> String;

    /// The entries of a part behind one, in the order of their ids, `limit` at the most; where there are some, one at
    /// least. A [`Revision`] counts as many as it has events, and is told whole whatever the limit is.
    async fn entries(&self, part: Part, behind: Option<&EntryId>, limit: usize) -> Result<Vec<Entry>, StoreError>;

    /// How many entries a part has about, of revisions how many events.
    async fn count(&self, part: Part) -> Result<u64, StoreError>;

    /// The collectors on the roll whose time is not over, ordered by id. `now` is what the asker's clock says; a backend
    /// that has a clock of its own goes by that.
    async fn living_collectors(&self, now: Timestamp) -> Result<Vec<String>, StoreError>;

    /// What the database is a copy of; `None` where it is none.
    async fn origin(&self) -> Result<Option<Origin>, StoreError>;
}

/// A store that takes what another one told.
#[async_trait]
pub trait Import: Export {
    /// Writes entries, each in the place of the one of its id if there is one. After an error some may be written; to
    /// write them once more changes nothing.
    ///
    /// Targets are to be written before what is of them, servers before what they measured.
    async fn put(&self, entries: Vec<Entry>) -> Result<(), StoreError>;

    /// Writes down what the database is a copy of.
    async fn set_origin(&self, origin: &Origin) -> Result<(), StoreError>;
}
