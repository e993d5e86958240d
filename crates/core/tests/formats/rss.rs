//! Recorded documents of the rss formats, documents of families that have none, and documents of our own that were broken
//! on purpose.

mod by_rules;
mod mutated;
mod recorded;
mod strangers;

use crate::common::parse;
use unistatus_core::schema::Kind;
use unistatus_core::target::{ParseError, Report};

/// The formats that need no mapping of the user's.
fn builtin() -> impl Iterator<Item = &'static str> {
    crate::common::builtin(Kind::Rss)
}

fn read(format: &str, bytes: &[u8]) -> Result<Report, ParseError> {
    parse(Kind::Rss, format, bytes)
}
