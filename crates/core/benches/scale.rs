//! What many collectors and a million targets cost one MongoDB: `scripts/bench scale`
//!
//! What is measured, and what follows from it: `docs/scale.md`.

#![expect(clippy::print_stdout, reason = "what is measured is printed")]
#![expect(clippy::unwrap_used, reason = "what fails here is to be seen")]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use tokio::runtime::Runtime;
use unistatus_core::schema::Status;
use unistatus_core::store::testkit::{Author, Database, at, service};
use unistatus_core::store::{Member, Store};

/// How many targets have a lease.
const LEASES: usize = 1_000_000;
/// How many leases are opened or taken in one call.
const AT_ONCE: usize = 10_000;
/// How many collectors share them.
const CREWS: [usize; 3] = [10, 100, 1_000];
/// For how long a report counts: nobody's time is over while this runs.
const SPAN: Duration = Duration::from_hours(24);
/// How often what a collector does every two seconds is done.
const BEATS: usize = 400;
/// How many targets have a state and a health, and how often each of those is written.
const TARGETS: usize = 50_000;
const ROUNDS: u32 = 2;

fn main() {
    let Some(database) = Database::mongo() else { return };
    Runtime::new().unwrap().block_on(async {
        let store = database.open().await;
        leases(&*store).await;
        health(&*store).await;
        store.close().await;
    });
}

async fn leases(store: &dyn Store) {
    let targets: Vec<String> = (0..LEASES).map(|number| format!("target-{number:07}")).collect();
    let start = Instant::now();
    for some in targets.chunks(AT_ONCE) {
        store.open_leases(&some.iter().cloned().collect()).await.unwrap();
    }
    println!("{LEASES} leases are opened: {:.0}/s", per_second(LEASES, start.elapsed()));
    println!(
        "\n{:>10} {:>12} {:>12} {:>12} {:>12} {:>14} {:>14} {:>12}",
        "collectors", "taken/s", "report ms", "vacant ms", "beats/s", "one's held ms", "its vacant ms", "retaken ms"
    );
    for crew in CREWS {
        share(store, &targets, crew).await;
    }
}

/// So many collectors share all leases; then one of them goes.
async fn share(store: &dyn Store, targets: &[String], crew: usize) {
    let members: Vec<Member> = (0..crew).map(|number| Member { id: format!("c-{crew}-{number}"), load: 60 }).collect();
    for member in &members {
        store.report_in(member, SPAN, at(0)).await.unwrap();
    }
    let start = Instant::now();
    for (member, its) in members.iter().zip(targets.chunks(targets.len() / crew)) {
        for some in its.chunks(AT_ONCE) {
            let some: BTreeSet<String> = some.iter().cloned().collect();
            assert_eq!(store.take_leases(&member.id, &some).await.unwrap().len(), some.len());
        }
    }
    let taken = per_second(targets.len(), start.elapsed());

    let (mut reports, mut looks) = (Vec::new(), Vec::new());
    for member in members.iter().cycle().take(BEATS) {
        reports.push(timed(store.report_in(member, SPAN, at(0))).await);
        looks.push(timed(store.vacant_leases()).await);
    }
    let start = Instant::now();
    let beat = async |member: &Member| {
        store.report_in(member, SPAN, at(0)).await.unwrap();
        store.vacant_leases().await.unwrap()
    };
    let at_a_time = stream::iter(members.iter().cycle().take(BEATS)).map(beat).buffer_unordered(64);
    at_a_time.for_each(async |vacant| assert_eq!(vacant.len(), 0)).await;
    let beats = per_second(BEATS, start.elapsed());

    let (gone, others) = members.split_first().unwrap();
    let held = timed(store.held_leases(&gone.id)).await;
    store.leave_roll(&gone.id).await.unwrap();
    let start = Instant::now();
    let vacant: Vec<String> = store.vacant_leases().await.unwrap().into_iter().collect();
    let seen = start.elapsed();
    // Everybody takes a part of them, as they do: at the same time.
    let start = Instant::now();
    let parts = vacant.chunks(vacant.len().div_ceil(others.len()));
    let take = async |(member, part): (&Member, &[String])| {
        store.take_leases(&member.id, &part.iter().cloned().collect()).await.unwrap().len()
    };
    let retaken: usize = join_all(others.iter().zip(parts).map(take)).await.into_iter().sum();
    assert_eq!(retaken, vacant.len());
    println!(
        "{crew:>10} {taken:>12.0} {:>12.2} {:>12.2} {beats:>12.0} {:>14.1} {:>14.1} {:>12.0}",
        millis(median(reports)),
        millis(median(looks)),
        millis(held),
        millis(seen),
        millis(start.elapsed())
    );
    for member in others {
        store.leave_roll(&member.id).await.unwrap();
    }
}

/// What asking costs that finds nothing new: the health of a target is written.
async fn health(store: &dyn Store) {
    let mut authors: Vec<_> = (0..TARGETS).map(|number| Author::new(&format!("target-{number:07}"))).collect();
    let services = || vec![service("A service", Status::Ok)];
    let commits: Vec<_> = authors.iter_mut().map(|author| author.change(services())).collect();
    let start = Instant::now();
    let writes = stream::iter(&commits).map(async |commit| store.commit(commit).await.unwrap()).buffer_unordered(64);
    writes.for_each(async |_| {}).await;
    println!("\n{TARGETS} targets, 64 commits at a time");
    println!("{:>10.0} changes/s", per_second(TARGETS, start.elapsed()));
    for at_a_time in [16, 64, 256] {
        let start = Instant::now();
        for round in 1..=ROUNDS {
            let asked = at(i64::from(round) * 60 + i64::try_from(at_a_time).unwrap() * 1_000);
            let write = async |author: &Author| store.commit(&author.healthy(asked)).await.unwrap();
            stream::iter(&authors).map(write).buffer_unordered(at_a_time).for_each(async |_| {}).await;
        }
        let rate = per_second(TARGETS * ROUNDS as usize, start.elapsed());
        println!("{rate:>10.0} health/s, {at_a_time} at a time");
    }
}

async fn timed<T, E: std::fmt::Debug>(work: impl Future<Output = Result<T, E>>) -> Duration {
    let start = Instant::now();
    work.await.unwrap();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn per_second(count: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / took.as_secs_f64()
}
