//! RSS and Atom feeds.

mod rules;

use super::polled::Polled;
use super::{FormatRow, Transport};

pub use rules::RulesSpec;

/// An RSS or Atom feed and the format that reads it.
pub type RssTarget = Polled<Rss>;

/// RSS and Atom feeds.
#[derive(Debug)]
pub struct Rss;

impl Transport for Rss {
    const ACCEPT: &'static str =
        "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5";

    /// A new format is a file beside this one and a row here.
    const FORMATS: &'static [FormatRow] = &[];
}
