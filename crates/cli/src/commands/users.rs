//! `unistatus users`: who may log in.

use std::fs;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;
use unistatus_api::accounts::{self, AccountError, UserChange};
use unistatus_core::access::{Scope, User};
use unistatus_core::config::Flags;
use unistatus_core::exit::{self, Failure};
use unistatus_core::schema::Timestamp;

use super::accounts::on_store;
use crate::output::{self, cell};

/// The users, who log in with a password
///
/// A password is never an argument: it comes from a file, from standard input, or is asked for.
///
/// Examples:
///   unistatus users add ann --scope admin
///   unistatus users add ci --scope write --password-file password.txt
///   unistatus users list
///   unistatus users password ann
///   unistatus users remove ann
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
    Add(Add),
    List(List),
    Password(Password),
    Remove(Remove),
}

/// Add a user
///
/// Examples:
///   unistatus users add ann
///   unistatus users add ann --scope write < password.txt
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Add {
    /// The name to log in with
    name: String,
    /// What they may do: read, write or admin; each includes those before it
    #[arg(long, default_value_t = Scope::Admin)]
    scope: Scope,
    #[command(flatten)]
    source: Source,
}

/// The users
///
/// Examples:
///   unistatus users list --json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct List {
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

/// Give a user another password, and log them out everywhere
///
/// Examples:
///   unistatus users password ann
///   unistatus users password ann --password-file password.txt
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Password {
    /// The user's name
    name: String,
    #[command(flatten)]
    source: Source,
}

/// Remove a user, and log them out everywhere
///
/// Examples:
///   unistatus users remove ann
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Remove {
    /// The user's name
    name: String,
}

/// Where a password comes from.
#[derive(Debug, clap::Args)]
struct Source {
    /// A file with the password; else it comes from standard input, or is asked for where that is a terminal
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Runs the command that was asked for.
pub(crate) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    match arguments.command {
        Command::Add(arguments) => add(arguments, &flags).await,
        Command::List(arguments) => list(&arguments, &flags).await,
        Command::Password(arguments) => password(&arguments, &flags).await,
        Command::Remove(Remove { name }) => {
            let removed =
                on_store(&flags, async |store| found(accounts::remove_user(store, &name, Timestamp::now()).await));
            known(&name, removed.await?)
        }
    }
}

async fn add(Add { name, scope, source }: Add, flags: &Flags) -> Result<(), Failure> {
    let user = User::create(&name, &source.read()?, scope, Timestamp::now());
    let user = user.map_err(|error| Failure::new(exit::USAGE, error))?;
    on_store(flags, async |store| accounts::add_user(store, &user).await).await
}

async fn list(List { json }: &List, flags: &Flags) -> Result<(), Failure> {
    let users = on_store(flags, async |store| Ok(store.users().await?)).await?;
    if *json {
        let told = |user: &User| json!({"name": user.name, "scope": user.scope, "createdAt": user.created_at});
        return output::print_json(json!({"users": users.iter().map(told).collect::<Vec<_>>()}).to_string().as_bytes());
    }
    let row = |user: &User| vec![cell(&user.name), cell(user.scope.as_str()), cell(&user.created_at.to_string())];
    output::print(&output::grid(&["NAME", "SCOPE", "CREATED"], users.iter().map(row)))
}

async fn password(Password { name, source }: &Password, flags: &Flags) -> Result<(), Failure> {
    let password = source.read()?;
    let hash = User::hash(&password).map_err(|error| Failure::new(exit::USAGE, error))?;
    let change = UserChange { password: Some(hash), scope: None };
    let change = on_store(flags, async |store| {
        found(accounts::change_user(store, name, &change, Timestamp::now()).await.map(drop))
    });
    known(name, change.await?)
}

/// Whether there was such a user.
fn found(done: Result<(), AccountError>) -> Result<bool, AccountError> {
    match done {
        Err(AccountError::Unknown) => Ok(false),
        done => done.map(|()| true),
    }
}

fn known(name: &str, is_known: bool) -> Result<(), Failure> {
    if is_known {
        return Ok(());
    }
    let name = output::printable(name);
    let message = format!("there is no user {name}; `unistatus users list` lists those there are");
    Err(Failure::new(exit::USAGE, message))
}

impl Source {
    /// The password, without the line break at its end.
    fn read(&self) -> Result<String, Failure> {
        let text = match &self.password_file {
            Some(path) => of_file(path)?,
            None if io::stdin().is_terminal() => asked_for()?,
            None => of_input()?,
        };
        Ok(text.strip_suffix('\n').map_or(&*text, |text| text.strip_suffix('\r').unwrap_or(text)).to_owned())
    }
}

fn of_file(path: &Path) -> Result<String, Failure> {
    let unreadable = |error| Failure::new(exit::USAGE, format!("cannot read {}: {error}", path.display()));
    fs::read_to_string(path).map_err(unreadable)
}

fn of_input() -> Result<String, Failure> {
    let mut text = String::new();
    let read = io::stdin().read_to_string(&mut text);
    read.map_err(|error| Failure::new(exit::USAGE, format!("cannot read the password: {error}")))?;
    Ok(text)
}

/// Asks on the terminal, twice, and shows nothing of what is typed.
fn asked_for() -> Result<String, Failure> {
    let ask = |prompt: &str| {
        let typed = rpassword::prompt_password(prompt);
        typed.map_err(|error| Failure::new(exit::USAGE, format!("cannot ask for the password: {error}")))
    };
    let password = ask("Password: ")?;
    if ask("Once more: ")? == password {
        Ok(password)
    } else {
        Err(Failure::new(exit::USAGE, "these are two passwords"))
    }
}
