//! `unistatus status`: what is known now.

use unistatus_core::config::{Flags, Settings};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{self, StoreError};
use unistatus_core::telemetry;

use crate::failure::Failure;
use crate::output;

/// What is known now, of all targets, one of them, or one of its services
///
/// Examples:
///   unistatus status
///   unistatus status github
///   unistatus status github "Git Operations" --json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    /// The target's name
    target: Option<String>,
    /// The service's name: exactly, else without regard to case
    service: Option<String>,
    /// Print the JSON that the API answers
    #[arg(long)]
    json: bool,
}

/// Prints what the store knows.
pub async fn run(arguments: Arguments, flags: &Flags) -> Result<(), Failure> {
    let settings = Settings::load(flags)?;
    telemetry::init(settings.log_level, settings.log_format);
    let store = store::open_existing(settings.db_url.reveal()).await.map_err(unreadable)?;
    let states = store.targets().await;
    store.close().await;
    let world = unistatus_api::contract::World::new(states.map_err(unreadable)?, Timestamp::now());
    let Arguments { target, service, json } = arguments;
    if json {
        anstream::println!("{}", world.json(target.as_deref(), service.as_deref()).map_err(Failure::usage)?);
        return Ok(());
    }
    let rows = world.rows(target.as_deref(), service.as_deref()).map_err(Failure::usage)?;
    anstream::println!("{}", output::table(&rows));
    Ok(())
}

fn unreadable(error: StoreError) -> Failure {
    match error {
        StoreError::Unavailable { .. } => Failure::unreachable(error),
        _ => Failure::config(error),
    }
}
