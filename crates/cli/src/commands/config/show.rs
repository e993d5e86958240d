//! `unistatus config show`: what each setting comes to, and where that is from.

use comfy_table::Cell;
use unistatus_core::config::{Explained, Flags, Listen, Settings};
use unistatus_core::exit::Failure;

use crate::output;

/// Each setting, what it is understood as and where it is from, without what is secret
///
/// Sources, strongest first: flag, environment, .env, unistatus.toml, default.
///
/// Examples:
///   unistatus config show
///   unistatus config show --log-level debug --port 9000
///   unistatus config show --json
///
/// Exit codes: 0, 78 for settings that cannot be used.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    #[command(flatten)]
    listen: Listen,
    /// Print an object a setting
    #[arg(long)]
    json: bool,
}

/// Prints the settings.
pub(super) fn run(arguments: Arguments, flags: &Flags) -> Result<(), Failure> {
    let Arguments { listen, json } = arguments;
    let settings = Settings::load(&flags.listening(listen)).map_err(Failure::config)?;
    if json {
        return output::print_json(&serde_json::to_vec(&settings.explained).map_err(Failure::broken)?);
    }
    output::print(&output::grid(&["NAME", "VALUE", "SOURCE"], settings.explained.iter().map(row)))
}

fn row(setting: &Explained) -> Vec<Cell> {
    let value = setting.value.as_deref().unwrap_or("(not set)");
    [setting.name, value, &setting.origin()].map(output::cell).to_vec()
}
