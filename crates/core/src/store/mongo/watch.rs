//! How changes are noticed: by a change stream.

use std::collections::BTreeSet;

use async_trait::async_trait;
use futures_util::{FutureExt, StreamExt};
use mongodb::Collection;
use mongodb::bson::{Document, RawDocumentBuf, doc};
use mongodb::change_stream::ChangeStream;
use mongodb::change_stream::event::ResumeToken;
use mongodb::error::{Error, ErrorKind, Result};
use serde::Deserialize;

use super::error::failed;
use crate::store::{Changed, Place, StoreError, Watch};

/// The server cannot go on from the token: what followed it is forgotten, or the token is not one of its own.
const LOST: [i32; 4] = [136, 260, 280, 286];
/// How many changes one report takes.
const BATCH: usize = 10_000;

/// A watch on the collection `health`, since every commit writes its target's document there.
pub(super) struct MongoWatch {
    health: Collection<RawDocumentBuf>,
    stream: Option<ChangeStream<Seen>>,
    /// Where to go on; `None` if that is not known any more.
    token: Option<ResumeToken>,
    /// Whether changes may have been missed that were not reported yet.
    missed: bool,
}

/// What is read of a change.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    #[serde(rename = "_id")]
    token: ResumeToken,
    document_key: Option<Document>,
}

impl MongoWatch {
    /// Begins to watch.
    pub(super) async fn begin(health: Collection<RawDocumentBuf>) -> Result<Self> {
        let mut watch = Self { health, stream: None, token: None, missed: false };
        watch.open().await?;
        Ok(watch)
    }

    /// Opens the stream where the last one ended, or if that is not known, now.
    async fn open(&mut self) -> Result<()> {
        // No document as a whole: one of `health` is small, but nobody reads it.
        let names = doc! { "$project": { "operationType": 1, "ns": 1, "documentKey": 1 } };
        let stream = self.health.watch().pipeline([names]).resume_after(self.token.clone()).await?.with_type();
        // Asked only now: the stream refuses to say while a question is under way.
        self.token = stream.resume_token();
        self.stream = Some(stream);
        Ok(())
    }

    /// The stream is of no more use; what follows is read from another one.
    fn give_up(&mut self, error: &Error) {
        self.stream = None;
        let is_lost = matches!(&*error.kind, ErrorKind::Command(refusal) if LOST.contains(&refusal.code));
        if is_lost || self.token.is_none() {
            self.lose();
        }
    }

    fn lose(&mut self) {
        self.stream = None;
        self.token = None;
        self.missed = true;
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
            let mut targets = BTreeSet::new();
            loop {
                match next {
                    Some(Ok(Seen { token, document_key })) => {
                        self.token = Some(token);
                        match document_key {
                            Some(key) => targets.extend(key.get_str("_id").map(str::to_owned)),
                            // The collection itself was dropped or renamed: the stream ends here for good.
                            None => self.lose(),
                        }
                    }
                    Some(Err(error)) => {
                        self.give_up(&error);
                        if targets.is_empty() {
                            return Err(failed("tell of changes", error));
                        }
                    }
                    None => self.lose(),
                }
                let more = self
                    .stream
                    .as_mut()
                    .filter(|_| targets.len() < BATCH)
                    .and_then(|stream| stream.next().now_or_never());
                let Some(more) = more else { break };
                next = more;
            }
            if !targets.is_empty() {
                return Ok(Changed::Some { targets, events: Vec::new() });
            }
        }
    }

    fn place(&self) -> Option<Place> {
        None
    }
}
