//! The one thread that writes.
//!
//! Putting a transaction on the disk costs some milliseconds, whatever it holds; so commits that wait at the same time
//! are written in one. Those that bring nothing but health, by far the most, may wait a moment for others.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::file::sql;
use super::write::{apply, next_change_number};
use crate::causes::with_causes;
use crate::store::{Commit, Outcome, StoreError};

/// How long health waits for company: with a thousand targets asked every ten seconds, ten writes a second
/// instead of a hundred.
const LINGER: Duration = Duration::from_millis(100);
/// How many commits one transaction takes.
const BATCH: usize = 256;

type Answer = Result<Outcome, StoreError>;

/// The way to the writing thread.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Mutex<Option<Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Job {
    commit: Commit,
    answer: oneshot::Sender<Answer>,
}

impl Writer {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(mut connection: Connection) -> Result<Self, StoreError> {
        let (queue, jobs) = channel();
        let thread = Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                while let Some(batch) = gather(&jobs) {
                    write(&mut connection, batch);
                }
            })
            .map_err(|error| StoreError::unavailable("the thread that writes cannot be started", error))?;
        Ok(Self { queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }

    /// Writes a commit; answers when it is on the disk.
    pub(super) async fn write(&self, commit: Commit) -> Answer {
        let (answer, answered) = oneshot::channel();
        let sent = match &*self.queue.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(queue) => queue.send(Job { commit, answer }).is_ok(),
            None => false,
        };
        if !sent {
            return Err(StoreError::closed());
        }
        answered.await.unwrap_or_else(|_| Err(StoreError::closed()))
    }

    /// Takes no more commits, and waits until those that were taken are written.
    pub(super) fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes to SQLite has panicked");
        }
    }
}

/// The next commits to write in one transaction; `None` once there will be no more.
fn gather(jobs: &Receiver<Job>) -> Option<Vec<Job>> {
    let first = jobs.recv().ok()?;
    let until = Instant::now() + LINGER;
    let mut may_wait = first.commit.change.is_none();
    let mut batch = vec![first];
    while batch.len() < BATCH {
        let next = if may_wait {
            jobs.recv_timeout(until.saturating_duration_since(Instant::now())).ok()
        } else {
            jobs.try_recv().ok()
        };
        let Some(next) = next else { break };
        may_wait &= next.commit.change.is_none();
        batch.push(next);
    }
    Some(batch)
}

fn write(connection: &mut Connection, batch: Vec<Job>) {
    match transact(connection, &batch) {
        Ok(answers) => {
            for (job, answer) in batch.into_iter().zip(answers) {
                job.answer(answer);
            }
        }
        Err(error) if error.is_transient() => {
            for job in batch {
                job.answer(Err(StoreError::Unavailable { message: with_causes(&error), source: None }));
            }
        }
        // One of them spoilt it for all: each is written alone.
        Err(_) if batch.len() > 1 => batch.into_iter().for_each(|job| write(connection, vec![job])),
        Err(error) => {
            if let Some(job) = batch.into_iter().next() {
                job.answer(Err(error));
            }
        }
    }
}

/// Writes all of them, or after an error none.
fn transact(connection: &mut Connection, batch: &[Job]) -> Result<Vec<Answer>, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql)?;
    let change_number = next_change_number(&transaction).map_err(sql)?;
    let answers =
        batch.iter().map(|job| apply(&transaction, change_number, &job.commit)).collect::<Result<Vec<_>, _>>()?;
    transaction.commit().map_err(sql)?;
    Ok(answers)
}

impl Job {
    fn answer(self, answer: Answer) {
        // Whoever asked may be gone.
        let _ = self.answer.send(answer);
    }
}
