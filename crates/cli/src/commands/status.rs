//! `unistatus status`: what is known now.

use unistatus_api::answer;
use unistatus_core::config::{Flags, Settings};
use unistatus_core::exit::{self, Failure};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{self, StoreError, TargetState};
use unistatus_core::telemetry;

use crate::output;

/// What is known now of all targets, of one, or of one of its services
///
/// Examples:
///   unistatus status
///   unistatus status github
///   unistatus status github "Git Operations" --json
///
/// Exit codes: 0, 2 for a name that is not known, 3 for a database that cannot be reached.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The target's name
    target: Option<String>,
    /// The service's name: exactly, else without regard to case
    service: Option<String>,
    /// Print what the API answers
    #[arg(long)]
    json: bool,
}

/// Prints what the store knows.
pub(crate) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    let settings = Settings::load(&flags).map_err(Failure::config)?;
    telemetry::init(settings.log_level, settings.log_format);
    let store = store::open_existing(settings.db_url.reveal()).await.map_err(unreadable)?;
    let states = store.targets().await;
    store.close().await;
    print(&arguments, states.map_err(unreadable)?, Timestamp::now())
}

fn print(arguments: &Arguments, states: Vec<TargetState>, now: Timestamp) -> Result<(), Failure> {
    let Arguments { target, service, json } = arguments;
    let Some(target) = target else {
        let names: Vec<String> = states.iter().map(|state| state.name.clone()).collect();
        if *json {
            anstream::println!("{}", String::from_utf8_lossy(&answer::status(states, now)));
            return Ok(());
        }
        let rows = names.iter().map(|name| answer::rows(states.clone(), now, name, None));
        let rows = rows.collect::<Result<Vec<_>, _>>().map_err(Failure::broken)?;
        return show(&rows);
    };
    let unknown = |error| Failure::new(exit::USAGE, format!("{error} (see: unistatus status)"));
    let rows = answer::rows(states, now, target, service.as_deref()).map_err(unknown)?;
    if *json {
        anstream::println!("{}", String::from_utf8_lossy(&rows));
        return Ok(());
    }
    show(&[rows])
}

fn show(answers: &[impl AsRef<[u8]>]) -> Result<(), Failure> {
    anstream::println!("{}", output::table(answers).map_err(Failure::broken)?);
    Ok(())
}

fn unreadable(error: StoreError) -> Failure {
    match error {
        StoreError::Unavailable { .. } => Failure::new(exit::UNREACHABLE, error),
        _ => Failure::config(error),
    }
}
