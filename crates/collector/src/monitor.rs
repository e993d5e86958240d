//! What a collector tells of itself: what it counts, and whether it is at work.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use prometheus::{GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, Result};
use unistatus_core::metrics::{self, StoreMetrics};
use unistatus_core::schema::{Check, FailureClass, Kind};
use unistatus_core::target::{Answer, CollectError, Observation};

use crate::backlog::Backlog;

/// From a document that did not change to the limit of an ask.
const SECONDS: [f64; 10] = [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// How many targets have series of their own. Those beyond share one.
const MOST_TARGETS: usize = 2_000;

/// What the targets beyond [`MOST_TARGETS`] are counted as: no target can have that name.
const OTHERS: &str = "(others)";

/// What a collector tells of itself. Each has one of its own.
#[derive(Debug)]
pub struct Monitor {
    registry: Registry,
    store: StoreMetrics,
    durations: HistogramVec,
    asks: IntCounterVec,
    failures: IntCounterVec,
    latencies: GaugeVec,
    bytes: IntCounter,
    missed: IntCounter,
    unknown_words: IntCounter,
    targets: IntGauge,
    collectors: IntGauge,
    pending: IntGauge,
    journal: IntGauge,
    journal_limit: IntGauge,
    dropped: IntCounterVec,
    late: IntCounterVec,
    /// The targets that have series of their own, each with the classes that its failures had.
    named: Mutex<BTreeMap<String, BTreeSet<FailureClass>>>,
    /// Where commits wait; there once asking began.
    backlog: OnceLock<Arc<Backlog>>,
}

impl Monitor {
    /// A monitor that has counted nothing yet.
    ///
    /// # Errors
    /// A fault of ours: a name that Prometheus does not take.
    pub fn new() -> Result<Self> {
        let registry = metrics::registry(env!("CARGO_PKG_VERSION"))?;
        let durations = HistogramOpts::new(
            "unistatus_collect_duration_seconds",
            "How long an ask took, failed ones included, in seconds.",
        );
        let asks = Opts::new(
            "unistatus_collects_total",
            "Asks of a target by outcome: ok, unchanged (the source says so), failed.",
        );
        let failures = Opts::new("unistatus_collect_failures_total", "Failed asks of a target by class.");
        let dropped = Opts::new(
            "unistatus_journal_dropped_total",
            "What the journal had no room for: checks, and changes that wait in memory alone.",
        );
        let late = Opts::new(
            "unistatus_late_changes_total",
            "Changes seen while another collector took the target over: entered the history, or overtaken and left out.",
        );
        let latencies = Opts::new(
            "unistatus_probe_latency_seconds",
            "How long the last answer to a probe took; missing without one.",
        );
        let monitor = Self {
            store: StoreMetrics::new(&registry)?,
            durations: HistogramVec::new(durations.buckets(SECONDS.to_vec()), &["type"])?,
            asks: IntCounterVec::new(asks, &["target", "outcome"])?,
            failures: IntCounterVec::new(failures, &["target", "class"])?,
            latencies: GaugeVec::new(latencies, &["target", "type"])?,
            bytes: IntCounter::new("unistatus_collect_bytes_total", "Bytes that sources sent, after decompression.")?,
            missed: IntCounter::new(
                "unistatus_missed_intervals_total",
                "Asks that fell out because the one before took longer than the interval.",
            )?,
            unknown_words: IntCounter::new(
                "unistatus_unknown_words_total",
                "Status words that no mapping knows, each counted once for a target.",
            )?,
            targets: IntGauge::new("unistatus_targets", "Targets that this collector asks.")?,
            collectors: IntGauge::new("unistatus_collectors", "Collectors that share the work, this one included.")?,
            pending: IntGauge::new("unistatus_backlog_changes", "Changes that are not written to the database yet.")?,
            journal: IntGauge::new("unistatus_journal_bytes", "Bytes that the journal takes on the disk.")?,
            journal_limit: IntGauge::new(
                "unistatus_journal_limit_bytes",
                "Bytes that the journal may take on the disk; 0 where there is none.",
            )?,
            dropped: IntCounterVec::new(dropped, &["kind"])?,
            late: IntCounterVec::new(late, &["outcome"])?,
            named: Mutex::default(),
            backlog: OnceLock::new(),
            registry,
        };
        monitor.register()?;
        Ok(monitor)
    }

    fn register(&self) -> Result<()> {
        let registry = &self.registry;
        registry.register(Box::new(self.durations.clone()))?;
        registry.register(Box::new(self.asks.clone()))?;
        registry.register(Box::new(self.failures.clone()))?;
        registry.register(Box::new(self.latencies.clone()))?;
        for counter in [&self.bytes, &self.missed, &self.unknown_words] {
            registry.register(Box::new(counter.clone()))?;
        }
        for gauge in [&self.targets, &self.collectors, &self.pending, &self.journal, &self.journal_limit] {
            registry.register(Box::new(gauge.clone()))?;
        }
        registry.register(Box::new(self.dropped.clone()))?;
        registry.register(Box::new(self.late.clone()))?;
        self.journal_dropped(0, 0);
        self.came_late(0, 0);
        Ok(())
    }

    /// What counts the store's operations.
    pub fn store(&self) -> StoreMetrics {
        self.store.clone()
    }

    /// Whether asking began, for which the store had to be reached.
    pub fn is_asking(&self) -> bool {
        self.backlog.get().is_some()
    }

    /// All that is counted, as Prometheus reads it.
    pub fn scrape(&self) -> Vec<u8> {
        let pending = self.backlog.get().map_or(0, |backlog| backlog.pending_changes());
        self.pending.set(i64::try_from(pending).unwrap_or(i64::MAX));
        metrics::encode(&self.registry)
    }

    /// Says that asking begins, and where commits wait.
    pub(crate) fn begin(&self, backlog: &Arc<Backlog>) {
        // A collector begins once.
        let _ = self.backlog.set(Arc::clone(backlog));
    }

    /// Says how many bytes the journal may take.
    pub(crate) fn journal_may_take(&self, bytes: u64) {
        self.journal_limit.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Says how many bytes the journal takes.
    pub(crate) fn journal_takes(&self, bytes: u64) {
        self.journal.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Counts what the journal had no room for.
    pub(crate) fn journal_dropped(&self, checks: usize, changes: usize) {
        for (kind, count) in [("checks", checks), ("changes", changes)] {
            self.dropped.with_label_values(&[kind]).inc_by(count as u64);
        }
    }

    /// Counts what entered the history late, and what was left out.
    pub(crate) fn came_late(&self, added: usize, overtaken: usize) {
        for (outcome, count) in [("entered", added), ("overtaken", overtaken)] {
            self.late.with_label_values(&[outcome]).inc_by(count as u64);
        }
    }

    /// Says how many targets are asked, and how many collectors share the work.
    pub(crate) fn shares(&self, targets: usize, collectors: usize) {
        self.targets.set(i64::try_from(targets).unwrap_or(i64::MAX));
        self.collectors.set(i64::try_from(collectors).unwrap_or(i64::MAX));
    }

    /// Says that a target is asked from now on: its counters begin, so that its first failure is seen as one.
    pub(crate) fn engaged(&self, target: &str) {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if named.len() < MOST_TARGETS || named.contains_key(target) {
            named.entry(target.to_owned()).or_default();
            for outcome in Outcome::ALL {
                self.asks.with_label_values(&[target, outcome.word()]);
            }
        }
    }

    /// Says that a target is asked no more: its counters end.
    pub(crate) fn retired(&self, target: &str) {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(classes) = named.remove(target) else { return };
        // The error says that there is no such counter, which is what is wanted.
        for outcome in Outcome::ALL {
            let _ = self.asks.remove_label_values(&[target, outcome.word()]);
        }
        for class in classes {
            let _ = self.failures.remove_label_values(&[target, class.as_str()]);
        }
        for kind in Kind::ALL {
            let _ = self.latencies.remove_label_values(&[target, kind.as_str()]);
        }
    }

    /// Counts an ask.
    pub(crate) fn asked(
        &self,
        target: &str,
        kind: Kind,
        took: Duration,
        outcome: &std::result::Result<Observation, CollectError>,
    ) {
        self.durations.with_label_values(&[kind.as_str()]).observe(took.as_secs_f64());
        // Held to the end: what is retired meanwhile must not come back.
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        let classes = named.get_mut(target);
        let label = if classes.is_some() { target } else { OTHERS };
        self.asks.with_label_values(&[label, Outcome::of(outcome).word()]).inc();
        match outcome {
            Ok(observation) => {
                self.bytes.inc_by(observation.bytes);
                if let (Some(check), Some(_)) = (&observation.check, classes) {
                    self.measured(target, kind, check);
                }
            }
            Err(error) => {
                if let CollectError::Parse { bytes, .. } = error {
                    self.bytes.inc_by(*bytes);
                }
                self.failures.with_label_values(&[label, error.class().as_str()]).inc();
                if let Some(classes) = classes {
                    classes.insert(error.class());
                }
            }
        }
    }

    /// Shows the latency of a probe, or that there was none: an old one must not pass for it.
    fn measured(&self, target: &str, kind: Kind, check: &Check) {
        let labels = [target, kind.as_str()];
        match check.latency {
            Some(latency) => self.latencies.with_label_values(&labels).set(latency.as_secs_f64()),
            None => drop(self.latencies.remove_label_values(&labels)),
        }
    }

    /// Counts asks that fell out.
    pub(crate) fn missed(&self, asks: u32) {
        self.missed.inc_by(u64::from(asks));
    }

    /// Counts a status word that no mapping knows.
    pub(crate) fn unknown_word(&self) {
        self.unknown_words.inc();
    }
}

/// How an ask ended, for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Ok,
    Unchanged,
    Failed,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Ok, Self::Unchanged, Self::Failed];

    pub(crate) const fn of(outcome: &std::result::Result<Observation, CollectError>) -> Self {
        match outcome {
            Ok(Observation { answer: Answer::Report(_), .. }) => Self::Ok,
            Ok(Observation { answer: Answer::Unchanged, .. }) => Self::Unchanged,
            Err(_) => Self::Failed,
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use unistatus_core::schema::{Timestamp, Validators};
    use unistatus_core::store::testkit::check as sample;
    use unistatus_core::target::ParseError;

    use super::*;

    fn unchanged() -> Observation {
        Observation {
            answer: Answer::Unchanged,
            http_status: Some(304),
            bytes: 7,
            validators: Validators::default(),
            check: None,
        }
    }

    fn failed() -> CollectError {
        CollectError::Parse { source: ParseError::malformed("it is cut off"), http_status: 200, bytes: 7 }
    }

    fn told(monitor: &Monitor) -> String {
        String::from_utf8(monitor.scrape()).unwrap()
    }

    #[test]
    fn a_target_has_its_counters_from_the_first_to_the_last() {
        let monitor = Monitor::new().unwrap();
        monitor.engaged("github");
        let before = told(&monitor);
        assert!(before.contains(r#"unistatus_collects_total{outcome="failed",target="github"} 0"#), "{before}");
        monitor.asked("github", Kind::Rest, Duration::from_millis(30), &Ok(unchanged()));
        monitor.asked("github", Kind::Rest, Duration::from_millis(30), &Err(failed()));
        let after = told(&monitor);
        for line in [
            r#"unistatus_collects_total{outcome="unchanged",target="github"} 1"#,
            r#"unistatus_collects_total{outcome="failed",target="github"} 1"#,
            r#"unistatus_collect_failures_total{class="parse",target="github"} 1"#,
            r#"unistatus_collect_duration_seconds_bucket{type="REST",le="0.05"} 2"#,
            "unistatus_collect_bytes_total 14",
        ] {
            assert!(after.lines().any(|found| found == line), "{line} in {after}");
        }
        monitor.retired("github");
        assert!(!told(&monitor).contains("github"));
    }

    #[test]
    fn the_latency_of_a_probe_is_the_last_one_or_none() {
        let monitor = Monitor::new().unwrap();
        let check = |latency: Option<u64>| {
            let latency = latency.map(Duration::from_millis);
            let check = Check { latency, ..sample("dns", Timestamp::now()) };
            Ok(Observation { check: Some(check), ..unchanged() })
        };
        let latencies = || -> Vec<String> {
            let text = told(&monitor);
            text.lines().filter(|line| line.starts_with("unistatus_probe_latency")).map(str::to_owned).collect()
        };
        let line =
            |seconds: &str| vec![format!(r#"unistatus_probe_latency_seconds{{target="dns",type="PING"}} {seconds}"#)];
        monitor.engaged("dns");
        for (latency, shown) in [(Some(30), line("0.03")), (None, vec![]), (Some(40), line("0.04"))] {
            monitor.asked("dns", Kind::Ping, Duration::from_secs(1), &check(latency));
            assert_eq!(latencies(), shown);
        }
        monitor.retired("dns");
        monitor.asked("dns", Kind::Ping, Duration::from_secs(1), &check(Some(30)));
        assert!(latencies().is_empty());
    }

    #[test]
    fn targets_beyond_the_limit_share_their_counters() {
        let monitor = Monitor::new().unwrap();
        let names: Vec<String> = (0..MOST_TARGETS + 2).map(|n| format!("t{n}")).collect();
        for name in &names {
            monitor.engaged(name);
            monitor.asked(name, Kind::Rest, Duration::ZERO, &Err(failed()));
        }
        let text = told(&monitor);
        assert!(text.contains(r#"unistatus_collects_total{outcome="failed",target="(others)"} 2"#));
        assert_eq!(text.matches("unistatus_collect_failures_total{").count(), MOST_TARGETS + 1);
    }

    #[test]
    fn it_asks_from_the_beginning_on() {
        let monitor = Monitor::new().unwrap();
        assert!(!monitor.is_asking());
        monitor.begin(&Arc::default());
        assert!(monitor.is_asking());
    }
}
