//! `unistatus items`: what Rollbar counts of the team's own software.

mod change;
mod filter;
mod occurrence;
mod table;

use clap::Subcommand;
use http::Method;
use serde_json::{Map, Value};
use unistatus_core::config::Flags;
use unistatus_core::exit::Failure;

use crate::api::{self, Absent, Api, BY_LIMIT, Resource};
use crate::output::{self, cell};

pub(super) use filter::Filter;
pub(super) use table::table;

/// The items of the team's Rollbar project
///
/// They are those of the project that ROLLBAR_TOKEN is for.
///
/// Examples:
///   unistatus items list --status active --level critical,error
///   unistatus items show 272505123
///   unistatus items change '#456' --resolved-in aabbcc1
///   unistatus items report "The night's backup failed" --level critical --environment production
///   unistatus items remove 272505123
///
/// An item is named by its id, or by its number in the project with a # before it.
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
    List(List),
    Show(Show),
    Report(occurrence::Arguments),
    Change(change::Arguments),
    Remove(Remove),
}

/// The items, newest occurrence first
///
/// Examples:
///   unistatus items list --status active --level critical,error --environment production
///   unistatus items list --query KeyError --limit 5 --json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct List {
    #[command(flatten)]
    filter: Filter,
    /// So many at the most
    #[arg(long, value_name = "COUNT", default_value = "20")]
    limit: String,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

/// All that Rollbar tells of an item
///
/// Examples:
///   unistatus items show 272505123
///   unistatus items show '#456' --json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Show {
    /// Its id, or # and its number
    id: String,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

/// Put an item aside: Rollbar deletes none, so it is archived, or else muted
///
/// Examples:
///   unistatus items remove 272505123
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Remove {
    /// Its id, or # and its number
    id: String,
}

const ITEMS: &str = "/api/items";

/// Runs the command that was asked for.
pub(crate) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    // What is wrong with what is to be sent is told before anything is opened.
    match arguments.command {
        Command::List(list) => api::with(&flags, Absent::Make, async |api| list.run(api).await).await,
        Command::Show(Show { id, json }) => {
            api::with(&flags, Absent::Make, async |api| show(api, &id, json).await).await
        }
        Command::Report(arguments) => {
            let new = arguments.read()?;
            api::with(&flags, Absent::Make, async |api| new.send(api).await).await
        }
        Command::Change(arguments) => {
            let change = arguments.read()?;
            api::with(&flags, Absent::Make, async |api| change.send(api).await).await
        }
        Command::Remove(Remove { id }) => {
            let remove = async |api: &Api| api.ask(Method::DELETE, &of(&id), None).await?.of("item", &id).map(drop);
            api::with(&flags, Absent::Make, remove).await
        }
    }
}

/// The path of an item.
fn of(id: &str) -> Resource {
    Resource::new(ITEMS).join(id)
}

impl List {
    async fn run(&self, api: &Api) -> Result<(), Failure> {
        let answer = api.get(&self.filter.of(Resource::new(ITEMS)).with("limit", &self.limit)).await?;
        if self.json {
            return output::print_json(&answer.body);
        }
        output::print(&table(&answer)?)?;
        answer.tell_of_more(BY_LIMIT);
        Ok(())
    }
}

async fn show(api: &Api, id: &str, json: bool) -> Result<(), Failure> {
    let answer = api.ask(Method::GET, &of(id), None).await?.of("item", id)?;
    if json {
        return output::print_json(&answer.body);
    }
    let item: Map<String, Value> = answer.read()?;
    let row = |(field, value): (&String, &Value)| vec![cell(field), cell(&table::told(value))];
    output::print(&output::grid(&["FIELD", "VALUE"], item.iter().map(row)))
}
