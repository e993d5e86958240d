//! `unistatus up`: collector and API in one process on the embedded store, nothing to configure.

use std::fs;
use std::future::ready;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use unistatus_api::{Options, Server};
use unistatus_collector::Collector;
use unistatus_collector::endpoint::{Endpoint, Serving};
use unistatus_collector::journal::Journal;
use unistatus_collector::monitor::Monitor;
use unistatus_collector::progress::{Failed, Progress, Round};
use unistatus_core::catalog::{Selection, TargetsSource};
use unistatus_core::config::{DbUrl, Flags, Hidden, Listen, Settings};
use unistatus_core::exit::{self, Failure};
use unistatus_core::schema::FailureClass;
use unistatus_core::store::{self, Measured, Store};
use unistatus_core::target::Fetcher;
use unistatus_core::target::fetch::Limits;
use unistatus_core::telemetry::{self, Traces};
use unistatus_core::{interval, shutdown};
use unistatus_simulator::rollbar::{Project, StandIn, tokens};
use unistatus_simulator::{Simulator, World};

use crate::bar::Bar;
use crate::output;

/// How often the real world is asked.
const INTERVAL: Duration = Duration::from_mins(1);
/// How often the simulated one is: it is made to be watched.
const DEMO_INTERVAL: Duration = Duration::from_secs(5);
/// How long the summary waits for the first round: longer than for a source that is silent, and not for one that
/// drips, or that asked to be left alone for hours.
const ROUND: Duration = Duration::from_secs(15);

/// Collector and API in one process: asks all targets and serves what they say, until Ctrl-C
///
/// Examples:
///   unistatus up --demo
///   unistatus up 5m --targets targets.toml
///   unistatus up --catalog code,cloud --port 9000
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
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
    if demo && (flags.db.is_some() || flags.targets.is_some() || flags.catalog.is_some()) {
        let message = "--demo brings its own database and targets; expected without --db, --targets and --catalog";
        return Err(Failure::new(exit::USAGE, message));
    }
    let named_db = flags.db.is_some();
    let settings = Settings::load(&flags.listening(listen))?;
    let format = settings.log_format;
    run_with(settings, periodicity, demo, named_db).await.map_err(|failure| failure.told_in(format))
}

async fn run_with(
    mut settings: Settings,
    periodicity: Option<Duration>,
    demo: bool,
    has_named_db: bool,
) -> Result<(), Failure> {
    let bar = Bar::new("Asking", "targets");
    let above = bar.clone();
    let traces = Traces::to(settings.otlp_endpoint.as_deref(), "unistatus").map_err(Failure::config)?;
    telemetry::init_through(settings.log_level, settings.log_format, &traces, move || above.above());
    unistatus_collector::raise_file_limit();
    let stop = shutdown::on_signal().map_err(Failure::broken)?;
    let demo = if demo { Some(Demo::start(&mut settings).await?) } else { None };
    let default = if demo.is_some() { DEMO_INTERVAL } else { INTERVAL };
    // Nobody else would find the demo's database, nor one that only the flag names.
    let named_db = (demo.is_some() || has_named_db).then(|| settings.db_url.clone());
    // On the heap: it is large.
    let result = Box::pin(serve(settings, periodicity.unwrap_or(default), Summary { bar, named_db }, stop)).await;
    if let Some(demo) = demo {
        demo.simulator.stop().await;
    }
    // It waits, and is the last to be waited for.
    let _ = tokio::task::spawn_blocking(|| traces.end()).await;
    result
}

async fn serve(
    settings: Settings,
    periodicity: Duration,
    summary: Summary,
    stop: CancellationToken,
) -> Result<(), Failure> {
    // What can be wrong without any waiting comes first: the targets, then the ports.
    let options = Options::of(&settings);
    let source = TargetsSource::new(settings.catalog.clone(), settings.targets_file.clone());
    let targets = source.load().map_err(Failure::config)?;
    let pace = unistatus_collector::Options {
        interval: periodicity,
        retention: settings.history_retention,
        check_retention: settings.check_retention,
        address_policy: settings.address_policy.clone(),
        shared_targets: settings.health_services.iter().cloned().collect(),
    };
    let contact = settings.contact.as_deref();
    let fetcher = Fetcher::new(Limits::default(), contact, settings.secrets.clone()).map_err(Failure::config)?;
    let server = Server::bind(&settings.app_host, settings.app_port).await.map_err(Failure::config)?;
    let monitor = Arc::new(Monitor::new().map_err(Failure::broken)?);
    let looked_at = look_at(settings.collector_listen.clone(), &monitor, settings.prometheus_enabled, &stop).await?;
    settings.announce("unistatus");
    let opened = store::open_patiently(settings.db_url.reveal(), &stop).await.map_err(Failure::config)?;
    let result = match opened {
        Some(store) => {
            // The API measures what it asks the store itself.
            let measured = Arc::new(Measured::new(Arc::clone(&store), monitor.store()));
            let journal = Journal::open_where_wanted(settings.journal.as_ref()).await;
            let collector = Collector::new(measured, journal, targets, pace, fetcher, monitor, stop.clone());
            let result = Box::pin(serve_from(&store, (server, options), collector, summary, &stop)).await;
            store.close().await;
            result
        }
        None => Ok(()),
    };
    if let Some(looked_at) = looked_at {
        looked_at.end().await;
    }
    result
}

/// Lets the collector be looked at where the settings say so.
async fn look_at(
    listen: Option<(String, u16)>,
    monitor: &Arc<Monitor>,
    serves_metrics: bool,
    stop: &CancellationToken,
) -> Result<Option<Serving>, Failure> {
    let Some((host, port)) = listen else { return Ok(None) };
    let endpoint = Endpoint::bind(&host, port).await.map_err(Failure::config)?;
    endpoint.serve(Arc::clone(monitor), serves_metrics, stop.clone()).map(Some).map_err(Failure::broken)
}

/// Runs collector and API on an open store; whichever ends, by the signal or by a failure, ends the other.
async fn serve_from(
    store: &Arc<dyn Store>,
    (server, options): (Server, Options),
    collector: Collector,
    summary: Summary,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let address = server.addresses().first().map(|address| format!("http://{address}")).unwrap_or_default();
    let show = summary.show(collector.progress(), &address, stop);
    let collect = async {
        let result = collector.run().await;
        stop.cancel();
        result.map_err(Failure::broken)
    };
    let serve = async {
        let result = server.run(ready(Ok(Some(Arc::clone(store)))), options, stop.clone()).await;
        stop.cancel();
        result.map_err(Failure::broken)
    };
    let (collect, serve, ()) = tokio::join!(collect, serve, show);
    collect.and(serve)
}

/// What is shown of the first round.
struct Summary {
    bar: Bar,
    /// The database, where `unistatus status` has to be told.
    named_db: Option<DbUrl>,
}

impl Summary {
    /// Shows how the first round gets on, and then where to look.
    async fn show(self, progress: Arc<Progress>, address: &str, stop: &CancellationToken) {
        self.bar.begin();
        let mut round = Round::default();
        let mut watch = progress.watch();
        let watching = async {
            while let Some(step) = watch.next().await {
                self.bar.show(step.asked as u64, step.targets as u64, format!("{} services", step.services));
                round = step;
            }
        };
        let is_stopped = tokio::select! {
            _ = tokio::time::timeout(ROUND, watching) => false,
            () = stop.cancelled() => true,
        };
        self.bar.end();
        if !is_stopped {
            // What is served is served also where nobody can read this.
            let _ = output::print(&self.text(&round, address));
        }
    }

    fn text(&self, round: &Round, address: &str) -> String {
        let mut lines = Vec::new();
        for Failed { target, class, message } in &round.failed {
            let what = if *class == FailureClass::NotConfigured { "is" } else { "did not answer:" };
            lines.push(output::printable(&format!("  {target} {what} {message}")));
        }
        let answered = round.asked.saturating_sub(round.failed.len());
        lines.push(format!("{answered} of {} targets answered, with {} services.", round.targets, round.services));
        if round.asked < round.targets {
            lines.push(format!("Still being asked: {}.", round.targets - round.asked));
        }
        let db = self.named_db.as_ref().map(|db| format!(" --db {db}")).unwrap_or_default();
        lines.push(format!("  as JSON    {address}/api/status"));
        lines.push(format!("  as table   unistatus status{db}"));
        lines.push("Ctrl-C ends it.".to_owned());
        lines.join("\n")
    }
}

/// How many items the demo's Rollbar project has: more than one of its pages.
const DEMO_ITEMS: usize = 120;

/// A simulated world, and the folder that its database and targets file live in for as long as it runs.
struct Demo {
    simulator: Simulator,
    _rollbar: StandIn,
    _folder: TempDir,
}

impl Demo {
    /// Starts the world and points the settings at it.
    async fn start(settings: &mut Settings) -> Result<Self, Failure> {
        let simulator = Simulator::start(World::demo(DEMO_SEED), unistatus_simulator::Options::default())
            .await
            .map_err(Failure::broken)?;
        let rollbar = StandIn::start(Project::of(DEMO_ITEMS)).await.map_err(Failure::broken)?;
        let folder = tempfile::Builder::new().prefix("unistatus-demo-").tempdir().map_err(Failure::broken)?;
        let targets: PathBuf = folder.path().join("targets.toml");
        fs::write(&targets, simulator.targets_toml()).map_err(Failure::broken)?;
        settings.db_url = DbUrl::new(format!("sqlite:{}", folder.path().join("demo.db").display()));
        settings.targets_file = Some(targets);
        if let Some(journal) = &mut settings.journal {
            journal.folder = folder.path().join("journal");
        }
        settings.catalog = Selection::None;
        settings.rollbar_url = rollbar.url();
        settings.rollbar_token = Some(Hidden::new(tokens::ALL));
        // What is set of these is of no consequence.
        let is_own = |name: &str| {
            name.starts_with("DB_")
                || name.starts_with("ROLLBAR_")
                || matches!(name, "TARGETS_FILE" | "CATALOG" | "JOURNAL_DIR")
        };
        settings.explained.retain(|setting| !is_own(setting.name));
        Ok(Self { simulator, _rollbar: rollbar, _folder: folder })
    }
}

/// The demo's script: any will do, the same each time lets people talk about what they see.
const DEMO_SEED: u64 = 7;
