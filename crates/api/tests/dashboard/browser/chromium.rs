//! A Chromium that is told what to do by its own protocol (the one that its developer tools speak), through a pipe: no
//! driver, no port.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::{self, Display, Formatter};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{Mutex as AsyncMutex, oneshot};
use tokio::time::timeout;

use super::PATIENCE;
use super::page::Page;

/// The program reads commands from its fourth stream and writes answers to its fifth, which a shell connects.
const CONNECT: &str = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#;

/// What it is started with: nothing that it does by itself, and no window. Tests run as root in containers, where its
/// sandbox does not work; it is shown our own pages only.
const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--remote-debugging-pipe",
];

/// A browser. Dropping it ends it.
pub(super) struct Chromium {
    wire: Arc<Wire>,
    _child: Child,
    _folder: TempDir,
}

/// The way to the browser and back.
pub(super) struct Wire {
    commands: AsyncMutex<ChildStdin>,
    number: AtomicU64,
    heard: Mutex<Heard>,
}

/// What the browser said.
#[derive(Default)]
struct Heard {
    /// Who waits for the answer to which command.
    waiting: BTreeMap<u64, oneshot::Sender<Value>>,
    /// What happened, in order.
    events: Vec<Value>,
}

impl Chromium {
    /// Starts one; `None`, with a note, where there is none and nobody insists.
    pub(super) fn start() -> Option<Self> {
        let Some(program) = std::env::var_os("CHROMIUM").or_else(on_path) else {
            assert!(std::env::var_os("REQUIRE_CHROMIUM").is_none(), "there is no Chromium (see scripts/chromium)");
            eprintln!("skipped: there is no Chromium (see scripts/chromium)");
            return None;
        };
        let folder = TempDir::new().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", CONNECT])
            .arg(program)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", folder.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (commands, said) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let wire =
            Arc::new(Wire { commands: AsyncMutex::new(commands), number: AtomicU64::new(1), heard: Mutex::default() });
        tokio::spawn(listen(said, Arc::clone(&wire)));
        Some(Self { wire, _child: child, _folder: folder })
    }

    /// A new tab.
    pub(super) async fn page(&self, base: &str) -> Page {
        let target = self.wire.call("Target.createTarget", json!({"url": "about:blank"}), None).await;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.wire.call("Target.attachToTarget", attach, None).await;
        Page::open(Arc::clone(&self.wire), session["sessionId"].as_str().unwrap(), base).await
    }
}

impl Wire {
    /// Sends a command that is obeyed, and waits for its result.
    pub(super) async fn call(&self, method: &str, parameters: Value, session: Option<&str>) -> Value {
        self.ask(method, parameters, session).await.unwrap_or_else(|fault| panic!("{method}: {fault}"))
    }

    /// Sends a command and waits for its result, or for what was wrong with it.
    pub(super) async fn ask(&self, method: &str, parameters: Value, session: Option<&str>) -> Result<Value, Fault> {
        let id = self.number.fetch_add(1, Ordering::Relaxed);
        let mut command = json!({"id": id, "method": method, "params": parameters});
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        let (sender, answer) = oneshot::channel();
        self.heard.lock().unwrap().waiting.insert(id, sender);
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        self.commands.lock().await.write_all(&bytes).await.unwrap();
        let answer = timeout(PATIENCE, answer).await.unwrap_or_else(|_elapsed| panic!("no answer to {method}"));
        let mut answer = answer.unwrap_or_else(|_closed| panic!("the browser ended during {method}"));
        match answer.get_mut("error") {
            Some(fault) => Err(Fault(fault.take())),
            None => Ok(answer["result"].take()),
        }
    }

    /// The parameters of all events of a kind in a tab so far, in order.
    pub(super) fn events(&self, session: &str, method: &str) -> Vec<Value> {
        let heard = self.heard.lock().unwrap();
        let is_wanted = |event: &&Value| event["sessionId"] == session && event["method"] == method;
        heard.events.iter().filter(is_wanted).map(|event| event["params"].clone()).collect()
    }
}

/// Why the browser did not obey.
#[derive(Debug)]
pub(super) struct Fault(Value);

impl Fault {
    /// Whether it is only that the page was left before it could answer. Which of these is said depends on how far
    /// the page that takes its place is.
    pub(super) fn is_of_a_page_that_goes(&self) -> bool {
        const SAID: [&str; 3] = ["navigated or closed", "Cannot find context", "context was destroyed"];
        let message = self.0["message"].as_str().unwrap_or_default();
        SAID.iter().any(|words| message.contains(words))
    }
}

impl Display for Fault {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Takes in what the browser says until it ends.
async fn listen(said: ChildStdout, wire: Arc<Wire>) {
    let mut said = BufReader::new(said);
    let mut message = Vec::new();
    while said.read_until(0, &mut message).await.is_ok_and(|length| length > 0) {
        message.pop();
        let value: Value = serde_json::from_slice(&message).unwrap();
        message.clear();
        let mut heard = wire.heard.lock().unwrap();
        match value["id"].as_u64().and_then(|id| heard.waiting.remove(&id)) {
            Some(waiting) => drop(waiting.send(value)),
            None => heard.events.push(value),
        }
    }
    wire.heard.lock().unwrap().waiting.clear();
}

fn on_path() -> Option<OsString> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path).map(|folder| folder.join("chromium")).find(|file| file.is_file())?;
    Some(found.into_os_string())
}
