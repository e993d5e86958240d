//! `unistatus targets`: which targets there are, and how to find, try and check them.

mod discover;
mod entries;
mod several;
mod shown;
mod test;
mod verify;

use clap::Subcommand;
use unistatus_core::config::{Flags, Settings};
use unistatus_core::exit::Failure;
use unistatus_core::target::Fetcher;
use unistatus_core::target::fetch::Limits;

/// What is asked: to find, to try and to check targets
///
/// Examples:
///   unistatus targets discover status.example.com
///   unistatus targets test targets.toml
///   unistatus targets verify --all
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Discover(discover::Arguments),
    Test(test::Arguments),
    Verify(verify::Arguments),
}

/// Runs one of the commands.
pub(crate) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    match arguments.command {
        Command::Discover(arguments) => discover::run(arguments, flags).await,
        Command::Test(arguments) => test::run(arguments, flags).await,
        Command::Verify(arguments) => verify::run(arguments, flags).await,
    }
}

/// The polite client that a command asks with.
fn fetcher(settings: &Settings) -> Result<Fetcher, Failure> {
    Fetcher::new(Limits::default(), settings.contact.as_deref(), settings.secrets.clone()).map_err(Failure::config)
}
