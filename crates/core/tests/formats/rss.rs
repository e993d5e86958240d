//! Recorded documents of the rss formats, documents of families that have none, and documents of our own that were broken
//! on purpose.

mod by_rules;
mod mutated;
mod recorded;
mod strangers;

use crate::common::parse;
use unistatus_core::schema::Kind;
use unistatus_core::target::{ParseError, Parser, Report, formats};

/// The formats that need no mapping of the user's.
fn builtin() -> impl Iterator<Item = &'static str> {
    let rows = formats(Kind::Rss).iter().filter(|row| !matches!(row.parser, Parser::Mapped(_)));
    rows.map(|row| row.name)
}

fn read(format: &str, bytes: &[u8]) -> Result<Report, ParseError> {
    parse(Kind::Rss, format, bytes)
}
