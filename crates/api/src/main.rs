//! The `api` daemon. [`unistatus_api::Server`] is all of it but its configuration, which decides the store.

use std::process::ExitCode;

fn main() -> ExitCode {
    eprintln!("api: no store is configured");
    ExitCode::FAILURE
}
