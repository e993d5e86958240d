//! The time that all collectors share.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// The time since 1970, as the host had it when the collector began; from then on it goes by itself and never jumps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    began: Instant,
    then: Duration,
}

impl Clock {
    /// Begins now.
    pub(crate) fn begin() -> Self {
        // A host that believes to be before 1970 has no time to share.
        Self { began: Instant::now(), then: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() }
    }

    /// The time now.
    pub(crate) fn now(&self) -> Duration {
        self.then + self.began.elapsed()
    }

    /// When it is this time; at once where that was before it began.
    pub(crate) fn instant(&self, time: Duration) -> Instant {
        self.began + time.saturating_sub(self.then)
    }
}
