//! What could not be written, since somebody else had taken the target over: how it enters the history.

use std::sync::Arc;
use std::time::Duration;

use unistatus_core::causes::with_causes;
use unistatus_core::store::{Commit, Late, Store};

use super::{Backlog, Waiting};
use crate::monitor::Monitor;

/// How long what cannot enter yet waits: until somebody has heard the target, or the store is back.
const AGAIN: Duration = Duration::from_secs(1);

/// Changes of one target that are to enter late, each made on top of the one before.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) changes: Vec<Waiting>,
    /// Whether nobody had heard the target since when it was to enter last.
    pub(super) is_early: bool,
}

impl Backlog {
    /// Lets what came too late to be written enter the history, for ever. Only one may do so. May be cancelled at any await:
    /// what was entering enters once more, which changes nothing.
    ///
    /// It takes no lease to do so: nothing is written over what others wrote.
    pub(crate) async fn enter_late(self: Arc<Self>, store: Arc<dyn Store>, monitor: Arc<Monitor>) {
        loop {
            self.try_all(store.as_ref(), &monitor).await;
            if self.lock().late.is_empty() {
                self.refused.notified().await;
            } else {
                // What is new can wait as long.
                tokio::time::sleep(AGAIN).await;
            }
        }
    }

    /// Lets all runs enter that can.
    async fn try_all(&self, store: &dyn Store, monitor: &Monitor) {
        let mut place = 0;
        while let Some(run) = self.run_at(place) {
            let target = run.first().map_or("", |commit| &commit.target);
            match store.enter_late(&run).await {
                Ok(Late::Entered { added, overtaken }) => {
                    monitor.came_late(added, overtaken);
                    tracing::info!(
                        target,
                        added,
                        overtaken,
                        "what was seen while somebody else took it over is in its history"
                    );
                    self.has_entered(place);
                }
                Ok(Late::TooEarly) => {
                    self.is_early(place);
                    place += 1;
                }
                Err(error) if error.is_about_the_database() => return,
                Err(error) => {
                    let error = with_causes(&error);
                    tracing::error!(target, error, changes = run.len(), "what was seen of it cannot enter its history");
                    self.has_entered(place);
                }
            }
        }
    }

    fn run_at(&self, place: usize) -> Option<Vec<Commit>> {
        Some(self.lock().late.get(place)?.changes.iter().map(|waiting| waiting.commit.clone()).collect())
    }

    /// Nobody needs to wait for a run: it is not known how long that would be.
    fn is_early(&self, place: usize) {
        if let Some(run) = self.lock().late.get_mut(place) {
            run.is_early = true;
        }
        self.drained.notify_waiters();
    }

    /// Lets go of a run. Others are added behind it only.
    fn has_entered(&self, place: usize) {
        self.lock().late.remove(place);
        self.drained.notify_waiters();
    }
}
