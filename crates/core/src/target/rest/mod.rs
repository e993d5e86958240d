//! JSON APIs.

use super::polled::Polled;
use super::{FormatRow, Transport};

/// A JSON API and the format that reads it.
pub type RestTarget = Polled<Rest>;

/// JSON APIs.
#[derive(Debug)]
pub struct Rest;

impl Transport for Rest {
    const ACCEPT: &'static str = "application/json, */*;q=0.5";

    /// A new format is a file beside this one and a row here.
    const FORMATS: &'static [FormatRow] = &[];
}
