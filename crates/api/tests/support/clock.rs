//! A clock that tests set.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use unistatus_api::Clock;
use unistatus_core::schema::Timestamp;

/// Stands still until it is told to go on.
#[derive(Debug)]
pub(crate) struct ManualClock(watch::Sender<Timestamp>);

impl ManualClock {
    pub(crate) fn at(now: Timestamp) -> Self {
        Self(watch::Sender::new(now))
    }

    pub(crate) fn advance(&self, span: Duration) {
        self.0.send_modify(|now| *now = now.plus(span));
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.borrow()
    }

    async fn sleep_until(&self, instant: Timestamp) {
        let mut now = self.0.subscribe();
        now.wait_for(|now| *now >= instant).await.unwrap();
    }
}
