//! What probes cost the collector: `scripts/bench probes`
//!
//! What is measured, and how to read it: `docs/benchmarks.md`. Each row is a process of its own: this program, started
//! again as a collector on a SQLite file that probes what is on this machine.

#![expect(clippy::print_stdout, reason = "what is measured is printed")]
#![expect(clippy::unwrap_used, reason = "what fails here is to be seen")]

mod collecting;
mod nginx;
#[path = "../support/usage.rs"]
mod usage;

use std::env;
use std::process::Command;

fn main() {
    let argument = |number| env::args().nth(number);
    if argument(1).as_deref() == Some(collecting::FLAG) {
        return collecting::measure(&argument(2).unwrap());
    }
    println!("\n1,000 of each every 10 s, every result stored, on SQLite; per thousand checks");
    println!(
        "{:<16} {:>8} {:>10} {:>8} {:>12} {:>11} {:>12}",
        "", "checks", "first s", "missed", "CPU s / 1000", "MB / 1000", "peak RSS MB"
    );
    for what in collecting::SETS {
        let mut collector = Command::new(env::current_exe().unwrap());
        assert!(collector.args([collecting::FLAG, what]).status().unwrap().success());
    }
}
