//! How changes are noticed: by a change stream.

use std::collections::BTreeSet;

use async_trait::async_trait;
use futures_util::{FutureExt, StreamExt};
use mongodb::Database;
use mongodb::change_stream::ChangeStream;
use mongodb::change_stream::event::ResumeToken;
use mongodb::error::{Error, Result};

use super::error::failed;
use super::feed::{self, Meaning, Seen};
use crate::causes::with_causes;
use crate::store::{Changed, Place, Placed, StoreError, Watch};

/// How many changes one report takes.
const BATCH: usize = 10_000;

/// A watch on the collections `health`, where every commit writes its target's document, and `events`.
pub(super) struct MongoWatch {
    database: Database,
    stream: Option<ChangeStream<Seen>>,
    /// Where to go on; `None` if that is not known any more.
    token: Option<ResumeToken>,
    /// What the token is to others; the last one that can be written down.
    place: Option<Place>,
    /// Whether changes may have been missed that were not reported yet.
    missed: bool,
}

/// What is to be reported.
#[derive(Default)]
struct Report {
    targets: BTreeSet<String>,
    events: Vec<Placed>,
}

impl MongoWatch {
    /// Begins to watch.
    pub(super) async fn begin(database: Database) -> Result<Self> {
        let mut watch = Self { database, stream: None, token: None, place: None, missed: false };
        watch.open().await?;
        Ok(watch)
    }

    /// Opens the stream where the last one ended, or if that is not known, now.
    async fn open(&mut self) -> Result<()> {
        let stream = feed::changes(&self.database, self.token.clone()).await?;
        // Asked only now: the stream refuses to say while a question is under way.
        if let Some(token) = stream.resume_token() {
            self.come_to(token);
        }
        self.stream = Some(stream);
        Ok(())
    }

    fn come_to(&mut self, token: ResumeToken) {
        if let Some(place) = feed::place(&token) {
            self.place = Some(place);
        }
        self.token = Some(token);
    }

    /// The stream is of no more use; what follows is read from another one.
    fn give_up(&mut self, error: &Error) {
        self.stream = None;
        if feed::is_lost(error) || self.token.is_none() {
            self.lose();
        }
    }

    fn lose(&mut self) {
        self.stream = None;
        self.token = None;
        self.place = None;
        self.missed = true;
    }

    /// Notes a change in the report.
    fn note(&mut self, seen: Seen, report: &mut Report) {
        self.come_to(seen.token.clone());
        match seen.meaning() {
            Meaning::Target(name) => {
                report.targets.insert(name);
            }
            Meaning::Event(placed) => {
                report.targets.insert(placed.event.target.clone());
                report.events.push(*placed);
            }
            Meaning::Unreadable(error) => {
                tracing::warn!(error = with_causes(&error), "an event is not told");
                self.missed = true;
            }
            // If it is not the end of this stream, it is that of the order.
            Meaning::Upheaval => self.lose(),
        }
    }
}

impl Report {
    fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    fn is_full(&self) -> bool {
        self.targets.len() + self.events.len() >= BATCH
    }
}

#[async_trait]
impl Watch for MongoWatch {
    async fn changed(&mut self) -> std::result::Result<Changed, StoreError> {
        loop {
            if self.stream.is_none()
                && let Err(error) = self.open().await
            {
                self.give_up(&error);
                return Err(failed("tell of changes", error));
            }
            if std::mem::take(&mut self.missed) {
                return Ok(Changed::Everything);
            }
            let Some(stream) = &mut self.stream else { continue };
            // `next` keeps a question that is under way in the stream, so that nothing is lost where this is cancelled.
            let mut next = stream.next().await;
            // From here on there is no await: what was taken from the stream is reported.
            let mut report = Report::default();
            loop {
                match next {
                    Some(Ok(seen)) => self.note(seen, &mut report),
                    Some(Err(error)) => {
                        self.give_up(&error);
                        if report.is_empty() {
                            return Err(failed("tell of changes", error));
                        }
                    }
                    None => self.lose(),
                }
                let stream = self.stream.as_mut().filter(|_| !report.is_full());
                let Some(more) = stream.and_then(|stream| stream.next().now_or_never()) else { break };
                next = more;
            }
            if !report.is_empty() {
                return Ok(Changed::Some { targets: report.targets, events: report.events });
            }
        }
    }

    fn place(&self) -> Option<Place> {
        self.place.clone()
    }
}
