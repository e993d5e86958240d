//! Those who read the API, whatever happens to the database.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use unistatus_core::store::testkit::Database;

use crate::http::try_ask;
use crate::program::Program;

/// How long a reader waits between an answer and the next request.
const PAUSE: Duration = Duration::from_millis(20);

/// An API, and somebody who reads it without a rest.
#[derive(Debug)]
pub(crate) struct Read {
    program: Program,
    reader: JoinHandle<Answers>,
    stop: CancellationToken,
}

/// How requests were answered.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Answers {
    /// All of them.
    pub(crate) all: usize,
    /// Those that were not answered by 200 and a body.
    pub(crate) failed: usize,
    /// Those that said that the database is away.
    pub(crate) unconfirmed: usize,
    /// The longest that one took.
    pub(crate) slowest: Duration,
}

/// Starts an API, and somebody who reads it.
pub(crate) async fn read(database: &Database) -> Read {
    let (program, address) = start(database).await;
    let stop = CancellationToken::new();
    let reader = tokio::spawn(ask_for_ever(address, stop.clone()));
    Read { program, reader, stop }
}

/// Starts an API. The environment variable `API` names the program.
pub(crate) async fn start(database: &Database) -> (Program, SocketAddr) {
    let api = std::env::var_os("API").expect("API names the program `api`: scripts/trial sets it");
    let folder = Arc::new(TempDir::new().unwrap());
    let mut program = Program::launch(&api, &folder, &["--port", "0"], &[("DB_URL", database.address())]);
    let said = program.says("listening").await;
    let port = said.split_once("127.0.0.1:").and_then(|(_, port)| {
        let digits = port.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(port.len());
        port[..digits].parse().ok()
    });
    let address = SocketAddr::from(([127, 0, 0, 1], port.unwrap_or_else(|| panic!("no port in {said:?}"))));
    (program, address)
}

impl Read {
    /// Ends both; how requests were answered, and the API's exit code.
    pub(crate) async fn end(self) -> (Answers, i32) {
        self.stop.cancel();
        let answers = self.reader.await.unwrap();
        self.program.signal("TERM").await;
        (answers, self.program.ends().await.code)
    }
}

async fn ask_for_ever(address: SocketAddr, stop: CancellationToken) -> Answers {
    // Until it is ready, it may say that it is not.
    while !matches!(try_ask(address, "GET", "/readyz").await, Ok(answer) if answer.status == 200) {
        tokio::time::sleep(PAUSE).await;
    }
    let mut answers = Answers::default();
    while !stop.is_cancelled() {
        let begun = Instant::now();
        let answer = try_ask(address, "GET", "/api/status").await;
        answers.all += 1;
        answers.slowest = answers.slowest.max(begun.elapsed());
        match answer {
            Ok(answer) if answer.status == 200 && !answer.body.is_empty() => {
                answers.unconfirmed += usize::from(answer.head.contains("\r\nage:"));
            }
            _ => answers.failed += 1,
        }
        tokio::time::sleep(PAUSE).await;
    }
    answers
}
