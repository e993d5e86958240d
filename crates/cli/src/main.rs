//! `unistatus`: the use cases of Unistatus from a terminal.

mod commands;
mod failure;
mod output;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use commands::{status, up};
use failure::Failure;
use unistatus_core::config::Flags;

/// One view of the availability of everything a team depends on.
#[derive(Debug, Parser)]
#[command(name = "unistatus", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Subcommand)]
enum Command {
    Up(up::Arguments),
    Status(status::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::internal(error).report(),
    };
    let result = runtime.block_on(async {
        match arguments.command {
            Command::Up(up) => up::run(up, &arguments.flags).await,
            Command::Status(status) => status::run(status, &arguments.flags).await,
        }
    });
    // Name look-ups cannot be cancelled; nobody waits for them.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
