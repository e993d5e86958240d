//! RSS and Atom feeds.

mod rules;

use std::sync::Arc;

use async_trait::async_trait;

use super::polled::Polled;
use super::{CollectError, Context, Filter, Format, FormatRow, Identity, Observation, Target};

pub use rules::RulesSpec;

/// The table of formats: a new one is a file beside this one and a row here.
pub const FORMATS: &[FormatRow] = &[];

/// The media types that are asked for.
const ACCEPT: &str = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5";

/// An RSS or Atom feed and the format that reads it.
#[derive(Debug)]
pub struct RssTarget(Polled);

impl RssTarget {
    /// A target that reads `url` with `format` and keeps the services that `filter` lets through.
    pub fn new(identity: Identity, url: url::Url, format: Arc<dyn Format>, filter: Filter) -> Self {
        Self(Polled { identity, url, format, filter: Arc::new(filter) })
    }
}

#[async_trait]
impl Target for RssTarget {
    fn identity(&self) -> &Identity {
        &self.0.identity
    }

    async fn collect(&self, cx: &Context<'_>) -> Result<Observation, CollectError> {
        self.0.collect(cx, ACCEPT).await
    }
}
