//! Every way in which asking can fail: what was known stays, the failure is called by its name, nobody else is
//! delayed, and all is well again once the source is.

use unistatus_core::schema::{FailureClass, Status};
use unistatus_core::store::testkit::Database;
use unistatus_core::store::{Health, TargetState};
use unistatus_simulator::formats::{DIALECTS, find_dialect};
use unistatus_simulator::{Condition, Fault, RetryAfter, World};

use crate::support::{INTERVAL, TestCollector, assert_whole, limits, start, target_until};

/// The faults, and what a failure by each is called; `None` where it is none.
fn faults() -> Vec<(Fault, Option<FailureClass>)> {
    use FailureClass::{Connection, Decode, HttpStatus, Parse, RateLimited, Redirect, Timeout, TooLarge};
    let too_much = limits().body as u64 + 1;
    vec![
        (Fault::Delay(300), None),
        (Fault::Hang, Some(Timeout)),
        (Fault::SlowDrip(20), Some(Timeout)),
        (Fault::TooManyRequests(RetryAfter::Seconds(1)), Some(RateLimited)),
        (Fault::TooManyRequests(RetryAfter::Date(1)), Some(RateLimited)),
        (Fault::Unavailable(RetryAfter::Seconds(1)), Some(RateLimited)),
        (Fault::Unavailable(RetryAfter::Date(1)), Some(RateLimited)),
        (Fault::Status(500), Some(HttpStatus)),
        (Fault::Status(503), Some(HttpStatus)),
        (Fault::Status(404), Some(HttpStatus)),
        (Fault::Status(403), Some(HttpStatus)),
        (Fault::Reset, Some(Connection)),
        (Fault::Close, Some(Connection)),
        (Fault::TruncatedGzip, Some(Decode)),
        (Fault::Oversized(too_much), Some(TooLarge)),
        (Fault::GzipBomb(too_much), Some(TooLarge)),
        (Fault::RedirectLoop, Some(Redirect)),
        (Fault::RedirectTo("vendor-0002".to_owned()), Some(Parse)),
        (Fault::LoginPage, Some(Parse)),
        (Fault::ChangedShape, Some(Parse)),
        (Fault::EmptyBody, Some(Parse)),
        (Fault::Status(204), Some(Parse)),
        (Fault::WrongCharset("utf-16".to_owned()), None),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_hides_nothing_invents_nothing_and_delays_nobody() {
    let faults = faults();
    let mut mix: Vec<_> = DIALECTS.iter().cycle().take(faults.len() + 2).collect();
    let redirected = faults.iter().position(|(fault, _)| matches!(fault, Fault::RedirectTo(_))).unwrap();
    // Of one document: a fault that comes between two parts of an answer would make one of two vendors' parts.
    mix[redirected + 1] = find_dialect("azure-devops").unwrap();
    let world = World::uniform(mix.len(), 3, &mix);
    let mut vendors: Vec<String> = world.vendors().iter().map(|vendor| vendor.name.clone()).collect();
    let simulator = start(world).await;
    for vendor in &vendors {
        simulator.set(vendor, "Service 1", Condition::MajorOutage).unwrap();
    }
    let healthy = [vendors.remove(0), vendors.pop().unwrap()];
    let database = Database::sqlite();
    let collector = TestCollector::start(&database, &simulator.targets_toml()).await;
    let store = collector.store.as_ref();
    let begun = simulator.elapsed();

    let mut known: Vec<TargetState> = Vec::new();
    for vendor in &vendors {
        known.push(target_until(store, vendor, "it is known", |state| !state.services.is_empty()).await);
    }
    for (vendor, (fault, _)) in vendors.iter().zip(&faults) {
        simulator.set_fault(vendor, fault.clone()).unwrap();
    }
    for ((vendor, (fault, class)), before) in vendors.iter().zip(&faults).zip(&known) {
        let what = format!("it was asked with {fault:?}");
        let is_seen = |state: &TargetState| match class {
            Some(_) => state.health.failure.is_some(),
            None => state.health.last_success > before.health.last_success,
        };
        let TargetState { services, revision, health, .. } = target_until(store, vendor, &what, is_seen).await;
        assert_eq!(health.failure.as_ref().map(|failure| failure.class), *class, "{fault:?}: {health:?}");
        assert_eq!((&services, revision), (&before.services, before.revision), "{fault:?}");
        assert_eq!(health.consecutive_failures > 0, class.is_some(), "{fault:?}: {health:?}");
        assert_eq!(health.last_success < Some(health.last_attempt), class.is_some(), "{fault:?}: {health:?}");
        simulator.set(vendor, "Service 1", Condition::Operational).unwrap();
    }
    for vendor in &vendors {
        simulator.clear_fault(vendor).unwrap();
    }
    for (vendor, (fault, _)) in vendors.iter().zip(&faults) {
        let is_well = |state: &TargetState| {
            let Health { failure, consecutive_failures, .. } = &state.health;
            let is_current = state.services.iter().all(|service| service.status == Status::Ok);
            failure.is_none() && *consecutive_failures == 0 && is_current
        };
        target_until(store, vendor, &format!("it is well after {fault:?}"), is_well).await;
        assert_whole(store, vendor).await;
    }

    let intervals = simulator.elapsed().saturating_sub(begun).as_secs() / INTERVAL.as_secs();
    for vendor in &healthy {
        let asks = simulator.count(vendor).unwrap();
        // The ask of the interval that has begun may be to come.
        assert!(
            (intervals..=intervals + 2).contains(&asks),
            "{vendor} was asked {asks} times in {intervals} intervals"
        );
    }
    collector.stop().await;
}
