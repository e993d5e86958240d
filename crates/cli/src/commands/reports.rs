//! `unistatus reports`: listings of items that are kept.

use clap::Subcommand;
use http::Method;
use serde::Deserialize;
use unistatus_core::config::Flags;
use unistatus_core::exit::Failure;

use super::items::{self, Filter};
use crate::api::{self, Absent, Api, BY_LIMIT, Resource};
use crate::output::{self, cell};

/// Listings of items that are kept, each as Rollbar told it then
///
/// Examples:
///   unistatus reports keep --status active --level critical
///   unistatus reports list
///   unistatus reports show 6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10 --json
///   unistatus reports remove 6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10
///   unistatus reports remove --all
///
/// Exit codes: 0, 2 for wrong arguments and what Rollbar refuses, 3 for a database, an API or a Rollbar that cannot be
/// reached.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Keep(Box<Keep>),
    List(List),
    Show(Show),
    Remove(Remove),
}

/// Keep a listing of the items as they are now, and print its id
///
/// Examples:
///   unistatus reports keep --status active --level critical
///   unistatus reports keep --environment production --limit 100 --json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Keep {
    #[command(flatten)]
    filter: Filter,
    /// So many items at the most; 1000 where it is not given
    #[arg(long, value_name = "COUNT")]
    limit: Option<String>,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

/// The reports, newest first
///
/// Examples:
///   unistatus reports list
///   unistatus reports list --limit 500 --json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct List {
    /// So many at the most
    #[arg(long, value_name = "COUNT", default_value = "100")]
    limit: String,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

/// The items of a report
///
/// Examples:
///   unistatus reports show 6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10
///   unistatus reports show 6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10 --json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Show {
    /// Its id
    id: String,
    /// Print what the API answers: what Rollbar told then
    #[arg(long)]
    json: bool,
}

/// Remove a report, or all of them
///
/// Examples:
///   unistatus reports remove 6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10
///   unistatus reports remove --all
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
#[group(required = true, multiple = false)]
struct Remove {
    /// Its id
    id: Option<String>,
    /// All there are; prints how many there were
    #[arg(long)]
    all: bool,
}

const REPORTS: &str = "/api/reports";

/// Runs the command that was asked for.
pub(crate) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    api::with(&flags, Absent::Make, async |api| match &arguments.command {
        Command::Keep(keep) => keep.run(api).await,
        Command::List(list) => list.run(api).await,
        Command::Show(Show { id, json }) => show(api, id, *json).await,
        Command::Remove(Remove { id, all: _ }) => match id {
            Some(id) => api.ask(Method::DELETE, &of(id), None).await?.of("report", id).map(drop),
            None => remove_all(api).await,
        },
    })
    .await
}

/// The path of a report.
fn of(id: &str) -> Resource {
    Resource::new(REPORTS).join(id)
}

/// A report as the API tells of it.
#[derive(Deserialize)]
struct Told {
    id: String,
    created: String,
    query: String,
    bytes: u64,
}

#[derive(Deserialize)]
struct Reports {
    reports: Vec<Told>,
}

impl Keep {
    async fn run(&self, api: &Api) -> Result<(), Failure> {
        let resource = self.filter.of(Resource::new(REPORTS)).with_any("limit", self.limit.as_deref());
        let kept = api.ask(Method::POST, &resource, None).await?.fine()?;
        if self.json { output::print_json(&kept.body) } else { output::print(&kept.read::<Told>()?.id) }
    }
}

impl List {
    async fn run(&self, api: &Api) -> Result<(), Failure> {
        let answer = api.get(&Resource::new(REPORTS).with("limit", &self.limit)).await?;
        if self.json {
            return output::print_json(&answer.body);
        }
        let row = |report: &Told| {
            let Told { id, created, query, bytes } = report;
            vec![cell(id), cell(created), cell(&bytes.to_string()), cell(query)]
        };
        let reports = answer.read::<Reports>()?.reports;
        output::print(&output::grid(&["ID", "CREATED", "BYTES", "QUERY"], reports.iter().map(row)))?;
        answer.tell_of_more(BY_LIMIT);
        Ok(())
    }
}

async fn show(api: &Api, id: &str, json: bool) -> Result<(), Failure> {
    let answer = api.ask(Method::GET, &of(id), None).await?.of("report", id)?;
    if json { output::print_json(&answer.body) } else { output::print(&items::table(&answer)?) }
}

async fn remove_all(api: &Api) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Removed {
        removed: u64,
    }
    let answer = api.ask(Method::DELETE, &Resource::new(REPORTS), None).await?.fine()?;
    output::print(&answer.read::<Removed>()?.removed.to_string())
}
