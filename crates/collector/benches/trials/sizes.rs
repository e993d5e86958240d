//! What so many targets take.

use std::net::SocketAddr;
use std::time::Duration;

use unistatus_core::store::testkit::{Database, TestMongo};
use unistatus_simulator::{Options, Simulator, World};

use crate::findings::Findings;
use crate::http::ask;
use crate::program::Program;
use crate::usage::{Usage, peak_memory};
use crate::{readers, world};

/// How many services each target has.
const SERVICES: usize = 10;
/// How often each is asked.
const INTERVAL: Duration = Duration::from_mins(1);
/// How long it may take until all is known.
const FIRST_ROUND: Duration = Duration::from_mins(5);

/// Measures each of these sizes on each store. `None` where there is no MongoDB.
pub(crate) async fn run(sizes: &[usize], time: Duration) -> Option<Findings> {
    println!("{SERVICES} services each, asked every {INTERVAL:?}, measured for {time:?}; memory at its peak\n");
    println!(
        "{:<8} {:>7} {:>7}  {:>9} {:>6}  {:>9} {:>6} {:>9} {:>9}  {:>9} {:>6}  {:>9}",
        "", "", "", "collector", "", "API", "", "rendering", "answer", "mongod", "", "written"
    );
    println!(
        "{:<8} {:>7} {:>7}  {:>9} {:>6}  {:>9} {:>6} {:>9} {:>9}  {:>9} {:>6}  {:>9}",
        "", "targets", "asks/s", "CPU %", "MB", "CPU %", "MB", "ms", "MB", "CPU %", "MB", "MB/h"
    );
    for &size in sizes {
        measure(size, time, None).await;
    }
    for &size in sizes {
        measure(size, time, Some(&TestMongo::start()?)).await;
    }
    Some(Findings::default())
}

async fn measure(targets: usize, time: Duration, mongo: Option<&TestMongo>) {
    let database = mongo.map_or_else(Database::sqlite, Database::on);
    // Whatever may happen, at the pace of the simulator: something every twenty minutes at each.
    let options = Options { keep_requests: 1, ..Options::default() };
    let simulator = Simulator::start(World::uniform(targets, SERVICES, &[]), options).await.unwrap();
    let collector = world::collector_at(INTERVAL, 0, &database, &simulator);
    let (api, address) = readers::start(&database).await;
    all_are_known(&database, targets).await;
    // A round that nothing of the first is in.
    tokio::time::sleep(INTERVAL).await;

    let mongod = mongo.map(TestMongo::process);
    let look = || [Some(collector.process().into()), Some(api.process().into()), mongod].map(Taken::by);
    let (before, rendered) = (look(), Rendered::by(address).await);
    tokio::time::sleep(time).await;
    let (after, rendered) = (look(), Rendered::by(address).await.since(rendered));
    let [collecting, serving, keeping] = std::array::from_fn(|index| after[index].load(&before[index], time));
    let written: f64 = after.iter().zip(&before).map(|(after, before)| after.usage.since(before.usage).written).sum();
    let answer = ask(address, "GET", "/api/status").await.body.len();
    println!(
        "{:<8} {targets:>7} {:>7.1}  {:>9.1} {:>6.0}  {:>9.1} {:>6.0} {:>9.1} {:>9.1}  {:>9.1} {:>6.0}  {:>9.0}",
        if mongo.is_some() { "MongoDB" } else { "SQLite" },
        number(targets) / INTERVAL.as_secs_f64(),
        collecting,
        after[0].memory,
        serving,
        after[1].memory,
        rendered.seconds / rendered.times * 1_000.0,
        number(answer) / 1e6,
        keeping,
        after[2].memory,
        written * 3_600.0 / time.as_secs_f64(),
    );
    for program in [collector, api] {
        end(program).await;
    }
    simulator.stop().await;
}

/// Waits until there is an answer of each.
async fn all_are_known(database: &Database, targets: usize) {
    let store = database.open().await;
    let knowing = async {
        loop {
            let known = store.targets().await.unwrap();
            if known.len() == targets && known.iter().all(|target| target.health.last_success.is_some()) {
                return;
            }
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    };
    if tokio::time::timeout(FIRST_ROUND, knowing).await.is_err() {
        let failed = store.targets().await.unwrap().into_iter().find(|target| target.health.last_success.is_none());
        panic!("not all is known: {failed:?}");
    }
    store.close().await;
}

async fn end(program: Program) {
    program.signal("TERM").await;
    assert_eq!(program.ends().await.code, 0);
}

/// What a process has taken; nothing where there is none.
struct Taken {
    usage: Usage,
    /// The most, in megabytes.
    memory: f64,
}

impl Taken {
    fn by(process: Option<i64>) -> Self {
        // None has this number.
        let process = process.unwrap_or_default();
        Self { usage: Usage::of(process), memory: peak_memory(process) }
    }

    /// How much of a processor it took since, in per cent.
    fn load(&self, before: &Self, time: Duration) -> f64 {
        let Usage { user, system, .. } = self.usage.since(before.usage);
        (user + system).as_secs_f64() / time.as_secs_f64() * 100.0
    }
}

/// How often an API rendered, and how long that took in all.
#[derive(Clone, Copy)]
struct Rendered {
    seconds: f64,
    times: f64,
}

impl Rendered {
    async fn by(address: SocketAddr) -> Self {
        let metrics = ask(address, "GET", "/metrics").await.body;
        let of = |name: &str| {
            let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.unwrap_or_else(|| panic!("no {name}")).parse().unwrap()
        };
        Self {
            seconds: of("unistatus_snapshot_render_seconds_sum"),
            times: of("unistatus_snapshot_render_seconds_count"),
        }
    }

    fn since(self, before: Self) -> Self {
        Self { seconds: self.seconds - before.seconds, times: self.times - before.times }
    }
}

#[expect(clippy::cast_precision_loss, reason = "these are thousands, and millions of bytes")]
fn number(count: usize) -> f64 {
    count as f64
}
