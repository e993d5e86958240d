//! `unistatus targets test`: what a target yields, and why.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use unistatus_core::config::{Flags, Settings};
use unistatus_core::exit::{self, Failure};
use unistatus_core::target::fetch::FetchError;
use unistatus_core::target::spec::{Configured, is_name};
use unistatus_core::target::{Document, Explanation, Line};
use unistatus_core::telemetry::{self, Traces};

use super::shown::{self, Shown};
use super::{Asker, entries, several};
use crate::output::{self, printable};

/// Try targets: ask once (or read a recorded answer) and show what each yields and why
///
/// Examples:
///   unistatus targets test targets.toml
///   unistatus targets test github
///   unistatus targets test intranet --targets targets.toml --from health.json
///
/// Of a probe (PING, TCP, HTTP) it shows what each attempt found; that nobody answers is a measurement, and no failure.
///
/// Exit codes: 0, 1 if an answer cannot be read, 2 for wrong arguments, 3 for a source that cannot be reached.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// A targets file, or the name of a target: an own one, else one of the catalog
    #[arg(value_name = "FILE|NAME")]
    what: String,
    /// Read this recorded answer instead of asking
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

/// What came of one target.
struct Tried {
    target: Configured,
    /// What was read, or why there was nothing to read.
    outcome: Result<Explanation, FetchError>,
}

/// What came of one target, as JSON.
#[derive(Serialize)]
struct TriedJson<'a> {
    target: &'a str,
    r#type: &'static str,
    /// Not of a probe.
    #[serde(skip_serializing_if = "str::is_empty")]
    format: &'static str,
    endpoint: &'a str,
    lines: &'a [Line],
    #[serde(rename = "leftOut")]
    left_out: &'a [String],
    #[serde(flatten)]
    report: Option<Shown<'a>>,
    error: Option<String>,
}

/// Tries the targets and shows what came of it.
pub(super) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    let settings = Settings::load(&flags).map_err(Failure::config)?;
    telemetry::init(settings.log_level, settings.log_format, &Traces::nowhere());
    let targets = chosen(&arguments.what, &settings)?;
    let tried = match &arguments.from {
        Some(recorded) => vec![read(targets, &arguments.what, recorded)?],
        None => ask(targets, &settings).await?,
    };
    if arguments.json {
        let tried: Vec<_> = tried.iter().map(TriedJson::from).collect();
        output::print_json(&serde_json::to_vec(&tried).map_err(Failure::broken)?)?;
    } else {
        let tried: Vec<_> = tried.iter().map(text).collect();
        output::print(&tried.join("\n\n"))?;
    }
    outcome(&tried)
}

/// The one of a name, or the targets of a file.
fn chosen(what: &str, settings: &Settings) -> Result<Vec<Configured>, Failure> {
    let path = Path::new(what);
    let named = if is_name(&what.to_lowercase()) { Some(entries::find(&entries::own(settings)?, what)) } else { None };
    match named {
        Some(Ok(found)) => return Ok(vec![found]),
        Some(Err(unknown)) if !path.exists() => return Err(unknown),
        None if !path.exists() => return Err(Failure::new(exit::USAGE, format!("there is no file {what}"))),
        _ => {}
    }
    let targets: Vec<_> = entries::of_path(Some(path.to_owned()))?.iter().cloned().collect();
    if targets.is_empty() {
        return Err(Failure::new(exit::USAGE, format!("{what} names no target")));
    }
    Ok(targets)
}

/// Reads a recorded answer by the only target there is.
fn read(targets: Vec<Configured>, what: &str, recorded: &Path) -> Result<Tried, Failure> {
    let [target] = <[Configured; 1]>::try_from(targets).map_err(|targets| {
        let message = format!(
            "{what} has {} targets, and --from is the answer of one; expected the name of one, with --targets {what}",
            targets.len()
        );
        Failure::new(exit::USAGE, message)
    })?;
    let bytes = fs::read(recorded)
        .map_err(|error| Failure::new(exit::USAGE, format!("{} cannot be read: {error}", recorded.display())))?;
    let outcome = Ok(target.target.explain(&Document::new(&bytes)));
    Ok(Tried { target, outcome })
}

/// Asks every target once.
async fn ask(targets: Vec<Configured>, settings: &Settings) -> Result<Vec<Tried>, Failure> {
    let asker = Arc::new(Asker::new(settings)?);
    let examine = |target: Configured| {
        let asker = Arc::clone(&asker);
        async move {
            let outcome = asker.examine(&*target.target).await.map(|examined| examined.explanation);
            Tried { target, outcome }
        }
    };
    let mut tried = Vec::with_capacity(targets.len());
    several::each(targets, examine, |place, one| tried.push((place, one))).await;
    tried.sort_by_key(|(place, _)| *place);
    Ok(tried.into_iter().map(|(_, one)| one).collect())
}

impl Tried {
    /// Why there is no report.
    fn error(&self) -> Option<String> {
        match &self.outcome {
            Ok(explanation) => explanation.report.as_ref().err().map(ToString::to_string),
            Err(error) => Some(error.to_string()),
        }
    }

    fn lines(&self) -> &[Line] {
        self.outcome.as_ref().map_or(&[], |explanation| &explanation.lines)
    }

    fn left_out(&self) -> &[String] {
        self.outcome.as_ref().map_or(&[], |explanation| &explanation.left_out)
    }
}

impl<'a> From<&'a Tried> for TriedJson<'a> {
    fn from(tried: &'a Tried) -> Self {
        let identity = tried.target.target.identity();
        let report = tried.outcome.as_ref().ok().and_then(|explanation| explanation.report.as_ref().ok());
        Self {
            target: &identity.name,
            r#type: identity.kind.as_str(),
            format: tried.target.format,
            endpoint: &identity.endpoint,
            lines: tried.lines(),
            left_out: tried.left_out(),
            report: report.map(Shown::from),
            error: tried.error(),
        }
    }
}

fn text(tried: &Tried) -> String {
    let identity = tried.target.target.identity();
    let how = format!("{} {}", identity.kind, tried.target.format);
    let mut heading = format!("{}: {} at {}", identity.name, how.trim_end(), identity.endpoint);
    let report = tried.outcome.as_ref().ok().and_then(|explanation| explanation.report.as_ref().ok());
    if let (Some(report), false) = (report, identity.kind.is_probe()) {
        heading = format!("{heading}\n  {}", shown::coverage(report.coverage));
    }
    let mut blocks = vec![heading.lines().map(printable).collect::<Vec<_>>().join("\n")];
    if !tried.lines().is_empty() {
        blocks.push(tried.lines().iter().map(line).collect::<Vec<_>>().join("\n"));
    }
    if !tried.left_out().is_empty() {
        blocks.push(printable(&format!("Left out by include and exclude: {}", tried.left_out().join(", "))));
    }
    blocks.extend(report.map(shown::text));
    blocks.extend(tried.error().map(|error| printable(&format!("Nothing is known of it: {error}"))));
    blocks.join("\n\n")
}

/// A line of an explanation, on as many lines as things were found.
fn line(line: &Line) -> String {
    let found = line.found.iter().map(|found| format!("    {}: {}", found.by, found.what));
    let outcome = if line.outcome.is_empty() { "not read any further" } else { &line.outcome };
    let lines = [line.piece.clone()].into_iter().chain(found).chain([format!("    => {outcome}")]);
    lines.map(|line| printable(&line)).collect::<Vec<_>>().join("\n")
}

/// The failure of those that failed, one line each: what cannot be read weighs more than what cannot be reached.
fn outcome(tried: &[Tried]) -> Result<(), Failure> {
    let failed = tried.iter().filter_map(|one| Some((one, one.error()?)));
    let lines: Vec<_> =
        failed.map(|(one, error)| printable(&format!("{}: {error}", one.target.target.identity().name))).collect();
    let is_unread = |one: &Tried| one.outcome.as_ref().is_ok_and(|explanation| explanation.report.is_err());
    let code = if tried.iter().any(is_unread) { exit::BROKEN } else { exit::UNREACHABLE };
    if lines.is_empty() { Ok(()) } else { Err(Failure::new(code, lines.join("\n"))) }
}
