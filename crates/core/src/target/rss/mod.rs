//! RSS and Atom feeds.

mod aws;
mod date;
mod feed;
mod google;
mod google_legacy;
mod markup;
mod rules;
mod statuspage;
mod tally;

use std::sync::Arc;

use async_trait::async_trait;

use super::polled::Polled;
use super::{CollectError, Context, Filter, Format, FormatRow, Identity, Observation, Parser, Target};

pub use rules::{Field, Order, PatternSpec, RulesSpec, StateSpec};

/// The table of formats: a new one is a file beside this one and a row here.
pub const FORMATS: &[FormatRow] = &[
    FormatRow {
        name: "aws",
        about: "AWS: all.rss, and the feed of one service in one region",
        parser: Parser::Builtin(aws::parse),
    },
    FormatRow {
        name: "google",
        about: "Google Cloud, Workspace, Firebase and their sisters: feed.atom, and Workspace's old RSS",
        parser: Parser::Builtin(google::parse),
    },
    FormatRow {
        name: "statuspage",
        about: "Atlassian Statuspage: history.rss and history.atom, the page as a whole",
        parser: Parser::Builtin(statuspage::parse),
    },
    FormatRow {
        name: "rules",
        about: "any other feed, by your own regular expressions for service, region and state",
        parser: Parser::Mapped(rules::compile),
    },
];

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
