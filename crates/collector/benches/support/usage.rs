//! What a process has taken so far, where the system tells (Linux does).

use std::fmt::Display;
use std::fs;
use std::time::Duration;

/// A clock tick of `/proc`: hundredths of a second on all that Linux runs on.
const TICK: Duration = Duration::from_millis(10);

/// What was taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Time of processors, of the program itself.
    pub(crate) user: Duration,
    /// Time of processors, of the system on its behalf.
    pub(crate) system: Duration,
    /// Megabytes that it caused to be written to disks.
    pub(crate) written: f64,
}

impl Usage {
    /// What a process, by its number or `self`, has taken so far.
    pub(crate) fn of(process: impl Display) -> Self {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // Behind the name, which may hold blanks.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
        let mut ticks = fields.skip(11).map(|field| TICK * field.parse().unwrap_or_default());
        let (user, system) = (ticks.next().unwrap_or_default(), ticks.next().unwrap_or_default());
        let io = fs::read_to_string(format!("/proc/{process}/io")).unwrap_or_default();
        Self { user, system, written: number(&io, "write_bytes:") / 1e6 }
    }

    /// What was taken after another moment.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            user: self.user.saturating_sub(before.user),
            system: self.system.saturating_sub(before.system),
            written: self.written - before.written,
        }
    }
}

/// The most memory that a process has taken, in megabytes.
pub(crate) fn peak_memory(process: impl Display) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    number(&status, "VmHWM:") * 1024.0 / 1e6
}

/// The number behind a name; 0 where there is none.
fn number(text: &str, name: &str) -> f64 {
    let mut values = text.lines().filter_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok());
    values.next().unwrap_or_default()
}
