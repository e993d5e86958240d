//! What time it is, as something that tests can set.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use unistatus_core::schema::Timestamp;

/// Tells the time and waits for it.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// Waits until [`Clock::now`] has reached an instant. May be cancelled at any await.
    async fn sleep_until(&self, instant: Timestamp);
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// How long the system's clock is trusted to run evenly. Timers count the time a machine is awake, while instants are
/// the calendar's: after a suspension or a step of the clock a wait is late by this much at most.
const LONGEST_NAP: Duration = Duration::from_secs(15);

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep_until(&self, instant: Timestamp) {
        loop {
            let left = self.now().until(instant);
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LONGEST_NAP)).await;
        }
    }
}
