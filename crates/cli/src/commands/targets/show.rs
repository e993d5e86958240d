//! `unistatus targets show`: everything about one target.

use serde::Serialize;
use unistatus_core::catalog::{TargetSet, TargetsError, entries, nearest};
use unistatus_core::config::Flags;
use unistatus_core::exit::{self, Failure};

use super::about::{About, configured};
use crate::output::{self, printable};

/// Everything about one target, your own or one of the catalog
///
/// Examples:
///   unistatus targets show github
///   unistatus targets show twitter --json
///
/// Exit codes: 0, 2 for a name that is not known, 78 for settings or targets that cannot be used.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// The target's name, or an alias of it
    name: String,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// A target, and what the present configuration makes of it.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    about: About<'a>,
    /// Whether it is asked.
    asked: bool,
}

/// Prints a target.
pub(super) fn run(arguments: &Arguments, flags: &Flags) -> Result<(), Failure> {
    let (set, secrets) = configured(flags, None)?;
    let name = arguments.name.to_lowercase();
    let Some(entry) = set.look_up(&name).map_err(Failure::config)? else {
        return Err(unknown(&arguments.name, &set).unwrap_or_else(Failure::config));
    };
    let about = About::of(entry, &secrets);
    let shown = Shown { asked: set.get(about.name).is_some(), about };
    if arguments.json {
        output::print_json(&serde_json::to_vec(&shown).map_err(Failure::broken)?)
    } else {
        output::print(&shown.lines())
    }
}

impl Shown<'_> {
    /// A line each for what there is to say.
    fn lines(&self) -> String {
        let about = &self.about;
        let quoted = |globs: &[String]| globs.iter().map(|glob| format!("\"{glob}\"")).collect::<Vec<_>>().join(", ");
        let asked = if self.asked { "yes" } else { "no: CATALOG does not select it" };
        let lines = [
            ("name", about.name.to_owned()),
            ("title", about.title.to_owned()),
            ("aliases", about.aliases.join(", ")),
            ("category", about.category.unwrap_or_default().to_owned()),
            ("file", about.file.unwrap_or_default().to_owned()),
            ("homepage", about.homepage.unwrap_or_default().to_owned()),
            ("type", about.kind.to_owned()),
            ("format", about.format.unwrap_or_default().to_owned()),
            ("endpoint", about.endpoint.to_owned()),
            ("every", about.every.unwrap_or_default().to_owned()),
            ("floor", format!("{}s", about.floor)),
            ("include", quoted(about.include)),
            ("exclude", quoted(about.exclude)),
            ("evidence", about.evidence.unwrap_or_default().to_owned()),
            ("flags", about.flags()),
            ("note", about.note.unwrap_or_default().to_owned()),
            ("asked", asked.to_owned()),
            ("missing", about.missing.clone().unwrap_or_default()),
        ];
        let told = lines.into_iter().filter(|(_, value)| !value.is_empty());
        told.map(|(key, value)| format!("{key:<10}{}", printable(&value))).collect::<Vec<_>>().join("\n")
    }
}

/// Says that no target is called so, and which are called nearly so.
pub(super) fn unknown(name: &str, set: &TargetSet) -> Result<Failure, TargetsError> {
    let known = set.entries().chain(entries()?);
    let names = known.flat_map(|entry| [entry.spec.name()].into_iter().chain(entry.spec.aliases()));
    let hint = match nearest(name, names).join(", ") {
        none if none.is_empty() => "`unistatus targets list --all` lists those there are".to_owned(),
        near => format!("near it: {near}"),
    };
    Ok(Failure::new(exit::USAGE, format!("no target is called \"{name}\"; {hint}")))
}
