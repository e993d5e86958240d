//! `unistatus targets`: the sources, those that are asked and those that could be; and how to find, try and check them.

mod about;
mod collection;
mod discover;
mod entries;
mod list;
mod several;
mod show;
mod shown;
mod test;
mod verify;

use clap::Subcommand;
use unistatus_core::config::{Flags, Settings};
use unistatus_core::exit::{self, Failure};
use unistatus_core::schema::{Timestamp, Validators};
use unistatus_core::target::fetch::{FetchError, Limits};
use unistatus_core::target::{Context, Examination, Fetcher, Prober, Target};

/// The sources: those that are asked, and the catalog of those that could be; and how to find, try and check them
///
/// Examples:
///   unistatus targets list
///   unistatus targets list --all --search google
///   unistatus targets show github
///   unistatus targets collection
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
    List(list::Arguments),
    Show(show::Arguments),
    Collection(collection::Arguments),
    Discover(discover::Arguments),
    Test(test::Arguments),
    Verify(verify::Arguments),
}

impl Arguments {
    /// Whether it asks the API: all else is about the configuration and the sources themselves.
    pub(crate) const fn ask_the_api(&self) -> bool {
        matches!(self.command, Command::Collection(_))
    }
}

/// Runs the command that was asked for.
pub(crate) fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    match arguments.command {
        Command::List(arguments) => list::run(&arguments, &flags),
        Command::Show(arguments) => show::run(&arguments, &flags),
        Command::Collection(arguments) => exit::run(collection::run(arguments, flags)),
        Command::Discover(arguments) => exit::run(discover::run(arguments, flags)),
        Command::Test(arguments) => exit::run(test::run(arguments, flags)),
        Command::Verify(arguments) => exit::run(verify::run(arguments, flags)),
    }
}

/// What a command asks with.
struct Asker {
    fetcher: Fetcher,
    prober: Prober,
}

impl Asker {
    fn new(settings: &Settings) -> Result<Self, Failure> {
        Ok(Self { fetcher: fetcher(settings)?, prober: Prober::new(settings.secrets.clone()) })
    }

    /// Asks a target once, and tells how its answer was read.
    async fn examine(&self, target: &dyn Target) -> Result<Examination, FetchError> {
        let Self { fetcher, prober } = self;
        let (validators, now) = (&Validators::default(), Timestamp::now());
        target.examine(&Context { fetcher, prober, validators, now, interval: None }).await
    }
}

/// The polite client that a command asks with.
fn fetcher(settings: &Settings) -> Result<Fetcher, Failure> {
    Fetcher::new(Limits::default(), settings.contact.as_deref(), settings.secrets.clone()).map_err(Failure::config)
}
