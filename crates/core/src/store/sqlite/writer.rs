//! The one thread that writes.
//!
//! Putting a transaction on the disk costs some milliseconds, whatever it holds; so commits and checks that wait at the
//! same time are written in one. Checks, and commits that bring nothing but health, by far the most, may wait a moment for
//! others. Whatever else is to be written takes its turn between them.

use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::checks::record;
use super::file::sql;
use super::queue::Queue;
use super::write::{apply, next_change_number};
use crate::causes::with_causes;
use crate::schema::Check;
use crate::store::{Commit, Outcome, StoreError};

/// How long health and checks wait for company: with a thousand targets asked every ten seconds, four writes a second
/// instead of a hundred.
const LINGER: Duration = Duration::from_millis(250);
/// How many make a company: those who write wait for their answers, so there may be no more to come.
const ENOUGH: usize = 32;
/// How many entries one transaction takes.
const BATCH: usize = 256;

type Answer = Result<Outcome, StoreError>;

/// The way to the writing thread.
pub(super) struct Writer {
    queue: Arc<Queue<Job>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Job {
    Write(Write),
    Work(Work),
}

/// What is done in a turn of its own.
type Work = Box<dyn FnOnce(&mut Connection) + Send>;

/// What is written together with others.
struct Write {
    entry: Entry,
    answer: oneshot::Sender<Answer>,
}

enum Entry {
    Commit(Box<Commit>),
    Checks(Vec<Check>),
}

impl Writer {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(mut connection: Connection) -> Result<Self, StoreError> {
        let queue = Arc::new(Queue::new(LINGER, ENOUGH));
        let end = End(Arc::clone(&queue));
        let thread = Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                while let Some(jobs) = end.0.take() {
                    carry_out(&mut connection, jobs);
                }
            })
            .map_err(|error| StoreError::unavailable("the thread that writes cannot be started", error))?;
        Ok(Self { queue, thread: Mutex::new(Some(thread)) })
    }

    /// Writes a commit; answers when it is on the disk.
    pub(super) async fn commit(&self, commit: Commit) -> Answer {
        let is_urgent = commit.change.is_some();
        let entry = Entry::Commit(Box::new(commit));
        self.ask(is_urgent, |answer| Job::Write(Write { entry, answer })).await
    }

    /// Writes checks; answers when they are on the disk.
    pub(super) async fn record(&self, checks: Vec<Check>) -> Result<(), StoreError> {
        let entry = Entry::Checks(checks);
        self.ask(false, |answer| Job::Write(Write { entry, answer })).await.map(drop)
    }

    /// Does some work in a transaction of its own; answers when what it wrote is on the disk.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let job = |answer: oneshot::Sender<Result<T, StoreError>>| {
            Job::Work(Box::new(move |connection| {
                // Whoever asked may be gone.
                let _ = answer.send(in_transaction(connection, work));
            }))
        };
        self.ask(true, job).await
    }

    async fn ask<T>(
        &self,
        is_urgent: bool,
        job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        if !self.queue.push(job(answer), is_urgent) {
            return Err(StoreError::closed());
        }
        answered.await.unwrap_or_else(|_| Err(StoreError::closed()))
    }

    /// Takes no more jobs, and waits until those that were taken are done.
    pub(super) fn close(&self) {
        self.queue.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes to SQLite has panicked");
        }
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // The thread ends by itself, with what was taken.
        self.queue.close();
    }
}

/// The end of the thread, also by a panic: nobody waits for an answer then.
struct End(Arc<Queue<Job>>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// Does the jobs in their order; entries that follow each other in one transaction, as far as that goes.
fn carry_out(connection: &mut Connection, jobs: Vec<Job>) {
    let mut batch = Vec::new();
    for job in jobs {
        match job {
            Job::Write(entry) => {
                batch.push(entry);
                if batch.len() == BATCH {
                    write(connection, mem::take(&mut batch));
                }
            }
            Job::Work(work) => {
                write(connection, mem::take(&mut batch));
                work(connection);
            }
        }
    }
    write(connection, batch);
}

fn write(connection: &mut Connection, batch: Vec<Write>) {
    if batch.is_empty() {
        return;
    }
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
        let write = |entry: &Entry| match entry {
            Entry::Commit(commit) => apply(transaction, change_number, commit),
            Entry::Checks(checks) => record(transaction, checks).map(|()| Ok(Outcome::Applied)),
        };
        batch.iter().map(|one| write(&one.entry)).collect()
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
