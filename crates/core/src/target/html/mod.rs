//! Web pages.

mod azure;
mod azure_devops;
mod google;
mod hund;
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

    /// A new format is a file beside this one and a row here. The most common family comes first, own mappings last.
    const FORMATS: &'static [FormatRow] = &[
        FormatRow {
            name: "statuspage",
            about: "Atlassian Statuspage: the home page, where the JSON API cannot be had",
            parser: Parser::Builtin(statuspage::parse),
        },
        FormatRow {
            name: "azure",
            about: "Azure: the status page, each product in each region",
            parser: Parser::Builtin(azure::parse),
        },
        FormatRow {
            name: "azure-devops",
            about: "Azure DevOps: the status page, each service in each geography",
            parser: Parser::Builtin(azure_devops::parse),
        },
        FormatRow {
            name: "google",
            about: "Google's status dashboards (Cloud, Firebase, Workspace, Play), of today and from before 2021",
            parser: Parser::Builtin(google::parse),
        },
        FormatRow {
            name: "hund",
            about: "Hund.io: the home page of a status page",
            parser: Parser::Builtin(hund::parse),
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
