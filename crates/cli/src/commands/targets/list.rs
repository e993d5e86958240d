//! `unistatus targets list`: which targets there are.

use clap::builder::PossibleValuesParser;
use unistatus_core::catalog::{Selection, categories};
use unistatus_core::config::Flags;
use unistatus_core::exit::Failure;

use super::about::{About, configured};
use crate::output;

/// The targets that are asked, or all that could be
///
/// Without a choice these are the targets of the present configuration: what CATALOG selects, and your own.
///
/// Examples:
///   unistatus targets list
///   unistatus targets list --all --search mongo
///   unistatus targets list --all --category database --format statusio
///   unistatus targets list --catalog cloud,github --json
///
/// Exit codes: 0, 2 for wrong arguments, 78 for settings or targets that cannot be used.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// Those of this category of the catalog
    #[arg(long, value_name = "NAME", hide_possible_values = true)]
    #[arg(value_parser = PossibleValuesParser::new(categories()))]
    category: Option<String>,
    /// Those read by this format
    #[arg(long, value_name = "NAME")]
    format: Option<String>,
    /// Those of this type: REST, HTML, RSS, PING, TCP or HTTP
    #[arg(long = "type", value_name = "TYPE", hide_possible_values = true)]
    #[arg(ignore_case = true, value_parser = ["REST", "HTML", "RSS", "PING", "TCP", "HTTP"])]
    kind: Option<String>,
    /// Those with this text in their name, title, aliases, page or note, in any case
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    choice: Choice,
    /// Print everything that is known of them
    #[arg(long)]
    json: bool,
}

/// Instead of what is configured.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct Choice {
    /// As if CATALOG were `recommended`
    #[arg(long)]
    recommended: bool,
    /// As if CATALOG were `all`: the whole catalog
    #[arg(long)]
    all: bool,
    /// Only your own
    #[arg(long)]
    own: bool,
}

impl Choice {
    fn selection(&self) -> Option<Selection> {
        match self {
            Self { recommended: true, .. } => Some(Selection::Recommended),
            Self { all: true, .. } => Some(Selection::All),
            Self { own: true, .. } => Some(Selection::None),
            _ => None,
        }
    }
}

/// Prints the targets that match.
pub(super) fn run(arguments: &Arguments, flags: &Flags) -> Result<(), Failure> {
    let (set, secrets) = configured(flags, arguments.choice.selection())?;
    let all = set.entries().map(|entry| About::of(entry, &secrets));
    let listed: Vec<About<'_>> = all.filter(|about| arguments.takes(about)).collect();
    if arguments.json {
        return output::print_json(&serde_json::to_vec(&listed).map_err(Failure::broken)?);
    }
    output::print(&table(&listed))?;
    if listed.is_empty() {
        eprintln!("{}", arguments.nothing(set.is_empty()));
    }
    Ok(())
}

impl Arguments {
    /// What is said where the table is empty: it looks like a fault.
    fn nothing(&self, is_unconfigured: bool) -> &'static str {
        match (self.choice.all, is_unconfigured) {
            (true, _) => "No target matches.",
            (false, true) => "No target is configured; --all lists the whole catalog.",
            (false, false) => "No target matches; --all looks through the whole catalog.",
        }
    }

    fn takes(&self, about: &About<'_>) -> bool {
        self.category.as_deref().is_none_or(|category| about.category == Some(category))
            && self.format.as_deref().is_none_or(|format| about.format == Some(format))
            && self.kind.as_deref().is_none_or(|kind| about.kind.eq_ignore_ascii_case(kind))
            && self.search.as_deref().is_none_or(|text| mentions(about, text))
    }
}

fn mentions(about: &About<'_>, text: &str) -> bool {
    let text = text.to_lowercase();
    let told = [Some(about.name), Some(about.title), about.homepage, about.note];
    told.into_iter().flatten().chain(about.aliases.iter().copied()).any(|told| told.to_lowercase().contains(&text))
}

fn table(listed: &[About<'_>]) -> String {
    let rows = listed.iter().map(|about| {
        let category = about.category.unwrap_or("(own)");
        let format = about.format.unwrap_or_default();
        [about.name, about.title, category, about.kind, format, &about.flags()].map(output::cell).to_vec()
    });
    output::grid(&["NAME", "TITLE", "CATEGORY", "TYPE", "FORMAT", "FLAGS"], rows)
}
