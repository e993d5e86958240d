//! The real program, as a process of its own.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::in_time;
use super::wait::PATIENCE;

/// How long the end may take: this is promised.
const END: Duration = Duration::from_secs(10);

/// The program `collector`, in a folder for temporary files and with no environment but its own. It does not outlive this value.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    /// What it says on standard error, line by line. It is read as it comes: a full pipe would stop the program.
    lines: UnboundedReceiver<String>,
    /// What was taken notice of so far.
    heard: Vec<String>,
    folder: Arc<TempDir>,
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; that of a shell for a program that a signal killed.
    pub(crate) code: i32,
    /// All that it said on standard error, line by line.
    pub(crate) lines: Vec<String>,
}

impl Program {
    /// Starts it with these arguments and this environment.
    pub(crate) fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::start_in(&Arc::new(TempDir::new().unwrap()), arguments, environment)
    }

    /// Starts it on a database, with the targets of this text in a file `targets.toml`, asking at the shortest
    /// interval.
    pub(crate) fn collect(database: &str, targets: &str) -> Self {
        Self::collect_with(database, targets, &[])
    }

    /// As [`Self::collect`], with more in its environment.
    pub(crate) fn collect_with(database: &str, targets: &str, more: &[(&str, &str)]) -> Self {
        Self::collect_in(&Arc::new(TempDir::new().unwrap()), database, targets, more)
    }

    /// As [`Self::collect_with`], in a folder in which others may have worked before.
    pub(crate) fn collect_in(folder: &Arc<TempDir>, database: &str, targets: &str, more: &[(&str, &str)]) -> Self {
        fs::write(folder.path().join("targets.toml"), targets).unwrap();
        let environment = [("DB_URL", database), ("TARGETS_FILE", "targets.toml"), ("CATALOG", "none")];
        Self::start_in(folder, &["1"], &[&environment, more].concat())
    }

    /// As [`Self::collect`], with the whole catalog behind the targets of this text, at this interval.
    pub(crate) fn collect_all(database: &str, targets: &str, interval: Duration) -> Self {
        let folder = Arc::new(TempDir::new().unwrap());
        fs::write(folder.path().join("targets.toml"), targets).unwrap();
        let interval = interval.as_secs().to_string();
        let environment = [("DB_URL", database), ("TARGETS_FILE", "targets.toml"), ("CATALOG", "all")];
        Self::start_in(&folder, &[&interval], &environment)
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// The most memory that it has taken so far, in kibibytes; `None` where the system does not tell.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process())).ok()?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        peak.split_whitespace().next()?.parse().ok()
    }

    /// As [`Self::start`], in a folder of the caller's.
    pub(crate) fn start_in(folder: &Arc<TempDir>, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::launch(env!("CARGO_BIN_EXE_collector").as_ref(), folder, arguments, environment)
    }

    /// Starts another program in the same way.
    pub(crate) fn launch(
        program: &OsStr,
        folder: &Arc<TempDir>,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let mut child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(environment.iter().copied())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
        let (said, lines) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = stderr.next_line().await {
                // Whoever listened may be gone.
                let _ = said.send(line);
            }
        });
        Self { child, lines, heard: Vec::new(), folder: Arc::clone(folder) }
    }

    /// The path of a file in its folder.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Waits until it says something with these words in it, from now on.
    pub(crate) async fn says(&mut self, words: &str) -> String {
        let saying = async {
            while let Some(line) = self.lines.recv().await {
                self.heard.push(line.clone());
                if line.contains(words) {
                    return Some(line);
                }
            }
            None
        };
        let said = tokio::time::timeout(PATIENCE, saying).await.ok().flatten();
        said.unwrap_or_else(|| panic!("it never said {words:?}, but {:#?}", self.heard))
    }

    /// The first line with these words in it that was taken notice of.
    pub(crate) fn heard_before(&self, words: &str) -> &str {
        self.heard.iter().find(|line| line.contains(words)).unwrap_or_else(|| panic!("no {words:?}: {:#?}", self.heard))
    }

    /// Sends it a signal: `TERM`, `INT`, …
    pub(crate) async fn signal(&self, signal: &str) {
        let id = self.process().to_string();
        let sent = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", signal, &id]).status().await.unwrap();
        assert!(sent.success(), "{signal} could not be sent");
    }

    /// Kills it (`SIGKILL`), and waits until it is gone.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Waits for its end, which must come within the time that is promised once it was told to end.
    pub(crate) async fn ends(mut self) -> Ended {
        let ending = async {
            while let Some(line) = self.lines.recv().await {
                self.heard.push(line);
            }
            self.child.wait().await.unwrap()
        };
        let status = tokio::time::timeout(END, ending).await;
        let status = status.unwrap_or_else(|_| panic!("it did not end in time; it said {:#?}", self.heard));
        let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap();
        Ended { code, lines: self.heard }
    }

    /// Tells it to end by this signal, and expects a good end.
    pub(crate) async fn end(self, signal: &str) -> Vec<String> {
        self.signal(signal).await;
        let Ended { code, lines } = self.ends().await;
        assert_eq!(code, 0, "after {signal} it said {lines:#?}");
        lines
    }
}

/// Waits for the end of a program that ends by itself.
pub(crate) async fn outcome(arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    in_time("the program ends", Program::start(arguments, environment).ends()).await
}
