//! `unistatus users`: who may log in.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use clap::Subcommand;
use http::Method;
use serde::Deserialize;
use serde_json::json;
use unistatus_core::access::{Scope, check_password};
use unistatus_core::config::Flags;
use unistatus_core::exit::{self, Failure};

use crate::api::{self, Absent, Api, Resource};
use crate::input;
use crate::output::{self, cell};

const USERS: &str = "/api/users";

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
    // What is wrong with a password is told before anything is opened.
    match arguments.command {
        Command::Add(Add { name, scope, source }) => {
            let wish = json!({"name": name, "password": source.read()?, "scope": scope});
            let add =
                async |api: &Api| api.ask(Method::POST, &Resource::new(USERS), Some(&wish)).await?.fine().map(drop);
            api::with(&flags, Absent::Make, add).await
        }
        Command::List(arguments) => api::with(&flags, Absent::Make, async |api| list(api, &arguments).await).await,
        Command::Password(Password { name, source }) => {
            let wish = json!({"password": source.read()?});
            let change =
                async |api: &Api| api.ask(Method::PUT, &of(&name), Some(&wish)).await?.of("user", &name).map(drop);
            api::with(&flags, Absent::Make, change).await
        }
        Command::Remove(Remove { name }) => {
            let remove = async |api: &Api| api.ask(Method::DELETE, &of(&name), None).await?.of("user", &name).map(drop);
            api::with(&flags, Absent::Make, remove).await
        }
    }
}

/// A user as the API tells of them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    name: String,
    scope: Scope,
    created_at: String,
}

#[derive(Deserialize)]
struct Users {
    users: Vec<Told>,
}

async fn list(api: &Api, List { json }: &List) -> Result<(), Failure> {
    let users = api.get(&Resource::new(USERS)).await?;
    if *json {
        return output::print_json(&users.body);
    }
    let row = |user: &Told| vec![cell(&user.name), cell(user.scope.as_str()), cell(&user.created_at)];
    let users = users.read::<Users>()?.users;
    output::print(&output::grid(&["NAME", "SCOPE", "CREATED"], users.iter().map(row)))
}

/// The path of a user.
fn of(name: &str) -> Resource {
    Resource::new(USERS).join(name)
}

impl Source {
    /// The password, without the line break at its end.
    fn read(&self) -> Result<String, Failure> {
        let text = match &self.password_file {
            Some(path) => input::file(path)?,
            None if io::stdin().is_terminal() => asked_for()?,
            None => input::standard()?,
        };
        let password = text.strip_suffix('\n').map_or(&*text, |text| text.strip_suffix('\r').unwrap_or(text));
        check_password(password).map_err(|error| Failure::new(exit::USAGE, error))?;
        Ok(password.to_owned())
    }
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
