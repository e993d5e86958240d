//! RSS and Atom feeds.

mod aws;
mod azure;
pub(super) mod date;
mod feed;
mod google;
mod google_legacy;
mod history;
mod instatus;
mod markup;
mod meta;
mod rules;
mod slack;
mod statusio;
mod statuspage;
mod tally;
mod xai;

use super::polled::Polled;
use super::{FormatRow, Parser, Transport};

pub use rules::{Field, Order, PatternSpec, RulesSpec, StateSpec};

/// An RSS or Atom feed and the format that reads it.
pub type RssTarget = Polled<Rss>;

/// RSS and Atom feeds.
#[derive(Debug)]
pub struct Rss;

impl Transport for Rss {
    const ACCEPT: &'static str =
        "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5";

    /// A new format is a file beside this one and a row here. The most common family comes first, own mappings last.
    const FORMATS: &'static [FormatRow] = &[
        FormatRow {
            name: "statuspage",
            about: "Atlassian Statuspage: history.rss and history.atom, the page as a whole",
            parser: Parser::Builtin(statuspage::parse),
        },
        FormatRow {
            name: "aws",
            about: "AWS: all.rss, and the feed of one service in one region",
            parser: Parser::Builtin(aws::parse),
        },
        FormatRow {
            name: "azure",
            about: "Azure's status feed: each service and region that an open event names",
            parser: Parser::Builtin(azure::parse),
        },
        FormatRow {
            name: "google",
            about: "Google Cloud, Workspace, Firebase and their sisters: feed.atom, and Workspace's old RSS",
            parser: Parser::Builtin(google::parse),
        },
        FormatRow {
            name: "instatus",
            about: "Instatus: history.rss and history.atom, the page and the components that its incidents name",
            parser: Parser::Builtin(instatus::parse),
        },
        FormatRow {
            name: "meta",
            about: "metastatus.com: the feed of one product of Meta's",
            parser: Parser::Builtin(meta::parse),
        },
        FormatRow {
            name: "slack",
            about: "Slack: feed/rss and feed/atom, all of Slack by the wording of its newest posts",
            parser: Parser::Timed(slack::parse),
        },
        FormatRow {
            name: "statusio",
            about: "status.io: a page's rss, the page as a whole",
            parser: Parser::Builtin(statusio::parse),
        },
        FormatRow {
            name: "xai",
            about: "xAI: feed.xml, each component that its history names",
            parser: Parser::Builtin(xai::parse),
        },
        FormatRow {
            name: "rules",
            about: "any other feed, by your own regular expressions for service, region and state",
            parser: Parser::Mapped(rules::compile),
        },
    ];
}
