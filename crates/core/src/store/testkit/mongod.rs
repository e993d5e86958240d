//! The program `mongod`, supervised: it never outlives its tests.

use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{env, fs};

use tempfile::TempDir;

/// Starts and kills the server as it is told. Once its input ends, which it does however the tests end, the server is
/// killed and the folder removed: no server outlives its tests. A file for each collection and each index of all the
/// databases of the tests is more than the usual soft limit of 1,024 leaves room for.
const SUPERVISOR: &str = r#"
trap '' HUP INT
ulimit -S -n "$(ulimit -H -n)"
folder=$1; shift
while read -r order; do
    case $order in
        start) "$@" >>"$folder/output" 2>&1 & server=$! ;;
        *) kill -s "$order" "$server"; wait "$server"; echo ended ;;
    esac
done
kill -s KILL "$server" 2>/dev/null; wait
rm -rf "$folder"
"#;

/// A server, on a free port and in a folder for temporary files.
#[derive(Debug)]
pub(super) struct Mongod {
    supervisor: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    port: u16,
    folder: PathBuf,
}

impl Mongod {
    /// Starts one with these arguments, beside the usual ones; `None`, with a note, where there is no program.
    pub(super) fn launch(arguments: &[&str]) -> Option<Self> {
        let program = program()?;
        let folder = TempDir::new().expect("a folder for temporary files").keep();
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        drop(listener);
        let mut supervisor = Command::new("sh")
            .args(["-c", SUPERVISOR, "supervisor"])
            .arg(&folder)
            .arg(program)
            .args(["--bind_ip", "127.0.0.1", "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"])
            .args(["--setParameter", "diagnosticDataCollectionEnabled=false"])
            .args(["--setParameter", "ttlMonitorSleepSecs=1"])
            .args(["--port", &port.to_string()])
            .args(arguments)
            .arg("--dbpath")
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell starts");
        let orders = supervisor.stdin.take();
        let answers = BufReader::new(supervisor.stdout.take().expect("its output is piped"));
        let mut server = Self { supervisor, orders, answers, port, folder };
        server.start();
        Some(server)
    }

    /// Where it listens.
    pub(super) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts it, on the same port and with the same data as before.
    pub(super) fn start(&mut self) {
        self.order("start");
    }

    /// Ends it by this signal, and waits until it is gone.
    pub(super) fn end(&mut self, signal: &str) {
        self.order(signal);
        self.answers.read_line(&mut String::new()).expect("the supervisor answers");
    }

    /// What it said last, from its end.
    pub(super) fn last_words(&self) -> String {
        let output = fs::read_to_string(self.folder.join("output")).unwrap_or_default();
        output.lines().rev().take(5).collect::<Vec<_>>().join("\n")
    }

    fn order(&mut self, order: &str) {
        let orders = self.orders.as_mut().expect("the supervisor listens until the end");
        writeln!(orders, "{order}").expect("the supervisor listens");
    }
}

impl Drop for Mongod {
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.supervisor.wait();
    }
}

/// The program, if there is one.
pub(super) fn program() -> Option<PathBuf> {
    let Some(program) = env::var_os("MONGOD") else {
        assert!(env::var_os("REQUIRE_MONGOD").is_none_or(|value| value != "1"), "MONGOD names no program");
        eprintln!("skipped: no MongoDB; set MONGOD, for example to what scripts/mongod prints");
        return None;
    };
    assert!(Path::new(&program).is_file(), "MONGOD is {}, which is no program", program.display());
    Some(program.into())
}
