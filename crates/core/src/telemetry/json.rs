//! Logs for machines: an object a line.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt;
use std::panic::PanicHookInfo;
use std::thread;

use serde::Serialize;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::LogLevel;

/// A line. What is read first stands first.
#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Value>,
    /// The part of the program that speaks.
    module: &'a str,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

/// The names that fields cannot have: a name stands in an object once.
const TAKEN: [&str; 3] = ["timestamp", "level", "module"];

impl<'a> Line<'a> {
    fn now(level: LogLevel, module: &'a str, mut fields: Map<String, Value>) -> Self {
        let mut timestamp = String::new();
        // A text takes whatever is written to it.
        let _ = SystemTime.format_time(&mut Writer::new(&mut timestamp));
        Self { timestamp, level: level.as_str(), message: fields.remove("message"), module, fields }
    }

    /// Without a line break: those of texts are escaped.
    fn text(&self) -> Result<String, fmt::Error> {
        serde_json::to_string(self).map_err(|_| fmt::Error)
    }
}

/// What a program says last, as it ends otherwise than asked for.
pub(crate) fn last_word(module: &str, program: &str, message: &str) -> Result<String, fmt::Error> {
    let fields = [("message", message), ("program", program)];
    let fields = fields.map(|(name, text)| (name.to_owned(), Value::from(text)));
    Line::now(LogLevel::Critical, module, fields.into_iter().collect()).text()
}

/// What a thread says as it panics: a fault of ours, of which what it was about may or may not survive.
pub(super) fn panicked(info: &PanicHookInfo<'_>) -> Result<String, fmt::Error> {
    let thread = thread::current();
    let mut fields = Map::new();
    fields.insert("message".to_owned(), "a thread panicked".into());
    fields.insert("error".to_owned(), info.payload_as_str().unwrap_or("of no text").into());
    fields.insert("thread".to_owned(), thread.name().unwrap_or("unnamed").into());
    fields.extend(info.location().map(|at| ("at".to_owned(), at.to_string().into())));
    // As in plain words: where RUST_BACKTRACE asks for it.
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        fields.insert("backtrace".to_owned(), trace.to_string().into());
    }
    Line::now(LogLevel::Error, module_path!(), fields).text()
}

/// Writes events as lines.
pub(super) struct Lines;

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Fields { known, module } = fields;
        let module = module.as_deref().unwrap_or(event.metadata().target());
        writeln!(writer, "{}", Line::now(word(*event.metadata().level()), module, known).text()?)
    }
}

/// The configuration's word for a level of an event.
const fn word(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warning,
        Level::INFO => LogLevel::Info,
        _ => LogLevel::Debug,
    }
}

/// The fields of an event.
#[derive(Default)]
struct Fields {
    known: Map<String, Value>,
    /// The module, where the event is of a library that speaks through the crate `log`.
    module: Option<String>,
}

impl Fields {
    fn take(&mut self, field: &Field, value: Value) {
        match field.name() {
            "log.target" => self.module = value.as_str().map(str::to_owned),
            // Where in a library's source that was.
            name if name.starts_with("log.") => {}
            name => {
                let name = name.strip_prefix("r#").unwrap_or(name);
                let name = if TAKEN.contains(&name) { format!("field.{name}") } else { name.to_owned() };
                self.known.insert(name, value);
            }
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, Value::from(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, Value::from(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.take(field, Value::from(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.take(field, Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.take(field, Value::from(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.take(field, Value::from(value));
    }
}
