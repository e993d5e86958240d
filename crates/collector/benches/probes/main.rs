//! What probes cost the collector: `scripts/bench probes`
//!
//! What is measured, and how to read it: `docs/benchmarks.md`. Each row is a process of its own: this program, started
//! again as a collector on a SQLite file that probes what is on this machine. With `--strict` a missed limit is exit
//! code 1.

#![expect(clippy::print_stdout, reason = "what is measured is printed")]
#![expect(clippy::unwrap_used, reason = "what fails here is to be seen")]

mod collecting;
mod figures;
#[path = "../../../api/benches/http/limits.rs"]
mod limits;
mod nginx;
#[path = "../support/usage.rs"]
mod usage;

use std::env;
use std::process::{Command, ExitCode, Stdio};

use figures::Figures;
use limits::Limits;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [flag, what] = &arguments[..]
        && flag == collecting::FLAG
    {
        println!("{}", collecting::measure(what));
        return ExitCode::SUCCESS;
    }
    println!("\n1,000 of each every 10 s, every result stored, on SQLite\n{}", Figures::heading());
    let measured = collecting::SETS.map(|what| {
        let figures = measure(what);
        println!("{}", figures.row(what));
        (what, figures)
    });
    println!();
    let mut limits = Limits::default();
    for (what, figures) in &measured {
        look_at(what, figures, &mut limits);
    }
    let is_strict = arguments.iter().any(|argument| argument == "--strict");
    if limits.conclude() || !is_strict { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Has a process of its own measure a set of probes.
fn measure(what: &str) -> Figures {
    let mut collector = Command::new(env::current_exe().unwrap());
    let said = collector.args([collecting::FLAG, what]).stderr(Stdio::inherit()).output().unwrap();
    assert!(said.status.success(), "the collector failed");
    Figures::parse(&String::from_utf8(said.stdout).unwrap()).unwrap()
}

/// Looks whether all that is promised holds.
fn look_at(what: &str, figures: &Figures, limits: &mut Limits) {
    limits.at_most(&format!("{what}: every first result"), 10.0, figures.first, " s");
    limits.at_most(&format!("{what}: missed intervals"), 0.0, figures.missed, "");
    limits.at_least(&format!("{what}: share of the results that is stored"), 1.0, figures.stored, "");
    limits.at_most(&format!("{what}: memory"), 100.0, figures.peak_memory, " MB");
    if what == "HTTP" {
        limits.at_most(&format!("{what}: processor time of 1,000 checks"), 0.35, figures.cpu(), " s");
    }
}
