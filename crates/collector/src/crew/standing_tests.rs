use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use tokio::time::{advance, sleep};

use super::*;

/// A roll that answers as it is told to.
#[derive(Debug)]
struct Desk(watch::Sender<Answers>);

#[derive(Clone, Copy, Debug)]
enum Answers {
    /// That whoever reports was on the roll.
    Known,
    /// That whoever reports was struck off.
    Struck,
    /// Nothing, until it is told otherwise.
    Never,
    Unavailable,
}

#[async_trait]
impl Leases for Desk {
    async fn report_in(&self, me: &Member, _span: Duration, _now: Timestamp) -> Result<Roll, StoreError> {
        let answers = *self.0.subscribe().wait_for(|answers| !matches!(answers, Answers::Never)).await.unwrap();
        match answers {
            Answers::Unavailable => {
                Err(StoreError::Unavailable { message: "nobody is at the desk".to_owned(), source: None })
            }
            _ => Ok(Roll { was_on_it: matches!(answers, Answers::Known), members: vec![me.clone()] }),
        }
    }

    async fn strike_off(&self, _now: Timestamp) -> Result<BTreeSet<String>, StoreError> {
        Ok(BTreeSet::new())
    }

    async fn leave_roll(&self, _id: &str) -> Result<(), StoreError> {
        unreachable!("reports are all that it makes")
    }

    async fn open_leases(&self, _targets: &BTreeSet<String>) -> Result<(), StoreError> {
        unreachable!("reports are all that it makes")
    }

    async fn vacant_leases(&self) -> Result<BTreeSet<String>, StoreError> {
        unreachable!("reports are all that it makes")
    }

    async fn left_leases(&self, _id: &str) -> Result<BTreeSet<String>, StoreError> {
        unreachable!("reports are all that it makes")
    }

    async fn take_leases(&self, _: &str, _: &BTreeSet<String>) -> Result<BTreeMap<String, u64>, StoreError> {
        unreachable!("reports are all that it makes")
    }

    async fn held_leases(&self, _holder: &str) -> Result<BTreeMap<String, u64>, StoreError> {
        unreachable!("reports are all that it makes")
    }

    async fn give_up_leases(&self, _: &str, _: &BTreeSet<String>) -> Result<(), StoreError> {
        unreachable!("reports are all that it makes")
    }

    async fn close_lease(&self, _holder: &str, _target: &str) -> Result<(), StoreError> {
        unreachable!("reports are all that it makes")
    }
}

/// A collector that has reported and is certain of what it holds, and the desk that it reports to.
async fn certain() -> (Arc<Standing>, Arc<Desk>) {
    let (standing, desk) = (Arc::new(Standing::of("a".to_owned())), Arc::new(Desk(watch::Sender::new(Answers::Known))));
    tokio::spawn(Arc::clone(&standing).keep(Arc::clone(&desk) as Arc<dyn Leases>));
    sleep(BEAT).await;
    assert!(standing.in_doubt().is_some(), "who begins does not know what it holds");
    standing.settle_all();
    (standing, desk)
}

impl Standing {
    fn settle_all(&self) {
        self.settle(self.in_doubt().unwrap());
    }
}

impl Desk {
    fn tell(&self, answers: Answers) {
        self.0.send_replace(answers);
    }
}

async fn is_now(state: impl Future<Output = ()>) -> bool {
    timeout(Duration::ZERO, state).await.is_ok()
}

#[tokio::test(start_paused = true)]
async fn one_whose_store_is_away_asks_on_and_writes_nothing() {
    for away in [Answers::Never, Answers::Unavailable] {
        let (standing, desk) = certain().await;
        desk.tell(away);
        let away_since = Instant::now();
        while away_since.elapsed() < SPAN * 10 {
            assert!(is_now(standing.sure_or_alone()).await, "{away:?}: for {:?}", away_since.elapsed());
            sleep(Duration::from_millis(100)).await;
        }
        assert!(!is_now(standing.sure()).await, "{away:?}");
        desk.tell(Answers::Known);
        sleep(BEAT).await;
        assert!(!is_now(standing.sure()).await, "{away:?}: it may have been struck off");
        standing.settle_all();
        assert!(is_now(standing.sure()).await, "{away:?}: it is back");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_was_stopped_asks_nothing_before_it_knows() {
    for (store, is_pending) in [(Answers::Struck, false), (Answers::Struck, true), (Answers::Known, false)] {
        let (standing, desk) = certain().await;
        desk.tell(Answers::Never);
        if is_pending {
            sleep(BEAT * 3 / 2).await;
        }
        // All timers are late, and nothing else happened: so it is after SIGCONT.
        advance(SPAN * 6).await;
        sleep(Duration::from_millis(1)).await;
        assert!(!is_now(standing.sure_or_alone()).await, "{store:?}, a report under way: {is_pending}");
        desk.tell(store);
        sleep(BEAT).await;
        // Also where it was on the roll: it may be there by a report of which it never had the answer.
        assert!(!is_now(standing.sure_or_alone()).await, "{store:?}, a report under way: {is_pending}");
        standing.settle_all();
        assert!(is_now(standing.sure_or_alone()).await, "{store:?}, a report under way: {is_pending}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_doubt_that_comes_while_another_is_settled_stays() {
    let (standing, _desk) = certain().await;
    standing.doubt();
    let doubts = standing.in_doubt().unwrap();
    standing.doubt();
    standing.settle(doubts);
    assert!(!is_now(standing.sure()).await);
    standing.settle_all();
    assert!(is_now(standing.sure()).await);
}
