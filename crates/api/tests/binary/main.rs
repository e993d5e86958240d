//! The program `api` as whoever runs it sees it.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail by panicking, as tests do")]

mod log;
mod metrics;
mod secrets;
mod settings;
mod signals;
mod store;
mod templates;
mod traces;

#[path = "../support/client.rs"]
#[expect(dead_code, reason = "the tests of the library use all of it")]
mod client;
#[path = "../support/process.rs"]
#[expect(dead_code, reason = "the tests of `unistatus` use all of it")]
mod process;

use process::Program;

/// The program on a free port.
fn api() -> Program {
    Program::new(env!("CARGO_BIN_EXE_api")).args(["--port", "0"])
}
