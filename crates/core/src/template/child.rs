//! The process that renders: what it may have, and what it does.

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::job::Job;
use super::work;

/// The argument by which a program of ours is asked to render.
pub(super) const ASKED: &str = "render-template";

const MIB: u64 = 1024 * 1024;

/// What the process may have.
const LIMITS: [(Resource, u64); 7] = [
    // What it writes to: the one that counts. What the program itself has beside that is only read.
    (Resource::Data, 64 * MIB),
    (Resource::Stack, 8 * MIB),
    // What it sees, the program itself included, which is large where it is made for tests.
    (Resource::As, 1024 * MIB),
    // Seconds. At the end comes a signal that nothing here answers.
    (Resource::Cpu, 1),
    // Its input, its output and its errors are open; no other file can be, and none can be written.
    (Resource::Nofile, 3),
    (Resource::Fsize, 0),
    (Resource::Core, 0),
];

/// Renders one template, where this process was started for that: `main` then ends with this code. To be called before
/// anything else, which costs a look at the arguments.
pub fn serve_if_asked() -> Option<ExitCode> {
    let is_asked = std::env::args_os().skip(1).eq([ASKED]);
    is_asked.then(|| match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

fn serve() -> io::Result<()> {
    for (resource, most) in LIMITS {
        restrict(resource, most)?;
    }
    // A death is an answer here: nobody shall collect what is left of it.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    let mut asked = Vec::new();
    io::stdin().read_to_end(&mut asked)?;
    let job: Job = serde_json::from_slice(&asked)?;
    let answer = serde_json::to_vec(&work::answer(&job))?;
    let mut said = io::stdout();
    said.write_all(&answer)?;
    said.flush()
}

/// Takes all of a resource away that is beyond a bound.
fn restrict(resource: Resource, most: u64) -> io::Result<()> {
    let had = getrlimit(resource);
    let most = had.maximum.map_or(most, |maximum| most.min(maximum));
    setrlimit(resource, Rlimit { current: Some(most), maximum: had.maximum })?;
    Ok(())
}
