//! A good guest: never too often, never too many at a time, nothing asked twice, and gone for as long as it is told.

use std::time::Duration;

use unistatus_core::schema::{FailureClass, Status};
use unistatus_core::store::TargetState;
use unistatus_core::store::testkit::Database;
use unistatus_simulator::{Condition, Fault, Recorded, RetryAfter, Simulator, World};

use crate::support::{INTERVAL, TestCollector, on_both_stores, only, start, target_until, targets};

on_both_stores! {
    the_validators_of_the_last_good_answer_are_sent_also_after_a_restart
    a_source_that_asks_to_be_left_alone_is_left_alone_also_over_a_restart
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_is_asked_at_once_and_then_once_an_interval() {
    let simulator = start(World::demo(1)).await;
    let database = Database::sqlite();
    let begun = simulator.elapsed();
    let collector = TestCollector::start(&database, &simulator.targets_toml()).await;
    simulator.wait_for_requests("github", 6).await.unwrap();
    collector.stop().await;
    for vendor in simulator.vendors() {
        let requests = simulator.requests(&vendor.name).unwrap();
        let intervals: Vec<u128> =
            requests.iter().map(|request| request.at.saturating_sub(begun).as_nanos() / INTERVAL.as_nanos()).collect();
        // Ask n is planned for interval n; it may arrive a moment after that is over.
        let is_polite = (0..).zip(&intervals).all(|(planned, &interval)| (planned..=planned + 1).contains(&interval));
        assert!(is_polite && intervals.len() >= 5, "{} was asked in intervals {intervals:?}", vendor.name);
        for request in requests {
            let agent = request.header("user-agent").unwrap_or_default();
            assert!(agent.starts_with("Unistatus/") && agent.contains("ops@example.org"), "{request:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_host_gets_two_requests_at_a_time() {
    let simulator = start(only(&["github"])).await;
    simulator.set_fault("github", Fault::Delay(100)).unwrap();
    let one = targets(&simulator, &["github"]);
    let six: String = (0..6).map(|number| one.replace("\"github\"", &format!("\"github-{number}\""))).collect();
    let database = Database::sqlite();
    let collector = TestCollector::start(&database, &six).await;
    simulator.wait_for_requests("github", 18).await.unwrap();
    collector.stop().await;
    assert_eq!(simulator.max_in_flight("github"), Ok(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_further_failure_is_followed_by_a_longer_pause() {
    let simulator = start(only(&["github"])).await;
    simulator.set_fault("github", Fault::Status(500)).unwrap();
    let database = Database::sqlite();
    let collector = TestCollector::start(&database, &targets(&simulator, &["github"])).await;
    simulator.wait_for_requests("github", 3).await.unwrap();
    collector.stop().await;
    let times: Vec<Duration> = simulator.requests("github").unwrap().into_iter().map(|request| request.at).collect();
    let pauses: Vec<u64> =
        times.windows(2).map(|pair| pair[1].saturating_sub(pair[0]).as_secs() / INTERVAL.as_secs()).collect();
    assert!(pauses[0] >= 1 && pauses[1] >= 2, "the pauses were {pauses:?} intervals");
}

async fn the_validators_of_the_last_good_answer_are_sent_also_after_a_restart(database: Database) {
    let simulator = start(only(&["github"])).await;
    let file = targets(&simulator, &["github"]);
    let collector = TestCollector::start(&database, &file).await;
    let first = target_until(collector.store.as_ref(), "github", "it is known", |_| true).await;
    assert_eq!(conditions(&request(&simulator, 0).await), (None, None));
    assert_eq!(conditions(&request(&simulator, 1).await), sent_for(&first));

    simulator.set("github", "Runners", Condition::MajorOutage).unwrap();
    let is_told = |state: &TargetState| state.services.iter().any(|service| service.status == Status::Outage);
    let second = target_until(collector.store.as_ref(), "github", "the outage is known", is_told).await;
    assert_ne!(sent_for(&second), sent_for(&first));
    // A failure is no answer.
    simulator.set_fault_for("github", Fault::Status(500), 1).unwrap();
    target_until(collector.store.as_ref(), "github", "it fails", |state| state.health.failure.is_some()).await;
    let faulty = simulator.requests("github").unwrap().iter().rposition(|request| request.faulty).unwrap();
    assert_eq!(conditions(&request(&simulator, faulty + 1).await), sent_for(&second));
    collector.stop().await;

    let next = simulator.requests("github").unwrap().len();
    let collector = TestCollector::start(&database, &file).await;
    assert_eq!(conditions(&request(&simulator, next).await), sent_for(&second));
    collector.stop().await;

    // What the old definition read says nothing about what another one would.
    let narrow = format!("{file}include = [\"Runners\"]\n");
    let next = simulator.requests("github").unwrap().len();
    let collector = TestCollector::start(&database, &narrow).await;
    assert_eq!(conditions(&request(&simulator, next).await), (None, None));
    let is_narrow = |state: &TargetState| state.services.len() == 1;
    target_until(collector.store.as_ref(), "github", "only one service is left", is_narrow).await;
    collector.stop().await;
}

async fn a_source_that_asks_to_be_left_alone_is_left_alone_also_over_a_restart(database: Database) {
    let faults = [
        ("github", Fault::TooManyRequests(RetryAfter::Seconds(2)), 2),
        // A date knows no fractions of a second.
        ("zoom", Fault::TooManyRequests(RetryAfter::Date(3)), 2),
        ("npm", Fault::Unavailable(RetryAfter::Seconds(2)), 2),
    ];
    let names = faults.clone().map(|(name, ..)| name);
    let simulator = start(only(&names)).await;
    let file = targets(&simulator, &names);
    let mut collector = TestCollector::start(&database, &file).await;
    for is_restarted in [false, true] {
        for (name, fault, _) in &faults {
            simulator.set_fault_for(name, fault.clone(), 1).unwrap();
        }
        for name in names {
            let is_refused = |state: &TargetState| state.health.not_before.is_some();
            let refused = target_until(collector.store.as_ref(), name, "it is refused", is_refused).await;
            assert_eq!(refused.health.failure.map(|failure| failure.class), Some(FailureClass::RateLimited));
        }
        if is_restarted {
            collector.stop().await;
            collector = TestCollector::start(&database, &file).await;
        }
        for (name, fault, pause) in &faults {
            let is_well = |state: &TargetState| state.health.failure.is_none() && state.health.not_before.is_none();
            target_until(collector.store.as_ref(), name, "it answers again", is_well).await;
            let requests = simulator.requests(name).unwrap();
            let refused = requests.iter().rposition(|request| request.faulty).unwrap();
            let waited = requests[refused + 1].at.saturating_sub(requests[refused].at);
            // To the nearest second: the two clocks were not read at the same moment.
            let waited = (waited + Duration::from_millis(500)).as_secs();
            assert!(waited >= *pause, "{waited} s after {fault:?} ({is_restarted})");
        }
    }
    collector.stop().await;
}

/// The request at a place, once it has come.
async fn request(simulator: &Simulator, place: usize) -> Recorded {
    simulator.wait_for_requests("github", place as u64 + 1).await.unwrap();
    simulator.requests("github").unwrap().swap_remove(place)
}

/// The conditions that a request names.
fn conditions(request: &Recorded) -> (Option<String>, Option<String>) {
    let header = |name| request.header(name).map(str::to_owned);
    (header("if-none-match"), header("if-modified-since"))
}

/// The conditions that a request names which follows this answer.
fn sent_for(state: &TargetState) -> (Option<String>, Option<String>) {
    let validators = &state.health.validators;
    assert!(validators.etag.is_some() && validators.last_modified.is_some(), "{validators:?}");
    (validators.etag.clone(), validators.last_modified.clone())
}
