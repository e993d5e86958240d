//! How fast the API is, beside a bare actix-web server that returns the same bytes: `scripts/bench http`
//!
//! What is measured, and how to read it: `docs/benchmarks.md`. With `--strict` a missed limit is exit code 1.

#![expect(clippy::print_stdout, reason = "what is measured is printed")]
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "what fails here is to be seen")]

mod bare;
mod beside;
mod client;
mod delay;
mod limits;
mod pages;
mod server;
mod world;
mod wrk;

use std::env;
use std::process::ExitCode;

use tokio::runtime::Runtime;
use unistatus_core::store::testkit::Database;

use limits::Limits;
use world::World;
use wrk::Wrk;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some(page) = bare::asked_for(&arguments) {
        bare::serve(page);
        return ExitCode::SUCCESS;
    }
    let Some(wrk) = Wrk::find() else {
        println!("wrk is not there: it makes the load. Debian has it as a package: apt-get install wrk");
        return ExitCode::from(2);
    };
    let runtime = Runtime::new().unwrap();
    let mut limits = Limits::default();
    pages::hundred(&runtime, &wrk, &mut limits);
    pages::thousand(&runtime, &wrk, &mut limits);
    delay::measure("SQLite", &runtime, &Database::sqlite(), &mut limits);
    if let Some(database) = Database::mongo() {
        delay::measure("MongoDB", &runtime, &database, &mut limits);
    }
    let is_strict = arguments.iter().any(|argument| argument == "--strict");
    if limits.conclude() || !is_strict { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// So many targets, with ten services each.
fn fill(runtime: &Runtime, database: &Database, targets: usize) -> World {
    runtime.block_on(World::fill(database, targets))
}
