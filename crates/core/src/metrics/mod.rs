//! What a program counts of itself, as Prometheus reads it.
//!
//! Each server has a [`Registry`] of its own, so that several can live in one process. What every one of them tells
//! (its version, its process, its store) is here; the rest is with what is counted.

mod process;
mod store;
#[cfg(feature = "testkit")]
pub mod testkit;

use prometheus::{Encoder, IntGaugeVec, Opts, Registry, Result, TextEncoder};

use process::ProcessMetrics;
pub use store::StoreMetrics;

/// The media type of what [`encode`] writes.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A registry with what every program tells: its version, and what its process takes.
///
/// # Errors
/// A fault of ours: a name that Prometheus does not take.
pub fn registry(version: &str) -> Result<Registry> {
    let registry = Registry::new();
    let info = IntGaugeVec::new(Opts::new("unistatus_build_info", "The version that runs; always 1."), &["version"])?;
    info.with_label_values(&[version]).set(1);
    registry.register(Box::new(info))?;
    registry.register(Box::new(ProcessMetrics::new()?))?;
    Ok(registry)
}

/// All that is counted in a registry, in the text format.
pub fn encode(registry: &Registry) -> Vec<u8> {
    let mut text = Vec::new();
    if let Err(error) = TextEncoder::new().encode(&registry.gather(), &mut text) {
        tracing::error!(%error, "the metrics cannot be written in full");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_tells_of_the_version_and_the_process() {
        let registry = registry("1.2.3").unwrap();
        let text = String::from_utf8(encode(&registry)).unwrap();
        assert!(text.contains("\nunistatus_build_info{version=\"1.2.3\"} 1\n"), "{text}");
        for name in ["process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"] {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).unwrap();
            assert!(line.parse::<f64>().unwrap() >= 0.0, "{name} {line}");
        }
        let started = text.lines().find_map(|line| line.strip_prefix("process_start_time_seconds ")).unwrap();
        let now = crate::schema::Timestamp::now().as_millis() / 1000;
        let started = started.parse::<f64>().unwrap();
        // Some years of leeway: clocks of test machines were seen to step.
        assert!(started > 1_500_000_000.0 && started < f64::from(u32::try_from(now).unwrap()) + 1e8, "{started}");
    }

    #[test]
    fn several_registries_live_in_one_process() {
        for _ in 0..2 {
            let registry = registry("1").unwrap();
            StoreMetrics::new(&registry).unwrap();
            assert!(!encode(&registry).is_empty());
        }
    }
}
