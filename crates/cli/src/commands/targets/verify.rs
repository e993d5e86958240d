//! `unistatus targets verify`: whether the sources are still where and what the entries say.

use std::fmt;
use std::sync::Arc;

use comfy_table::{Cell, Color};
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use unistatus_core::catalog::{Selection, TargetsSource};
use unistatus_core::config::{Flags, Settings};
use unistatus_core::exit::{self, Failure};
use unistatus_core::schema::{FailureClass, Status};
use unistatus_core::shutdown;
use unistatus_core::target::fetch::FetchError;
use unistatus_core::target::identify::identify;
use unistatus_core::target::spec::Configured;
use unistatus_core::target::{Examination, Explanation};
use unistatus_core::telemetry::{self, Traces};

use super::{Asker, entries, several, shown};
use crate::bar::Bar;
use crate::output::{self, printable};

/// Check targets against their live sources: what moved, what changed, what is gone
///
/// Examples:
///   unistatus targets verify
///   unistatus targets verify github gitlab
///   unistatus targets verify --all --json
///
/// Exit codes: 0 if all is fine, 1 if anything needs attention, 2 for wrong arguments.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// The targets [default: those that are asked, by CATALOG and the own file]
    #[arg(value_name = "NAME", conflicts_with = "all")]
    names: Vec<String>,
    /// All of the catalog and the own file
    #[arg(long)]
    all: bool,
    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

/// What was found out about a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Verdict {
    Fine,
    /// It lies elsewhere for good: the entry should say so.
    Moved,
    /// Another format than the entry's reads it.
    OtherFormat,
    /// It says words that no mapping knows.
    UnknownWords,
    /// No format reads it.
    Unreadable,
    Unreachable,
    NotFound,
    RateLimited,
    NeedsCredentials,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fine => "fine",
            Self::Moved => "moved",
            Self::OtherFormat => "another format",
            Self::UnknownWords => "unknown words",
            Self::Unreadable => "unreadable",
            Self::Unreachable => "unreachable",
            Self::NotFound => "not found",
            Self::RateLimited => "rate limited",
            Self::NeedsCredentials => "needs credentials",
        })
    }
}

/// One thing that was found out about a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Finding {
    verdict: Verdict,
    detail: String,
}

impl Finding {
    fn new(verdict: Verdict, detail: impl fmt::Display) -> Self {
        Self { verdict, detail: format!("{detail}") }
    }
}

/// A target and what was found out about it.
#[derive(Serialize)]
struct Checked {
    target: String,
    endpoint: String,
    findings: Vec<Finding>,
}

impl Checked {
    fn is_fine(&self) -> bool {
        self.findings.iter().all(|finding| finding.verdict == Verdict::Fine)
    }
}

/// Checks the targets and shows what came of it; on SIGINT or SIGTERM, what is known by then.
pub(super) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    let settings = Settings::load(&flags).map_err(Failure::config)?;
    let bar = Bar::new("Checking", "targets");
    let above = bar.clone();
    telemetry::init_through(settings.log_level, settings.log_format, &Traces::nowhere(), move || above.above());
    let targets = chosen(&arguments, &settings)?;
    let asker = Asker::new(&settings)?;
    let stop = shutdown::on_signal().map_err(Failure::broken)?;
    let all = targets.len();
    let checked = check(targets, asker, &bar, &stop).await;
    if arguments.json {
        output::print_json(&serde_json::to_vec(&checked).map_err(Failure::broken)?)?;
    } else {
        output::print(&text(&checked))?;
    }
    outcome(&checked, all)
}

fn chosen(arguments: &Arguments, settings: &Settings) -> Result<Vec<Configured>, Failure> {
    if !arguments.names.is_empty() {
        let own = entries::own(settings)?;
        return arguments.names.iter().map(|name| entries::find(&own, name)).collect();
    }
    let selection = if arguments.all { Selection::All } else { settings.catalog.clone() };
    let source = TargetsSource::new(selection, settings.targets_file.clone());
    let (targets, _) = source.load().map_err(Failure::config)?;
    Ok(targets.iter().cloned().collect())
}

/// Asks all of them, as politely as the fetcher does; those that answered until it was stopped, in the order given.
async fn check(targets: Vec<Configured>, asker: Asker, bar: &Bar, stop: &CancellationToken) -> Vec<Checked> {
    let all = targets.len();
    let asker = Arc::new(asker);
    let examine = |target: Configured| {
        let asker = Arc::clone(&asker);
        async move { look(&target, &asker).await }
    };
    let mut checked: Vec<(usize, Checked)> = Vec::with_capacity(all);
    let mut wanting = 0;
    bar.begin();
    let done = several::each(targets, examine, |place, one| {
        wanting += usize::from(!one.is_fine());
        checked.push((place, one));
        bar.show(checked.len() as u64, all as u64, format!("{wanting} need attention"));
    });
    tokio::select! {
        () = done => {}
        () = stop.cancelled() => {}
    }
    bar.end();
    checked.sort_by_key(|(place, _)| *place);
    checked.into_iter().map(|(_, one)| one).collect()
}

async fn look(configured: &Configured, asker: &Asker) -> Checked {
    let identity = configured.target.identity();
    let findings = match asker.examine(&*configured.target).await {
        Ok(examined) if identity.kind.is_probe() => vec![measured(&examined.explanation)],
        Ok(examined) => {
            // Every format tries its hand at what its own one does not read.
            let has_secrets = identity.endpoint.contains("${");
            let judged = tokio::task::spawn_blocking(move || judge(&examined, has_secrets)).await;
            judged.unwrap_or_else(|panic| vec![Finding::new(Verdict::Unreadable, panic)])
        }
        Err(error) => vec![failed(&error)],
    };
    Checked { target: identity.name.clone(), endpoint: identity.endpoint.clone(), findings }
}

/// What a probe measured, in the words of its last attempt.
fn measured(explanation: &Explanation) -> Finding {
    let services = explanation.report.iter().flat_map(|report| &report.services);
    let is_down = services.map(|service| service.status).max() == Some(Status::Outage);
    let verdict = if is_down { Verdict::Unreachable } else { Verdict::Fine };
    Finding::new(verdict, explanation.lines.last().map_or("", |line| &line.outcome))
}

/// What an answer says of its target. An address that a secret went into leads to others that may hold it, too.
fn judge(examined: &Examination, has_secrets: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(moved) = examined.moved() {
        let host = moved.host_str().unwrap_or_default();
        let to = if has_secrets { format!("to an address of {host}") } else { format!("to {moved}") };
        findings.push(Finding::new(Verdict::Moved, to));
    }
    match &examined.explanation.report {
        Ok(report) if report.unknown_words.is_empty() => {
            if findings.is_empty() {
                findings.push(Finding::new(Verdict::Fine, shown::summary(report)));
            }
        }
        Ok(report) => {
            let words: Vec<_> = report.unknown_words.iter().map(|word| format!("\"{word}\"")).collect();
            findings.push(Finding::new(Verdict::UnknownWords, words.join(", ")));
        }
        Err(error) => {
            let others = identify(&examined.document()).matches;
            let names: Vec<_> = others.iter().map(|found| format!("{} {}", found.kind, found.format.name)).collect();
            findings.push(if names.is_empty() {
                Finding::new(Verdict::Unreadable, error)
            } else {
                Finding::new(Verdict::OtherFormat, names.join(", "))
            });
        }
    }
    findings
}

fn failed(error: &FetchError) -> Finding {
    let verdict = match (error.class(), error.http_status_code()) {
        (FailureClass::RateLimited, _) => Verdict::RateLimited,
        (FailureClass::NotConfigured, _) | (_, Some(401 | 403 | 407)) => Verdict::NeedsCredentials,
        (_, Some(404 | 410)) => Verdict::NotFound,
        _ => Verdict::Unreachable,
    };
    Finding::new(verdict, error)
}

fn text(checked: &[Checked]) -> String {
    let rows = checked.iter().flat_map(|one| {
        let row = |finding: &Finding| {
            let color = if finding.verdict == Verdict::Fine { Color::Green } else { Color::Yellow };
            vec![output::cell(&one.target), Cell::new(finding.verdict).fg(color), output::cell(&finding.detail)]
        };
        one.findings.iter().map(row)
    });
    let table = output::grid(&["TARGET", "VERDICT", "DETAIL"], rows);
    let fine = checked.iter().filter(|one| one.is_fine()).count();
    format!("{table}\n\n{fine} of {} targets are fine.", checked.len())
}

/// The failure to find all fine, or to look at all.
fn outcome(checked: &[Checked], all: usize) -> Result<(), Failure> {
    let mut lines = Vec::new();
    let wanting: Vec<_> = checked.iter().filter(|one| !one.is_fine()).map(|one| printable(&one.target)).collect();
    if !wanting.is_empty() {
        lines.push(format!("{} need attention: {}", wanting.len(), wanting.join(", ")));
    }
    if checked.len() < all {
        lines.push(format!("interrupted: {} of {all} targets were not checked", all - checked.len()));
    }
    if lines.is_empty() { Ok(()) } else { Err(Failure::new(exit::BROKEN, lines.join("\n"))) }
}
