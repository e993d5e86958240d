//! `unistatus`: the use cases of Unistatus from a terminal.

mod commands;
mod output;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use commands::{status, up};
use unistatus_core::config::Flags;
use unistatus_core::exit;

/// One view of the availability of everything a team depends on.
#[derive(Debug, Parser)]
#[command(name = "unistatus", version, arg_required_else_help = true)]
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
}

fn main() -> ExitCode {
    let Arguments { command, flags } = Arguments::parse();
    let result = match command {
        Command::Up(arguments) => exit::run(up::run(arguments, flags)),
        Command::Status(arguments) => exit::run(status::run(arguments, flags)),
    };
    exit::code("unistatus", result)
}
