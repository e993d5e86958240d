//! Has templates rendered by processes of their own.

use std::env;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Map, Value};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::child::ASKED;
use super::job::{Answer, Job};
use super::{Fault, RenderError, work};

/// How many processes there may be at once.
const AT_ONCE: usize = 2;
/// How long to wait for one to end so that another may begin.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a process may take, by the clock. What it has to do takes a second of a processor at the most; the rest is
/// for a machine that has much else to do.
const DEADLINE: Duration = Duration::from_secs(4);
/// How many bytes it may answer: a byte of a text becomes six at the most, and there is a word around them.
const LONGEST_ANSWER: usize = 6 * work::LONGEST + 1024;
/// The code of a program that panicked.
const PANICKED: i32 = 101;

/// Reads and fills in templates, each in a process of its own. Clones share the places.
#[derive(Clone, Debug)]
pub struct Renderer {
    program: Arc<PathBuf>,
    places: Arc<Semaphore>,
}

impl Default for Renderer {
    fn default() -> Self {
        Self::of(this_program())
    }
}

impl Renderer {
    /// One whose processes are of this program, which calls [`serve_if_asked`](super::serve_if_asked). By default it is the
    /// one that runs.
    pub fn of(program: PathBuf) -> Self {
        Self { program: Arc::new(program), places: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Checks whether something is a template.
    ///
    /// # Errors
    /// Never [`RenderError::Failed`] for a slip, which only shows once it is rendered.
    pub async fn check(&self, content: &str) -> Result<(), RenderError> {
        self.run(&Job { content: content.to_owned(), context: None }).await.map(drop)
    }

    /// Fills a template in with what is known.
    ///
    /// # Errors
    /// All there are.
    pub async fn render(&self, content: &str, known: Map<String, Value>) -> Result<String, RenderError> {
        self.run(&Job { content: content.to_owned(), context: Some(known) }).await
    }

    async fn run(&self, job: &Job) -> Result<String, RenderError> {
        let job = serde_json::to_vec(job).map_err(|error| RenderError::Process(error.into()))?;
        let place = timeout(PATIENCE, self.places.acquire()).await.map_err(|_elapsed| RenderError::Busy)?;
        // Never closed.
        let _place = place.map_err(|_closed| RenderError::Busy)?;
        let child = self.command().spawn().map_err(RenderError::Process)?;
        done_in_time(child, &job).await
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&*self.program);
        command
            .arg(ASKED)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Also where nobody waits for the answer any more.
            .kill_on_drop(true);
        command
    }
}

/// The program that runs.
fn this_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        // Also where its file was replaced by a newer one.
        "/proc/self/exe".into()
    } else {
        // Nothing, where nobody knows: that cannot be started, which is told then.
        env::current_exe().unwrap_or_default()
    }
}

/// Tells a process what to do, and kills it where it does not do it in time.
async fn done_in_time(mut child: Child, job: &[u8]) -> Result<String, RenderError> {
    match timeout(DEADLINE, converse(&mut child, job)).await {
        Ok(ended) => {
            let (status, said) = ended.map_err(RenderError::Process)?;
            outcome(status, &said)
        }
        Err(_elapsed) => {
            child.kill().await.map_err(RenderError::Process)?;
            Err(RenderError::TooLong)
        }
    }
}

/// Tells a process what to do; answers how it ended and what it said.
async fn converse(child: &mut Child, job: &[u8]) -> io::Result<(ExitStatus, Vec<u8>)> {
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let tell = async {
        if let Some(mut input) = input {
            // One that dies before it has read all says why by how it ends.
            let _ = input.write_all(job).await;
        }
    };
    let hear = async {
        let mut said = Vec::new();
        if let Some(output) = output {
            let most = u64::try_from(LONGEST_ANSWER).unwrap_or(u64::MAX);
            output.take(most).read_to_end(&mut said).await?;
        }
        Ok::<_, io::Error>(said)
    };
    let ((), said) = tokio::join!(tell, hear);
    Ok((child.wait().await?, said?))
}

/// What it means how a process ended, and what it said.
fn outcome(status: ExitStatus, said: &[u8]) -> Result<String, RenderError> {
    let failed = |message: &str| RenderError::Failed(Fault { line: None, message: message.to_owned() });
    match (status.code(), status.signal()) {
        (Some(0), _) => match serde_json::from_slice(said).map_err(|error| RenderError::Process(error.into()))? {
            Answer::Done(text) => Ok(text),
            Answer::Syntax(fault) => Err(RenderError::Syntax(fault)),
            Answer::Failed(fault) => Err(RenderError::Failed(fault)),
            Answer::TooLong => Err(RenderError::TooLong),
            Answer::TooMuchText => Err(RenderError::TooMuchText),
        },
        (Some(PANICKED), _) => Err(failed("it asks for what cannot be done")),
        (Some(code), _) => Err(RenderError::Process(io::Error::other(format!("it ended with code {code}")))),
        (None, Some(signal)) if signal == Signal::XCPU.as_raw() => Err(RenderError::TooLong),
        // Where there is no memory, the process aborts itself or is killed; at the end of its stack it aborts, too.
        (None, _) => Err(RenderError::TooMuchMemory),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_death_says_why() {
        let ended = |raw: i32| outcome(ExitStatus::from_raw(raw), b"");
        for signal in [Signal::ABORT, Signal::SEGV, Signal::KILL, Signal::BUS] {
            assert!(matches!(ended(signal.as_raw()), Err(RenderError::TooMuchMemory)), "{signal:?}");
        }
        assert!(matches!(ended(Signal::XCPU.as_raw()), Err(RenderError::TooLong)));
        assert!(matches!(ended(PANICKED << 8), Err(RenderError::Failed(_))));
        assert!(matches!(ended(1 << 8), Err(RenderError::Process(_))));
        assert!(matches!(ended(0), Err(RenderError::Process(_))), "it said nothing");
        assert_eq!(outcome(ExitStatus::from_raw(0), br#"{"Done":"fine"}"#).unwrap(), "fine");
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_a_fault_of_ours() {
        let renderer = Renderer::of("/nowhere/at/all".into());
        assert!(matches!(renderer.check("").await, Err(RenderError::Process(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_never_answers_is_killed() {
        let child = Command::new("sleep").arg("600").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let process = format!("/proc/{}", child.id().unwrap());
        assert!(matches!(done_in_time(child, b"{}").await, Err(RenderError::TooLong)));
        assert!(!PathBuf::from(&process).exists(), "{process} is there");
    }
}
