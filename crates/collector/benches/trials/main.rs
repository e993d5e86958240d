//! The real programs at full size, what several collectors on one MongoDB promise among it: `scripts/trial`
//!
//! What is tried, and how to read it: `docs/benchmarks.md`. A promise that is not kept is exit code 1.

#![expect(clippy::print_stdout, reason = "what is found is printed")]
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "what fails here is to be seen")]

mod asks;
mod changes;
mod crew;
mod findings;
mod outages;
mod readers;
mod sizes;
#[path = "../support/usage.rs"]
mod usage;
mod world;

#[path = "../../tests/collector/support/http.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod http;
#[path = "../../tests/collector/support/program.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod program;
#[path = "../../tests/collector/support/restless.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod restless;
#[path = "../../tests/collector/support/wait.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod wait;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use tokio::runtime::Runtime;

use findings::Findings;
use wait::in_time;

/// How often targets are asked.
const INTERVAL: Duration = Duration::from_secs(2);

/// Tries the real programs at full size.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    trial: Trial,
    /// How many targets are asked, each every two seconds.
    #[arg(long, global = true, default_value_t = 500)]
    targets: usize,
    /// Given by Cargo.
    #[arg(long, global = true, hide = true)]
    bench: bool,
}

#[derive(Debug, Subcommand)]
enum Trial {
    /// Three collectors share the targets; then one is killed, and one is stopped for a minute.
    Crew {
        /// For how long they share the targets undisturbed.
        #[arg(long, default_value_t = 10)]
        minutes: u64,
    },
    /// The database is killed again and again, as the only server or as the primary of three, while everything changes.
    Outages {
        /// How often.
        #[arg(long, default_value_t = 5)]
        kills: usize,
        /// How many servers the database has.
        #[arg(long, default_value_t = 1)]
        members: usize,
    },
    /// So many targets are asked each minute, by one collector; one API serves what is known: what both take.
    Sizes {
        /// How many targets.
        #[arg(default_values_t = [100, 1_000, 10_000])]
        sizes: Vec<usize>,
        /// For how long it is measured.
        #[arg(long, default_value_t = 1)]
        minutes: u64,
    },
}

fn main() -> ExitCode {
    let Arguments { trial, targets, .. } = Arguments::parse();
    unistatus_collector::raise_file_limit();
    let runtime = Runtime::new().unwrap();
    let findings = runtime.block_on(async {
        match trial {
            Trial::Crew { minutes } => crew::run(targets, Duration::from_mins(minutes)).await,
            Trial::Outages { kills, members } => outages::run(targets, members, kills).await,
            Trial::Sizes { sizes, minutes } => sizes::run(&sizes, Duration::from_mins(minutes)).await,
        }
    });
    match findings.map(Findings::conclude) {
        Some(true) => ExitCode::SUCCESS,
        Some(false) => ExitCode::FAILURE,
        None => ExitCode::from(2),
    }
}
