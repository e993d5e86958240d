//! What all targets of a collector have in common.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use unistatus_core::observe::{self, Known};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{Commit, Store};
use unistatus_core::target::spec::Configured;
use unistatus_core::target::{Fetcher, Prober};

use crate::Options;
use crate::backlog::Backlog;
use crate::clock::Clock;
use crate::crew::share;
use crate::crew::standing::Standing;
use crate::monitor::Monitor;
use crate::progress::Progress;
use crate::random;
use crate::recorder::Recorder;

/// What all targets of a collector share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) fetcher: Fetcher,
    pub(crate) prober: Prober,
    pub(crate) backlog: Arc<Backlog>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) monitor: Arc<Monitor>,
    pub(crate) options: Options,
    pub(crate) clock: Clock,
    pub(crate) commit_ids: CommitIds,
    pub(crate) standing: Arc<Standing>,
}

impl Shared {
    /// How much a target is asked.
    pub(crate) fn load(&self, configured: &Configured) -> u64 {
        share::load(configured.target.identity().interval(self.options.interval))
    }

    /// Takes a target off the list; under a lease, if there is one.
    pub(crate) fn strike_off(&self, name: &str, fence: Option<u64>, known: &Known) {
        let id = self.commit_ids.next();
        if let Some(commit) = observe::retire(known, name, id, Timestamp::now())
            && self.backlog.push(Commit { fence, ..commit }).is_err()
        {
            // Who wrote it asks it, too, and may go on doing so.
            tracing::warn!(target = name, "stays on the list: somebody else writes it");
        }
    }
}

/// Ids that no other commit of any writer has.
#[derive(Debug)]
pub(crate) struct CommitIds {
    writer: String,
    next: AtomicU64,
}

impl CommitIds {
    pub(crate) fn new() -> Self {
        Self { writer: format!("{:016x}", random::bits()), next: AtomicU64::new(0) }
    }

    /// What tells this writer from every other one.
    pub(crate) fn writer(&self) -> &str {
        &self.writer
    }

    pub(crate) fn next(&self) -> String {
        format!("{}-{:x}", self.writer, self.next.fetch_add(1, Ordering::Relaxed))
    }
}
