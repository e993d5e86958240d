//! How a process ends: a line a fault on standard error, and an exit code that scripts can rely on.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use crate::causes::with_causes;

/// Something broke that nobody could have known before.
pub const BROKEN: u8 = 1;
/// Something is not OK, where that was to be told so.
pub const NOT_OK: u8 = 1;
/// Wrong arguments.
pub const USAGE: u8 = 2;
/// The database, or the API, cannot be reached.
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

    /// A failure that an error and its causes tell of.
    pub fn caused(code: u8, error: &dyn Error) -> Self {
        Self::new(code, with_causes(error))
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
