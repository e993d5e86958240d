//! `collector PERIODICITY`: asks every target at that interval until SIGINT or SIGTERM.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use clap::error::ErrorKind;
use unistatus_collector::{Collector, CollectorError};
use unistatus_core::catalog::TargetsSource;
use unistatus_core::config::{Flags, Settings};
use unistatus_core::store;
use unistatus_core::{interval, shutdown, telemetry};

/// Asks every target at an interval and keeps what changed, until SIGINT or SIGTERM.
#[derive(Debug, Parser)]
#[command(name = "collector", version)]
struct Arguments {
    /// How often: seconds (60) or a length of time (90s, 5m, 1h), from 1s to 24h
    #[arg(value_name = "PERIODICITY", allow_negative_numbers = true, value_parser = interval::parse)]
    periodicity: Duration,
    #[command(flatten)]
    flags: Flags,
}

/// Wrong arguments.
const USAGE: u8 = 2;
/// Settings, targets or a database that cannot be used (`EX_CONFIG` of `sysexits.h`).
const CONFIG: u8 = 78;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => error.exit(),
        Err(error) => {
            let problem = error.to_string();
            let problem = problem.lines().next().unwrap_or_default().trim_start_matches("error: ");
            return fail(
                USAGE,
                &format!("{problem}; usage: collector PERIODICITY, where PERIODICITY is {}", interval::ACCEPTED),
            );
        }
    };
    let settings = match Settings::load(&arguments.flags) {
        Ok(settings) => settings,
        Err(error) => return fail(CONFIG, &error.to_string()),
    };
    telemetry::init(settings.log_level, settings.log_format);
    // A socket for each target that is asked at once: the usual soft limit of 1,024 is too few for a large catalog.
    let _ = rlimit::increase_nofile_limit(65_536);
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => {
            let code = runtime.block_on(run(&settings, arguments.periodicity));
            // Name look-ups cannot be cancelled; nobody waits for them.
            runtime.shutdown_background();
            code
        }
        Err(error) => fail(1, &format!("cannot start: {error}")),
    }
}

async fn run(settings: &Settings, periodicity: Duration) -> ExitCode {
    match collect(settings, periodicity).await {
        Ok(()) => {
            tracing::info!("ended in good order");
            ExitCode::SUCCESS
        }
        Err(Failure { code, message }) => fail(code, &message),
    }
}

/// Why there is nothing to run, and the exit code that says so.
struct Failure {
    code: u8,
    message: String,
}

async fn collect(settings: &Settings, periodicity: Duration) -> Result<(), Failure> {
    let stop = shutdown::on_signal().map_err(|error| Failure { code: 1, message: error.to_string() })?;
    let source = TargetsSource::new(settings.catalog.clone(), settings.targets_file.clone());
    let opened = store::open_patiently(settings.db_url.reveal(), &stop).await;
    let Some(store) = opened.map_err(|error| Failure { code: CONFIG, message: error.to_string() })? else {
        return Ok(());
    };
    let collector = Collector::new(Arc::clone(&store), source, periodicity, settings.contact.as_deref(), stop);
    let result = match collector {
        Ok(collector) => collector.run().await,
        Err(error) => Err(error),
    };
    store.close().await;
    result.map_err(|error| Failure {
        code: if matches!(error, CollectorError::Targets(_)) { CONFIG } else { 1 },
        message: error.to_string(),
    })
}

fn fail(code: u8, message: &str) -> ExitCode {
    for line in message.lines() {
        eprintln!("collector: {line}");
    }
    ExitCode::from(code)
}
