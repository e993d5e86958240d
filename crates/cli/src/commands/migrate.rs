//! `unistatus migrate`: from one database to another.

use comfy_table::Cell;
use unistatus_core::config::{DbUrl, Flags, Settings};
use unistatus_core::exit::{self, Failure};
use unistatus_core::shutdown;
use unistatus_core::store::transfer::{MigrateError, Step, Tally, migrate};
use unistatus_core::store::{self, StoreError};
use unistatus_core::telemetry::{self, LogLevel, Traces};

use crate::bar::Bar;
use crate::output::{self, cell};

/// How many digits of a digest are shown.
const DIGITS: usize = 16;

/// Copy all that a database keeps to another, empty one, and compare the two
///
/// Stop all collectors and APIs first. The source is only read. Ended at any moment and given again, the command goes on;
/// until it has come to its end, nobody else opens the destination. Given once more after that, it only compares.
///
/// Examples:
///   unistatus migrate --from sqlite:unistatus.db --to mongodb://127.0.0.1/unistatus
///   unistatus migrate --from mongodb://127.0.0.1/unistatus --to sqlite:back.db
///
/// Exit codes: 0, 1 if the two differ in the end, 2 for wrong arguments, 3 for a database that cannot be reached, 78 for one
/// that cannot be used, such as a destination that is not empty.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The database that is copied: `sqlite:PATH` or `mongodb://…`
    #[arg(long, value_name = "URL")]
    from: String,
    /// The database that it is copied to
    #[arg(long, value_name = "URL")]
    to: String,
}

/// Copies and compares, until that is done or a signal comes.
pub(crate) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    let settings = Settings::load(&flags).map_err(Failure::config)?;
    let level = if settings.log_level == LogLevel::Info { LogLevel::Warning } else { settings.log_level };
    let bar = Bar::new("Migrating", "entries");
    let above = bar.clone();
    telemetry::init_through(level, settings.log_format, &Traces::nowhere(), move || above.above());
    let [from, to] = [arguments.from, arguments.to].map(DbUrl::new);
    for (flag, url) in [("--from", &from), ("--to", &to)] {
        store::check_address(url.reveal()).await.map_err(|error| unusable(flag, url, &error))?;
    }
    let stop = shutdown::on_signal().map_err(Failure::broken)?;
    tokio::select! {
        done = move_all(&from, &to, &bar) => {
            bar.end();
            show(&done?, &from, &to)
        }
        () = stop.cancelled() => {
            bar.end();
            Err(Failure::new(exit::BROKEN, "ended before all was copied and compared; the same command goes on"))
        }
    }
}

async fn move_all(from: &DbUrl, to: &DbUrl, bar: &Bar) -> Result<Vec<Tally>, Failure> {
    let work = async {
        let source = store::open_source(from.reveal()).await.map_err(MigrateError::Source)?;
        let destination = store::open_destination(to.reveal()).await.map_err(MigrateError::Destination)?;
        bar.begin();
        let tell = |Step { task, part, done, of }: Step| bar.show(done, of, format!("{task} {part}"));
        migrate(&*source, &*destination, &tell).await
    };
    work.await.map_err(|error| failed(&error))
}

fn show(tallies: &[Tally], from: &DbUrl, to: &DbUrl) -> Result<(), Failure> {
    let row = |Tally { part, count, digest, .. }: &Tally| {
        let digest = digest.get(..DIGITS).unwrap_or(digest);
        vec![cell(part.as_str()), Cell::new(count), cell(digest)]
    };
    output::print(&output::grid(&["KIND", "ENTRIES", "SHA-256"], tallies.iter().map(row)))?;
    eprintln!("All of {from} is in {to}, and was compared.");
    let forgotten: u64 = tallies.iter().map(|tally| tally.forgotten).sum();
    if forgotten > 0 {
        eprintln!(
            "The source has forgotten {forgotten} entries for their age meanwhile; the destination does so, too."
        );
    }
    Ok(())
}

/// The failure of an address that is none.
fn unusable(flag: &str, url: &DbUrl, error: &StoreError) -> Failure {
    Failure::new(exit::USAGE, format!("{flag} {url}: {error}"))
}

/// The failure of a migration, with the exit code that says whose it is.
fn failed(error: &MigrateError) -> Failure {
    let code = match error {
        MigrateError::Same(_) => exit::USAGE,
        MigrateError::Alive { .. } | MigrateError::NotEmpty { .. } | MigrateError::CopyOfAnother { .. } => exit::CONFIG,
        MigrateError::Differs { .. } => exit::NOT_OK,
        MigrateError::Source(error) | MigrateError::Destination(error) => code_of(error),
    };
    Failure::caused(code, error)
}

const fn code_of(error: &StoreError) -> u8 {
    if error.is_transient() { exit::UNREACHABLE } else { exit::CONFIG }
}
