//! A real `mongod`, as a replica set of one node.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;
use std::{env, fs, thread};

use mongodb::Client;
use mongodb::bson::{Document, doc};
use mongodb::error::{Error, ErrorKind};
use mongodb::options::ClientOptions;
use tempfile::TempDir;

/// How long a server may take to start.
const START: Duration = Duration::from_secs(30);
/// The replica set is initiated already.
const ALREADY_INITIATED: i32 = 23;

/// Starts and kills the server as it is told. Once its input ends, which it does however the tests end, the server is
/// killed and the folder removed: no server outlives its tests.
const SUPERVISOR: &str = r#"
trap '' HUP INT
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

/// A MongoDB of one's own, on a free port and in a folder for temporary files; it ends with this value or with its
/// process.
///
/// The program is the one that the environment variable `MONGOD` names (`scripts/mongod` prints one). Where it is not
/// set there is no server and the tests that want one are skipped, unless `REQUIRE_MONGOD` is `1`.
#[derive(Debug)]
pub struct TestMongo {
    supervisor: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    port: u16,
    folder: PathBuf,
}

impl TestMongo {
    /// Starts a server; `None`, with a note, where there is no program.
    pub fn start() -> Option<Self> {
        let mongo = Self::launch(&["--replSet", "rs0"])?;
        mongo.initiate();
        Some(mongo)
    }

    /// Starts a server and does nothing more to it: without `--replSet` it is a standalone, with it a member of a
    /// replica set that is not initiated.
    pub fn launch(arguments: &[&str]) -> Option<Self> {
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
        let mut mongo = Self { supervisor, orders, answers, port, folder };
        mongo.order("start");
        Some(mongo)
    }

    /// The server that all tests of this process share, started for the first of them.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<TestMongo>> = OnceLock::new();
        // Asked each time, so that each test that is skipped says so.
        program()?;
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// The address of one of its databases.
    pub fn address(&self, database: &str) -> String {
        format!("mongodb://127.0.0.1:{}/{database}", self.port)
    }

    /// Kills the server (`SIGKILL`), and waits until it is gone.
    pub fn kill(&mut self) {
        self.end("KILL");
    }

    /// Asks the server to end in good order (`SIGTERM`), and waits until it has.
    pub fn stop(&mut self) {
        self.end("TERM");
    }

    /// Starts it again on the same port and with the same data, and waits until it can be written to.
    pub fn restart(&mut self) {
        self.order("start");
        self.wait_until_writable();
    }

    fn order(&mut self, order: &str) {
        let orders = self.orders.as_mut().expect("the supervisor listens until the end");
        writeln!(orders, "{order}").expect("the supervisor listens");
    }

    fn end(&mut self, signal: &str) {
        self.order(signal);
        self.answers.read_line(&mut String::new()).expect("the supervisor answers");
    }

    fn initiate(&self) {
        let members = doc! { "_id": "rs0", "members": [{ "_id": 0, "host": format!("127.0.0.1:{}", self.port) }] };
        let direct = format!("{}?directConnection=true", self.address("admin"));
        match Self::ask(&direct, doc! { "replSetInitiate": members }) {
            Err(error) if !matches!(&*error.kind, ErrorKind::Command(refusal) if refusal.code == ALREADY_INITIATED) => {
                self.report(&error)
            }
            _ => self.wait_until_writable(),
        }
    }

    fn wait_until_writable(&self) {
        // The driver waits until there is a primary.
        if let Err(error) = Self::ask(&format!("{}?replicaSet=rs0", self.address("admin")), doc! { "ping": 1 }) {
            self.report(&error)
        }
    }

    /// Runs a command, in a thread of its own: the caller may be inside a runtime.
    fn ask(address: &str, command: Document) -> Result<Document, Error> {
        let ask = async {
            let mut options = ClientOptions::parse(address).await?;
            options.server_selection_timeout = Some(START);
            let client = Client::with_options(options)?;
            let answer = client.database("admin").run_command(command).await;
            client.shutdown().immediate(true).await;
            answer
        };
        let run = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(ask)
        };
        thread::scope(|scope| scope.spawn(run).join()).expect("no panic in the driver")
    }

    fn report(&self, error: &Error) -> ! {
        let output = fs::read_to_string(self.folder.join("output")).unwrap_or_default();
        let mut last = String::new();
        for line in output.lines().rev().take(5) {
            let _ = write!(last, "\n{line}");
        }
        panic!("mongod does not start on port {}: {}; its last words:{last}", self.port, error.kind)
    }
}

impl Drop for TestMongo {
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.supervisor.wait();
    }
}

/// The program, if there is one.
fn program() -> Option<PathBuf> {
    let Some(program) = env::var_os("MONGOD") else {
        assert!(env::var_os("REQUIRE_MONGOD").is_none_or(|value| value != "1"), "MONGOD names no program");
        eprintln!("skipped: no MongoDB; set MONGOD, for example to what scripts/mongod prints");
        return None;
    };
    assert!(Path::new(&program).is_file(), "MONGOD is {}, which is no program", program.display());
    Some(program.into())
}
