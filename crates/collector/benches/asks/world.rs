//! The world that is asked, in a process of its own: whom it costs what must not be counted.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{env, io};

use tokio::runtime::Runtime;
use unistatus_core::target::{Parser, find_format};
use unistatus_simulator::formats::{DIALECTS, Dialect};
use unistatus_simulator::{Options, Simulator};

/// The argument that makes this program the world.
pub(crate) const FLAG: &str = "--world";

/// Behind the targets file.
const END: &str = "# end";

/// Serves so many vendors until standard input ends; prints a targets file first, and then, for each line it is sent, how
/// often it was asked so far.
pub(crate) fn serve(vendors: usize) {
    unistatus_collector::raise_file_limit();
    let runtime = Runtime::new().unwrap();
    let world = unistatus_simulator::World::uniform(vendors, 10, &dialects());
    let simulator = runtime.block_on(Simulator::start(world, Options::default())).unwrap();
    println!("{}\n{END}", simulator.targets_toml());
    for _ in io::stdin().lines() {
        let count: u64 = simulator.vendors().map(|vendor| simulator.count(&vendor.name).unwrap()).sum();
        println!("{count}");
    }
}

/// The dialects whose answers are one document: there an ask is a request.
fn dialects() -> Vec<&'static Dialect> {
    let is_one_document = |dialect: &&Dialect| {
        let row = find_format(dialect.kind.as_str().parse().unwrap(), dialect.format).unwrap();
        !matches!(row.parser, Parser::Parted(_))
    };
    DIALECTS.iter().filter(is_one_document).collect()
}

/// A world that runs. It ends with this value.
pub(crate) struct World {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl World {
    pub(crate) fn start() -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        let mut child = command.arg(FLAG).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (orders, answers) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, orders, answers }
    }

    /// The targets file that names all of it. To be read first, and once.
    pub(crate) fn targets_toml(&mut self) -> String {
        let lines = (&mut self.answers).lines().map(Result::unwrap);
        lines.take_while(|line| line != END).fold(String::new(), |text, line| text + &line + "\n")
    }

    /// How often it was asked so far.
    pub(crate) fn asked(&mut self) -> u32 {
        writeln!(self.orders.as_mut().unwrap(), "how often?").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim().parse().unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.child.wait();
    }
}
