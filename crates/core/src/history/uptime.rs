//! How much of a time counts as up.

use std::fmt;
use std::str::FromStr;

use super::{Condition, Stretch};

/// How long a service was in each condition, in milliseconds. Time in which it did not exist is in none of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// It worked.
    pub ok_ms: u64,
    /// Nobody could say.
    pub unknown_ms: u64,
    /// It worked in part, and nobody had planned that.
    pub degraded_ms: u64,
    /// It was under planned maintenance.
    pub maintenance_ms: u64,
    /// It did not work.
    pub outage_ms: u64,
}

impl Totals {
    /// Adds a time in one condition.
    pub(super) fn add(&mut self, Stretch { span, condition }: Stretch) {
        let total = match condition {
            Condition::Ok => &mut self.ok_ms,
            Condition::Unknown => &mut self.unknown_ms,
            Condition::Degraded => &mut self.degraded_ms,
            Condition::Maintenance => &mut self.maintenance_ms,
            Condition::Outage => &mut self.outage_ms,
        };
        *total += span.millis();
    }
}

impl FromIterator<Stretch> for Totals {
    fn from_iter<I: IntoIterator<Item = Stretch>>(stretches: I) -> Self {
        let mut totals = Self::default();
        for stretch in stretches {
            totals.add(stretch);
        }
        totals
    }
}

/// What a time counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// As time in which the service was up.
    Up,
    /// As time in which it was down.
    Down,
    /// As if it had not been.
    Excluded,
}

impl Counted {
    /// All there are, in the order of the documentation.
    pub const ALL: [Self; 3] = [Self::Up, Self::Down, Self::Excluded];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Excluded => "excluded",
        }
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that says nothing of how time counts; its message lists those that do.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is no way to count time; accepted are up, down and excluded")]
pub struct UnknownCounted(String);

impl FromStr for Counted {
    type Err = UnknownCounted;

    /// Reads one of the three words.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|counted| counted.as_str() == word).ok_or_else(|| UnknownCounted(word.to_owned()))
    }
}

/// How time is counted where opinions differ. `OK` is always up, and an outage always down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counting {
    /// Planned maintenance.
    pub maintenance: Counted,
    /// Time of which nobody can say how the service was.
    pub unknown: Counted,
    /// Time in which it worked in part.
    pub degraded: Counted,
}

impl Default for Counting {
    /// Maintenance and unknown time are excluded, and what works in part is up.
    fn default() -> Self {
        Self { maintenance: Counted::Excluded, unknown: Counted::Excluded, degraded: Counted::Up }
    }
}

impl Counting {
    /// What these totals count as.
    pub fn uptime(self, totals: &Totals) -> Uptime {
        let mut uptime = Uptime { up_ms: totals.ok_ms, down_ms: totals.outage_ms };
        for (counted, millis) in [
            (self.maintenance, totals.maintenance_ms),
            (self.unknown, totals.unknown_ms),
            (self.degraded, totals.degraded_ms),
        ] {
            match counted {
                Counted::Up => uptime.up_ms += millis,
                Counted::Down => uptime.down_ms += millis,
                Counted::Excluded => (),
            }
        }
        uptime
    }
}

/// How much of a time counts as up and how much as down, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uptime {
    /// As up.
    pub up_ms: u64,
    /// As down: the downtime.
    pub down_ms: u64,
}

impl Uptime {
    /// The part of the counted time that was up, from 0 to 1; `None` if no time counts.
    pub fn ratio(self) -> Option<f64> {
        let counted = self.up_ms + self.down_ms;
        #[expect(clippy::cast_precision_loss, reason = "exact for any span below 285,000 years")]
        (counted > 0).then(|| self.up_ms as f64 / counted as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOTALS: Totals =
        Totals { ok_ms: 60, unknown_ms: 1_000, degraded_ms: 15, maintenance_ms: 10_000, outage_ms: 25 };

    #[test]
    fn what_counts_as_what_decides_the_uptime() {
        use Counted::{Down, Excluded, Up};
        for (maintenance, unknown, degraded, up_ms, down_ms) in [
            (Excluded, Excluded, Up, 75, 25),
            (Excluded, Excluded, Down, 60, 40),
            (Excluded, Excluded, Excluded, 60, 25),
            (Up, Excluded, Up, 10_075, 25),
            (Down, Up, Up, 1_075, 10_025),
            (Excluded, Down, Down, 60, 1_040),
        ] {
            let counting = Counting { maintenance, unknown, degraded };
            assert_eq!(counting.uptime(&TOTALS), Uptime { up_ms, down_ms }, "{counting:?}");
        }
        let default = Counting::default().uptime(&TOTALS);
        assert_eq!((default.ratio(), default.down_ms), (Some(0.75), 25));
    }

    #[test]
    fn where_nothing_counts_there_is_no_uptime() {
        let uptime = Counting::default().uptime(&Totals { unknown_ms: 5, maintenance_ms: 5, ..Totals::default() });
        assert_eq!(uptime.ratio(), None);
        assert_eq!(Counting::default().uptime(&Totals { outage_ms: 1, ..Totals::default() }).ratio(), Some(0.0));
    }

    #[test]
    fn every_word_reads_back() {
        for counted in Counted::ALL {
            assert_eq!(counted.to_string().parse::<Counted>().unwrap(), counted);
        }
        assert!("Up".parse::<Counted>().unwrap_err().to_string().contains("up, down and excluded"));
    }
}
