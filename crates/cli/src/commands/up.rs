//! `unistatus up`: collector and API in one process on the embedded store, nothing to configure.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use unistatus_api::Server;
use unistatus_collector::progress::{Progress, Round};
use unistatus_collector::{Collector, CollectorError};
use unistatus_core::catalog::{Selection, TargetsSource};
use unistatus_core::config::{DbUrl, Flags, Settings};
use unistatus_core::{interval, shutdown, store, telemetry};
use unistatus_simulator::{Simulator, World};

use crate::failure::Failure;

/// Collector and API in one process: asks all targets and serves what they say, until Ctrl-C
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How often to ask: seconds (60) or a length of time (90s, 5m, 1h) [default: 60, with --demo 5]
    #[arg(value_name = "PERIODICITY", value_parser = interval::parse)]
    periodicity: Option<Duration>,
    /// Ask a simulated world instead of the real one: needs no internet, keeps nothing
    #[arg(long)]
    demo: bool,
    /// The address to listen on
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// The port to listen on; 0 for any free one
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
}

/// Runs until SIGINT or SIGTERM.
pub async fn run(arguments: Arguments, flags: &Flags) -> Result<(), Failure> {
    let mut settings = Settings::load(flags)?;
    if let Some(host) = &arguments.host {
        settings.app_host.clone_from(host);
    }
    settings.app_port = arguments.port.unwrap_or(settings.app_port);
    telemetry::init(settings.log_level, settings.log_format);
    let _ = rlimit::increase_nofile_limit(65_536);
    let stop = shutdown::on_signal().map_err(Failure::internal)?;

    let demo = if arguments.demo { Some(Demo::start(&mut settings).await?) } else { None };
    let periodicity = arguments.periodicity.unwrap_or(Duration::from_secs(if arguments.demo { 5 } else { 60 }));
    let result = serve(&settings, periodicity, demo.is_some(), stop).await;
    if let Some(demo) = demo {
        demo.simulator.stop().await;
    }
    result
}

async fn serve(
    settings: &Settings,
    periodicity: Duration,
    is_demo: bool,
    stop: CancellationToken,
) -> Result<(), Failure> {
    // The port first: if it is taken, nothing else needs to start.
    let server = Server::bind(&settings.app_host, settings.app_port).await.map_err(Failure::config)?;
    let address = server.addresses().first().map(ToString::to_string).unwrap_or_default();
    let opened = store::open_patiently(settings.db_url.reveal(), &stop).await.map_err(Failure::config)?;
    let Some(store) = opened else { return Ok(()) };
    let source = TargetsSource::new(settings.catalog.clone(), settings.targets_file.clone());
    let collector = Collector::new(Arc::clone(&store), source, periodicity, settings.contact.as_deref(), stop.clone());
    let collector = match collector {
        Ok(collector) => collector,
        Err(error) => {
            store.close().await;
            return Err(Failure::config(error));
        }
    };
    let watch = show_progress(collector.progress(), format!("http://{address}"), settings.db_url.clone(), is_demo);
    // Whichever of the two ends first, by the signal or by a failure, ends the other.
    let collect = async {
        let result = collector.run().await;
        stop.cancel();
        result
    };
    let serve = async {
        let result = server.run(Arc::clone(&store), stop.clone(), unistatus_api::Options::default()).await;
        stop.cancel();
        result
    };
    let watch = async {
        tokio::select! {
            () = watch => {}
            () = stop.cancelled() => {}
        }
    };
    let (collected, served, ()) = tokio::join!(collect, serve, watch);
    store.close().await;
    served.map_err(Failure::internal)?;
    collected.map_err(|error| match error {
        CollectorError::Targets(_) => Failure::config(error),
        _ => Failure::internal(error),
    })
}

/// Shows how the first round gets on, and then where to look.
async fn show_progress(progress: Arc<Progress>, address: String, db_url: DbUrl, is_demo: bool) {
    let bar = ProgressBar::new(0).with_style(style());
    let mut watch = progress.watch();
    let mut last = Round::default();
    while let Some(round) = watch.next().await {
        bar.set_length(round.targets as u64);
        bar.set_position(round.asked as u64);
        bar.set_message(format!("{} services", round.services));
        last = round;
    }
    bar.finish_and_clear();
    for (target, error) in &last.failed {
        anstream::eprintln!("  {target} did not answer: {error}");
    }
    let answered = last.asked - last.failed.len();
    anstream::println!("{answered} of {} targets answered, {} services.", last.targets, last.services);
    anstream::println!("  All of them   {address}/api/status");
    let db = if is_demo { format!(" --db {db_url}") } else { String::new() };
    anstream::println!("  As a table    unistatus status{db}");
    anstream::println!("Ctrl-C ends it.");
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("Asking {bar:30} {pos}/{len} targets, {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A simulated world, and the folder that its database and targets file live in for as long as it runs.
struct Demo {
    simulator: Simulator,
    _folder: TempDir,
}

impl Demo {
    /// Starts the world and points the settings at it.
    async fn start(settings: &mut Settings) -> Result<Self, Failure> {
        let simulator = Simulator::start(World::demo(DEMO_SEED), unistatus_simulator::Options::default())
            .await
            .map_err(Failure::internal)?;
        let folder = tempfile::Builder::new().prefix("unistatus-demo-").tempdir().map_err(Failure::internal)?;
        let targets: PathBuf = folder.path().join("targets.toml");
        fs::write(&targets, simulator.targets_toml()).map_err(Failure::internal)?;
        settings.db_url = DbUrl::new(format!("sqlite:{}", folder.path().join("demo.db").display()));
        settings.targets_file = Some(targets);
        settings.catalog = Selection::None;
        Ok(Self { simulator, _folder: folder })
    }
}

/// The demo's script: any will do, the same each time lets people talk about what they see.
const DEMO_SEED: u64 = 7;
