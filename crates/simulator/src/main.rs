//! The simulator as a program: status pages of many vendors, live, on this machine.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;
use futures_util::StreamExt as _;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook_tokio::Signals;
use unistatus_simulator::{Clock, Options, Simulator, Speed, World};

/// Runs vendors' status pages on 127.0.0.1, in every wire format, until SIGINT or SIGTERM.
#[derive(Debug, Parser)]
#[command(name = "simulator", version)]
struct Arguments {
    /// Run the demo: vendors named like those of the catalog. This is also what runs without --vendors.
    #[arg(long, conflicts_with = "vendors")]
    demo: bool,
    /// Run so many vendors of one size instead, in all formats by turns.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    vendors: Option<u16>,
    /// So many services for each of these vendors.
    #[arg(long, value_name = "M", default_value_t = 10, requires = "vendors")]
    services: u16,
    /// What happens in the demo is the same for the same seed.
    #[arg(long, default_value_t = 1, conflicts_with = "vendors")]
    seed: u64,
    /// How much faster than time itself things happen: 0.001 to 10000.
    #[arg(long, default_value = "1")]
    speed: Speed,
    /// Give the first vendor this port, the second the next one and so on. Without it the ports are free ones.
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    base_port: Option<u16>,
    /// Listen for orders here: faults, conditions, incidents. 0 is a free port. Without it there is no such port.
    #[arg(long, value_name = "PORT")]
    admin_port: Option<u16>,
    /// Write a targets file that names every vendor.
    #[arg(long, value_name = "FILE")]
    targets_out: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    // Before the first port is open, so that a signal is never lost.
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("cannot listen for signals")?;

    let world = match arguments.vendors {
        Some(vendors) => World::uniform(vendors.into(), arguments.services.into(), &[]),
        None => World::demo(arguments.seed),
    };
    let options = Options {
        base_port: arguments.base_port,
        admin_port: arguments.admin_port,
        clock: Clock::Running(arguments.speed),
        ..Options::default()
    };
    let simulator = Simulator::start(world, options).await?;
    if let Some(file) = &arguments.targets_out {
        tokio::fs::write(file, simulator.targets_toml())
            .await
            .with_context(|| format!("cannot write the targets file {}", file.display()))?;
    }
    announce(&simulator).context("cannot print the vendors")?;

    signals.next().await;
    simulator.stop().await;
    Ok(())
}

/// Prints where everyone is.
fn announce(simulator: &Simulator) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for vendor in simulator.vendors() {
        writeln!(out, "{:<18} {:<4} {:<16} {}", vendor.name, vendor.kind, vendor.format, vendor.url)?;
    }
    if let Some(admin) = simulator.admin() {
        writeln!(out, "{:<18} {:<4} {:<16} http://{admin}/vendors", "(control)", "", "")?;
    }
    out.flush()
}
