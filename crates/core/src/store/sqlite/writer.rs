//! The one thread that writes.
//!
//! Putting a transaction on the disk costs some milliseconds, whatever it holds; so commits that wait at the same time
//! are written in one. Those that bring nothing but health, by far the most, may wait a moment for others. Forgetting
//! takes its turn between them.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::file::sql;
use super::forget::{Forgotten, forget};
use super::write::{apply, next_change_number};
use crate::causes::with_causes;
use crate::schema::Timestamp;
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
enum Job {
    Write(Write),
    Forget(Forget),
}

/// A commit that is to be written.
#[derive(Debug)]
struct Write {
    commit: Box<Commit>,
    answer: oneshot::Sender<Answer>,
}

/// What ended before an instant is to be forgotten, a part of it at least.
#[derive(Debug)]
struct Forget {
    horizon: Timestamp,
    answer: oneshot::Sender<Result<Forgotten, StoreError>>,
}

impl Writer {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(mut connection: Connection) -> Result<Self, StoreError> {
        let (queue, jobs) = channel();
        let thread = Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                while let Some(batch) = gather(&jobs) {
                    batch.carry_out(&mut connection);
                }
            })
            .map_err(|error| StoreError::unavailable("the thread that writes cannot be started", error))?;
        Ok(Self { queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }

    /// Writes a commit; answers when it is on the disk.
    pub(super) async fn write(&self, commit: Commit) -> Answer {
        let commit = Box::new(commit);
        self.ask(|answer| Job::Write(Write { commit, answer })).await
    }

    /// Forgets some of what ended before an instant.
    pub(super) async fn forget(&self, horizon: Timestamp) -> Result<Forgotten, StoreError> {
        self.ask(|answer| Job::Forget(Forget { horizon, answer })).await
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let sent = match &*self.queue.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(queue) => queue.send(job(answer)).is_ok(),
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

/// What is done in one go: commits in one transaction, and what is to be forgotten in the next.
#[derive(Debug, Default)]
struct Batch {
    commits: Vec<Write>,
    forget: Option<Forget>,
}

/// The next jobs to do; `None` once there will be no more.
fn gather(jobs: &Receiver<Job>) -> Option<Batch> {
    let mut batch = Batch::default();
    let mut next = Some(jobs.recv().ok()?);
    let until = Instant::now() + LINGER;
    while let Some(job) = next
        && batch.takes_more_after(job)
    {
        next = if batch.may_wait() {
            jobs.recv_timeout(until.saturating_duration_since(Instant::now())).ok()
        } else {
            jobs.try_recv().ok()
        };
    }
    Some(batch)
}

impl Batch {
    /// Takes a job; answers whether there is room for another one.
    fn takes_more_after(&mut self, job: Job) -> bool {
        match job {
            Job::Write(write) => self.commits.push(write),
            Job::Forget(forget) => self.forget = Some(forget),
        }
        self.commits.len() < BATCH && self.forget.is_none()
    }

    /// Whether all that it has may wait for company.
    fn may_wait(&self) -> bool {
        self.commits.iter().all(|write| write.commit.change.is_none())
    }

    fn carry_out(self, connection: &mut Connection) {
        if !self.commits.is_empty() {
            write(connection, self.commits);
        }
        if let Some(Forget { horizon, answer }) = self.forget {
            // Whoever asked may be gone.
            let _ = answer.send(in_transaction(connection, |transaction| forget(transaction, horizon)));
        }
    }
}

fn write(connection: &mut Connection, batch: Vec<Write>) {
    match transact(connection, &batch) {
        Ok(answers) => {
            for (write, answer) in batch.into_iter().zip(answers) {
                write.answer(answer);
            }
        }
        Err(error) if error.is_transient() => {
            for write in batch {
                write.answer(Err(StoreError::Unavailable { message: with_causes(&error), source: None }));
            }
        }
        // One of them spoilt it for all: each is written alone.
        Err(_) if batch.len() > 1 => batch.into_iter().for_each(|one| write(connection, vec![one])),
        Err(error) => {
            if let Some(write) = batch.into_iter().next() {
                write.answer(Err(error));
            }
        }
    }
}

/// Writes all of them, or after an error none.
fn transact(connection: &mut Connection, batch: &[Write]) -> Result<Vec<Answer>, StoreError> {
    in_transaction(connection, |transaction| {
        let change_number = next_change_number(transaction).map_err(sql)?;
        batch.iter().map(|write| apply(transaction, change_number, &write.commit)).collect()
    })
}

/// Does some work and commits it, or after an error does none of it.
fn in_transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql)?;
    let done = work(&transaction)?;
    transaction.commit().map_err(sql)?;
    Ok(done)
}

impl Write {
    fn answer(self, answer: Answer) {
        // Whoever asked may be gone.
        let _ = self.answer.send(answer);
    }
}
