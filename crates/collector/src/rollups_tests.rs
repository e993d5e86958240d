use unistatus_core::schema::{Check, Kind, Status};
use unistatus_core::store::Rollup;
use unistatus_core::store::testkit::{Author, Database};

use super::*;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs).unwrap()
}

fn check(target: &str, secs: i64) -> Check {
    let latency = Some(Duration::from_micros(900));
    Check { target: target.to_owned(), at: at(secs), status: Status::Ok, latency, sent: 4, lost: 1 }
}

/// The hours that are summed up, in seconds, with their numbers of checks.
async fn hours(store: &dyn Store, target: &str) -> Vec<(i64, u32)> {
    let rollups = store.rollups(target, at(0), at(1_000_000)).await.unwrap();
    rollups.iter().map(|Rollup { hour, checks, .. }| (hour.as_millis() / 1000, *checks)).collect()
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
    let store = database.open().await;
    let recorder = Recorder::default();
    let record = async |checks: &[Check]| {
        store.record(checks).await.unwrap();
        for check in checks {
            recorder.touch(&check.target, hour_of(check.at));
        }
    };
    record(&[check("a", 10), check("a", 20), check("a", 3_700), check("b", 3_800)]).await;
    sum_up(&*store, &recorder, at(3_659)).await.unwrap();
    assert_eq!(hours(&*store, "a").await, []);
    sum_up(&*store, &recorder, at(3_660)).await.unwrap();
    assert_eq!((hours(&*store, "a").await, hours(&*store, "b").await), (vec![(0, 2)], vec![]));
    record(&[check("a", 30), check("a", 200_000)]).await;
    sum_up(&*store, &recorder, at(300_000)).await.unwrap();
    assert_eq!(hours(&*store, "a").await, [(0, 3), (3_600, 1), (198_000, 1)]);
    assert_eq!(hours(&*store, "b").await, [(3_600, 1)]);
}

#[test]
fn a_target_that_fails_keeps_no_other_from_its_turn_and_a_store_that_does_is_left_alone() {
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
async fn what_an_earlier_process_left_is_summed_up() {
    let database = Database::sqlite();
    let store = database.open().await;
    let mut author = Author::new("a");
    let mut commit = author.change(Vec::new());
    commit.change.as_mut().unwrap().kind = Kind::Ping;
    store.commit(&commit).await.unwrap();
    store.record(&[check("a", 10), check("a", 3_610), check("a", 7_210)]).await.unwrap();
    for now in [at(7_300), at(20_000)] {
        let recorder = Recorder::default();
        tell_what_was_left(&*store, &recorder, now).await.unwrap();
        sum_up(&*store, &recorder, now).await.unwrap();
    }
    assert_eq!(hours(&*store, "a").await, [(0, 1), (3_600, 1), (7_200, 1)]);
    assert_eq!(store.last_rollup().await.unwrap(), Some(at(7_200)));
}
