//! The ranges of time that can be chosen.

use std::time::Duration;

use crate::query::word;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// A range of time up to now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::dashboard) enum Range {
    Hour,
    SixHours,
    #[default]
    Day,
    Week,
    Month,
    Quarter,
}

impl Range {
    /// All ranges and the words that choose them, the shortest first.
    pub(super) const ALL: [(&str, Self); 6] = [
        ("1h", Self::Hour),
        ("6h", Self::SixHours),
        ("24h", Self::Day),
        ("7d", Self::Week),
        ("30d", Self::Month),
        ("90d", Self::Quarter),
    ];

    /// Reads the word that chooses a range.
    ///
    /// # Errors
    /// The words that are accepted.
    pub(in crate::dashboard) fn read(value: &str) -> Result<Self, String> {
        word(value, &Self::ALL)
    }

    /// What people call it.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Hour => "1 hour",
            Self::SixHours => "6 hours",
            Self::Day => "24 hours",
            Self::Week => "7 days",
            Self::Month => "30 days",
            Self::Quarter => "90 days",
        }
    }

    /// What it is called behind "the last".
    pub(super) fn told(self) -> &'static str {
        self.title().trim_start_matches("1 ")
    }

    /// How long it is.
    pub(super) fn length(self) -> Duration {
        match self {
            Self::Hour => HOUR,
            Self::SixHours => 6 * HOUR,
            Self::Day => 24 * HOUR,
            Self::Week => 7 * 24 * HOUR,
            Self::Month => 30 * 24 * HOUR,
            Self::Quarter => 90 * 24 * HOUR,
        }
    }

    /// How much time a point of the picture stands for: there are as many points as are told apart on a screen.
    pub(super) fn width(self) -> Duration {
        match self {
            Self::Hour => MINUTE,
            Self::SixHours => 3 * MINUTE,
            Self::Day => 10 * MINUTE,
            Self::Week => HOUR,
            Self::Month => 6 * HOUR,
            Self::Quarter => 12 * HOUR,
        }
    }
}
