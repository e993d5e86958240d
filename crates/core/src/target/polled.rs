//! What the three transports have in common: fetch, then parse.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use tokio::sync::Semaphore;
use tokio::task::JoinError;
use url::Url;

use super::fetch::{Auth, Body, FetchError, Fetched, Fetcher, Request};
use super::format::nowhere;
use super::{
    Answer, CollectError, Context, Document, Explanation, Filter, Format, FormatRow, Identity, Observation, ParseError,
    Part, Target,
};
use crate::schema::{Timestamp, Validators};
use crate::secrets::Template;

/// How many parts an answer may have.
const MAX_PARTS: usize = 64;

/// How large the parts of an answer may be together, in bytes: as large as one document.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

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
    source: Source,
    transport: PhantomData<T>,
}

/// How a source is asked and read.
pub struct Source {
    /// Its address.
    pub address: Template,
    /// Who asks, where it wants to know.
    pub auth: Option<Auth>,
    /// What reads it.
    pub format: Arc<dyn Format>,
    /// Which of its services are kept.
    pub filter: Arc<Filter>,
    /// The fingerprint of all that decides how it is asked and read.
    pub definition: String,
}

impl<T> fmt::Debug for Polled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Polled").field("identity", &self.identity).finish_non_exhaustive()
    }
}

#[async_trait]
impl<T: Transport> Target for Polled<T> {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    async fn collect(&self, cx: &Context<'_>) -> Result<Observation, CollectError> {
        let Source { address, format, filter, definition, .. } = &self.source;
        let none = Validators::default();
        let is_known = cx.validators.definition == *definition && format.is_settled_by_no_change();
        let validators = if is_known { cx.validators } else { &none };
        let asked_at = cx.now;
        let url = cx.fetcher.address(address)?;
        let (first, validators) = match cx.fetcher.fetch(&self.request(&url, validators)).await? {
            Fetched::NotModified => {
                return Ok(Observation {
                    answer: Answer::Unchanged,
                    validators: validators.clone(),
                    http_status: Some(304),
                    bytes: 0,
                    check: None,
                });
            }
            Fetched::Body { body, validators } => (body, Validators { definition: definition.clone(), ..validators }),
        };
        let http_status = first.status;
        let mut pieces = vec![Piece { url, body: Some(first), asked_at }];
        let complete = self.complete(cx.fetcher, &mut pieces, asked_at).await?;
        let bytes = size(&pieces);
        let failed = |source| CollectError::Parse { source, http_status, bytes };
        complete.map_err(failed)?;
        // Megabytes of HTML take longer to parse than other targets should wait for, and many times as much memory.
        let _turn = PARSING.acquire().await;
        let (reader, filter) = (Arc::clone(format), Arc::clone(filter));
        let parsed = tokio::task::spawn_blocking(move || reader.parse_parts(&parts(&pieces))?.finish(&filter)).await;
        let report = parsed.unwrap_or_else(|panic| Err(gave_up(&panic))).map_err(failed)?;
        let validators = if format.is_settled_by_no_change() { validators } else { none };
        Ok(Observation {
            answer: Answer::Report(report),
            validators,
            http_status: Some(http_status),
            bytes,
            check: None,
        })
    }

    async fn examine(&self, cx: &Context<'_>) -> Result<Examination, FetchError> {
        let Context { fetcher, now, .. } = *cx;
        let url = fetcher.address(&self.source.address)?;
        let body = match fetcher.fetch(&self.request(&url, &Validators::default())).await? {
            Fetched::Body { body, .. } => Some(body),
            Fetched::NotModified => None,
        };
        let mut pieces = vec![Piece { url, body, asked_at: now }];
        if let Err(source) = self.complete(fetcher, &mut pieces, now).await? {
            return Ok(Examination { explanation: Err(source).into(), pieces });
        }
        let _turn = PARSING.acquire().await;
        let (reader, filter) = (Arc::clone(&self.source.format), Arc::clone(&self.source.filter));
        let examined = tokio::task::spawn_blocking(move || {
            let explanation = reader.explain(&parts(&pieces)).finish(&filter);
            Examination { explanation, pieces }
        });
        let gave_up = |panic| Examination { explanation: Err(gave_up(&panic)).into(), pieces: Vec::new() };
        Ok(examined.await.unwrap_or_else(gave_up))
    }

    fn explain(&self, document: &Document<'_>) -> Explanation {
        match nowhere() {
            Ok(url) => {
                let part = Part { url: &url, document: Some(*document) };
                self.source.format.explain(&[part]).finish(&self.source.filter)
            }
            Err(error) => Err(error).into(),
        }
    }
}

fn gave_up(panic: &JoinError) -> ParseError {
    ParseError::malformed(format!("the format gave up: {panic}"))
}

impl<T: Transport> Polled<T> {
    /// A target that asks and reads `source`.
    pub fn new(identity: Identity, source: Source) -> Self {
        Self { identity, source, transport: PhantomData }
    }

    fn request<'a>(&'a self, url: &'a Url, validators: &'a Validators) -> Request<'a> {
        Request { url, accept: T::ACCEPT, validators, auth: self.source.auth.as_ref() }
    }

    /// Fetches what the format needs beyond the first part of an answer, as far as it can tell what that is.
    async fn complete(
        &self,
        fetcher: &Fetcher,
        pieces: &mut Vec<Piece>,
        asked_at: Timestamp,
    ) -> Result<Result<(), ParseError>, FetchError> {
        loop {
            let url = match next_part(&*self.source.format, pieces) {
                Ok(Some(url)) => url,
                Ok(None) => return Ok(Ok(())),
                Err(error) => return Ok(Err(error)),
            };
            let body = self.fetch_part(fetcher, &url).await?;
            pieces.push(Piece { url, body, asked_at });
        }
    }

    /// Fetches a part after the first; `None` if the source has none there.
    async fn fetch_part(&self, fetcher: &Fetcher, url: &Url) -> Result<Option<Box<Body>>, FetchError> {
        match fetcher.fetch(&self.request(url, &Validators::default())).await {
            Ok(Fetched::Body { body, .. }) => Ok(Some(body)),
            Ok(Fetched::NotModified) => Ok(None),
            Err(error) if matches!(error.http_status_code(), Some(404 | 410)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The address of the next part. A source may lead to further parts of its answer, but not away from its own host, nor
/// on and on.
fn next_part(format: &dyn Format, pieces: &[Piece]) -> Result<Option<Url>, ParseError> {
    let (Some(url), Some(first)) = (format.next_part(&parts(pieces))?, pieces.first()) else { return Ok(None) };
    if url.origin() != first.url.origin() {
        let host = url.host_str().unwrap_or_default();
        return Err(ParseError::malformed(format!(
            "the answer goes on at another host ({host}); expected all parts on the endpoint's own"
        )));
    }
    if pieces.len() >= MAX_PARTS || pieces.iter().any(|piece| piece.url == url) {
        return Err(ParseError::malformed(format!(
            "the answer has no end; expected at most {MAX_PARTS} parts, each at its own address"
        )));
    }
    if size(pieces) > MAX_BYTES {
        let limit = MAX_BYTES / (1024 * 1024);
        return Err(ParseError::malformed(format!("the answer's parts are larger than {limit} MiB together")));
    }
    Ok(Some(url))
}

/// A part of an answer, held while the answer is read.
#[derive(Debug)]
struct Piece {
    url: Url,
    body: Option<Box<Body>>,
    asked_at: Timestamp,
}

impl Piece {
    fn part(&self) -> Part<'_> {
        let document = self
            .body
            .as_ref()
            .map(|body| Document::new(&body.bytes).with_charset(body.charset.as_deref()).asked_at(self.asked_at));
        Part { url: &self.url, document }
    }
}

fn parts(pieces: &[Piece]) -> Vec<Part<'_>> {
    pieces.iter().map(Piece::part).collect()
}

fn size(pieces: &[Piece]) -> u64 {
    pieces.iter().filter_map(|piece| piece.body.as_ref()).map(|body| body.bytes.len() as u64).sum()
}

/// An answer as it came, and how it was read.
#[derive(Debug)]
pub struct Examination {
    /// How it was read. Services that the target leaves out are left out here, too.
    pub explanation: Explanation,
    pieces: Vec<Piece>,
}

impl Examination {
    /// What came of an ask that no document answers.
    pub(super) fn without_document(explanation: Explanation) -> Self {
        Self { explanation, pieces: Vec::new() }
    }

    /// The first document, for other formats to try.
    pub fn document(&self) -> Document<'_> {
        self.pieces.first().and_then(|piece| piece.part().document).unwrap_or(Document::new(b""))
    }

    /// Where the source says that the first document lies for good now; `None` if it still lies where it was asked for.
    pub fn moved(&self) -> Option<&Url> {
        self.pieces.first()?.body.as_ref()?.moved.as_ref()
    }
}
