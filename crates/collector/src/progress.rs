//! How far the first round has come, for whoever watches.

use std::collections::BTreeSet;

use tokio::sync::watch;
use unistatus_core::schema::FailureClass;
use unistatus_core::target::{CollectError, Observation};

/// How far the first round has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// How many targets there are.
    pub targets: usize,
    /// How many have been asked at least once.
    pub asked: usize,
    /// How many services those that answered have together.
    pub services: usize,
    /// The targets that gave no answer.
    pub failed: Vec<Failed>,
}

/// A target that gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Its name.
    pub target: String,
    /// Why, for counting.
    pub class: FailureClass,
    /// Why, for people.
    pub message: String,
}

/// Where the collector reports its progress to.
#[derive(Debug)]
pub struct Progress {
    round: watch::Sender<(BTreeSet<String>, Round)>,
}

impl Default for Progress {
    fn default() -> Self {
        Self { round: watch::Sender::new((BTreeSet::new(), Round::default())) }
    }
}

impl Progress {
    /// Says how many targets there are.
    pub(crate) fn begin(&self, targets: usize) {
        self.round.send_modify(|(_, round)| round.targets = targets);
    }

    /// Says how an ask of a target ended. Only the first one of each counts.
    pub(crate) fn asked(&self, target: &str, outcome: &Result<Observation, CollectError>, services: usize) {
        self.round.send_if_modified(|(seen, round)| {
            if round.asked >= round.targets || !seen.insert(target.to_owned()) {
                return false;
            }
            round.asked += 1;
            match outcome {
                Ok(_) => round.services += services,
                Err(error) => round.failed.push(Failed {
                    target: target.to_owned(),
                    class: error.class(),
                    message: error.to_string(),
                }),
            }
            true
        });
    }

    /// Waits for the next step of the first round; `None` once it is complete and was reported so.
    pub fn watch(&self) -> ProgressWatch {
        let mut round = self.round.subscribe();
        // Also what happened before somebody watched, and a round of no targets, is a step.
        round.mark_changed();
        ProgressWatch { round, is_over: false }
    }
}

/// A view of the first round.
#[derive(Debug)]
pub struct ProgressWatch {
    round: watch::Receiver<(BTreeSet<String>, Round)>,
    is_over: bool,
}

impl ProgressWatch {
    /// Waits for the next step; `None` once the round is complete and that was reported.
    pub async fn next(&mut self) -> Option<Round> {
        if self.is_over {
            return None;
        }
        self.round.changed().await.ok()?;
        let round = self.round.borrow_and_update().1.clone();
        self.is_over = round.asked >= round.targets;
        Some(round)
    }
}
