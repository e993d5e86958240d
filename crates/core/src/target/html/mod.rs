//! Web pages.

mod page;
mod selectors;
mod statusio;
mod statuspage;

use super::polled::Polled;
use super::{FormatRow, Parser, Transport};

pub use selectors::SelectorsSpec;

/// A web page and the format that reads it.
pub type HtmlTarget = Polled<Html>;

/// Web pages.
#[derive(Debug)]
pub struct Html;

impl Transport for Html {
    const ACCEPT: &'static str = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5";

    /// A new format is a file beside this one and a row here.
    const FORMATS: &'static [FormatRow] = &[
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
}
