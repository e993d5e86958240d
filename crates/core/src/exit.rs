//! How a process ends: a line a fault on standard error, and an exit code that scripts can rely on.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use crate::causes::with_causes;
use crate::config::ConfigError;
use crate::telemetry::{LogFormat, last_word};

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
    /// For whom it is told.
    format: LogFormat,
}

impl Failure {
    /// A failure with one of the exit codes above. Each line of the message is a fault.
    pub fn new(code: u8, message: impl fmt::Display) -> Self {
        Self { code, message: format!("{message}"), format: LogFormat::Text }
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

    /// The failure, told as the program logs: a server's is read by whoever reads its log.
    #[must_use]
    pub fn told_in(self, format: LogFormat) -> Self {
        Self { format, ..self }
    }

    /// Says what went wrong, each line with the program's name before it or as an object.
    pub fn report(&self, program: &str) -> ExitCode {
        for line in self.message.lines() {
            let object =
                if self.format == LogFormat::Json { last_word(module_path!(), program, line).ok() } else { None };
            eprintln!("{}", object.unwrap_or_else(|| format!("{program}: {line}")));
        }
        ExitCode::from(self.code)
    }
}

/// [`CONFIG`], told as a server logs.
impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let format = error.log_format();
        Self::config(error).told_in(format)
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
