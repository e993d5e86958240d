//! `unistatus targets discover`: from an address to an entry of a targets file.

use std::path::PathBuf;

use serde::Serialize;
use unistatus_core::catalog;
use unistatus_core::config::{Flags, Settings};
use unistatus_core::exit::{self, Failure};
use unistatus_core::schema::Timestamp;
use unistatus_core::target::discover::{Attempt, Candidate, Discovery, address, discover};
use unistatus_core::target::spec::{NAME_ACCEPTED, is_name};
use unistatus_core::telemetry::{self, Traces};

use super::entries::TargetsFile;
use super::shown::{self, Shown};
use crate::output::{self, printable};

/// Find out how a status page, an API or a feed is read: its format, its best endpoint, and the entry to add
///
/// Examples:
///   unistatus targets discover status.example.com
///   unistatus targets discover status.example.com/history.rss --name example --write targets.toml
///
/// Exit codes: 0, 1 if nothing was found, 2 for wrong arguments or a name that is taken, 3 for an address that cannot be
/// reached.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// The address; without a scheme, https
    #[arg(value_name = "URL")]
    address: String,
    /// What to call the target [default: after the host]
    #[arg(long, value_parser = name)]
    name: Option<String>,
    /// Add the entry to this targets file
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

fn name(text: &str) -> Result<String, String> {
    if is_name(text) { Ok(text.to_owned()) } else { Err(format!("expected {NAME_ACCEPTED}")) }
}

/// What was found, as JSON.
#[derive(Serialize)]
struct Found<'a> {
    /// The best first.
    candidates: Vec<FoundCandidate<'a>>,
    asked: Vec<Asked>,
    /// The entry of the best.
    entry: String,
}

#[derive(Serialize)]
struct FoundCandidate<'a> {
    r#type: &'static str,
    format: &'static str,
    endpoint: &'a str,
    /// The address that led there, if it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<&'a str>,
    page: Option<&'a str>,
    #[serde(flatten)]
    report: Shown<'a>,
}

#[derive(Serialize)]
struct Asked {
    address: String,
    outcome: String,
}

impl From<&Attempt> for Asked {
    fn from(attempt: &Attempt) -> Self {
        Self { address: attempt.url.to_string(), outcome: attempt.outcome.to_string() }
    }
}

impl<'a> From<&'a Candidate> for FoundCandidate<'a> {
    fn from(candidate: &'a Candidate) -> Self {
        Self {
            r#type: candidate.kind.as_str(),
            format: candidate.format.name,
            endpoint: candidate.endpoint.as_str(),
            asked: (candidate.asked != candidate.endpoint).then(|| candidate.asked.as_str()),
            page: candidate.page(),
            report: Shown::from(&candidate.report),
        }
    }
}

/// Looks for the best endpoint, shows it, and adds it where that is asked for.
pub(super) async fn run(arguments: Arguments, flags: Flags) -> Result<(), Failure> {
    let Arguments { address: given, name, write, json } = arguments;
    let settings = Settings::load(&flags).map_err(Failure::config)?;
    telemetry::init(settings.log_level, settings.log_format, &Traces::nowhere());
    let start = address(&given).map_err(|error| Failure::new(exit::USAGE, error))?;
    let name = name.unwrap_or_else(|| suggested(start.host_str().unwrap_or_default()));
    // What is wrong with the file is told before anybody is asked.
    let file = write.as_deref().map(TargetsFile::new);
    if let Some(file) = &file {
        file.check(&name)?;
    }
    let fetcher = super::fetcher(&settings)?;
    let found = discover(&fetcher, &start, Timestamp::now())
        .await
        .map_err(|error| Failure::new(exit::UNREACHABLE, format!("{start} cannot be read: {error}")))?;
    let Some(best) = found.candidates.first() else { return Err(nothing(start.as_str(), &found)) };
    let entry = best.entry(&name);
    if json {
        let candidates = found.candidates.iter().map(FoundCandidate::from).collect();
        let asked = found.attempts.iter().map(Asked::from).collect();
        let found = Found { candidates, asked, entry: entry.clone() };
        output::print_json(&serde_json::to_vec(&found).map_err(Failure::broken)?)?;
    } else {
        output::print(&text(best, &found, &entry))?;
    }
    if let Some(other) = built_in(best)? {
        eprintln!("The catalog asks this host already, as \"{other}\".");
    }
    if let (Some(file), Some(path)) = (&file, &write) {
        file.add(&name, &entry)?;
        eprintln!("Added \"{name}\" to {}.", path.display());
    }
    Ok(())
}

/// The failure to find anything, with what came of each address.
fn nothing(start: &str, found: &Discovery) -> Failure {
    let mut lines =
        vec![format!("nothing at {start} is read by a built-in format; `jq`, `selectors` and `rules` read others")];
    lines.extend(found.attempts.iter().map(|attempt| format!("  {}: {}", attempt.url, attempt.outcome)));
    Failure::new(exit::BROKEN, printable_lines(&lines))
}

fn printable_lines(lines: &[String]) -> String {
    lines.iter().map(|line| printable(line)).collect::<Vec<_>>().join("\n")
}

fn text(best: &Candidate, found: &Discovery, entry: &str) -> String {
    let heading = |candidate: &Candidate| {
        let page = candidate.page().map(|page| format!("{page}: ")).unwrap_or_default();
        format!("{page}{} {} at {}", candidate.kind, candidate.format.name, candidate.endpoint)
    };
    let mut lines = vec![heading(best)];
    if best.asked != best.endpoint {
        lines.push(format!("  {} leads there", best.asked));
    }
    lines.push(format!("  {}", shown::coverage(best.report.coverage)));
    let entry_lines: Vec<_> = entry.lines().map(str::to_owned).collect();
    let mut blocks = vec![printable_lines(&lines), shown::text(&best.report), printable_lines(&entry_lines)];
    let others: Vec<_> = found.candidates.iter().skip(1).collect();
    if !others.is_empty() {
        let others = others.into_iter().map(|other| format!("  {}; {}", heading(other), shown::summary(&other.report)));
        blocks.push(format!("Less good:\n{}", printable_lines(&others.collect::<Vec<_>>())));
    }
    let asked = found.attempts.iter().map(|attempt| format!("  {}: {}", attempt.url, attempt.outcome));
    blocks.push(format!("Asked:\n{}", printable_lines(&asked.collect::<Vec<_>>())));
    blocks.join("\n\n")
}

/// The catalog's entry that asks the same host, if there is one.
fn built_in(best: &Candidate) -> Result<Option<&'static str>, Failure> {
    let host = best.endpoint.host_str();
    let entries = catalog::entries().map_err(Failure::config)?;
    let asks_it =
        |entry: &&catalog::Entry| address(entry.spec.endpoint()).is_ok_and(|endpoint| endpoint.host_str() == host);
    Ok(entries.iter().find(asks_it).map(|entry| entry.spec.name()))
}

/// Words that say what sort of host it is and not whose.
const GENERIC: &[&str] =
    &["www", "status", "statuspage", "health", "uptime", "api", "trust", "system", "instatus", "betteruptime"];

/// What to call a target after its host: `status.example.com` is `example`, and so is `www.examplestatus.com`.
fn suggested(host: &str) -> String {
    let mut labels: Vec<&str> = host.split('.').collect();
    if labels.iter().all(|label| label.bytes().all(|byte| byte.is_ascii_digit())) || labels.len() == 1 {
        return slug(host);
    }
    labels.pop();
    // A second level that is none of a vendor's: example.co.uk.
    if labels.len() > 1
        && labels.last().is_some_and(|label| matches!(*label, "ac" | "co" | "com" | "gov" | "net" | "org"))
    {
        labels.pop();
    }
    let own = labels.iter().rev().find(|label| !GENERIC.contains(label)).or(labels.last());
    let own = own.copied().unwrap_or(host);
    let short = own.strip_suffix("status").map(|short| short.trim_end_matches('-'));
    slug(short.filter(|short| !short.is_empty()).unwrap_or(own))
}

/// A text as the name of a target.
fn slug(text: &str) -> String {
    let is_kept = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let name: String = text.chars().map(|c| if is_kept(c) { c } else { '-' }).take(64).collect();
    let name = name.trim_matches('-');
    if is_name(name) { name.to_owned() } else { "target".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_called_after_its_host() {
        for (host, name) in [
            ("status.example.com", "example"),
            ("www.githubstatus.com", "github"),
            ("slack-status.com", "slack"),
            ("example.statuspage.io", "example"),
            ("status.example.co.uk", "example"),
            ("status.io", "status"),
            ("status.cloud.google.com", "google"),
            ("localhost", "localhost"),
            ("127.0.0.1", "127-0-0-1"),
            ("[::1]", "1"),
            ("xn--bcher-kva.example", "xn--bcher-kva"),
        ] {
            assert_eq!(suggested(host), name, "{host}");
        }
        assert_eq!(suggested(&format!("{}.com", "a".repeat(80))), "a".repeat(64));
    }
}
