//! `collector PERIODICITY`: asks every target at that interval until SIGINT or SIGTERM.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use clap::error::ErrorKind;
use unistatus_collector::endpoint::Endpoint;
use unistatus_collector::journal::Journal;
use unistatus_collector::monitor::Monitor;
use unistatus_collector::{Collector, Options};
use unistatus_core::catalog::TargetsSource;
use unistatus_core::config::{Flags, Settings};
use unistatus_core::exit::{self, Failure};
use unistatus_core::store::{self, Measured, Store};
use unistatus_core::target::Fetcher;
use unistatus_core::target::fetch::Limits;
use unistatus_core::telemetry::{self, Traces};
use unistatus_core::{interval, shutdown, template};

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

fn main() -> ExitCode {
    if let Some(code) = template::serve_if_asked() {
        return code;
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => error.exit(),
        Err(error) => return usage(&error).report("collector"),
    };
    exit::code("collector", start(&arguments))
}

/// One line that says what is wrong and what is accepted.
fn usage(error: &clap::Error) -> Failure {
    let problem = match error.kind() {
        ErrorKind::MissingRequiredArgument => "PERIODICITY is missing".to_owned(),
        ErrorKind::ValueValidation => "PERIODICITY is not an interval".to_owned(),
        _ => {
            let text = error.to_string();
            text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
        }
    };
    let message =
        format!("{problem}; usage: collector PERIODICITY [OPTIONS], PERIODICITY being {}", interval::ACCEPTED);
    Failure::new(exit::USAGE, message)
}

fn start(arguments: &Arguments) -> Result<(), Failure> {
    let settings = Settings::load(&arguments.flags)?;
    let format = settings.log_format;
    run(settings, arguments.periodicity).map_err(|failure| failure.told_in(format))
}

fn run(settings: Settings, periodicity: Duration) -> Result<(), Failure> {
    let traces = Traces::to(settings.otlp_endpoint.as_deref(), "unistatus-collector").map_err(Failure::config)?;
    telemetry::init(settings.log_level, settings.log_format, &traces);
    unistatus_collector::raise_file_limit();
    let result = exit::run(collect(settings, periodicity));
    traces.end();
    result
}

async fn collect(settings: Settings, periodicity: Duration) -> Result<(), Failure> {
    let stop = shutdown::on_signal().map_err(Failure::broken)?;
    // The targets before the database: a fault in them is told at once, also where the database is away.
    let source = TargetsSource::new(settings.catalog.clone(), settings.targets_file.clone());
    let targets = source.load().map_err(Failure::config)?;
    let options = Options {
        interval: periodicity,
        retention: settings.history_retention,
        check_retention: settings.check_retention,
        address_policy: settings.address_policy.clone(),
        shared_targets: settings.health_services.iter().cloned().collect(),
    };
    let contact = settings.contact.as_deref();
    let fetcher = Fetcher::new(Limits::default(), contact, settings.secrets.clone()).map_err(Failure::config)?;
    let monitor = Arc::new(Monitor::new().map_err(Failure::broken)?);
    // Answers while the database is waited for: whoever watches must be able to tell that from a process that hangs.
    let serving = match &settings.collector_listen {
        Some((host, port)) => {
            let endpoint = Endpoint::bind(host, *port).await.map_err(Failure::config)?;
            let monitor = Arc::clone(&monitor);
            Some(endpoint.serve(monitor, settings.prometheus_enabled, stop.clone()).map_err(Failure::broken)?)
        }
        None => None,
    };
    settings.announce("collector");
    let opened = store::open_patiently(settings.db_url.reveal(), &stop).await.map_err(Failure::config)?;
    let result = match opened {
        Some(store) => {
            let store: Arc<dyn Store> = Arc::new(Measured::new(store, monitor.store()));
            let journal = Journal::open_where_wanted(settings.journal.as_ref()).await;
            let collector = Collector::new(Arc::clone(&store), journal, targets, options, fetcher, monitor, stop);
            let result = collector.run().await;
            store.close().await;
            result.map_err(Failure::broken)
        }
        None => Ok(()),
    };
    if let Some(serving) = serving {
        serving.end().await;
    }
    result?;
    tracing::info!("ended in good order");
    Ok(())
}
