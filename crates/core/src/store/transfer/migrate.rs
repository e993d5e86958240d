//! The procedure: a walk that writes what the destination lacks, and one that only looks.
//!
//! Nothing is noted of how far the first one came. Cut short and begun again it finds what is there, and writes the rest.

use std::fmt;

use super::walk::{Tally, Walk};
use super::{Difference, Export, Import, Origin, Part, Setting};
use crate::schema::Timestamp;
use crate::store::StoreError;
use crate::store::transfer::Entry;

/// Why a migration did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// It would be one from a database to itself.
    #[error("source and destination are the same database, {0}")]
    Same(String),
    /// Somebody writes.
    #[error("{who} {which}: stop all collectors first, and wait ten seconds if one was killed")]
    Alive {
        /// On the roll of which database.
        which: &'static str,
        /// The collectors.
        who: String,
    },
    /// The destination has something of its own.
    #[error("the destination is not empty and no copy of the source: it has {has}; expected is an empty database")]
    NotEmpty {
        /// What it has.
        has: String,
    },
    /// The destination is a copy of another database.
    #[error("the destination is a copy of {from}, not of this source; expected is an empty database")]
    CopyOfAnother {
        /// Of which.
        from: String,
    },
    /// Source and destination differ after all was copied.
    #[error("{what} {how}: somebody wrote to one of them since it was copied")]
    Differs {
        /// The first entry that differs.
        what: String,
        /// How it does.
        how: Difference,
    },
    /// The source cannot be read.
    #[error("the source cannot be read")]
    Source(#[source] StoreError),
    /// The destination cannot be read or written.
    #[error("the destination cannot be read or written")]
    Destination(#[source] StoreError),
}

/// What is done to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// It is written where it is missing.
    Copy,
    /// It is compared.
    Verify,
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Copy => "copying",
            Self::Verify => "verifying",
        })
    }
}

/// How far a migration is.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What is done.
    pub task: Task,
    /// To which part.
    pub part: Part,
    /// How many of its entries are done.
    pub done: u64,
    /// How many there are about.
    pub of: u64,
}

/// Copies all that a store keeps to another one, and compares the two; of a copy that is whole already, it only compares.
/// Tells of each step.
///
/// It may be ended at any moment, and begun again: it goes on then. Until it has come to its end, [`open`](super::super::open)
/// refuses the destination. The source is only read.
///
/// # Errors
/// [`MigrateError`]. After [`MigrateError::Differs`] it may be begun again, too: what the source has otherwise by now is
/// copied.
pub async fn migrate(
    source: &dyn Export,
    destination: &dyn Import,
    tell: &(dyn Fn(Step) + Sync),
) -> Result<Vec<Tally>, MigrateError> {
    let from = source.location();
    if from == destination.location() {
        return Err(MigrateError::Same(from));
    }
    refuse_living(source, "live on the source", MigrateError::Source).await?;
    let migration = Migration { source, destination, tell };
    let origin = destination.origin().await.map_err(MigrateError::Destination)?;
    let is_whole = match origin {
        Some(origin) if origin.from != from => return Err(MigrateError::CopyOfAnother { from: origin.from }),
        Some(origin) => origin.is_whole,
        None => {
            refuse_living(destination, "live on the destination", MigrateError::Destination).await?;
            refuse_content(destination).await?;
            false
        }
    };
    if !is_whole {
        migration.note(Origin { from: from.clone(), is_whole: false }).await?;
        migration.copy().await?;
    }
    let tallies = migration.verify().await?;
    if !is_whole {
        migration.note(Origin { from, is_whole: true }).await?;
    }
    Ok(tallies)
}

/// Refuses a database that collectors write to.
async fn refuse_living(
    store: &dyn Export,
    which: &'static str,
    failed: fn(StoreError) -> MigrateError,
) -> Result<(), MigrateError> {
    let living = store.living_collectors(Timestamp::now()).await.map_err(failed)?;
    if living.is_empty() {
        return Ok(());
    }
    let word = if living.len() == 1 { "collector" } else { "collectors" };
    Err(MigrateError::Alive { which, who: format!("{word} {}", living.join(", ")) })
}

/// Refuses a destination that has something.
async fn refuse_content(destination: &dyn Export) -> Result<(), MigrateError> {
    let mut has = Vec::new();
    for part in Part::ALL {
        let some = destination.entries(part, None, part.page()).await.map_err(MigrateError::Destination)?;
        // A key that nothing is signed with is made by whoever looks in: it may be replaced.
        if some.iter().any(|entry| !matches!(entry, Entry::Setting(Setting::SigningKey(_)))) {
            has.push(part.as_str());
        }
    }
    if has.is_empty() { Ok(()) } else { Err(MigrateError::NotEmpty { has: has.join(", ") }) }
}

/// A migration that may go on.
struct Migration<'a> {
    source: &'a dyn Export,
    destination: &'a dyn Import,
    tell: &'a (dyn Fn(Step) + Sync),
}

impl Migration<'_> {
    async fn note(&self, origin: Origin) -> Result<(), MigrateError> {
        self.destination.set_origin(&origin).await.map_err(MigrateError::Destination)
    }

    async fn copy(&self) -> Result<(), MigrateError> {
        for part in Part::ALL {
            let (mut walk, progress) = self.begin(Task::Copy, part).await?;
            while let Some(page) = walk.next().await? {
                if !page.wanting.is_empty() {
                    self.destination.put(page.wanting).await.map_err(MigrateError::Destination)?;
                }
                progress(walk.count);
            }
        }
        Ok(())
    }

    async fn verify(&self) -> Result<Vec<Tally>, MigrateError> {
        let mut tallies = Vec::new();
        for part in Part::ALL {
            let (mut walk, progress) = self.begin(Task::Verify, part).await?;
            while let Some(page) = walk.next().await? {
                if let Some((what, how)) = page.different {
                    return Err(MigrateError::Differs { what, how });
                }
                progress(walk.count);
            }
            let differs = || MigrateError::Differs { what: part.to_string(), how: Difference::Otherwise };
            tallies.push(walk.tally().ok_or_else(differs)?);
        }
        Ok(tallies)
    }

    /// Begins a walk, and the way to tell how far it is.
    async fn begin(&self, task: Task, part: Part) -> Result<(Walk<'_>, impl Fn(u64)), MigrateError> {
        let of = self.source.count(part).await.map_err(MigrateError::Source)?;
        let progress = move |done| (self.tell)(Step { task, part, done, of });
        progress(0);
        Ok((Walk::new(part, self.source, self.destination, Timestamp::now()), progress))
    }
}
