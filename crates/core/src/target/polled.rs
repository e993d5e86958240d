//! What the three transports have in common: fetch, then parse.

use std::fmt;
use std::sync::Arc;

use super::fetch::{Fetched, Request};
use super::{Answer, CollectError, Context, Document, Filter, Format, Identity, Observation};

/// A source that is fetched over HTTP and read by a format.
pub(super) struct Polled {
    pub(super) identity: Identity,
    pub(super) url: url::Url,
    pub(super) format: Arc<dyn Format>,
    pub(super) filter: Arc<Filter>,
}

impl fmt::Debug for Polled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Polled").field("identity", &self.identity).finish_non_exhaustive()
    }
}

impl Polled {
    /// Asks once, naming the media types the transport understands.
    pub(super) async fn collect(&self, cx: &Context<'_>, accept: &'static str) -> Result<Observation, CollectError> {
        let request = Request { url: &self.url, accept, validators: cx.validators };
        let (body, validators) = match cx.fetcher.fetch(&request).await? {
            Fetched::NotModified => {
                return Ok(Observation {
                    answer: Answer::Unchanged,
                    validators: cx.validators.clone(),
                    http_status: Some(304),
                    bytes: 0,
                });
            }
            Fetched::Body { body, validators } => (body, validators),
        };
        let http_status = body.status;
        let bytes = body.bytes.len() as u64;
        // Megabytes of HTML take longer to parse than other targets should wait for.
        let format = Arc::clone(&self.format);
        let filter = Arc::clone(&self.filter);
        let parsed = tokio::task::spawn_blocking(move || {
            let document = Document::new(&body.bytes).with_charset(body.charset.as_deref());
            format.parse(&document)?.finish(&filter)
        })
        .await;
        let report = match parsed {
            Ok(parsed) => parsed,
            Err(panic) => Err(super::ParseError::malformed(format!("the format gave up: {panic}"))),
        }
        .map_err(|source| CollectError::Parse { source, http_status, bytes })?;
        Ok(Observation { answer: Answer::Report(report), validators, http_status: Some(http_status), bytes })
    }
}
