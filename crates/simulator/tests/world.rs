//! What holds of the timeline, whatever the seed and the time.

use std::time::Duration;

use chrono::DateTime;
use proptest::prelude::*;
use unistatus_simulator::formats::Asked;
use unistatus_simulator::{Calendar, Condition, IncidentKind, Overrides, Speed, Truth, Vendor, World};

/// Longer than any episode lasts, and shorter than the time between two of a vendor.
const SIX_MINUTES: u64 = 360;

fn calendar() -> Calendar {
    Calendar { epoch: DateTime::UNIX_EPOCH, speed: Speed::NORMAL }
}

fn truth(vendor: &Vendor, seconds: u64) -> Truth<'_> {
    Truth::of(vendor, Duration::from_secs(seconds), &calendar(), &Overrides::default())
}

fn conditions(vendor: &Vendor, seconds: u64) -> Vec<Condition> {
    truth(vendor, seconds).services().map(|(_, state)| state.condition).collect()
}

fn say_everything(truth: &Truth<'_>) -> Vec<Vec<u8>> {
    let dialect = truth.vendor.dialect;
    let pages = std::iter::once(&dialect.endpoint).chain(dialect.others);
    pages.map(|page| page.body(truth, &Asked::default())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_same_seed_and_time_give_the_same_bytes(seed: u64, seconds in 0_u64..1_000_000) {
        let (one, other) = (World::demo(seed), World::demo(seed));
        for (one, other) in one.vendors().iter().zip(other.vendors()) {
            prop_assert_eq!(say_everything(&truth(one, seconds)), say_everything(&truth(other, seconds)));
        }
    }

    #[test]
    fn the_bytes_change_only_when_the_truth_does(seed: u64, seconds in 0_u64..1_000_000) {
        for vendor in World::demo(seed).vendors() {
            let (now, later) = (truth(vendor, seconds), truth(vendor, seconds + 1));
            if now.updated_at == later.updated_at {
                prop_assert_eq!(say_everything(&now), say_everything(&later));
            }
        }
    }

    #[test]
    fn every_outage_ends(seed: u64, seconds in 0_u64..1_000_000) {
        for vendor in World::demo(seed).vendors() {
            let pairs = conditions(vendor, seconds).into_iter().zip(conditions(vendor, seconds + SIX_MINUTES));
            for (now, later) in pairs {
                prop_assert!(now == Condition::Operational || later == Condition::Operational, "{}", vendor.name);
            }
        }
    }

    #[test]
    fn within_any_minute_something_changes_in_the_demo(seed: u64, seconds in 0_u64..1_000_000) {
        let world = World::demo(seed);
        prop_assert!(world.vendors().iter().any(|one| conditions(one, seconds) != conditions(one, seconds + 60)));
    }

    #[test]
    fn what_is_said_fits_what_is(seed: u64, seconds in 0_u64..1_000_000) {
        for vendor in World::demo(seed).vendors() {
            let now = calendar().when(Duration::from_secs(seconds));
            let truth = truth(vendor, seconds);
            prop_assert!(truth.updated_at <= now);
            for (place, (service, state)) in truth.services().enumerate() {
                prop_assert!(state.since <= truth.updated_at);
                let named = truth.posted().find(|one| one.is_active() && one.services.contains(&place));
                let said = named.map_or(Condition::Operational, |incident| incident.latest().condition);
                prop_assert_eq!(state.condition, said, "{} of {}", service.name, vendor.name);
            }
            for incident in truth.posted() {
                prop_assert!(incident.updates().is_sorted_by(|a, b| a.at < b.at));
                prop_assert!(incident.latest().at <= now);
                prop_assert_eq!(incident.window.is_some(), incident.kind == IncidentKind::Maintenance);
                prop_assert!(!incident.services.is_empty());
            }
        }
    }

    #[test]
    fn a_service_is_as_it_is_since_the_time_it_says(seed: u64, seconds in 0_u64..100_000) {
        for vendor in World::demo(seed).vendors() {
            let (before, after) = (truth(vendor, seconds), truth(vendor, seconds + 30));
            for ((_, old), (service, new)) in before.services().zip(after.services()) {
                prop_assert_eq!(old.condition == new.condition, old.since == new.since, "{}", service.name);
            }
        }
    }
}

#[test]
fn most_vendors_are_fine_most_of_the_time() {
    let world = World::demo(1);
    let samples = (0..86_400).step_by(600).flat_map(|seconds| world.vendors().iter().map(move |one| (one, seconds)));
    let fine: Vec<_> = samples.map(|(one, at)| truth(one, at).worst() == Condition::Operational).collect();
    let share = fine.iter().filter(|fine| **fine).count() * 100 / fine.len();
    assert!((60..95).contains(&share), "{share} % are fine");
}

#[test]
fn all_conditions_and_both_kinds_of_work_occur() {
    let world = World::demo(1);
    let vendor = &world.vendors()[0];
    for condition in Condition::ALL {
        assert!((0..200_000).step_by(60).any(|at| conditions(vendor, at).contains(&condition)), "{condition:?}");
    }
}

#[test]
fn a_quiet_world_stays_well() {
    let world = World::uniform(14, 5, &[]).quiet();
    for vendor in world.vendors() {
        assert_eq!(say_everything(&truth(vendor, 0)), say_everything(&truth(vendor, 900_000)));
        assert_eq!(truth(vendor, 900_000).worst(), Condition::Operational);
        assert_eq!(truth(vendor, 900_000).events().count(), 0);
    }
}

#[test]
fn a_uniform_world_is_as_large_as_asked() {
    let world = World::uniform(1000, 7, &[]);
    assert_eq!(world.vendors().len(), 1000);
    assert_eq!(world.vendors()[41].name, "vendor-0042");
    assert!(world.vendors().iter().all(|vendor| vendor.services.len() == 7));
    assert_eq!(World::uniform(0, 7, &[]).vendors().len(), 0);
    assert_eq!(truth(&World::uniform(1, 0, &[]).vendors()[0], 60).worst(), Condition::Operational);
}
