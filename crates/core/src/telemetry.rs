//! Logs: what happens, on standard error, for people or for machines.

use std::fmt;
use std::io::{self, IsTerminal as _};
use std::str::FromStr;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// How the names of our crates begin: those of the libraries, and of the programs around them.
const OURS: [&str; 3] = ["unistatus", "collector", "api"];

/// How much is logged. The words are those of the configuration; there is nothing above an error to log, so
/// `CRITICAL` means errors only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// Each ask and each decision.
    Debug,
    /// What an operator wants to see on a good day.
    #[default]
    Info,
    /// What may need somebody.
    Warning,
    /// What does need somebody.
    Error,
    /// As `ERROR`.
    Critical,
}

impl LogLevel {
    /// All levels, chattiest first.
    pub const ALL: [Self; 5] = [Self::Debug, Self::Info, Self::Warning, Self::Error, Self::Critical];

    /// The word of the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        }
    }

    const fn filter(self) -> LevelFilter {
        match self {
            Self::Debug => LevelFilter::DEBUG,
            Self::Info => LevelFilter::INFO,
            Self::Warning => LevelFilter::WARN,
            Self::Error | Self::Critical => LevelFilter::ERROR,
        }
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for LogLevel {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|level| level.as_str().eq_ignore_ascii_case(word))
            .ok_or_else(|| "one of DEBUG, INFO, WARNING, ERROR, CRITICAL".to_owned())
    }
}

/// For whom is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// An object a line for machines.
    Json,
}

impl LogFormat {
    /// The word of the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Text, Self::Json]
            .into_iter()
            .find(|format| format.as_str().eq_ignore_ascii_case(word))
            .ok_or_else(|| "text or json".to_owned())
    }
}

/// Which requests to the API are logged, a line each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessLog {
    /// None.
    Off,
    /// Those that had no good answer (a status of 400 and above).
    #[default]
    Failures,
    /// All of them.
    All,
}

impl AccessLog {
    /// The word of the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Failures => "failures",
            Self::All => "all",
        }
    }
}

impl FromStr for AccessLog {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Off, Self::Failures, Self::All]
            .into_iter()
            .find(|which| which.as_str().eq_ignore_ascii_case(word))
            .ok_or_else(|| "off, failures or all".to_owned())
    }
}

/// Starts to log to standard error. Libraries are heard one level less than we are. A process that logs already keeps
/// its logger.
pub fn init(level: LogLevel, format: LogFormat) {
    init_through(level, format, io::stderr);
}

/// The same for a process that draws on the terminal too: `writer` makes what takes each line to standard error.
pub fn init_through<W: io::Write + 'static>(
    level: LogLevel,
    format: LogFormat,
    writer: impl Fn() -> W + Send + Sync + 'static,
) {
    let libraries = level.filter().min(LevelFilter::WARN);
    let filter = Targets::new().with_default(libraries).with_targets(OURS.map(|target| (target, level.filter())));
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let layer = match format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let _ = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_formats_are_read_in_any_case() {
        assert_eq!("warning".parse::<LogLevel>(), Ok(LogLevel::Warning));
        assert_eq!("Critical".parse::<LogLevel>().unwrap().filter(), LevelFilter::ERROR);
        assert!("loud".parse::<LogLevel>().unwrap_err().contains("DEBUG, INFO"));
        assert_eq!("JSON".parse::<LogFormat>(), Ok(LogFormat::Json));
    }
}
