//! Logs: what happens, on standard error, for people or for machines. And [traces](Traces): how long it takes.

mod json;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
mod traces;

use std::fmt;
use std::io::{self, IsTerminal as _};
use std::panic;
use std::str::FromStr;

pub(crate) use json::last_word;
pub use traces::{Traces, TracesError, continue_trace};
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Filter, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// How the names of our crates begin: those of the libraries, and of the programs around them.
const OURS: [&str; 3] = ["unistatus", "collector", "api"];

/// What calls the faults of clients errors: requests that are no HTTP, connections that break off. Each has its answer,
/// and its line in the access log.
const OF_CLIENTS: &str = "actix_http::h1::dispatcher";

/// How much is logged. The words are those of the configuration, and of the lines for machines.
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
    /// What ends the process otherwise than asked for, which is told whatever the level: nothing else.
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
            Self::Error => LevelFilter::ERROR,
            Self::Critical => LevelFilter::OFF,
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

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
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

impl fmt::Display for AccessLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
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

/// Starts to log to standard error, panics included. Libraries are heard one level less than we are. A process that logs
/// already keeps its logger.
pub fn init(level: LogLevel, format: LogFormat, traces: &Traces) {
    init_through(level, format, traces, io::stderr);
}

/// The same for a process that draws on the terminal too: `writer` makes what takes each line to standard error.
pub fn init_through<W: io::Write + 'static>(
    level: LogLevel,
    format: LogFormat,
    traces: &Traces,
    writer: impl Fn() -> W + Send + Sync + 'static,
) {
    let _ = subscriber(level, format, traces, writer).try_init();
    if format == LogFormat::Json {
        let in_plain_words = panic::take_hook();
        // Past the logger: it may be what panicked.
        panic::set_hook(Box::new(move |info| match json::panicked(info) {
            Ok(line) => eprintln!("{line}"),
            Err(_) => in_plain_words(info),
        }));
    }
}

fn subscriber<W: io::Write + 'static>(
    level: LogLevel,
    format: LogFormat,
    traces: &Traces,
    writer: impl Fn() -> W + Send + Sync + 'static,
) -> impl Subscriber + Send + Sync {
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let layer = match format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).with_target(false).boxed(),
        LogFormat::Json => lines.event_format(json::Lines).boxed(),
    };
    // A list, as an absent layer among the others would count as one that wants every span.
    let mut layers = vec![layer.with_filter(Events::at(level)).boxed()];
    layers.extend(traces.layer().map(Layer::boxed));
    tracing_subscriber::registry().with(layers)
}

/// Whether a module is one of ours.
fn is_ours(module: &str) -> bool {
    OURS.iter().any(|name| module.starts_with(name))
}

/// What is logged: events, and no spans, so that none is made where nobody takes traces.
struct Events(Targets);

impl Events {
    fn at(level: LogLevel) -> Self {
        let libraries = level.filter().min(LevelFilter::WARN);
        let targets = Targets::new().with_default(libraries).with_targets(OURS.map(|target| (target, level.filter())));
        Self(if level == LogLevel::Debug { targets } else { targets.with_target(OF_CLIENTS, LevelFilter::OFF) })
    }
}

impl<S> Filter<S> for Events {
    fn enabled(&self, metadata: &Metadata<'_>, context: &Context<'_, S>) -> bool {
        metadata.is_event() && Filter::<S>::enabled(&self.0, metadata, context)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.is_event() { Filter::<S>::callsite_enabled(&self.0, metadata) } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Filter::<S>::max_level_hint(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::sync::{Arc, Mutex};
    use std::{env, thread};

    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn levels_and_formats_are_read_in_any_case() {
        assert_eq!("warning".parse::<LogLevel>(), Ok(LogLevel::Warning));
        assert_eq!("Critical".parse(), Ok(LogLevel::Critical));
        assert!("loud".parse::<LogLevel>().unwrap_err().contains("DEBUG, INFO"));
        assert_eq!("JSON".parse::<LogFormat>(), Ok(LogFormat::Json));
    }

    /// What is written while something is done.
    fn written(level: LogLevel, format: LogFormat, work: impl FnOnce()) -> String {
        let written = Arc::<Mutex<Vec<u8>>>::default();
        let writer = Arc::clone(&written);
        let sink = move || Sink(Arc::clone(&writer));
        tracing::subscriber::with_default(subscriber(level, format, &Traces::nowhere(), sink), work);
        String::from_utf8(written.lock().unwrap().clone()).unwrap()
    }

    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn objects(written: &str) -> Vec<Value> {
        written.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn each_level_lets_through_what_is_as_bad_or_worse_in_its_own_words() {
        let speak = || {
            tracing::trace!("of no level");
            tracing::debug!("debug");
            tracing::info!("info");
            tracing::warn!("warning");
            tracing::error!("error");
            tracing::debug!(target: "library", "a library's");
            tracing::info!(target: "library", "a library's");
            tracing::warn!(target: "library", "a library's");
        };
        for (level, expected) in [
            (LogLevel::Debug, &["DEBUG", "INFO", "WARNING", "ERROR", "WARNING"][..]),
            (LogLevel::Info, &["INFO", "WARNING", "ERROR", "WARNING"]),
            (LogLevel::Warning, &["WARNING", "ERROR", "WARNING"]),
            (LogLevel::Error, &["ERROR"]),
            (LogLevel::Critical, &[]),
        ] {
            let objects = objects(&written(level, LogFormat::Json, speak));
            let levels: Vec<_> = objects.iter().map(|line| line["level"].as_str().unwrap()).collect();
            assert_eq!(levels, expected, "{level}");
            assert_eq!(written(level, LogFormat::Text, speak).lines().count(), expected.len(), "{level}");
        }
    }

    #[test]
    fn a_line_for_machines_is_one_object_with_each_name_once() {
        let text = written(LogLevel::Info, LogFormat::Json, || {
            tracing::info!(target = "github", level = 3, is_new = true, ratio = 0.5, cause = %"a\nb", "two\nlines \"q\"");
        });
        let line = &objects(&text)[0];
        for (name, value) in [
            ("level", json!("INFO")),
            ("module", json!(module_path!())),
            ("target", json!("github")),
            ("field.level", json!(3)),
            ("is_new", json!(true)),
            ("ratio", json!(0.5)),
            ("cause", json!("a\nb")),
            ("message", json!("two\nlines \"q\"")),
        ] {
            assert_eq!(line[name], value, "{text}");
            assert_eq!(text.matches(&format!("\"{name}\":")).count(), 1, "{text}");
        }
        assert!(text.starts_with("{\"timestamp\":\"20") && text.ends_with("}\n"), "{text}");
        chrono::DateTime::parse_from_rfc3339(line["timestamp"].as_str().unwrap()).unwrap();
    }

    #[test]
    fn a_panic_is_an_object_too() {
        const HERE: &str = "telemetry::tests::a_panic_is_an_object_too";
        const CHILD: &str = "PANICS";
        if env::var_os(CHILD).is_some() {
            init(LogLevel::Info, LogFormat::Json, &Traces::nowhere());
            let thread = thread::Builder::new().name("broken".to_owned()).spawn(|| panic!("two\nlines"));
            return assert!(thread.unwrap().join().is_err());
        }
        // In a process of its own: what is done on a panic is the same for all threads.
        for (traces, expected) in [("0", false), ("1", true)] {
            let mut child = Command::new(env::current_exe().unwrap());
            let child = child.args(["--exact", HERE, "--nocapture"]).envs([(CHILD, "1"), ("RUST_BACKTRACE", traces)]);
            let output = child.output().unwrap();
            assert!(output.status.success(), "{output:?}");
            let line = &objects(&String::from_utf8(output.stderr).unwrap())[0];
            assert_eq!((&line["level"], &line["error"]), (&json!("ERROR"), &json!("two\nlines")), "{line}");
            assert_eq!((&line["message"], &line["thread"]), (&json!("a thread panicked"), &json!("broken")), "{line}");
            assert!(line["at"].as_str().unwrap().contains(file!()), "{line}");
            assert_eq!(line["backtrace"].is_string(), expected, "{line}");
        }
    }

    #[test]
    fn the_last_word_is_an_object_too() {
        let line: Value = serde_json::from_str(&last_word("api::main", "api", "a \"fault\"").unwrap()).unwrap();
        assert_eq!((&line["level"], &line["program"]), (&json!("CRITICAL"), &json!("api")));
        assert_eq!(line["message"], "a \"fault\"");
        assert!(line["timestamp"].is_string(), "{line}");
    }
}
