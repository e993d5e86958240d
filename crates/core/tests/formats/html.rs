//! Recorded documents of the html formats, and pages of our own that were broken on purpose.

mod mutated;
mod recorded;

use unistatus_core::schema::Kind;
use unistatus_core::target::{ParseError, Report};

use crate::common::parse;

fn read(format: &str, bytes: &[u8]) -> Result<Report, ParseError> {
    parse(Kind::Html, format, bytes)
}
