//! How fast the stores are: `MONGOD="$(scripts/mongod)" cargo bench -p unistatus-core --features testkit --bench stores`

#![expect(clippy::print_stdout, reason = "what is measured is printed")]
#![expect(clippy::unwrap_used, reason = "what fails here is to be seen")]

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use unistatus_core::schema::{Check, Service, Status, Timestamp};
use unistatus_core::store::testkit::{Author, Database, at, check, service};
use unistatus_core::store::{Commit, EventId, EventQuery, Store, Window};

const TARGETS: usize = 1000;
/// How many targets the year has, with ten services each.
const TARGETS_OF_THE_YEAR: usize = 500;
/// How often each service changes in the year.
const CHANGES: usize = 50;
const DAY: Duration = Duration::from_hours(24);

fn services() -> Vec<Service> {
    let described = |n: usize| {
        let mut service = service(&format!("Service number {n}"), Status::Ok);
        service.dimensions.insert("serviceId".to_owned(), "8l4ygp009s5s".into());
        service.dimensions.insert("region".to_owned(), "eu-central-1".into());
        service
    };
    (0..10).map(described).collect()
}

fn per_second(count: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / took.as_secs_f64()
}

async fn measure(name: &str, database: &Database) {
    let store = database.open().await;
    let mut authors: Vec<_> = (0..TARGETS).map(|n| Author::new(&format!("target-{n}"))).collect();
    let commits: Vec<_> = authors.iter_mut().map(|author| author.change(services())).collect();

    let start = Instant::now();
    for commit in commits.iter().take(200) {
        store.commit(commit).await.unwrap();
    }
    println!("{name}: {:.0} changes/s, one after the other", per_second(200, start.elapsed()));

    let start = Instant::now();
    for some in commits[200..].chunks(64) {
        join_all(some.iter().map(|commit| store.commit(commit))).await;
    }
    println!("{name}: {:.0} changes/s, 64 at a time", per_second(TARGETS - 200, start.elapsed()));

    let start = Instant::now();
    for _ in 0..5 {
        assert_eq!(store.targets().await.unwrap().len(), TARGETS);
    }
    println!("{name}: {:?} to list {TARGETS} targets with 10 services each", start.elapsed() / 5);
    idle(name, &*store, &authors).await;
    store.close().await;
}

/// Ten seconds in the life of a collector whose targets do not change, and of one that probes them, too.
async fn idle(name: &str, store: &dyn Store, authors: &[Author]) {
    paced(name, "nothing", async |_| {}).await;
    paced(name, "health", async |n: usize| {
        store.commit(&authors[n].healthy(at(60))).await.unwrap();
    })
    .await;
    write_a_past_of_checks(store).await;
    for size in [1, 10, 100] {
        paced(name, &format!("a check, {size} at a time"), async |n: usize| {
            if n % size == size - 1 {
                store.record(&checks(n + 1 - size..=n, EARLIER + size)).await.unwrap();
            }
        })
        .await;
    }
    paced(name, "health and a check, 10 at a time", async |n: usize| {
        store.commit(&authors[n].healthy(at(70))).await.unwrap();
        if n % 10 == 9 {
            store.record(&checks(n - 9..=n, EARLIER + 200)).await.unwrap();
        }
    })
    .await;
    at_full_speed(name, store).await;
}

/// How many checks there are of each target already, so that each writes to a place of its own.
const EARLIER: usize = 200;

/// A check of each of some targets, the one of this round.
fn checks(targets: RangeInclusive<usize>, round: usize) -> Vec<Check> {
    let instant = at(10 * i64::try_from(round).unwrap());
    targets.map(|n| check(&format!("target-{n}"), instant)).collect()
}

async fn write_a_past_of_checks(store: &dyn Store) {
    for some in (0..EARLIER).collect::<Vec<_>>().chunks(50) {
        let record = async |&round: &usize| store.record(&checks(0..=TARGETS - 1, round)).await.unwrap();
        join_all(some.iter().map(record)).await;
    }
}

/// A thousand checks a second, in batches of a hundred.
async fn at_full_speed(name: &str, store: &dyn Store) {
    const ROUNDS: usize = 10;
    let start = Instant::now();
    let cpu_before = cpu();
    for round in 0..ROUNDS {
        let all = checks(0..=TARGETS - 1, EARLIER + 300 + round);
        let mut pace = tokio::time::interval(Duration::from_millis(100));
        for some in all.chunks(TARGETS / 10) {
            pace.tick().await;
            store.record(some).await.unwrap();
        }
    }
    println!(
        "{name}: {} checks in {:?}, 100 at a time: {:?} of processor time",
        ROUNDS * TARGETS,
        start.elapsed(),
        cpu().saturating_sub(cpu_before)
    );
}

/// Does something once for each target, over ten seconds.
async fn paced(name: &str, what: &str, work: impl AsyncFn(usize)) {
    let start = Instant::now();
    let pace = Duration::from_secs(10) / u32::try_from(TARGETS).unwrap();
    let ask = async |n: usize| {
        tokio::time::sleep(pace * u32::try_from(n).unwrap()).await;
        work(n).await;
    };
    let (cpu_before, written_before) = (cpu(), written());
    join_all((0..TARGETS).map(ask)).await;
    println!(
        "{name}: {TARGETS} times {what} in {:?}: {:?} of processor time and {} kB written by this process",
        start.elapsed(),
        cpu().saturating_sub(cpu_before),
        (written() - written_before) / 1000
    );
}

/// The bytes that this process has caused to be written to disks so far, where the system tells.
fn written() -> u64 {
    let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    io.lines().find_map(|line| line.strip_prefix("write_bytes: ")?.parse().ok()).unwrap_or_default()
}

/// The processor time of this process so far, where the system tells.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: u64 = stat.split(' ').skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// The instant so many days after the year's beginning.
fn day(days: u32) -> Timestamp {
    at(0).plus(DAY * days)
}

/// The commits of the year: each changes all services of one target, and all targets take turns.
fn year() -> impl Iterator<Item = Commit> {
    let mut authors: Vec<_> = (0..TARGETS_OF_THE_YEAR).map(|n| Author::new(&format!("target-{n}"))).collect();
    let step = DAY * 365 / u32::try_from(CHANGES * TARGETS_OF_THE_YEAR).unwrap();
    (0_u32..).zip(0..CHANGES * TARGETS_OF_THE_YEAR).map(move |(n, commit)| {
        let instant = at(0).plus(step * n);
        let author = &mut authors[commit % TARGETS_OF_THE_YEAR];
        let status = Status::ALL[commit / TARGETS_OF_THE_YEAR % Status::ALL.len()];
        let services = services().into_iter().map(|service| Service { status, ..service }).collect();
        let mut commit = author.change(services);
        commit.health.last_attempt = instant;
        for event in commit.change.iter_mut().flat_map(|change| &mut change.events) {
            event.at = instant;
        }
        commit
    })
}

/// How long what is asked of the past of a year takes.
async fn measure_the_past(name: &str, database: &Database) {
    let store = &*database.open().await;
    let start = Instant::now();
    let mut commits = year();
    loop {
        // Each target once at the most: its commits follow each other.
        let some: Vec<_> = commits.by_ref().take(100).collect();
        if some.is_empty() {
            break;
        }
        for outcome in join_all(some.iter().map(|commit| store.commit(commit))).await {
            outcome.unwrap();
        }
    }
    println!("{name}: {:?} to write {} events", start.elapsed(), 10 * CHANGES * TARGETS_OF_THE_YEAR);
    ask_for_windows(name, store).await;
    ask_for_pages(name, store).await;
    store.close().await;
}

/// Prints how long an answer takes, and how many rows it has.
async fn timed(name: &str, what: &str, ask: impl AsyncFn() -> usize) {
    let rows = ask().await;
    let start = Instant::now();
    for _ in 0..5 {
        ask().await;
    }
    println!("{name}: {:?} for {what}: {rows} rows", start.elapsed() / 5);
}

async fn ask_for_windows(name: &str, store: &dyn Store) {
    let one = Some("target-7");
    for (what, target, from, to) in [
        ("a year of one target", one, day(0), day(365)),
        ("the last day of one target", one, day(364), day(365)),
        ("all targets now", None, day(365), day(365)),
        ("all targets half a year ago", None, day(180), day(180)),
        ("the last day of all targets", None, day(364), day(365)),
        ("a year of all targets", None, day(0), day(365)),
    ] {
        let window = Window::new(target, from, to);
        timed(name, what, async || store.past(&window).await.unwrap().periods.len()).await;
    }
}

async fn ask_for_pages(name: &str, store: &dyn Store) {
    let newest = EventQuery { limit: Some(100), ..EventQuery::default() };
    let targets = |count| EventQuery { targets: (0..count).map(|n| format!("target-{n}")).collect(), ..newest.clone() };
    let behind = EventId { at: day(180), target: String::new(), revision: 0, key: String::new() };
    for (what, query) in [
        ("a page of events", newest.clone()),
        ("a page of half a year ago", EventQuery { behind: Some(behind), ..newest.clone() }),
        ("a page of one target", targets(1)),
        ("a page of twenty targets", targets(20)),
        ("a page of one status", EventQuery { to: vec![Status::Outage], ..newest.clone() }),
        (
            "a page of one service of each",
            EventQuery { service: Some("Service number 3".to_owned()), ..newest.clone() },
        ),
        ("a page of a service that is none", EventQuery { service: Some("none".to_owned()), ..newest }),
    ] {
        timed(name, what, async || store.find_events(&query).await.unwrap().len()).await;
    }
}

#[tokio::main]
async fn main() {
    measure("SQLite", &Database::sqlite()).await;
    measure_the_past("SQLite", &Database::sqlite()).await;
    if let Some(database) = Database::mongo() {
        measure("MongoDB", &database).await;
    }
    if let Some(database) = Database::mongo() {
        measure_the_past("MongoDB", &database).await;
    }
}
