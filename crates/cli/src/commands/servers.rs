//! `unistatus servers`: the team's own servers.

use std::collections::BTreeMap;

use clap::Subcommand;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use unistatus_core::config::Flags;
use unistatus_core::exit::{self, Failure};

use crate::api::{self, Absent, Answer, Api, BY_TIME, Resource};
use crate::output::{self, cell, printable};

/// The team's own servers, which collectors ping
///
/// Examples:
///   unistatus servers add google_dns 8.8.8.8
///   unistatus servers list
///   unistatus servers pings google_dns --limit 20
///   unistatus servers move google_dns 8.8.4.4
///   unistatus servers remove google_dns
///
/// Exit codes: 0, 2 for wrong arguments, 3 for a database or an API that cannot be reached.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(Add),
    List(List),
    Move(Move),
    Pings(Pings),
    Remove(Remove),
}

/// Add a server: it is pinged from the next interval on
///
/// Examples:
///   unistatus servers add google_dns 8.8.8.8
///   unistatus servers add "office, 2nd floor" 2001:db8::7
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Add {
    /// Its name, which no other target has
    name: String,
    /// Its IPv4 or IPv6 address
    address: String,
}

/// The servers
///
/// Examples:
///   unistatus servers list --json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct List {
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

/// Give a server another address; its pings stay
///
/// Examples:
///   unistatus servers move google_dns 8.8.4.4
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Move {
    /// Its name
    name: String,
    /// Its new address
    address: String,
}

/// What was measured of a server, newest first
///
/// Examples:
///   unistatus servers pings google_dns --limit 20
///   unistatus servers pings google_dns --from 2026-05-04T00:00:00Z --json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Pings {
    /// Its name
    name: String,
    /// From this instant on
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Before this instant
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// So many at the most
    #[arg(long, value_name = "COUNT", default_value = "100")]
    limit: String,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

/// Remove a server, and its pings
///
/// Examples:
///   unistatus servers remove google_dns
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Remove {
    /// Its name
    name: String,
}

const SERVERS: &str = "/api/servers";

/// Runs the command that was asked for.
pub(crate) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    api::with(&flags, Absent::Make, async |api| match arguments.command {
        Command::Add(Add { name, address }) => wish(api, Method::POST, &name, &server(&name, &address)).await,
        Command::Move(Move { name, address }) => wish(api, Method::PUT, &name, &server(&name, &address)).await,
        Command::Remove(Remove { name }) => wish(api, Method::DELETE, &name, &json!({"server": name})).await,
        Command::List(List { json }) => list(api, json).await,
        Command::Pings(arguments) => pings(api, &arguments).await,
    })
    .await
}

fn server(name: &str, address: &str) -> Value {
    json!({"server": {"name": name, "IP": address}})
}

async fn wish(api: &Api, method: Method, name: &str, wish: &Value) -> Result<(), Failure> {
    let answer = api.ask(method, &Resource::new(SERVERS), Some(wish)).await?;
    worded(name, answer).map(drop)
}

/// A word that the resource answers with in place of the error shape.
#[derive(Deserialize)]
struct Word {
    status: String,
}

/// The answer, unless a word says why not.
fn worded(name: &str, answer: Answer) -> Result<Answer, Failure> {
    if answer.status.is_success() {
        return Ok(answer);
    }
    let Ok(Word { status }) = answer.read() else { return answer.fine() };
    let name = printable(name);
    let message = match status.as_str() {
        "NAME_ALREADY_EXIST" => format!("a target is called {name} already; `unistatus status` lists them"),
        "NAME_DID_NOT_FOUND" => format!("there is no server {name}; `unistatus servers list` lists those there are"),
        _ => answer.headers.get("x-reason").and_then(|reason| reason.to_str().ok()).map_or(status, printable),
    };
    Err(Failure::new(exit::USAGE, message))
}

async fn list(api: &Api, json: bool) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Servers {
        servers: Vec<String>,
    }
    let answer = api.get(&Resource::new(SERVERS)).await?;
    if json {
        return output::print_json(&answer.body);
    }
    let servers = answer.read::<Servers>()?.servers;
    output::print(&output::grid(&["SERVER"], servers.iter().map(|name| vec![cell(name)])))
}

async fn pings(api: &Api, Pings { name, from, to, limit, json }: &Pings) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Told {
        pings: Vec<BTreeMap<String, Option<f64>>>,
    }
    let resource = Resource::new(SERVERS).join(name).with("limit", limit);
    let resource = resource.with_any("from", from.as_deref()).with_any("to", to.as_deref());
    let answer = worded(name, api.ask(Method::GET, &resource, None).await?)?;
    if *json {
        return output::print_json(&answer.body);
    }
    let told: Told = answer.read()?;
    let row = |(at, millis): (String, Option<f64>)| {
        vec![cell(&at), cell(&millis.map_or_else(|| "lost".to_owned(), |millis| format!("{millis} ms")))]
    };
    output::print(&output::grid(&["TIME", "PING"], told.pings.into_iter().flatten().map(row)))?;
    answer.tell_of_more(BY_TIME);
    Ok(())
}
