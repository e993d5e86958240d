//! A real MongoDB, as a replica set.

use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use mongodb::Client;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::{Error, ErrorKind};
use mongodb::options::ClientOptions;

use super::mongod::{Mongod, program};

/// How long a replica set may take until it can be written to.
const START: Duration = Duration::from_secs(30);
/// The replica set is initiated already.
const ALREADY_INITIATED: i32 = 23;
/// What was asked for could not be done in its time.
const EXCEEDED_TIME_LIMIT: i32 = 262;
/// A majority did not confirm a write in time.
const WRITE_CONCERN_TIMEOUT: i32 = 64;

/// A MongoDB of one's own, on free ports and in folders for temporary files; it ends with this value or with its process.
///
/// The program is the one that the environment variable `MONGOD` names (`scripts/mongod` prints one). Where it is not
/// set there is no server and the tests that want one are skipped, unless `REQUIRE_MONGOD` is `1`.
#[derive(Debug)]
pub struct TestMongo {
    members: Vec<Mongod>,
    /// The place of the one that was ended.
    ended: Option<usize>,
}

impl TestMongo {
    /// Starts a replica set of one; `None`, with a note, where there is no program.
    pub fn start() -> Option<Self> {
        Self::start_set(1)
    }

    /// Starts a replica set of so many members; `None`, with a note, where there is no program.
    pub fn start_set(members: usize) -> Option<Self> {
        Self::start_with(members, &[])
    }

    /// Starts a replica set of one that fails as it is told ([`Self::doubt_next_update`]).
    pub fn start_faulty() -> Option<Self> {
        Self::start_with(1, &["--setParameter", "enableTestCommands=1"])
    }

    fn start_with(members: usize, arguments: &[&str]) -> Option<Self> {
        let arguments = [&["--replSet", "rs0"], arguments].concat();
        let launch = || Mongod::launch(&arguments);
        let mongo = Self { members: (0..members).map(|_| launch()).collect::<Option<_>>()?, ended: None };
        mongo.initiate();
        Some(mongo)
    }

    /// Starts one server and does nothing more to it: without `--replSet` it is a standalone, with it a member of a
    /// replica set that is not initiated.
    pub fn launch(arguments: &[&str]) -> Option<Self> {
        Some(Self { members: vec![Mongod::launch(arguments)?], ended: None })
    }

    /// The server that all tests of this process share, started for the first of them.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<TestMongo>> = OnceLock::new();
        // Asked each time, so that each test that is skipped says so.
        program()?;
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// The address of one of its databases. That of a set of several names the set.
    pub fn address(&self, database: &str) -> String {
        let hosts: Vec<String> = self.members.iter().map(Mongod::host).collect();
        let set = if hosts.len() > 1 { "?replicaSet=rs0" } else { "" };
        format!("mongodb://{}/{database}{set}", hosts.join(","))
    }

    /// Makes the primary step down; as the only node it is elected again after a while.
    pub async fn step_down(&self) {
        let client = mongodb::Client::with_uri_str(self.address("admin")).await.expect("the address is right");
        let step_down = doc! { "replSetStepDown": 1, "secondaryCatchUpPeriodSecs": 0, "force": true };
        let deadline = Instant::now() + START;
        // Its second begins before others let it at its state, and may be over by then.
        while let Err(error) = client.database("admin").run_command(step_down.clone()).await {
            let is_late = matches!(&*error.kind, ErrorKind::Command(refusal) if refusal.code == EXCEEDED_TIME_LIMIT);
            assert!(is_late && Instant::now() < deadline, "it does not step down: {error}");
        }
    }

    /// Does the next update of a collection, and answers that a majority may not have it.
    pub fn doubt_next_update(&self, database: &str, collection: &str) {
        let doubt = doc! {
            "failCommands": ["update"],
            "namespace": format!("{database}.{collection}"),
            "writeConcernError": { "code": WRITE_CONCERN_TIMEOUT, "errmsg": "as a test told" },
        };
        let fail = doc! { "configureFailPoint": "failCommand", "mode": { "times": 1 }, "data": doubt };
        if let Err(error) = ask(&self.address_of_set(), fail) {
            self.report(&error)
        }
    }

    /// The number of the primary's process.
    pub fn process(&self) -> i64 {
        let asked = ask(&self.address_of_set(), doc! { "serverStatus": 1 });
        let status = asked.unwrap_or_else(|error| self.report(&error));
        status.get_i64("pid").expect("a server knows its process")
    }

    /// Kills the primary (`SIGKILL`), and waits until it is gone.
    pub fn kill(&mut self) {
        self.end("KILL");
    }

    /// Asks the primary to end in good order (`SIGTERM`), and waits until it has.
    pub fn stop(&mut self) {
        self.end("TERM");
    }

    /// Starts the one that was ended again, on the same port and with the same data, and waits until the set can be written
    /// to.
    pub fn restart(&mut self) {
        if let Some(ended) = self.ended.take() {
            self.members[ended].start();
        }
        self.wait_until_writable();
    }

    /// Waits until the set can be written to: it has a primary.
    pub fn wait_until_writable(&self) {
        if let Err(error) = ask(&self.address_of_set(), doc! { "ping": 1 }) {
            self.report(&error)
        }
    }

    fn end(&mut self, signal: &str) {
        assert_eq!(self.ended, None, "one has ended already");
        let primary = self.primary();
        self.members[primary].end(signal);
        self.ended = Some(primary);
    }

    /// The place of the primary.
    fn primary(&self) -> usize {
        if self.members.len() == 1 {
            return 0;
        }
        // The driver asks the primary.
        let primary = match ask(&self.address_of_set(), doc! { "hello": 1 }) {
            Ok(hello) => hello.get_str("me").map(str::to_owned).unwrap_or_default(),
            Err(error) => self.report(&error),
        };
        self.members.iter().position(|member| member.host() == primary).expect("the primary is a member")
    }

    fn initiate(&self) {
        let member = |(id, member): (i32, &Mongod)| Bson::from(doc! { "_id": id, "host": member.host() });
        let members: Vec<Bson> = (0..).zip(&self.members).map(member).collect();
        let set = doc! { "_id": "rs0", "members": members };
        let alone = |member: &Mongod| format!("mongodb://{}/admin?directConnection=true", member.host());
        // The first one asks the others right away, and refuses where one of them has not begun to listen yet.
        for member in &self.members {
            if let Err(error) = ask(&alone(member), doc! { "ping": 1 }) {
                self.report(&error)
            }
        }
        match ask(&alone(&self.members[0]), doc! { "replSetInitiate": set }) {
            Err(error) if !matches!(&*error.kind, ErrorKind::Command(refusal) if refusal.code == ALREADY_INITIATED) => {
                self.report(&error)
            }
            _ => self.wait_until_writable(),
        }
    }

    fn address_of_set(&self) -> String {
        let address = self.address("admin");
        if address.contains('?') { address } else { format!("{address}?replicaSet=rs0") }
    }

    fn report(&self, error: &Error) -> ! {
        let last: Vec<String> = self.members.iter().map(Mongod::last_words).collect();
        panic!("{} cannot be written to: {}; its last words:\n{}", self.address(""), error.kind, last.join("\n"))
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
