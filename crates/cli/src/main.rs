//! `unistatus`: the use cases of Unistatus from a terminal.

mod bar;
mod commands;
mod output;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use commands::{keys, status, targets, up, users};
use unistatus_core::config::Flags;
use unistatus_core::exit;

/// One view of the availability of everything a team depends on
///
/// Examples:
///   unistatus up --demo        a simulated world, to look around: needs no internet
///   unistatus up               ask the real sources, and serve what they say
///   unistatus status           what is known, as a table
///   unistatus status github --json
///   unistatus targets list     which sources are asked, and which could be
///   unistatus targets discover status.example.com
///   unistatus keys create deploy --scope write
#[derive(Debug, Parser)]
#[command(name = "unistatus", version, arg_required_else_help = true, verbatim_doc_comment)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Subcommand)]
enum Command {
    Up(up::Arguments),
    Status(status::Arguments),
    Targets(targets::Arguments),
    Keys(keys::Arguments),
    Users(users::Arguments),
}

fn main() -> ExitCode {
    let Arguments { command, flags } = Arguments::parse();
    let result = match command {
        Command::Up(arguments) => exit::run(up::run(arguments, flags)),
        Command::Status(arguments) => exit::run(status::run(arguments, flags)),
        Command::Targets(arguments) => targets::run(arguments, flags),
        Command::Keys(arguments) => exit::run(keys::run(arguments, flags)),
        Command::Users(arguments) => exit::run(users::run(arguments, flags)),
    };
    exit::code("unistatus", result)
}
