//! What was measured of one set of probes.

use std::fmt;

/// What was measured of one set of probes. Its text is a line of numbers, which the process that measured it says to the
/// one that prints.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    /// How many checks there were in the measured time.
    pub(crate) checks: f64,
    /// How long it took until every probe had a good result, in seconds.
    pub(crate) first: f64,
    /// How many intervals had no check.
    pub(crate) missed: f64,
    /// The share of all asks whose result is in the store.
    pub(crate) stored: f64,
    /// Seconds of processors that a thousand checks took of the program itself.
    pub(crate) user: f64,
    /// Those that they took of the system.
    pub(crate) system: f64,
    /// Megabytes written to disk for a thousand checks.
    pub(crate) written: f64,
    /// The most memory that was taken, in megabytes.
    pub(crate) peak_memory: f64,
    /// The latency that half of the checks stay below, in milliseconds.
    pub(crate) median: f64,
    /// The latency that 99 of 100 checks stay below, in milliseconds.
    pub(crate) p99: f64,
}

impl Figures {
    /// What stands above a row of [`Figures::row`].
    pub(crate) fn heading() -> String {
        format!(
            "{:<14} {:>7} {:>8} {:>7} {:>8} {:>13} {:>6} {:>7} {:>10} {:>12} {:>10} {:>7}",
            "",
            "checks",
            "first s",
            "missed",
            "stored",
            "CPU s / 1000:",
            "user",
            "system",
            "MB / 1000",
            "peak RSS MB",
            "median ms",
            "p99 ms"
        )
    }

    /// The row of a table.
    pub(crate) fn row(&self, what: &str) -> String {
        format!(
            "{what:<14} {:>7.0} {:>8.1} {:>7.0} {:>6.1} % {:>13.3} {:>6.3} {:>7.3} {:>10.2} {:>12.1} {:>10.2} {:>7.2}",
            self.checks,
            self.first,
            self.missed,
            100.0 * self.stored,
            self.cpu(),
            self.user,
            self.system,
            self.written,
            self.peak_memory,
            self.median,
            self.p99,
        )
    }

    /// Seconds of processors that a thousand checks took.
    pub(crate) fn cpu(&self) -> f64 {
        self.user + self.system
    }

    /// Reads the text of figures; `None` if it is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let numbers: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
        let [checks, first, missed, stored, user, system, written, peak_memory, median, p99] =
            numbers.try_into().ok()?;
        Some(Self { checks, first, missed, stored, user, system, written, peak_memory, median, p99 })
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { checks, first, missed, stored, user, system, written, peak_memory, median, p99 } = self;
        write!(f, "{checks} {first} {missed} {stored} {user} {system} {written} {peak_memory} {median} {p99}")
    }
}
