//! What the process takes, as Linux tells it in `/proc`. Other systems tell nothing here.

use std::fs;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Counter, Gauge, IntGauge, Result};

/// For how long a reading is good. To list the open files of a busy server takes long, and nobody scrapes more often.
const FRESH: Duration = Duration::from_secs(1);

/// How many ticks `/proc` counts a second: the same on every Linux we build for (`USER_HZ`).
const TICKS: f64 = 100.0;

/// The metrics of the process.
#[derive(Debug)]
pub(super) struct ProcessMetrics {
    cpu: Counter,
    memory: IntGauge,
    files: IntGauge,
    started: Gauge,
    read: Mutex<Option<Instant>>,
}

impl ProcessMetrics {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            cpu: Counter::new("process_cpu_seconds_total", "Processor time the process took, in seconds.")?,
            memory: IntGauge::new("process_resident_memory_bytes", "Memory the process has in use, in bytes.")?,
            files: IntGauge::new("process_open_fds", "Files and sockets the process has open.")?,
            started: Gauge::new("process_start_time_seconds", "When the process began, in seconds since 1970.")?,
            read: Mutex::new(None),
        })
    }

    fn all(&self) -> [&dyn Collector; 4] {
        [&self.cpu, &self.memory, &self.files, &self.started]
    }

    /// Reads anew what is not fresh.
    fn refresh(&self) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.is_some_and(|read| read.elapsed() < FRESH) {
            return;
        }
        *read = Some(Instant::now());
        if let Some(stat) = Stat::read() {
            self.cpu.inc_by((stat.cpu - self.cpu.get()).max(0.0));
            if let Some(boot) = boot_time() {
                self.started.set(boot + stat.started);
            }
        }
        if let Some(memory) = resident() {
            self.memory.set(memory);
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            // The listing has one open, too.
            self.files.set(i64::try_from(files.count()).unwrap_or(i64::MAX).saturating_sub(1));
        }
    }
}

impl Collector for ProcessMetrics {
    fn desc(&self) -> Vec<&Desc> {
        self.all().into_iter().flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.refresh();
        self.all().into_iter().flat_map(Collector::collect).collect()
    }
}

/// What `/proc/self/stat` says, in seconds.
struct Stat {
    cpu: f64,
    /// Since the machine began.
    started: f64,
}

impl Stat {
    fn read() -> Option<Self> {
        Self::parse(&fs::read_to_string("/proc/self/stat").ok()?)
    }

    fn parse(stat: &str) -> Option<Self> {
        // The second field is the program's name in parentheses, which may hold anything.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let seconds = |position: usize| Some(fields.get(position)?.parse::<f64>().ok()? / TICKS);
        // Of the third field on: user time is the 14th, system time the 15th, the start the 22nd.
        Some(Self { cpu: seconds(11)? + seconds(12)?, started: seconds(19)? })
    }
}

/// When the machine began, in seconds since 1970.
fn boot_time() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

/// The resident memory in bytes.
fn resident() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().strip_suffix("kB")?;
    kibibytes.trim().parse::<i64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_found_behind_any_name() {
        let stat = "7 (a) R (b) S 1 7 7 0 -1 4194560 500 0 1 0 250 50 0 0 20 0 4 0 12345 10000000 2000 184467440";
        let stat = Stat::parse(stat).unwrap();
        assert!((stat.cpu - 3.0).abs() < 1e-9 && (stat.started - 123.45).abs() < 1e-9);
        assert!(Stat::parse("7 (cut off").is_none() && Stat::parse("7 (short) S 1").is_none());
    }
}
