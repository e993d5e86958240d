//! `unistatus keys`: who may ask with a key.

use std::time::Duration;

use clap::Subcommand;
use http::Method;
use serde::Deserialize;
use serde_json::json;
use unistatus_core::access::{Key, Scope};
use unistatus_core::config::Flags;
use unistatus_core::exit::Failure;
use unistatus_core::schema::Timestamp;

use crate::api::{self, Absent, Api, Resource};
use crate::output::{self, cell, printable};

const KEYS: &str = "/api/keys";

/// The keys that programs say with who they are
///
/// Examples:
///   unistatus keys create deploy --scope write --expires 90d
///   unistatus keys list
///   unistatus keys revoke 5qXv0yJmT3bZ
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
    Create(Create),
    List(List),
    Revoke(Revoke),
}

/// Make a key, and print it: this once
///
/// Examples:
///   unistatus keys create deploy --scope write
///   unistatus keys create ci --scope read --expires 90d --json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Create {
    /// What it is for
    name: String,
    /// What it may do: read, write or admin; each includes those before it
    #[arg(long)]
    scope: Scope,
    /// After how long it is not accepted any more (90d, 12h); never where it is not given
    #[arg(long, value_name = "SPAN", value_parser = humantime::parse_duration)]
    expires: Option<Duration>,
    /// Print it as JSON, with its id
    #[arg(long)]
    json: bool,
}

/// The keys, the revoked ones too
///
/// Examples:
///   unistatus keys list
///   unistatus keys list --json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct List {
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

/// Take a key back: it is not accepted any more, by any server
///
/// Examples:
///   unistatus keys revoke 5qXv0yJmT3bZ
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Revoke {
    /// Its id: what stands behind `us_` in the key
    id: String,
}

/// Runs the command that was asked for.
pub(crate) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    api::with(&flags, Absent::Make, async |api| match arguments.command {
        Command::Create(arguments) => create(api, arguments).await,
        Command::List(arguments) => list(api, &arguments).await,
        Command::Revoke(arguments) => revoke(api, &arguments).await,
    })
    .await
}

/// A key as the API tells of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    id: String,
    name: String,
    scope: Scope,
    created_at: String,
    expires_at: Option<String>,
    last_used_at: Option<String>,
    revoked_at: Option<String>,
    /// The key itself; only where it was just made.
    key: Option<String>,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<Told>,
}

async fn create(api: &Api, Create { name, scope, expires, json }: Create) -> Result<(), Failure> {
    let expires_at = expires.map(|span| Timestamp::now().plus(span));
    let wish = json!({"name": name, "scope": scope, "expiresAt": expires_at});
    let made = api.ask(Method::POST, &Resource::new(KEYS), Some(&wish)).await?.fine()?;
    if json {
        return output::print_json(&made.body);
    }
    let Told { id, key, .. } = made.read()?;
    output::print(&key.unwrap_or_default())?;
    eprintln!("Keep it: nobody can tell it again. Its id is {}.", printable(&id));
    Ok(())
}

async fn list(api: &Api, List { json }: &List) -> Result<(), Failure> {
    let keys = api.get(&Resource::new(KEYS)).await?;
    if *json { output::print_json(&keys.body) } else { output::print(&table(&keys.read::<Keys>()?.keys)) }
}

async fn revoke(api: &Api, Revoke { id }: &Revoke) -> Result<(), Failure> {
    // Of a whole key the secret is shown to nobody.
    let id = Key::id_of(id).unwrap_or(id);
    api.ask(Method::DELETE, &Resource::new(KEYS).join(id), None).await?.of("key", id).map(drop)
}

fn table(keys: &[Told]) -> String {
    let row = |key: &Told| {
        let times =
            [Some(&key.created_at), key.expires_at.as_ref(), key.last_used_at.as_ref(), key.revoked_at.as_ref()];
        let times = times.map(|at| cell(at.map_or("", String::as_str)));
        [cell(&key.id), cell(&key.name), cell(key.scope.as_str())].into_iter().chain(times).collect()
    };
    output::grid(&["ID", "NAME", "SCOPE", "CREATED", "EXPIRES", "LAST USED", "REVOKED"], keys.iter().map(row))
}
