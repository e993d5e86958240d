//! `unistatus targets collection`: how the collection goes.

use http::Method;
use serde::Deserialize;
use unistatus_core::config::Flags;
use unistatus_core::exit::Failure;
use unistatus_core::schema::Status;

use crate::api::{self, Absent, Answer, Api, Resource};
use crate::output::{self, cell, status_cell};

/// How the collection goes: when each target was asked, and why it did not answer
///
/// Examples:
///   unistatus targets collection
///   unistatus targets collection github --json
///   unistatus targets collection --url "$UNISTATUS"
///
/// Exit codes: 0, 2 for a name that is not known, 3 for a database or an API that cannot be reached.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// The target's name
    target: Option<String>,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Targets {
    targets: Vec<Target>,
}

/// A target as the API tells of its collection.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    name: String,
    status: Option<Status>,
    services: usize,
    last_attempt: Option<String>,
    last_success: Option<String>,
    failure: Option<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    class: String,
    message: String,
}

const TARGETS: &str = "/api/targets";

/// Prints it.
pub(super) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    let Arguments { target, json } = &arguments;
    api::with(&flags, Absent::Fail, async |api| {
        let (answer, targets) = match target {
            Some(name) => of_one(api, name).await?,
            None => of_all(api).await?,
        };
        if *json { output::print_json(&answer.body) } else { output::print(&table(&targets)) }
    })
    .await
}

async fn of_all(api: &Api) -> Result<(Answer, Vec<Target>), Failure> {
    let answer = api.get(&Resource::new(TARGETS)).await?;
    let Targets { targets } = answer.read()?;
    Ok((answer, targets))
}

async fn of_one(api: &Api, name: &str) -> Result<(Answer, Vec<Target>), Failure> {
    let answer = api.ask(Method::GET, &Resource::new(TARGETS).join(name), None).await?.of("target", name)?;
    let target = answer.read()?;
    Ok((answer, vec![target]))
}

fn table(targets: &[Target]) -> String {
    let row = |target: &Target| {
        let failure = target.failure.as_ref().map(|Reason { class, message }| format!("{class}: {message}"));
        let [asked, answered, failure] = [&target.last_attempt, &target.last_success, &failure]
            .map(|text| cell(text.as_deref().unwrap_or_default()));
        let status = target.status.map_or_else(|| cell(""), status_cell);
        vec![cell(&target.name), status, cell(&target.services.to_string()), asked, answered, failure]
    };
    output::grid(&["NAME", "STATUS", "SERVICES", "ASKED", "ANSWERED", "FAILURE"], targets.iter().map(row))
}
