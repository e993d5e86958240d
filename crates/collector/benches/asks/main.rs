//! What asking costs the collector: `scripts/bench asks`
//!
//! What is measured, and how to read it: `docs/benchmarks.md`. Three processes take part: this one, the collector on one
//! of the stores, and the world that is asked. The latter two are this program, started again.

#![expect(clippy::print_stdout, reason = "what is measured is printed, and how processes speak to each other")]
#![expect(clippy::unwrap_used, reason = "what fails here is to be seen")]

mod collecting;
#[path = "../support/usage.rs"]
mod usage;
mod world;

use std::env;
use std::process::Command;

/// How many targets are asked, each once a second.
const TARGETS: usize = 300;

fn main() {
    match env::args().nth(1).as_deref() {
        Some(world::FLAG) => world::serve(TARGETS),
        Some(collecting::FLAG) => collecting::measure(&env::args().nth(2).unwrap()),
        _ => {
            println!("\n{TARGETS} targets with 10 services each, asked once a second; per thousand asks");
            println!(
                "{:<10} {:>8} {:>8} {:>12} {:>11} {:>12}",
                "", "asks", "asks/s", "CPU s / 1000", "MB / 1000", "peak RSS MB"
            );
            for store in collecting::STORES {
                let mut collector = Command::new(env::current_exe().unwrap());
                assert!(collector.args([collecting::FLAG, store]).status().unwrap().success());
            }
        }
    }
}
