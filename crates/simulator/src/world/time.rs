//! Time on the timeline, and what the calendar says then.

use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// Milliseconds on the timeline since the world's start; negative before it.
pub(crate) type Moment = i64;

/// The timeline is defined for so long; later moments are this one. Far enough for any run, near enough that no
/// arithmetic on it overflows.
const END: Duration = Duration::from_hours(100 * 366 * 24);

/// The moment at which so much time has passed.
pub(crate) fn moment(elapsed: Duration) -> Moment {
    Moment::try_from(elapsed.min(END).as_millis()).unwrap_or(Moment::MAX)
}

/// How much faster than the calendar the timeline runs, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed(u32);

impl Speed {
    /// As fast as the calendar.
    pub const NORMAL: Self = Self(1000);

    /// `times` as fast as the calendar: a whole number from 1 to 10,000; others are brought into that range.
    pub fn times(times: u32) -> Self {
        Self(times.clamp(1, 10_000) * 1000)
    }

    /// How far the timeline gets in a span of real time.
    pub(crate) fn stretch(self, real: Duration) -> Duration {
        let millis = real.as_millis().saturating_mul(u128::from(self.0)) / 1000;
        u64::try_from(millis).map_or(Duration::MAX, Duration::from_millis)
    }
}

impl Default for Speed {
    fn default() -> Self {
        Self::NORMAL
    }
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || format!("\"{text}\" is not a speed; accepted are decimal numbers from 0.001 to 10000");
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(refuse()),
            None => (text, ""),
        };
        let digits = |part: &str| part.len() <= 5 && part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || fraction.len() > 3 || !digits(whole) || !digits(fraction) {
            return Err(refuse());
        }
        let thousandths = format!("{whole}{fraction:0<3}").parse::<u32>().map_err(|_| refuse())?;
        if (1..=10_000_000).contains(&thousandths) { Ok(Self(thousandths)) } else { Err(refuse()) }
    }
}

/// What the calendar says at each moment of the timeline.
///
/// A timeline that runs faster than the calendar is squeezed into it, so that no vendor ever claims a time that lies
/// in the future.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    /// When the timeline began.
    pub epoch: DateTime<Utc>,
    /// How fast it runs.
    pub speed: Speed,
}

impl Calendar {
    /// The time when so much has passed on the timeline.
    pub fn when(&self, elapsed: Duration) -> DateTime<Utc> {
        self.at(moment(elapsed))
    }

    /// The time at a moment.
    pub(crate) fn at(&self, moment: Moment) -> DateTime<Utc> {
        let real = moment.saturating_mul(1000) / i64::from(self.speed.0);
        self.after(TimeDelta::try_milliseconds(real).unwrap_or_default())
    }

    /// The time so long after the start (before it, if negative); real time, whatever the speed.
    pub(crate) fn after(&self, span: TimeDelta) -> DateTime<Utc> {
        self.epoch.checked_add_signed(span).unwrap_or(self.epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_read_from_decimal_numbers() {
        assert_eq!("1".parse(), Ok(Speed::NORMAL));
        assert_eq!("0.5".parse(), Ok(Speed(500)));
        assert_eq!("60.25".parse(), Ok(Speed(60_250)));
        assert_eq!("10000".parse(), Ok(Speed::times(10_000)));
        for bad in ["", ".", "0", "0.0001", "10001", "-1", "fast", "1e3", "1.", ".5", "1.2.3", "99999999999"] {
            assert!(bad.parse::<Speed>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_fast_timeline_never_leaves_the_calendar_behind() {
        let epoch = DateTime::UNIX_EPOCH;
        let calendar = Calendar { epoch, speed: Speed::times(60) };
        assert_eq!(calendar.at(60_000), epoch + TimeDelta::seconds(1));
        assert_eq!(calendar.at(-60_000), epoch - TimeDelta::seconds(1));
        assert_eq!(Speed::times(60).stretch(Duration::from_secs(1)), Duration::from_mins(1));
    }

    #[test]
    fn no_moment_overflows() {
        let calendar = Calendar { epoch: DateTime::UNIX_EPOCH, speed: Speed(1) };
        assert!(moment(Duration::MAX) > 0);
        let _ = calendar.at(moment(Duration::MAX));
        let _ = calendar.at(Moment::MAX);
        let _ = calendar.at(Moment::MIN);
    }
}
