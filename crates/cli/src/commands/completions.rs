//! `unistatus completions` and `unistatus man`: what shells and readers of manuals want to know.

use std::fs;
use std::path::PathBuf;

use clap::{Command, CommandFactory};
use clap_complete::{Shell, generate};
use unistatus_core::exit::{self, Failure};

use crate::output;

/// Print a script that completes the commands in a shell
///
/// Examples:
///   unistatus completions bash > /etc/bash_completion.d/unistatus
///   unistatus completions zsh > ~/.zfunc/_unistatus
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

/// Print the manual page, or write one for each command
///
/// Examples:
///   unistatus man | man -l -
///   unistatus man --to /usr/local/share/man/man1
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Manual {
    /// A folder for the pages of all commands
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

/// Prints the script.
pub(crate) fn completions<C: CommandFactory>(Completions { shell }: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    generate(*shell, &mut C::command(), "unistatus", &mut script);
    output::print_json(&script)
}

/// Prints the page, or writes all.
pub(crate) fn manual<C: CommandFactory>(Manual { to }: &Manual) -> Result<(), Failure> {
    let mut command = C::command();
    let Some(folder) = to else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page).map_err(Failure::broken)?;
        return output::print_json(&page);
    };
    command.build();
    write_all(&command, folder)
        .map_err(|error| Failure::new(exit::USAGE, format!("cannot write the pages to {}: {error}", folder.display())))
}

/// Writes the page of a command, and those of the commands below it.
fn write_all(command: &Command, folder: &std::path::Path) -> std::io::Result<()> {
    let mut page = Vec::new();
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    fs::write(folder.join(format!("{name}.1")), page)?;
    command.get_subcommands().filter(|below| below.get_name() != "help").try_for_each(|below| write_all(below, folder))
}
