//! JSON APIs.

mod azure_devops;
mod betterstack;
mod google_incidents;
mod heroku;
mod incident;
mod instatus;
mod jq;
mod json;
mod merge;
mod slack;
mod sorry;
mod statusio;
mod statuspage;

use super::polled::Polled;
use super::{FormatRow, Parser, Parted, Transport};

/// A JSON API and the format that reads it.
pub type RestTarget = Polled<Rest>;

/// JSON APIs.
#[derive(Debug)]
pub struct Rest;

impl Transport for Rest {
    const ACCEPT: &'static str = "application/json, */*;q=0.5";

    /// A new format is a file beside this one and a row here.
    const FORMATS: &'static [FormatRow] = &[
        FormatRow {
            name: "statuspage",
            about: "Atlassian Statuspage and incident.io: summary.json, status.json or components.json",
            parser: Parser::Builtin(statuspage::parse),
        },
        FormatRow {
            name: "google-incidents",
            about: "Google Cloud and Google Workspace: incidents.json",
            parser: Parser::Builtin(google_incidents::parse),
        },
        FormatRow {
            name: "azure-devops",
            about: "Azure DevOps: the health of each service in each geography",
            parser: Parser::Builtin(azure_devops::parse),
        },
        FormatRow { name: "slack", about: "Slack: current status or history", parser: Parser::Builtin(slack::parse) },
        FormatRow {
            name: "heroku",
            about: "Heroku: current-status, the colour of each system",
            parser: Parser::Builtin(heroku::parse),
        },
        FormatRow {
            name: "statusio",
            about: "status.io: each component in each of its containers",
            parser: Parser::Builtin(statusio::parse),
        },
        FormatRow {
            name: "instatus",
            about: "Instatus: summary.json and components.json, either leading to the other",
            parser: Parser::Parted(Parted { next: instatus::next, parse: instatus::parse }),
        },
        FormatRow {
            name: "betterstack",
            about: "Better Stack: index.json",
            parser: Parser::Builtin(betterstack::parse),
        },
        FormatRow {
            name: "sorry",
            about: "Sorry: api/v1/status, which leads to components and notices",
            parser: Parser::Parted(Parted { next: sorry::next, parse: sorry::parse }),
        },
        FormatRow {
            name: "jq",
            about: "any JSON document, by a jq filter of your own",
            parser: Parser::Mapped(jq::compile),
        },
    ];
}
