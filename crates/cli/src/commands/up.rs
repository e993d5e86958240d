//! `unistatus up`: collector and API in one process on the embedded store, nothing to configure.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use unistatus_api::{Options, Server};
use unistatus_collector::Collector;
use unistatus_collector::progress::{Progress, Round};
use unistatus_core::catalog::{Selection, TargetSet, TargetsSource};
use unistatus_core::config::{DbUrl, Flags, Listen, Settings};
use unistatus_core::exit::Failure;
use unistatus_core::store::{self, Store};
use unistatus_core::{interval, shutdown, telemetry};
use unistatus_simulator::{Simulator, World};

/// How often the real world is asked.
const INTERVAL: Duration = Duration::from_mins(1);
/// How often the simulated one is: it is made to be watched.
const DEMO_INTERVAL: Duration = Duration::from_secs(5);

/// Collector and API in one process: asks all targets and serves what they say, until Ctrl-C
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How often to ask: seconds (60) or a length of time (90s, 5m, 1h) [default: 60, with --demo 5]
    #[arg(value_name = "PERIODICITY", value_parser = interval::parse)]
    periodicity: Option<Duration>,
    /// Ask a simulated world instead of the real one: needs no internet, keeps nothing
    #[arg(long)]
    demo: bool,
    #[command(flatten)]
    listen: Listen,
}

/// Runs until SIGINT or SIGTERM.
pub(crate) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    let Arguments { periodicity, demo, listen } = arguments;
    let mut settings = Settings::load(&flags.listening(listen)).map_err(Failure::config)?;
    telemetry::init(settings.log_level, settings.log_format);
    unistatus_collector::raise_file_limit();
    let stop = shutdown::on_signal().map_err(Failure::broken)?;
    let demo = if demo { Some(Demo::start(&mut settings).await?) } else { None };
    let default = if demo.is_some() { DEMO_INTERVAL } else { INTERVAL };
    let result = serve(settings, periodicity.unwrap_or(default), demo.is_some(), stop).await;
    if let Some(demo) = demo {
        demo.simulator.stop().await;
    }
    result
}

async fn serve(
    settings: Settings,
    periodicity: Duration,
    is_demo: bool,
    stop: CancellationToken,
) -> Result<(), Failure> {
    // What can be wrong without any waiting comes first: the targets, then the port.
    let source = TargetsSource::new(settings.catalog, settings.targets_file);
    let targets = source.load().map_err(Failure::config)?;
    let server = Server::bind(&settings.app_host, settings.app_port).await.map_err(Failure::config)?;
    let address = server.addresses().first().map(|address| format!("http://{address}")).unwrap_or_default();
    let opened = store::open_patiently(settings.db_url.reveal(), &stop).await.map_err(Failure::config)?;
    let Some(store) = opened else { return Ok(()) };
    let result = serve_from(&store, server, targets, periodicity, settings.contact.as_deref(), &stop, |progress| {
        show_progress(progress, address, is_demo.then_some(settings.db_url))
    });
    let result = result.await;
    store.close().await;
    result
}

/// Runs collector and API on an open store; whichever ends, by the signal or by a failure, ends the other.
async fn serve_from<Shown: Future<Output = ()>>(
    store: &Arc<dyn Store>,
    server: Server,
    targets: (TargetSet, TargetsSource),
    periodicity: Duration,
    contact: Option<&str>,
    stop: &CancellationToken,
    show: impl FnOnce(Arc<Progress>) -> Shown,
) -> Result<(), Failure> {
    let collector = Collector::new(Arc::clone(store), targets, periodicity, contact, stop.clone());
    let collector = collector.map_err(Failure::broken)?;
    let shown = show(collector.progress());
    let collect = async {
        let result = collector.run().await;
        stop.cancel();
        result.map_err(Failure::broken)
    };
    let serve = async {
        let result = server.run(Arc::clone(store), Options::default(), stop.clone()).await;
        stop.cancel();
        result.map_err(Failure::broken)
    };
    let show = async {
        tokio::select! {
            () = shown => {}
            () = stop.cancelled() => {}
        }
    };
    let (collect, serve, ()) = tokio::join!(collect, serve, show);
    collect.and(serve)
}

/// Shows how the first round gets on, and then where to look.
async fn show_progress(progress: Arc<Progress>, address: String, demo_db: Option<DbUrl>) {
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
        anstream::println!("  {target} did not answer: {error}");
    }
    let answered = last.asked - last.failed.len();
    anstream::println!("{answered} of {} targets answered, with {} services.", last.targets, last.services);
    anstream::println!("  as JSON    {address}/api/status");
    let db = demo_db.map(|db| format!(" --db {db}")).unwrap_or_default();
    anstream::println!("  as table   unistatus status{db}");
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
            .map_err(Failure::broken)?;
        let folder = tempfile::Builder::new().prefix("unistatus-demo-").tempdir().map_err(Failure::broken)?;
        let targets: PathBuf = folder.path().join("targets.toml");
        fs::write(&targets, simulator.targets_toml()).map_err(Failure::broken)?;
        settings.db_url = DbUrl::new(format!("sqlite:{}", folder.path().join("demo.db").display()));
        settings.targets_file = Some(targets);
        settings.catalog = Selection::None;
        Ok(Self { simulator, _folder: folder })
    }
}

/// The demo's script: any will do, the same each time lets people talk about what they see.
const DEMO_SEED: u64 = 7;
