//! `unistatus keys`: who may ask with a key.

use std::time::Duration;

use clap::Subcommand;
use serde_json::{Value, json};
use unistatus_api::accounts::{self, AccountError};
use unistatus_core::access::{Key, NewKey, Scope};
use unistatus_core::config::Flags;
use unistatus_core::exit::Failure;
use unistatus_core::schema::Timestamp;

use super::accounts::{on_store, shown};
use crate::output::{self, cell};

/// The keys that programs say with who they are
///
/// Examples:
///   unistatus keys create deploy --scope write --expires 90d
///   unistatus keys list
///   unistatus keys revoke 5qXv0yJmT3bZ
///
/// Exit codes: 0, 2 for wrong arguments, 3 for a database that cannot be reached.
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
    match arguments.command {
        Command::Create(arguments) => create(arguments, &flags).await,
        Command::List(arguments) => list(&arguments, &flags).await,
        Command::Revoke(arguments) => revoke(&arguments, &flags).await,
    }
}

async fn create(Create { name, scope, expires, json }: Create, flags: &Flags) -> Result<(), Failure> {
    let now = Timestamp::now();
    let expires_at = expires.map(|span| now.plus(span));
    let new = on_store(flags, async |store| accounts::create_key(store, &name, scope, expires_at, now).await).await?;
    if json {
        return output::print_json(made(&new).to_string().as_bytes());
    }
    output::print(&new.secret)?;
    eprintln!("Keep it: nobody can tell it again. Its id is {}.", new.key.id);
    Ok(())
}

async fn list(List { json }: &List, flags: &Flags) -> Result<(), Failure> {
    let keys = on_store(flags, async |store| Ok(store.keys().await?)).await?;
    if *json {
        return output::print_json(json!({"keys": keys.iter().map(told).collect::<Vec<_>>()}).to_string().as_bytes());
    }
    output::print(&table(&keys))
}

async fn revoke(Revoke { id }: &Revoke, flags: &Flags) -> Result<(), Failure> {
    let revoked = on_store(flags, async |store| match accounts::revoke_key(store, id, Timestamp::now()).await {
        Err(AccountError::Unknown) => Ok(false),
        revoked => revoked.map(|()| true),
    });
    if revoked.await? {
        return Ok(());
    }
    // Of a whole key the secret is told nowhere.
    let id = output::printable(Key::id_of(id).unwrap_or(id));
    let message = format!("there is no key {id}; `unistatus keys list` lists those there are");
    Err(Failure::new(unistatus_core::exit::USAGE, message))
}

/// A key as the API tells of it.
fn told(key: &Key) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "scope": key.scope,
        "createdAt": key.created_at,
        "expiresAt": key.expires_at,
        "lastUsedAt": key.last_used_at,
        "revokedAt": key.revoked_at,
    })
}

/// The same with the key itself.
fn made(new: &NewKey) -> Value {
    let mut told = told(&new.key);
    told["key"] = new.secret.as_str().into();
    told
}

fn table(keys: &[Key]) -> String {
    let row = |key: &Key| {
        let mut row = vec![cell(&key.id), cell(&key.name), cell(key.scope.as_str())];
        let times = [Some(key.created_at), key.expires_at, key.last_used_at, key.revoked_at];
        row.extend(times.map(|at| cell(&shown(at))));
        row
    };
    output::grid(&["ID", "NAME", "SCOPE", "CREATED", "EXPIRES", "LAST USED", "REVOKED"], keys.iter().map(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_once_and_its_hash_never() {
        let now = Timestamp::from_secs(1_800_000_000).unwrap();
        let mut new = NewKey::create("ci", Scope::Write, None, now).unwrap();
        // As no key is made, but a database may hold one.
        new.key.name = "ci \u{1b}[2J".to_owned();
        let made = made(&new);
        assert_eq!((made["key"].as_str(), made["id"].as_str()), (Some(&*new.secret), Some(&*new.key.id)));
        assert_eq!((made["scope"].as_str(), made["expiresAt"].is_null()), (Some("write"), true));
        let keys = [new.key.clone()];
        for listed in [table(&keys), told(&keys[0]).to_string()] {
            assert!(listed.contains(&new.key.id) && !listed.contains(&new.key.hash), "{listed}");
            assert!(!listed.contains(&new.secret[16..]) && !listed.contains("\u{1b}[2J"), "{listed}");
        }
    }
}
