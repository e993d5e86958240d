use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use unistatus_core::schema::{ProbeId, Status};
use unistatus_core::store::{CheckQuery, Retention, Rollup, StoreError};

use super::*;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs).unwrap()
}

fn check(target: &str, secs: i64) -> Check {
    Check { probe: ProbeId::of_target(target), at: at(secs), status: Status::Ok, latency: None, sent: 1, lost: 0 }
}

/// Takes checks, and can be away, or refuse them.
#[derive(Debug, Default)]
pub(crate) struct Scripted {
    taken: Mutex<Vec<Check>>,
    calls: AtomicUsize,
    is_away: AtomicBool,
    refuses: AtomicBool,
}

#[async_trait]
impl Checks for Scripted {
    async fn record(&self, checks: &[Check]) -> Result<(), StoreError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if self.is_away.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable { message: "the test cut it off".to_owned(), source: None });
        }
        if self.refuses.load(Ordering::Relaxed) {
            return Err(StoreError::TooLarge { what: "a check".to_owned(), most: 0 });
        }
        self.taken.lock().unwrap().extend_from_slice(checks);
        Ok(())
    }

    async fn checks(&self, _: &CheckQuery) -> Result<Vec<Check>, StoreError> {
        unreachable!("a recorder reads nothing")
    }

    async fn put_rollups(&self, _: &[Rollup]) -> Result<(), StoreError> {
        unreachable!("a recorder sums nothing up")
    }

    async fn rollups(&self, _: &ProbeId, _: Timestamp, _: Timestamp) -> Result<Vec<Rollup>, StoreError> {
        unreachable!("a recorder reads nothing")
    }

    async fn last_rollup(&self, _: &ProbeId) -> Result<Option<Timestamp>, StoreError> {
        unreachable!("a recorder reads nothing")
    }

    async fn retain_checks(&self, _: Retention, _: Retention, _: Timestamp) -> Result<(), StoreError> {
        unreachable!("a recorder forgets nothing")
    }
}

/// When the checks were made that were taken, in seconds.
pub(crate) fn seconds(store: &Scripted) -> Vec<i64> {
    store.taken.lock().unwrap().iter().map(|check| check.at.as_millis() / 1000).collect()
}

#[tokio::test(start_paused = true)]
async fn what_comes_together_is_written_together_and_in_order() {
    let (recorder, store) = (Arc::<Recorder>::default(), Arc::<Scripted>::default());
    let writer =
        tokio::spawn(Arc::clone(&recorder).write(Arc::clone(&store) as Arc<dyn Checks>, Standing::undoubted()));
    (0..100).for_each(|secs| recorder.push(check("a", secs)));
    recorder.drained().await;
    assert_eq!(seconds(&store), (0..100).collect::<Vec<_>>());
    assert_eq!(store.calls.load(Ordering::Relaxed), 1);
    (100..100 + 2 * 1_000).for_each(|secs| recorder.push(check("a", secs)));
    recorder.drained().await;
    assert_eq!((seconds(&store).len(), store.calls.load(Ordering::Relaxed)), (2_100, 3));
    writer.abort();
}

#[tokio::test(start_paused = true)]
async fn checks_wait_for_a_store_that_is_away_the_newest_of_them() {
    let (recorder, store) = (Arc::<Recorder>::default(), Arc::<Scripted>::default());
    store.is_away.store(true, Ordering::Relaxed);
    let writer =
        tokio::spawn(Arc::clone(&recorder).write(Arc::clone(&store) as Arc<dyn Checks>, Standing::undoubted()));
    recorder.push(check("a", 0));
    while store.calls.load(Ordering::Relaxed) < 3 {
        tokio::time::sleep(RETRY).await;
    }
    let most = i64::try_from(MOST_WAITING).unwrap();
    (1..=most + 5).for_each(|secs| recorder.push(check("a", secs)));
    assert_eq!(recorder.waiting(), MOST_WAITING);
    store.is_away.store(false, Ordering::Relaxed);
    recorder.drained().await;
    let written = seconds(&store);
    assert_eq!(written.len(), MOST_WAITING);
    assert_eq!(written.last(), Some(&(most + 5)));
    assert_eq!(written.iter().collect::<BTreeSet<_>>().len(), MOST_WAITING, "none is written twice");
    writer.abort();
}

#[tokio::test(start_paused = true)]
async fn checks_that_no_store_takes_hold_up_no_others() {
    let (recorder, store) = (Arc::<Recorder>::default(), Arc::<Scripted>::default());
    store.refuses.store(true, Ordering::Relaxed);
    let writer =
        tokio::spawn(Arc::clone(&recorder).write(Arc::clone(&store) as Arc<dyn Checks>, Standing::undoubted()));
    recorder.push(check("a", 0));
    recorder.drained().await;
    store.refuses.store(false, Ordering::Relaxed);
    recorder.push(check("a", 1));
    recorder.drained().await;
    assert_eq!(seconds(&store), [1]);
    assert_eq!(recorder.take_touched(at(7_200)), touched(&[("a", &[0])]));
    writer.abort();
}

#[tokio::test(start_paused = true)]
async fn a_writer_that_is_cut_off_leaves_its_work_to_the_next() {
    let (recorder, store) = (Arc::<Recorder>::default(), Arc::<Scripted>::default());
    store.is_away.store(true, Ordering::Relaxed);
    let first = tokio::spawn(Arc::clone(&recorder).write(Arc::clone(&store) as Arc<dyn Checks>, Standing::undoubted()));
    (0..5).for_each(|secs| recorder.push(check("a", secs)));
    while store.calls.load(Ordering::Relaxed) == 0 {
        tokio::time::sleep(LINGER).await;
    }
    first.abort();
    store.is_away.store(false, Ordering::Relaxed);
    let second =
        tokio::spawn(Arc::clone(&recorder).write(Arc::clone(&store) as Arc<dyn Checks>, Standing::undoubted()));
    recorder.drained().await;
    assert_eq!(seconds(&store), [0, 1, 2, 3, 4]);
    second.abort();
}

fn touched(hours: &[(&str, &[i64])]) -> Touched {
    let of = |&(name, hours): &(&str, &[i64])| (ProbeId::of_target(name), hours.iter().copied().map(at).collect());
    hours.iter().map(of).collect()
}

#[test]
fn hours_that_are_over_are_told_once_and_those_that_go_on_later() {
    let recorder = Recorder::default();
    for (probe, hours) in touched(&[("a", &[3_600]), ("b", &[7_200])]) {
        recorder.touch(probe, hours);
    }
    for (probe, hours) in touched(&[("a", &[0, 3_600, 7_200])]) {
        recorder.touch(probe, hours);
    }
    assert_eq!(recorder.take_touched(at(7_200)), touched(&[("a", &[0, 3_600])]));
    assert_eq!(recorder.take_touched(at(7_200)), Touched::new());
    assert_eq!(recorder.take_touched(at(10_800)), touched(&[("a", &[7_200]), ("b", &[7_200])]));
    assert_eq!(recorder.take_touched(at(14_400)), Touched::new());
}
