//! RSS and Atom feeds.

mod aws;
pub(super) mod date;
mod feed;
mod google;
mod google_legacy;
mod markup;
mod rules;
mod statuspage;
mod tally;

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

    /// A new format is a file beside this one and a row here.
    const FORMATS: &'static [FormatRow] = &[
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
}
