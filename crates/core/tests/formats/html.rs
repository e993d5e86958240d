//! Recorded documents of the html formats, and pages of our own that were broken on purpose.

mod mutated;
mod recorded;

use unistatus_core::schema::Kind;
use unistatus_core::target::{ParseError, Parser, Report, formats};

use crate::common::parse;

/// The formats that need no mapping of the user's.
fn builtin() -> impl Iterator<Item = &'static str> {
    let rows = formats(Kind::Html).iter().filter(|row| !matches!(row.parser, Parser::Mapped(_)));
    rows.map(|row| row.name)
}

fn read(format: &str, bytes: &[u8]) -> Result<Report, ParseError> {
    parse(Kind::Html, format, bytes)
}
