//! How a command ends that could not do what it was asked.

use std::fmt;
use std::process::ExitCode;

use unistatus_core::config::ConfigError;

/// A message for people and an exit code for scripts.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// Something failed that nobody could have known before: exit code 1.
    pub fn internal(message: impl fmt::Display) -> Self {
        Self { code: 1, message: format!("{message}") }
    }

    /// The arguments name something that does not exist: exit code 2.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self { code: 2, message: format!("{message}") }
    }

    /// The database cannot be reached: exit code 3.
    pub fn unreachable(message: impl fmt::Display) -> Self {
        Self { code: 3, message: format!("{message}") }
    }

    /// Settings, targets or a database that cannot be used: exit code 78 (`EX_CONFIG` of `sysexits.h`).
    pub fn config(message: impl fmt::Display) -> Self {
        Self { code: 78, message: format!("{message}") }
    }

    /// Says what went wrong on standard error, each line with the program's name.
    pub fn report(self) -> ExitCode {
        for line in self.message.lines() {
            anstream::eprintln!("unistatus: {line}");
        }
        ExitCode::from(self.code)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::config(error)
    }
}
