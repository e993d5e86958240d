//! Load, made by `wrk`.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::NamedTempFile;

use crate::client::Header;

/// How long one load lasts.
const LASTS: Duration = Duration::from_secs(2);
/// How many connections ask, each for one answer after the other.
const CONNECTIONS: u32 = 32;
const THREADS: u32 = 2;

/// What wrk is to tell at the end: numbers, in one line.
const TELL: &str = r#"
function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format("\nfigures %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), failed))
end
"#;

/// The program.
pub(crate) struct Wrk {
    script: NamedTempFile,
}

/// What is asked for.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) address: SocketAddr,
    pub(crate) path: String,
    pub(crate) headers: Vec<Header>,
}

/// How a server bore a load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// Answers in a second.
    pub(crate) rate: f64,
    /// The median time to an answer, in milliseconds.
    pub(crate) p50: f64,
    /// The time within which 99 of 100 were answered, in milliseconds.
    pub(crate) p99: f64,
}

impl Wrk {
    /// The program, if it is there.
    pub(crate) fn find() -> Option<Self> {
        Command::new("wrk").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
        let script = NamedTempFile::new().unwrap();
        std::fs::write(script.path(), TELL).unwrap();
        Some(Self { script })
    }

    /// Asks as fast as it is answered, for two seconds.
    pub(crate) fn press(&self, ask: &Ask) -> Figures {
        let mut command = Command::new("wrk");
        command
            .args(["--threads", &THREADS.to_string(), "--connections", &CONNECTIONS.to_string()])
            .args(["--duration", &format!("{}s", LASTS.as_secs())])
            .arg("--script")
            .arg(self.script.path());
        for (name, value) in &ask.headers {
            command.args(["--header", &format!("{name}: {value}")]);
        }
        let output = command.arg(format!("http://{}{}", ask.address, ask.path)).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let line = said.lines().find_map(|line| line.strip_prefix("figures ")).unwrap_or_else(|| panic!("{said}"));
        let figures: Vec<f64> = line.split(' ').map(|figure| figure.parse().unwrap()).collect();
        let &[requests, micros, p50, p99, failed] = figures.as_slice() else { panic!("{line}") };
        assert!(failed < 1.0, "{failed} of {requests} requests for {} failed", ask.path);
        Figures { rate: requests / micros * 1e6, p50: p50 / 1e3, p99: p99 / 1e3 }
    }
}
