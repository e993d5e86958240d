//! `unistatus status`: what is known now.

use std::slice;

use unistatus_api::answer::{Answers, ApiError};
use unistatus_core::config::{Flags, Settings};
use unistatus_core::exit::{self, Failure};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{self, StoreError, TargetState};
use unistatus_core::telemetry::{self, Traces};

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
    telemetry::init(settings.log_level, settings.log_format, &Traces::nowhere());
    let store = store::open_existing(settings.db_url.reveal()).await.map_err(unreadable)?;
    let states = store.targets().await;
    store.close().await;
    print(&arguments, states.map_err(unreadable)?, Timestamp::now())
}

fn print(arguments: &Arguments, states: Vec<TargetState>, now: Timestamp) -> Result<(), Failure> {
    let Arguments { target, service, json } = arguments;
    let all: Vec<Asked> = states.iter().map(Asked::of).collect();
    let answers = Answers::of(states, now);
    let rows = |target: &str| answers.rows(target, service.as_deref()).map_err(|error| unknown(&error, arguments));
    match target {
        None if *json => output::print_json(&answers.status()),
        Some(target) if *json => output::print_json(&rows(target)?),
        None => print_table(&all, &all.iter().map(|asked| rows(&asked.target)).collect::<Result<Vec<_>, _>>()?),
        Some(target) => {
            let rows = rows(target)?;
            let asked = all.iter().find(|asked| asked.target == *target);
            print_table(asked.map_or(&[], slice::from_ref), &[rows])
        }
    }
}

/// A target, and why its last ask failed if it did.
struct Asked {
    target: String,
    failure: Option<String>,
}

impl Asked {
    fn of(state: &TargetState) -> Self {
        let failure = state.health.failure.as_ref().map(|failure| failure.message.clone());
        Self { target: state.name.clone(), failure }
    }
}

/// Prints the rows of these targets, and says of which there are none and why: an empty table looks like a fault.
fn print_table(targets: &[Asked], answers: &[impl AsRef<[u8]>]) -> Result<(), Failure> {
    output::print(&output::table(answers).map_err(Failure::broken)?)?;
    let without = || targets.iter().zip(answers).filter(|(_, rows)| rows.as_ref() == b"[]").map(|(asked, _)| asked);
    let silent: Vec<&str> =
        without().filter(|asked| asked.failure.is_none()).map(|asked| asked.target.as_str()).collect();
    if targets.is_empty() {
        eprintln!("No target has been asked yet.");
    } else if !silent.is_empty() {
        eprintln!("No services are known of: {}", silent.join(", "));
    }
    for Asked { target, failure } in without() {
        if let Some(failure) = failure {
            eprintln!("{}", output::printable(&format!("No services are known of {target}: {failure}")));
        }
    }
    Ok(())
}

/// Says which name is not known, and how to find those that are.
fn unknown(error: &ApiError, arguments: &Arguments) -> Failure {
    let message = match (&arguments.target, &arguments.service) {
        (Some(target), Some(service)) if *error == ApiError::ServiceNotFound => {
            format!("target \"{target}\" has no service \"{service}\"; `unistatus status {target}` lists those it has")
        }
        (Some(target), _) => format!("target \"{target}\" is not known; `unistatus status` lists those that are"),
        (None, _) => error.to_string(),
    };
    Failure::new(exit::USAGE, message)
}

fn unreadable(error: StoreError) -> Failure {
    match error {
        StoreError::Unavailable { .. } => Failure::caused(exit::UNREACHABLE, &error),
        _ => Failure::config(error),
    }
}
