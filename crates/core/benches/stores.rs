//! How fast the stores are: `MONGOD="$(scripts/mongod)" cargo bench -p unistatus-core --features testkit --bench stores`

#![expect(clippy::print_stdout, reason = "what is measured is printed")]
#![expect(clippy::unwrap_used, reason = "what fails here is to be seen")]

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use unistatus_core::schema::{Service, Status};
use unistatus_core::store::Store;
use unistatus_core::store::testkit::{Author, Database, at, service};

const TARGETS: usize = 1000;

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

/// Ten seconds in the life of a collector whose targets do not change.
async fn idle(name: &str, store: &dyn Store, authors: &[Author]) {
    let start = Instant::now();
    let pace = Duration::from_secs(10) / u32::try_from(TARGETS).unwrap();
    let ask = |n: u32, author: &Author| {
        let commit = author.healthy(at(60));
        async move {
            tokio::time::sleep(pace * n).await;
            store.commit(&commit).await.unwrap();
        }
    };
    let (cpu_before, written_before) = (cpu(), written());
    join_all((0..).zip(authors).map(|(n, author)| ask(n, author))).await;
    println!(
        "{name}: {TARGETS} times health in {:?}: {:?} of processor time and {} kB written by this process",
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

#[tokio::main]
async fn main() {
    measure("SQLite", &Database::sqlite()).await;
    if let Some(database) = Database::mongo() {
        measure("MongoDB", &database).await;
    }
}
