//! The program `unistatus` as whoever runs it sees it.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail by panicking, as tests do")]

mod access;
mod both;
mod config;
mod demo;
mod discover;
mod help;
mod migrate;
mod status;
mod targets;
mod trial;
mod up;
mod verify;

// The tests of `api` have the same questions to ask of a server and of a process.
#[path = "../../../api/tests/support/client.rs"]
#[expect(dead_code, reason = "the tests of the library use all of it")]
mod client;
#[path = "../../../api/tests/support/process.rs"]
#[expect(dead_code, reason = "the tests of `api` use the rest of it")]
mod process;
#[path = "../../../api/tests/support/rollbar.rs"]
mod rollbar;

use process::Program;

fn unistatus<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Program {
    Program::new(env!("CARGO_BIN_EXE_unistatus")).args(arguments)
}
