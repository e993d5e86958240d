//! What the database does not take, on the disk: bounded, appended to only, and read at the next start.
//!
//! Commits that change something and checks lie here while they wait for a store that is away, so that the end of the
//! process, of whatever kind, does not lose them. Nothing is noted of what was written since: once nothing waits any more
//! that lies here, the files are removed. What is read after an end in between may have been written before; a commit is
//! recognised by its id, and a check is recorded again, which changes nothing.

mod frame;
mod log;
mod slot;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use unistatus_core::causes::with_causes;
use unistatus_core::config::JournalPlace;
use unistatus_core::schema::Check;
use unistatus_core::store::Commit;

use log::Log;
use slot::Slot;

/// How long a segment grows.
const SEGMENT: u64 = 4 << 20;
/// How many segments a journal has at least room for: it lets go of its oldest part, not of all.
const LEAST_SEGMENTS: u64 = 16;

/// A journal that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the journal in {} cannot be used", folder.display())]
pub struct JournalError {
    folder: PathBuf,
    #[source]
    source: io::Error,
}

/// A collector's journal. No other process has it.
#[derive(Debug)]
pub struct Journal {
    slot: Slot,
    limit: u64,
    changes: Log,
    checks: Log,
    /// What an earlier process left, until somebody takes it.
    left: BTreeMap<String, Vec<Commit>>,
}

/// What became of what was to be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    /// How many of the first ones are kept; for the others there was no room.
    pub(crate) first: usize,
    /// How many checks had to go for them.
    pub(crate) dropped_checks: usize,
}

impl Journal {
    /// Opens the first journal in a folder that no other process has, and reads what was left in it. It takes `limit` bytes
    /// at the most.
    ///
    /// # Errors
    /// [`JournalError`] where the folder cannot be made, read, written or locked.
    pub fn open(folder: &Path, limit: u64) -> Result<Self, JournalError> {
        Self::open_slot(folder, limit).map_err(|source| JournalError { folder: folder.to_owned(), source })
    }

    /// Opens a journal where one is wanted. One that cannot be used is told of, and there is none: what waits for the
    /// store is in memory alone then.
    pub async fn open_where_wanted(place: Option<&JournalPlace>) -> Option<Self> {
        let JournalPlace { folder, limit } = place?.clone();
        let opened = tokio::task::spawn_blocking(move || Self::open(&folder, limit)).await.ok()?;
        let warn = |error: &JournalError| {
            tracing::warn!(error = with_causes(error), "what waits for the database is in memory alone");
        };
        opened.inspect_err(warn).ok()
    }

    fn open_slot(folder: &Path, limit: u64) -> io::Result<Self> {
        let slot = Slot::take(folder)?;
        let segment = SEGMENT.min(limit / LEAST_SEGMENTS);
        let mut changes = Log::open(&slot.folder, "changes", segment)?;
        let checks = Log::open(&slot.folder, "checks", segment)?;
        let left = read_commits(&mut changes)?;
        Ok(Self { slot, limit, changes, checks, left })
    }

    /// Who has this journal, whichever process that is: 16 hexadecimal digits, the same after each start in this slot.
    pub fn id(&self) -> &str {
        &self.slot.id
    }

    /// How many bytes it takes at the most.
    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    /// The commits that an earlier process left, of each target in order. They stay in the journal, too, until
    /// they are written.
    pub fn take_left(&mut self) -> BTreeMap<String, Vec<Commit>> {
        std::mem::take(&mut self.left)
    }

    /// How many bytes it takes.
    pub fn bytes(&self) -> u64 {
        self.changes.bytes() + self.checks.bytes()
    }

    /// Whether any commit lies here.
    pub(crate) fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Whether any check lies here.
    pub(crate) fn has_checks(&self) -> bool {
        !self.checks.is_empty()
    }

    /// Keeps commits, in order, and waits until they are on the disk. The oldest checks make room for them.
    ///
    /// # Errors
    /// What the system says; some of them may be kept then.
    pub(crate) fn keep_changes(&mut self, commits: &[Commit]) -> io::Result<Kept> {
        self.keep(commits, |journal| &mut journal.changes)
    }

    /// Keeps checks, and waits until they are on the disk. Older ones make room for them.
    ///
    /// # Errors
    /// What the system says; some of them may be kept then.
    pub(crate) fn keep_checks(&mut self, checks: &[Check]) -> io::Result<Kept> {
        self.keep(checks, |journal| &mut journal.checks)
    }

    /// The oldest checks, a segment of them with its number; `None` if there is none.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn oldest_checks(&mut self) -> io::Result<Option<(u64, Vec<Check>)>> {
        let Some(segment) = self.checks.oldest() else { return Ok(None) };
        Ok(self.checks.read(0)?.map(|records| (segment, read(&records))))
    }

    /// Removes the oldest checks, if they are still those of the segment of this number.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn remove_checks(&mut self, segment: u64) -> io::Result<()> {
        if self.checks.oldest() == Some(segment) {
            self.checks.remove_oldest()?;
        }
        Ok(())
    }

    /// Removes all commits: they are written, or never will be.
    ///
    /// # Errors
    /// What the system says; some of them may be left then.
    pub(crate) fn clear_changes(&mut self) -> io::Result<()> {
        self.changes.clear()
    }

    /// Removes all checks: they are written, or never will be.
    ///
    /// # Errors
    /// What the system says; some of them may be left then.
    pub(crate) fn clear_checks(&mut self) -> io::Result<()> {
        self.checks.clear()
    }

    fn keep<T: Serialize>(&mut self, all: &[T], log: impl Fn(&mut Self) -> &mut Log) -> io::Result<Kept> {
        let mut kept = Kept::default();
        let mut framed = Vec::new();
        for one in all {
            framed.clear();
            let record = serde_json::to_vec(one)?;
            let fits = frame::encode(&record, &mut framed).is_some();
            if !fits || !self.make_room(framed.len() as u64, &mut kept.dropped_checks)? {
                break;
            }
            log(self).append(&framed)?;
            kept.first += 1;
        }
        log(self).sync()?;
        Ok(kept)
    }

    /// Lets the oldest checks go until there is room; `false` if there are none left and there is none.
    fn make_room(&mut self, bytes: u64, dropped: &mut usize) -> io::Result<bool> {
        // A segment may have to be begun.
        let bytes = bytes + frame::HEADER.len() as u64;
        while self.bytes() + bytes > self.limit {
            match self.checks.remove_oldest()? {
                Some(checks) => *dropped += checks,
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}

/// All commits of a log, of each target in order, each once.
fn read_commits(log: &mut Log) -> io::Result<BTreeMap<String, Vec<Commit>>> {
    let mut commits: BTreeMap<String, Vec<Commit>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut place = 0;
    while let Some(records) = log.read(place)? {
        for commit in read::<Commit>(&records) {
            // One that was not known to be on the disk was appended once more.
            if seen.insert(commit.id.clone()) {
                commits.entry(commit.target.clone()).or_default().push(commit);
            }
        }
        place += 1;
    }
    Ok(commits)
}

/// What the records say; those that say nothing to this version are told and left out.
fn read<T: DeserializeOwned>(records: &[Vec<u8>]) -> Vec<T> {
    let said: Vec<T> = records.iter().filter_map(|record| serde_json::from_slice(record).ok()).collect();
    let unread = records.len() - said.len();
    if unread > 0 {
        tracing::warn!(records = unread, "records of the journal cannot be read by this version and are left out");
    }
    said
}

#[cfg(test)]
mod tests;
