//! `unistatus`: the use cases of Unistatus from a terminal.

mod api;
mod bar;
mod commands;
mod input;
mod output;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use commands::{
    check, completions, config, history, incidents, items, keys, migrate, reports, servers, status, targets, templates,
    up, users, watch,
};
use unistatus_core::config::Flags;
use unistatus_core::exit::{self, Failure};
use unistatus_core::template;

/// One view of the availability of everything a team depends on
///
/// Examples:
///   unistatus up --demo        a simulated world, to look around: needs no internet
///   unistatus up               ask the real sources, and serve what they say
///   unistatus status           what is known, as a table
///   unistatus status --url http://127.0.0.1:8080 --json
///   unistatus watch            each change as it happens
///   unistatus targets list     which sources are asked, and which could be
///   unistatus targets discover status.example.com
///   unistatus keys create deploy --scope write
#[derive(Debug, Parser)]
#[command(name = "unistatus", version, arg_required_else_help = true, verbatim_doc_comment)]
#[expect(clippy::doc_markdown, reason = "what documents arguments is help on a terminal")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Ask the API at this address in place of the database
    #[arg(long, value_name = "URL", global = true)]
    url: Option<String>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Subcommand)]
enum Command {
    Up(up::Arguments),
    Status(status::Arguments),
    History(history::Arguments),
    Incidents(incidents::Arguments),
    Watch(watch::Arguments),
    Targets(targets::Arguments),
    Servers(servers::Arguments),
    Items(items::Arguments),
    Reports(reports::Arguments),
    Templates(templates::Arguments),
    Keys(keys::Arguments),
    Users(users::Arguments),
    Check(check::Arguments),
    Config(config::Arguments),
    Migrate(migrate::Arguments),
    Completions(completions::Completions),
    Man(completions::Manual),
}

impl Command {
    /// Whether it asks the API, be it that of its own process; or tells of the settings, of which `--url` is one.
    const fn takes_a_url(&self) -> bool {
        match self {
            Self::Targets(targets) => targets.ask_the_api(),
            Self::Up(_) | Self::Migrate(_) | Self::Completions(_) | Self::Man(_) => false,
            _ => true,
        }
    }
}

fn main() -> ExitCode {
    if let Some(code) = template::serve_if_asked() {
        return code;
    }
    let Arguments { command, url, flags } = Arguments::parse();
    if url.is_some() && !command.takes_a_url() {
        let message = "--url is for commands that ask the API; this one works where it stands";
        return Failure::new(exit::USAGE, message).report("unistatus");
    }
    if url.is_some() && flags.db.is_some() && !matches!(command, Command::Config(_)) {
        let message = "--url and --db: a command asks an API, or works on a database; give one of them";
        return Failure::new(exit::USAGE, message).report("unistatus");
    }
    let flags = flags.asking(url);
    let result = match command {
        Command::Up(arguments) => exit::run(up::run(arguments, flags)),
        Command::Status(arguments) => exit::run(status::run(arguments, flags)),
        Command::History(arguments) => exit::run(history::run(arguments, flags)),
        Command::Incidents(arguments) => exit::run(incidents::run(arguments, flags)),
        Command::Watch(arguments) => exit::run(watch::run(arguments, flags)),
        Command::Targets(arguments) => targets::run(arguments, flags),
        Command::Servers(arguments) => exit::run(servers::run(arguments, flags)),
        Command::Items(arguments) => exit::run(items::run(arguments, flags)),
        Command::Reports(arguments) => exit::run(reports::run(arguments, flags)),
        Command::Templates(arguments) => exit::run(templates::run(arguments, flags)),
        Command::Keys(arguments) => exit::run(keys::run(arguments, flags)),
        Command::Users(arguments) => exit::run(users::run(arguments, flags)),
        Command::Check(arguments) => exit::run(check::run(arguments, flags)),
        Command::Config(arguments) => config::run(arguments, &flags),
        Command::Migrate(arguments) => exit::run(migrate::run(arguments, flags)),
        Command::Completions(arguments) => completions::completions::<Arguments>(&arguments),
        Command::Man(arguments) => completions::manual::<Arguments>(&arguments),
    };
    exit::code("unistatus", result)
}
