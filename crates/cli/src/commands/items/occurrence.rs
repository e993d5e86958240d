//! `unistatus items report`: tells Rollbar of an occurrence.

use std::path::PathBuf;

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use unistatus_core::exit::Failure;

use super::ITEMS;
use crate::api::{Api, Resource};
use crate::{input, output};

/// Report an occurrence: Rollbar makes an item of it, or counts it with one that is there
///
/// Examples:
///   unistatus items report "The night's backup failed" --level critical --environment production
///   unistatus items report --from occurrence.json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// What happened
    #[arg(required_unless_present = "from")]
    message: Option<String>,
    /// critical, error, warning, info or debug
    #[arg(long, default_value = "error", conflicts_with = "from")]
    level: String,
    /// Where it happened
    #[arg(long, value_name = "NAME", default_value = "production", conflicts_with = "from")]
    environment: String,
    /// An occurrence in Rollbar's format, without an access token, in a file; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "message")]
    from: Option<PathBuf>,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

/// An occurrence to report.
pub(super) struct Occurrence {
    body: Value,
    json: bool,
}

impl Arguments {
    pub(super) fn read(self) -> Result<Occurrence, Failure> {
        let Self { message, level, environment, from, json } = self;
        let body = match from {
            Some(path) => input::json(&path)?,
            None => {
                json!({"data": {"environment": environment, "level": level, "body": {"message": {"body": message}}}})
            }
        };
        Ok(Occurrence { body, json })
    }
}

impl Occurrence {
    pub(super) async fn send(self, api: &Api) -> Result<(), Failure> {
        #[derive(Deserialize)]
        struct Reported {
            uuid: String,
        }
        let answer = api.ask(Method::POST, &Resource::new(ITEMS), Some(&self.body)).await?.fine()?;
        if self.json {
            return output::print_json(&answer.body);
        }
        output::print(&output::printable(&answer.read::<Reported>()?.uuid))
    }
}
