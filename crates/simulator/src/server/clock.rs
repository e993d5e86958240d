//! How far the timeline has come.

use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::locked;
use crate::world::{Calendar, Speed};

/// What moves the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Time itself, so much faster.
    Running(Speed),
    /// Only [`crate::Network::advance`].
    Manual,
}

impl Default for Clock {
    fn default() -> Self {
        Self::Running(Speed::NORMAL)
    }
}

/// The clock of a running simulator.
#[derive(Debug)]
pub(super) struct Timekeeper {
    clock: Clock,
    started: Instant,
    advanced: Mutex<Duration>,
    pub(super) calendar: Calendar,
}

impl Timekeeper {
    /// A clock at zero. Without an epoch, a running timeline begins now; a manual one always at the same moment, so
    /// that two runs of a test see the same bytes.
    pub(super) fn new(clock: Clock, epoch: Option<DateTime<Utc>>) -> Self {
        /// 5 January 2026, 08:00 UTC.
        const MONDAY: i64 = 1_767_600_000;
        let (speed, usual) = match clock {
            Clock::Running(speed) => (speed, Utc::now()),
            Clock::Manual => (Speed::NORMAL, DateTime::from_timestamp(MONDAY, 0).unwrap_or_default()),
        };
        let calendar = Calendar { epoch: epoch.unwrap_or(usual), speed };
        Self { clock, started: Instant::now(), advanced: Mutex::default(), calendar }
    }

    /// How much time has passed on the timeline.
    pub(super) fn elapsed(&self) -> Duration {
        let run = match self.clock {
            Clock::Running(speed) => speed.stretch(self.started.elapsed()),
            Clock::Manual => Duration::ZERO,
        };
        run.saturating_add(*locked(&self.advanced))
    }

    /// What the calendar says at the timeline's now.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.calendar.when(self.elapsed())
    }

    /// Moves the timeline forward.
    pub(super) fn advance(&self, by: Duration) {
        let mut advanced = locked(&self.advanced);
        *advanced = advanced.saturating_add(by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_by_hand() {
        let clock = Timekeeper::new(Clock::Manual, None);
        assert_eq!(clock.elapsed(), Duration::ZERO);
        clock.advance(Duration::from_secs(90));
        assert_eq!(clock.elapsed(), Duration::from_secs(90));
        assert_eq!(clock.now().to_rfc3339(), "2026-01-05T08:01:30+00:00");
    }

    #[test]
    fn a_running_clock_can_be_pushed_on() {
        let clock = Timekeeper::new(Clock::Running(Speed::times(60)), None);
        clock.advance(Duration::from_mins(10));
        assert!(clock.elapsed() >= Duration::from_mins(10));
        assert!(clock.now() >= clock.calendar.epoch + Duration::from_secs(10));
    }
}
