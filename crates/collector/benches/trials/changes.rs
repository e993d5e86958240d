//! What happens to services, and whether the history tells it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use unistatus_core::schema::Status;
use unistatus_core::store::Store;
use unistatus_simulator::{Condition, Simulator};

use crate::INTERVAL;
use crate::restless::Dice;
use crate::world::SERVICE;

/// The least time for which anything stays as it is.
const LEAST: Duration = INTERVAL.saturating_mul(2);
/// Within this time more it changes again.
const SPREAD: Duration = Duration::from_secs(8);
/// How often it is looked what is to change.
const TICK: Duration = Duration::from_millis(50);

/// What one service of each vendor went through.
pub(crate) type Courses = BTreeMap<String, Vec<Status>>;

/// What the history has of that.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told {
    /// Changes that there were.
    pub(crate) made: usize,
    /// Changes in the history.
    pub(crate) kept: usize,
    /// Vendors whose history is not what they went through.
    pub(crate) wrong: usize,
}

/// Changes a service of each vendor until `stop`, each time to something else that lasts two intervals or more.
pub(crate) async fn change(simulator: Arc<Simulator>, stop: CancellationToken) -> Courses {
    let mut dice = Dice::thrown();
    let mut due: BTreeMap<String, Instant> =
        simulator.vendors().map(|vendor| (vendor.name.clone(), later(&mut dice))).collect();
    let mut courses = Courses::new();
    let mut ticks = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            () = stop.cancelled() => return courses,
            _ = ticks.tick() => {}
        }
        let now = Instant::now();
        for (vendor, due) in due.iter_mut().filter(|(_, due)| **due <= now) {
            let course = courses.entry(vendor.clone()).or_default();
            let (condition, status) = other_than(course.last().copied().unwrap_or(Status::Ok), &mut dice);
            simulator.set(vendor, SERVICE, condition).unwrap();
            course.push(status);
            *due = later(&mut dice);
        }
    }
}

/// Compares the history with what happened, once the last of it is known.
pub(crate) async fn compare(store: &dyn Store, courses: &Courses) -> Told {
    let mut told = Told::default();
    for (vendor, course) in courses {
        let events = store.events(vendor).await.unwrap();
        let changes = events.iter().filter(|event| event.service == SERVICE && event.from.is_some());
        let changes: Vec<Status> = changes.filter_map(|event| event.to).collect();
        told.made += course.len();
        told.kept += changes.len();
        if changes != *course {
            told.wrong += 1;
            println!("{vendor} went through {course:?}, and its history says {changes:?}");
        }
    }
    told
}

/// Whether the store knows how all of them are now.
pub(crate) async fn is_last_known(store: &dyn Store, courses: &Courses) -> bool {
    let states = store.targets().await.unwrap_or_default();
    courses.iter().all(|(vendor, course)| {
        let state = states.iter().find(|state| state.name == *vendor);
        let service = state.and_then(|state| state.services.iter().find(|service| service.name == SERVICE));
        service.is_some_and(|service| Some(&service.status) == course.last())
    })
}

/// When something changes again.
fn later(dice: &mut Dice) -> Instant {
    Instant::now() + LEAST + dice.shorter_than(SPREAD)
}

/// What something changes to.
fn other_than(now: Status, dice: &mut Dice) -> (Condition, Status) {
    let all = [
        (Condition::Operational, Status::Ok),
        (Condition::Degraded, Status::Degraded),
        (Condition::MajorOutage, Status::Outage),
    ];
    let others: Vec<_> = all.into_iter().filter(|(_, status)| *status != now).collect();
    others[dice.below(others.len())]
}
