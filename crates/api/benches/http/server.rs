//! Servers in processes of their own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use unistatus_core::store::testkit::Database;

use crate::client::Connection;

/// How long a server may take to answer.
const START: Duration = Duration::from_secs(30);
/// How long between two looks at whether it does.
const LOOK: Duration = Duration::from_millis(10);

/// A server that listens. Dropping it ends it.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    child: Child,
    _folder: TempDir,
}

impl Server {
    /// The program `api` on a database, with what it serves in memory already.
    pub(crate) fn api(database: &Database) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_api"));
        command.args(["--port", "0"]).env_clear().env("DB_URL", database.address());
        let server = Self::start(command);
        let deadline = Instant::now() + START;
        while Connection::open(server.address).get("/api/status", &[]).status != 200 {
            assert!(Instant::now() < deadline, "the api serves nothing");
            thread::sleep(LOOK);
        }
        server
    }

    /// A program that says on standard error that it is listening, and where. Its standard input ends with this process.
    pub(crate) fn start(mut command: Command) -> Self {
        let folder = TempDir::new().unwrap();
        command.current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        let (tell, told) = mpsc::channel();
        // It is read to its end: a full pipe would stop the program.
        thread::spawn(move || {
            for line in said.lines().map_while(Result::ok) {
                match address_in(&line) {
                    Some(address) => {
                        // Nobody listens after the first one.
                        let _ = tell.send(address);
                    }
                    None if line.contains("ERROR") => eprintln!("{line}"),
                    None => {}
                }
            }
        });
        let address = told.recv_timeout(START).expect("the server listens");
        Self { address, child, _folder: folder }
    }

    /// The most memory that it has taken so far, in megabytes; `None` where the system does not tell.
    pub(crate) fn peak_memory(&self) -> Option<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: f64 = peak.split_whitespace().next()?.parse().ok()?;
        Some(kibibytes * 1024.0 / 1e6)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, after) = line.split_once("listening")?.1.split_once("127.0.0.1:")?;
    let digits = after.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(after.len());
    Some((Ipv4Addr::LOCALHOST, after[..digits].parse().ok()?).into())
}
