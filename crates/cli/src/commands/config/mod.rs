//! `unistatus config`: what the settings come to, and whether a start would take them.

mod check;
mod show;

use clap::Subcommand;
use unistatus_core::config::{Flags, Listen};
use unistatus_core::exit::{self, Failure};

/// The settings: what they come to and where each is from, and whether a start would take them
///
/// Examples:
///   unistatus config show
///   unistatus config show --json
///   unistatus config check
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Show(show::Arguments),
    Check(Check),
}

/// Read all that a start would read, and tell every fault at once
///
/// Read are the settings, the targets files and the catalog. No database is opened, and nobody is asked. That a target's
/// secret is missing is a warning: the others are asked without it.
///
/// Examples:
///   unistatus config check
///   unistatus config check --targets targets.toml --catalog cloud,github
///
/// Exit codes: 0, 78 for settings or targets that cannot be used.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct Check {
    #[command(flatten)]
    listen: Listen,
}

/// Runs the command that was asked for.
pub(crate) fn run(arguments: Arguments, flags: &Flags) -> Result<(), Failure> {
    match arguments.command {
        Command::Show(arguments) => show::run(arguments, flags),
        Command::Check(Check { listen }) => exit::run(check::run(flags.listening(listen))),
    }
}
