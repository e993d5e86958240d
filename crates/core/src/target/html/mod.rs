//! Web pages.

mod page;
mod selectors;
mod statusio;
mod statuspage;

use std::sync::Arc;

use async_trait::async_trait;

use super::polled::Polled;
use super::{CollectError, Context, Filter, Format, FormatRow, Identity, Observation, Parser, Target};

pub use selectors::SelectorsSpec;

/// The table of formats: a new one is a file beside this one and a row here.
pub const FORMATS: &[FormatRow] = &[
    FormatRow {
        name: "statuspage",
        about: "Atlassian Statuspage: the home page, where the JSON API cannot be had",
        parser: Parser::Builtin(statuspage::parse),
    },
    FormatRow {
        name: "statusio",
        about: "status.io: the home page, where the JSON API cannot be had",
        parser: Parser::Builtin(statusio::parse),
    },
    FormatRow {
        name: "selectors",
        about: "any page, read by your own CSS selectors and word table",
        parser: Parser::Mapped(selectors::compile),
    },
];

/// The media types that are asked for.
const ACCEPT: &str = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5";

/// A web page and the format that reads it.
#[derive(Debug)]
pub struct HtmlTarget(Polled);

impl HtmlTarget {
    /// A target that reads `url` with `format` and keeps the services that `filter` lets through.
    pub fn new(identity: Identity, url: url::Url, format: Arc<dyn Format>, filter: Filter) -> Self {
        Self(Polled { identity, url, format, filter: Arc::new(filter) })
    }
}

#[async_trait]
impl Target for HtmlTarget {
    fn identity(&self) -> &Identity {
        &self.0.identity
    }

    async fn collect(&self, cx: &Context<'_>) -> Result<Observation, CollectError> {
        self.0.collect(cx, ACCEPT).await
    }
}
