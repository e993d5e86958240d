//! A program of ours as a process of its own, in a folder of its own and with nothing in its environment.

use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use super::client::{Client, LOOK, PATIENCE};

/// How long a program may take to end once it is asked to: what the documentation promises.
const END: Duration = Duration::from_secs(10);

/// A program that is about to be started.
pub(crate) struct Program {
    command: Command,
    folder: TempDir,
}

impl Program {
    pub(crate) fn new(path: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = Command::new(path);
        command.env_clear().current_dir(folder.path()).stdin(Stdio::null());
        Self { command, folder }
    }

    pub(crate) fn args<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Writes a file into the folder that it works in.
    pub(crate) fn file(self, name: &str, content: &str) -> Self {
        fs::write(self.folder.path().join(name), content).unwrap();
        self
    }

    /// The folder that it will work in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn start(mut self) -> Process {
        let mut child = self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = Output::of(child.stdout.take().unwrap());
        let stderr = Output::of(child.stderr.take().unwrap());
        Process { child, stdout, stderr, folder: Arc::new(self.folder) }
    }

    /// Starts it and waits until it ends by itself.
    pub(crate) async fn run(self) -> Ended {
        self.start().ended_within(PATIENCE).await
    }
}

/// A program that runs. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    stdout: Output,
    stderr: Output,
    folder: Arc<TempDir>,
}

/// How a program ended, and all it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    folder: Arc<TempDir>,
}

impl Ended {
    /// The names in the folder that it worked in, ordered.
    pub(crate) fn left_behind(&self) -> Vec<String> {
        names_in(self.folder.path())
    }
}

impl Process {
    /// The folder that it works in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Waits until it has said on standard output what is looked for.
    pub(crate) async fn until_printed<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> T {
        self.until(|process| find(&process.stdout.text())).await
    }

    /// Waits until it has said on standard error what is looked for.
    pub(crate) async fn until_logged<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> T {
        self.until(|process| find(&process.stderr.text())).await
    }

    async fn until<T>(&mut self, find: impl Fn(&Self) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let ended = self.child.try_wait().unwrap();
            if let Some(found) = find(self) {
                return found;
            }
            let (stdout, stderr) = (self.stdout.text(), self.stderr.text());
            assert!(ended.is_none(), "it ended ({ended:?}) and said\n{stdout}\n{stderr}");
            assert!(Instant::now() < deadline, "it never said what is looked for, but\n{stdout}\n{stderr}");
            sleep(LOOK).await;
        }
    }

    /// The address that it says in its log that it listens on.
    pub(crate) async fn client(&mut self) -> Client {
        let address = self.until_logged(|log| address_after(log, "listening")).await;
        Client { address }
    }

    /// Sends it a signal: `INT`, `TERM`.
    pub(crate) fn signal(&self, signal: &str) {
        // Nobody but this value waits for the child, so the number is still its own.
        let sent = Command::new("kill").args(["-s", signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until it ends, which it was asked to.
    pub(crate) async fn ended(self) -> Ended {
        self.ended_within(END).await
    }

    async fn ended_within(mut self, patience: Duration) -> Ended {
        let deadline = Instant::now() + patience;
        let status: ExitStatus = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            let (stdout, stderr) = (self.stdout.text(), self.stderr.text());
            assert!(Instant::now() < deadline, "it does not end, and said\n{stdout}\n{stderr}");
            sleep(LOOK).await;
        };
        Ended {
            code: status.code(),
            stdout: self.stdout.whole(),
            stderr: self.stderr.whole(),
            folder: Arc::clone(&self.folder),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a program says, as it says it.
struct Output {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Output {
    fn of(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::<Mutex<Vec<u8>>>::default();
        let said = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = pipe.read(&mut buffer) {
                said.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&buffer[..count]);
            }
        });
        Self { bytes, reader: Some(reader) }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// All it said, once it has ended.
    fn whole(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.text()
    }
}

/// The names in a folder, ordered.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// The first address of this machine after a text, if that is there already.
pub(crate) fn address_after(said: &str, before: &str) -> Option<SocketAddr> {
    let (_, after) = said.split_once(before)?;
    let (_, after) = after.split_once("127.0.0.1:")?;
    let port = after.get(..after.find(|digit: char| !digit.is_ascii_digit())?)?;
    Some((Ipv4Addr::LOCALHOST, port.parse().ok()?).into())
}
