//! What the three transports have in common: fetch, then parse.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use tokio::sync::Semaphore;
use url::Url;

use super::fetch::{Fetched, Request};
use super::{
    Answer, CollectError, Context, Document, Filter, Format, FormatRow, Identity, Observation, ParseError, Target,
};
use crate::schema::Validators;

/// Documents are parsed a few at a time: more than there are cores takes no less time, and more memory.
static PARSING: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, NonZeroUsize::get)));

/// What tells one transport from another.
pub trait Transport: Send + Sync + 'static {
    /// The media types that are asked for.
    const ACCEPT: &'static str;
    /// The formats it can read.
    const FORMATS: &'static [FormatRow];
}

/// A source that is fetched over HTTP and read by a format.
pub struct Polled<T> {
    identity: Identity,
    url: Url,
    format: Arc<dyn Format>,
    filter: Arc<Filter>,
    definition: String,
    transport: PhantomData<T>,
}

impl<T> fmt::Debug for Polled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Polled").field("identity", &self.identity).finish_non_exhaustive()
    }
}

impl<T: Transport> Polled<T> {
    /// A target that reads `url` with `format` and keeps the services that `filter` lets through. `definition` is the
    /// fingerprint of all that decides how a document is read.
    pub fn new(identity: Identity, url: Url, format: Arc<dyn Format>, filter: Filter, definition: String) -> Self {
        Self { identity, url, format, filter: Arc::new(filter), definition, transport: PhantomData }
    }
}

#[async_trait]
impl<T: Transport> Target for Polled<T> {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    async fn collect(&self, cx: &Context<'_>) -> Result<Observation, CollectError> {
        let none = Validators::default();
        let validators = if cx.validators.definition == self.definition { cx.validators } else { &none };
        let request = Request { url: &self.url, accept: T::ACCEPT, validators };
        let (body, validators) = match cx.fetcher.fetch(&request).await? {
            Fetched::NotModified => {
                return Ok(Observation {
                    answer: Answer::Unchanged,
                    validators: validators.clone(),
                    http_status: Some(304),
                    bytes: 0,
                });
            }
            Fetched::Body { body, validators } => {
                (body, Validators { definition: self.definition.clone(), ..validators })
            }
        };
        let http_status = body.status;
        let bytes = body.bytes.len() as u64;
        // Megabytes of HTML take longer to parse than other targets should wait for, and many times as much memory.
        let _turn = PARSING.acquire().await;
        let format = Arc::clone(&self.format);
        let filter = Arc::clone(&self.filter);
        let parsed = tokio::task::spawn_blocking(move || {
            let document = Document::new(&body.bytes).with_charset(body.charset.as_deref());
            format.parse(&document)?.finish(&filter)
        })
        .await;
        let report = parsed
            .unwrap_or_else(|panic| Err(ParseError::malformed(format!("the format gave up: {panic}"))))
            .map_err(|source| CollectError::Parse { source, http_status, bytes })?;
        Ok(Observation { answer: Answer::Report(report), validators, http_status: Some(http_status), bytes })
    }
}
