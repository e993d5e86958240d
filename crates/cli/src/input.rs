//! What commands are given to read.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use serde_json::Value;
use unistatus_core::exit::{self, Failure};

/// The text of a file; that of standard input where the path is `-`.
///
/// # Errors
/// [`exit::USAGE`] if it cannot be read, or is no text.
pub(crate) fn file(path: &Path) -> Result<String, Failure> {
    if path == "-" {
        return standard();
    }
    fs::read_to_string(path).map_err(|error| unreadable(&path.display().to_string(), &error))
}

/// The JSON of a file; that of standard input where the path is `-`.
///
/// # Errors
/// As [`file()`], and if it is no JSON.
pub(crate) fn json(path: &Path) -> Result<Value, Failure> {
    let no_json = |error| Failure::new(exit::USAGE, format!("{} is no JSON: {error}", path.display()));
    serde_json::from_str(&file(path)?).map_err(no_json)
}

/// The text on standard input.
///
/// # Errors
/// As [`file()`].
pub(crate) fn standard() -> Result<String, Failure> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| unreadable("standard input", &error))?;
    Ok(text)
}

fn unreadable(what: &str, error: &io::Error) -> Failure {
    Failure::new(exit::USAGE, format!("cannot read {what}: {error}"))
}
