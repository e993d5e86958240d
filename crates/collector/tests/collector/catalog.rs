//! The whole catalog at once: more than a thousand entries, asked by the real program as a user would let it.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::time::Duration;

use unistatus_core::catalog::{Entry, entries};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::testkit::Database;
use unistatus_simulator::formats::{DIALECTS, Dialect};
use unistatus_simulator::{Options, Simulator, VendorView, World};

use crate::support::Program;

/// The interval that all are asked at, and within which all must have answered once.
const INTERVAL: Duration = Duration::from_mins(1);

/// The most memory that the collector may take, in kibibytes.
const MEMORY: u64 = 150 * 1024;

/// How the simulator speaks to an entry.
fn dialect(entry: &Entry) -> &'static Dialect {
    let (kind, format) = (entry.spec.kind_word(), entry.spec.format_name());
    let is_meant = |dialect: &&Dialect| dialect.kind.as_str() == kind && Some(dialect.format) == format;
    DIALECTS.iter().find(is_meant).unwrap_or_else(|| panic!("nobody speaks {kind} {format:?}"))
}

/// Scheme and host of an entry's endpoint.
fn host(entry: &Entry) -> String {
    entry.spec.endpoint().splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}

/// A world with a vendor for each host and dialect of the catalog, and each entry's place in it.
fn world() -> (World, Vec<(&'static Entry, usize)>) {
    let mut places: HashMap<(String, &str), usize> = HashMap::new();
    let mut dialects = Vec::new();
    let mut asked = Vec::new();
    for entry in entries().unwrap() {
        let dialect = dialect(entry);
        let place = *places.entry((host(entry), dialect.name)).or_insert_with(|| {
            dialects.push(dialect);
            dialects.len() - 1
        });
        asked.push((entry, place));
    }
    (World::uniform(dialects.len(), 10, &dialects), asked)
}

/// A targets file in which each entry of the catalog has its vendor for its source. Own entries win by name, so this and
/// `CATALOG=all` is the whole catalog.
fn targets(vendors: &[VendorView], asked: &[(&Entry, usize)]) -> String {
    asked.iter().fold(String::new(), |mut toml, &(entry, place)| {
        let VendorView { kind, format, url, mapping, .. } = &vendors[place];
        let name = entry.spec.name();
        // Entries on one host are asked at addresses of their own.
        writeln!(
            toml,
            "[[target]]\nname = \"{name}\"\ntype = \"{kind}\"\nformat = \"{format}\"\nendpoint = \"{url}?{name}\"\n{mapping}"
        )
        .unwrap();
        toml
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_of_it_is_collected_in_the_first_interval_politely_and_in_little_memory() {
    let (world, asked) = world();
    assert!(asked.len() >= 1000);
    unistatus_collector::raise_file_limit();
    let simulator = Simulator::start(world, Options::default()).await.unwrap();
    let vendors: Vec<VendorView> = simulator.vendors().collect();
    let database = Database::sqlite();
    let began = Timestamp::now();
    let mut program = Program::collect_all(database.address(), &targets(&vendors, &asked), INTERVAL);
    program.says("asking begins").await;

    let store = database.open().await;
    let mut watch = store.watch().await.unwrap();
    let answered = async {
        loop {
            let states = store.targets().await.unwrap();
            let failed: BTreeMap<&str, _> =
                states.iter().filter_map(|state| Some((state.name.as_str(), state.health.failure.as_ref()?))).collect();
            assert!(failed.is_empty(), "{failed:#?}");
            if states.iter().filter(|state| state.health.last_success.is_some()).count() == asked.len() {
                return states;
            }
            watch.changed().await.unwrap();
        }
    };
    let states = tokio::time::timeout(INTERVAL, answered).await.expect("all answer within the first interval");
    assert!(states.iter().all(|state| began.until(state.health.last_attempt) <= INTERVAL));
    for vendor in &vendors {
        let at_once = simulator.max_in_flight(&vendor.name).unwrap();
        assert!((1..=2).contains(&at_once), "{} was asked {at_once} times at once", vendor.name);
    }
    if let Some(peak) = program.peak_memory() {
        println!("{} targets on {} hosts: {} MiB at the most", asked.len(), vendors.len(), peak / 1024);
        assert!(peak <= MEMORY, "{} MiB", peak / 1024);
    }
    store.close().await;
    program.end("TERM").await;
    simulator.stop().await;
}
