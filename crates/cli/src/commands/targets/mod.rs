//! `unistatus targets`: the sources, those that are asked and those that could be.

mod about;
mod list;
mod show;

use clap::Subcommand;
use unistatus_core::config::Flags;
use unistatus_core::exit::Failure;

/// The sources: those that are asked, and the catalog of those that could be
///
/// Examples:
///   unistatus targets list
///   unistatus targets list --all --search google
///   unistatus targets show github
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Arguments),
    Show(show::Arguments),
}

/// Runs the command that was asked for.
pub(crate) fn run(arguments: &Arguments, flags: &Flags) -> Result<(), Failure> {
    match &arguments.command {
        Command::List(arguments) => list::run(arguments, flags),
        Command::Show(arguments) => show::run(arguments, flags),
    }
}
