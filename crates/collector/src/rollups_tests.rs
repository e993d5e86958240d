use unistatus_core::schema::{Check, Status};
use unistatus_core::store::Rollup;
use unistatus_core::store::testkit::Database;

use super::*;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs).unwrap()
}

fn probe(name: &str) -> ProbeId {
    ProbeId::of_target(name)
}

fn check(target: &str, secs: i64) -> Check {
    let latency = Some(Duration::from_micros(900));
    Check { probe: probe(target), at: at(secs), status: Status::Ok, latency, sent: 4, lost: 1 }
}

/// A process that writes checks and sums them up.
async fn process(database: &Database, retention: Retention) -> Rollups {
    Rollups::new(database.open().await, Arc::default(), retention)
}

impl Rollups {
    /// Writes checks of a target at these seconds.
    async fn record(&self, target: &str, secs: &[i64]) {
        let checks: Vec<_> = secs.iter().map(|&secs| check(target, secs)).collect();
        self.store.record(&checks).await.unwrap();
        self.recorder.touch(probe(target), checks.iter().map(|check| hour_of(check.at)).collect());
    }

    /// The hours of a target that are summed up, in seconds, with their numbers of checks.
    async fn hours(&self, target: &str) -> Vec<(i64, u32)> {
        let rollups = self.store.rollups(&probe(target), at(0), at(10_000_000)).await.unwrap();
        rollups.iter().map(|Rollup { hour, checks, .. }| (hour.as_millis() / 1000, *checks)).collect()
    }
}

#[test]
fn an_hour_is_summed_up_once_its_last_checks_are_there() {
    for (now, wait) in [(0, 60), (59, 1), (60, 3_600), (61, 3_599), (3_600, 60), (3_660, 3_600)] {
        assert_eq!(until_next(at(now)), Duration::from_secs(wait), "{now}");
    }
}

#[tokio::test]
async fn hours_are_summed_up_as_they_end_and_again_when_checks_come_late() {
    let database = Database::sqlite();
    let mut rollups = process(&database, Retention::Forever).await;
    rollups.record("a", &[10, 20, 3_700]).await;
    rollups.record("b", &[3_800]).await;
    rollups.sum_up(at(3_659)).await.unwrap();
    assert_eq!(rollups.hours("a").await, []);
    rollups.sum_up(at(3_660)).await.unwrap();
    assert_eq!((rollups.hours("a").await, rollups.hours("b").await), (vec![(0, 2)], vec![]));
    rollups.record("a", &[30, 200_000]).await;
    rollups.sum_up(at(300_000)).await.unwrap();
    assert_eq!(rollups.hours("a").await, [(0, 3), (3_600, 1), (198_000, 1)]);
    assert_eq!(rollups.hours("b").await, [(3_600, 1)]);
}

#[tokio::test]
async fn the_sum_of_an_hour_stays_when_its_checks_are_forgotten() {
    let database = Database::sqlite();
    let mut rollups = process(&database, Retention::For(Duration::from_hours(3))).await;
    rollups.record("a", &[10, 3_700, 7_300]).await;
    rollups.sum_up(at(7_260)).await.unwrap();
    assert_eq!(rollups.hours("a").await, [(0, 1), (3_600, 1)]);
    // From the second hour on all checks are there still.
    rollups.record("a", &[3_500, 3_800]).await;
    rollups.sum_up(at(10_859)).await.unwrap();
    assert_eq!(rollups.hours("a").await, [(0, 1), (3_600, 2)]);
    rollups.sum_up(at(10_860)).await.unwrap();
    assert_eq!(rollups.hours("a").await, [(0, 1), (3_600, 2), (7_200, 1)]);
}

#[test]
fn a_probe_that_fails_keeps_no_other_from_its_turn_and_a_store_that_does_is_left_alone() {
    let failure = || Err(StoreError::Unavailable { message: "gone".to_owned(), source: None });
    let mut round = Round::default();
    let goes_on = [failure(), failure(), Ok(()), failure(), failure(), failure()].map(|done| round.goes_on_after(done));
    assert_eq!(goes_on, [true, true, true, true, true, false]);
    assert!(round.failed.is_some());
    let mut round = Round::default();
    assert!(round.goes_on_after(failure()) && round.goes_on_after(Ok(())));
    assert!(round.failed.is_some(), "what failed once is tried again soon");
}

#[tokio::test]
async fn what_an_earlier_process_left_is_summed_up_whatever_others_did_meanwhile() {
    let database = Database::sqlite();
    let mut gone = process(&database, Retention::Forever).await;
    gone.record("a", &[10, 3_610]).await;
    gone.sum_up(at(3_700)).await.unwrap();
    gone.record("a", &[3_620, 7_210]).await;
    drop(gone);
    let mut other = process(&database, Retention::Forever).await;
    other.record("b", &[40_000]).await;
    other.sum_up(at(50_000)).await.unwrap();

    let mut next = process(&database, Retention::Forever).await;
    next.record("a", &[61_300]).await;
    next.sum_up(at(64_860)).await.unwrap();
    assert_eq!(next.hours("a").await, [(0, 1), (3_600, 2), (7_200, 1), (61_200, 1)]);
    assert_eq!(next.hours("b").await, [(39_600, 1)]);
    // Nobody ever summed up anything of this one.
    next.store.record(&[check("c", 100), check("c", 60_000)]).await.unwrap();
    next.record("c", &[120_000]).await;
    next.sum_up(at(130_000)).await.unwrap();
    assert_eq!(next.hours("c").await, [(57_600, 1), (118_800, 1)]);
}
