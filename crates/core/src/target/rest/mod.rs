//! JSON APIs.

mod azure_devops;
mod google_incidents;
mod incident;
mod jq;
mod json;
mod merge;
mod slack;
mod statuspage;

use std::sync::Arc;

use async_trait::async_trait;

use super::polled::Polled;
use super::{CollectError, Context, Filter, Format, FormatRow, Identity, Observation, Parser, Target};

/// The table of formats: a new one is a file beside this one and a row here.
pub const FORMATS: &[FormatRow] = &[
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
        name: "jq",
        about: "any JSON document, by a jq filter of your own",
        parser: Parser::Mapped(jq::compile),
    },
];

/// The media types that are asked for.
const ACCEPT: &str = "application/json, */*;q=0.5";

/// A JSON API and the format that reads it.
#[derive(Debug)]
pub struct RestTarget(Polled);

impl RestTarget {
    /// A target that reads `url` with `format` and keeps the services that `filter` lets through.
    pub fn new(identity: Identity, url: url::Url, format: Arc<dyn Format>, filter: Filter) -> Self {
        Self(Polled { identity, url, format, filter: Arc::new(filter) })
    }
}

#[async_trait]
impl Target for RestTarget {
    fn identity(&self) -> &Identity {
        &self.0.identity
    }

    async fn collect(&self, cx: &Context<'_>) -> Result<Observation, CollectError> {
        self.0.collect(cx, ACCEPT).await
    }
}
