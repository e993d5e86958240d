//! The API's pages under load, each beside a bare server that returns the same bytes.

use tokio::runtime::Runtime;
use unistatus_core::store::testkit::Database;

use crate::beside::{Beside, beside};
use crate::client::{Answer, Connection, Header};
use crate::limits::Limits;
use crate::server::Server;
use crate::world::SERVICES;
use crate::wrk::{Ask, Figures, Wrk};
use crate::{bare, fill, world};

/// The share of a bare server's answers a second that `/api/status` must reach.
const LEAST_RATE: f64 = 0.85;
/// How many times a bare server's p99 `/api/status` may take.
const MOST_P99: f64 = 1.5;
/// How many times as fast as full answers 304 must be.
const LEAST_NOT_MODIFIED: f64 = 3.0;
/// How many times a second `/metrics` of a thousand targets must be answered.
const LEAST_METRICS: f64 = 1000.0;
/// How much memory the API may take with a thousand targets, in megabytes.
const MOST_MEMORY: f64 = 100.0;
/// How long it may take to render what is known of a thousand targets anew, in milliseconds.
const MOST_RENDERING: f64 = 20.0;

/// With a hundred targets: full, compressed, not modified, and one target of them.
pub(crate) fn hundred(runtime: &Runtime, wrk: &Wrk, limits: &mut Limits) {
    let bench = Bench::start(runtime, wrk, 100);
    let full = bench.beside_bare("/api/status", &[]);
    limits.at_least("/api/status: answers a second, beside a bare server", LEAST_RATE, full.rate, "×");
    limits.at_most("/api/status: p99, beside a bare server", MOST_P99, full.p99, "×");
    let not_modified = bench.not_modified("/api/status");
    limits.at_least("304: answers a second, beside full ones", LEAST_NOT_MODIFIED, not_modified.rate, "×");
    for coding in ["gzip", "br", "zstd"] {
        bench.beside_bare("/api/status", &[("Accept-Encoding", coding.to_owned())]);
    }
    bench.beside_bare(&format!("/api/status/{}", world::name(42)), &[]);
}

/// With a thousand targets: full, the metrics, and the memory that all of it takes.
pub(crate) fn thousand(runtime: &Runtime, wrk: &Wrk, limits: &mut Limits) {
    let bench = Bench::start(runtime, wrk, 1000);
    let before = bench.api.peak_memory();
    if bench.get("/metrics", &[]).status == 200 {
        let metrics = bench.beside_bare("/metrics", &[]);
        limits.at_least("/metrics: answers", LEAST_METRICS, metrics.one.rate, "/s");
    } else {
        println!("/metrics: skipped, this api has none");
    }
    bench.beside_bare("/api/status", &[]);
    if let (Some(before), Some(peak)) = (before, bench.api.peak_memory()) {
        println!("memory: {before:.1} MB at most before the load, {peak:.1} MB at most under it");
        limits.at_most("memory with a thousand targets", MOST_MEMORY, peak, " MB");
    }
}

/// Prints how long rendering took on average, and looks at its limit, if the API tells.
pub(crate) fn rendering(connection: &mut Connection, limits: &mut Limits) {
    let answer = connection.get("/metrics", &[]);
    let text = String::from_utf8_lossy(&answer.body);
    let figure = |suffix: &str| {
        let name = format!("unistatus_snapshot_render_seconds_{suffix} ");
        text.lines().find_map(|line| line.strip_prefix(&name)?.parse::<f64>().ok())
    };
    match (figure("sum"), figure("count")) {
        (Some(sum), Some(count)) if count > 0.0 => {
            limits.at_most("rendering a change, on average", MOST_RENDERING, sum / count * 1e3, " ms");
        }
        _ => println!("rendering: skipped, this api does not tell how long it takes"),
    }
}

/// An API with something to serve.
struct Bench<'a> {
    api: Server,
    wrk: &'a Wrk,
    _database: Database,
}

impl<'a> Bench<'a> {
    fn start(runtime: &Runtime, wrk: &'a Wrk, targets: usize) -> Self {
        let database = Database::sqlite();
        let world = fill(runtime, &database, targets);
        runtime.block_on(world.close());
        let api = Server::api(&database);
        println!("\n{targets} targets with {SERVICES} services each; times in ms");
        println!(
            "{:<36} {:>8} | {:>9} {:>7} {:>7} | {:>9} {:>7} {:>7} | {:>6} {:>6}",
            "", "kB", "api /s", "p50", "p99", "beside /s", "p50", "p99", "rate", "p99"
        );
        Self { api, wrk, _database: database }
    }

    fn get(&self, path: &str, headers: &[Header]) -> Answer {
        Connection::open(self.api.address).get(path, headers)
    }

    /// Beside a bare server.
    fn beside_bare(&self, path: &str, headers: &[Header]) -> Beside {
        let answer = self.get(path, headers);
        assert_eq!(answer.status, 200, "{path}");
        let bare = bare::start(path, &answer);
        let one = Ask { address: self.api.address, path: path.to_owned(), headers: headers.to_vec() };
        let other = Ask { address: bare.address, ..one.clone() };
        let coding = answer.header("content-encoding").map(|coding| format!(", {coding}"));
        let title = path.to_owned() + &coding.unwrap_or_default();
        tell(&title, answer.body.len(), beside(self.wrk, &one, &other))
    }

    /// Answers without a body beside full ones of the API itself.
    fn not_modified(&self, path: &str) -> Beside {
        let full = self.get(path, &[]);
        let etag = full.header("etag").unwrap().to_owned();
        let other = Ask { address: self.api.address, path: path.to_owned(), headers: Vec::new() };
        let one = Ask { headers: vec![("If-None-Match", etag)], ..other.clone() };
        assert_eq!(self.get(path, &one.headers).status, 304);
        tell(&format!("{path}, 304 beside full"), 0, beside(self.wrk, &one, &other))
    }
}

/// Prints a row of the table.
fn tell(title: &str, bytes: usize, beside: Beside) -> Beside {
    let kilobytes = f64::from(u32::try_from(bytes).unwrap()) / 1e3;
    let figures = |Figures { rate, p50, p99 }: Figures| format!("{rate:>9.0} {p50:>7.2} {p99:>7.2}");
    let (one, other) = (figures(beside.one), figures(beside.other));
    println!("{title:<36} {kilobytes:>8.1} | {one} | {other} | {:>5.2}× {:>5.2}×", beside.rate, beside.p99);
    beside
}
