//! How a process ends: a line a fault on standard error, and an exit code that scripts can rely on.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

/// Something broke that nobody could have known before.
pub const BROKEN: u8 = 1;
/// Wrong arguments.
pub const USAGE: u8 = 2;
/// The database cannot be reached.
pub const UNREACHABLE: u8 = 3;
/// Settings, targets or a database that cannot be used (`EX_CONFIG` of `sysexits.h`).
pub const CONFIG: u8 = 78;

/// Why a process ends otherwise than asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// A failure with one of the exit codes above. Each line of the message is a fault.
    pub fn new(code: u8, message: impl fmt::Display) -> Self {
        Self { code, message: format!("{message}") }
    }

    /// A failure that an error tells of: what it says, and what its causes say beyond that.
    pub fn caused(code: u8, error: &dyn Error) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let said = error.to_string();
            if !message.contains(&said) {
                message = format!("{message}: {said}");
            }
            cause = error.source();
        }
        Self { code, message }
    }

    /// [`BROKEN`], with what broke.
    pub fn broken(error: impl Error) -> Self {
        Self::caused(BROKEN, &error)
    }

    /// [`CONFIG`], with what cannot be used.
    pub fn config(error: impl Error) -> Self {
        Self::caused(CONFIG, &error)
    }

    /// Says what went wrong, each line with the program's name before it.
    pub fn report(&self, program: &str) -> ExitCode {
        for line in self.message.lines() {
            eprintln!("{program}: {line}");
        }
        ExitCode::from(self.code)
    }
}

/// The exit code of a program's result, its failure reported.
pub fn code(program: &str, result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(program),
    }
}

/// Runs a program's main task on a runtime of its own, to the end.
///
/// # Errors
/// The task's own failure, or that of starting the runtime.
pub fn run(main: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::broken)?;
    let result = runtime.block_on(main);
    // Name look-ups on its threads cannot be cancelled, and nobody waits for them.
    runtime.shutdown_background();
    result
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::store::StoreError;

    #[test]
    fn causes_are_told_once() {
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        for (error, told) in [
            (StoreError::unavailable("nobody answers", refused()), "nobody answers: connection refused"),
            (StoreError::unavailable(format!("{}!", refused()), refused()), "connection refused!"),
        ] {
            let message = format!("the database is not available: {told}");
            assert_eq!(Failure::config(error), Failure::new(CONFIG, message));
        }
    }
}
