//! `unistatus incidents`: what the sources say of it.

use serde::Deserialize;
use unistatus_core::config::Flags;
use unistatus_core::exit::Failure;
use unistatus_core::schema::Status;

use crate::api::{self, Absent, BY_TIME, Resource};
use crate::output::{self, cell, status_cell};

/// The incidents and maintenances that the sources tell of, newest first
///
/// Examples:
///   unistatus incidents --state open
///   unistatus incidents github --limit 5
///   unistatus incidents --kind maintenance --from 2026-05-01T00:00:00Z --json
///
/// Exit codes: 0, 2 for a name or a value that is none, 3 for a database or an API that cannot be reached.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The target's name
    target: Option<String>,
    /// `incident` or `maintenance`
    #[arg(long)]
    kind: Option<String>,
    /// `open` or `closed`
    #[arg(long)]
    state: Option<String>,
    /// What went on after this instant
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// What went on before this instant
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// So many at the most
    #[arg(long, value_name = "COUNT", default_value = "20")]
    limit: String,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Incidents {
    incidents: Vec<Incident>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Incident {
    target: String,
    title: String,
    state: String,
    impact: Option<Status>,
    started_at: String,
}

/// Prints them.
pub(crate) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    let Arguments { target, kind, state, from, to, limit, json } = &arguments;
    api::with(&flags, Absent::Fail, async |api| {
        let resource = [("target", target), ("kind", kind), ("state", state), ("from", from), ("to", to)]
            .into_iter()
            .fold(Resource::new("/api/incidents"), |resource, (name, value)| resource.with_any(name, value.as_deref()));
        let answer = api.get(&resource.with("limit", limit)).await?;
        if *json {
            return output::print_json(&answer.body);
        }
        let row = |incident: &Incident| {
            let impact = incident.impact.map_or_else(|| cell(""), status_cell);
            let [started, target, state, title] =
                [&incident.started_at, &incident.target, &incident.state, &incident.title].map(|text| cell(text));
            vec![started, target, state, impact, title]
        };
        let incidents = answer.read::<Incidents>()?.incidents;
        output::print(&output::grid(&["STARTED", "TARGET", "STATE", "IMPACT", "TITLE"], incidents.iter().map(row)))?;
        answer.tell_of_more(BY_TIME);
        Ok(())
    })
    .await
}
