//! Recorded documents of the rest formats, and documents of our own that were broken on purpose.

mod mutated;
mod recorded;

use crate::common::parse;
use unistatus_core::schema::Kind;
use unistatus_core::target::{ParseError, Report, formats};

/// The formats that need no mapping of the user's.
const BUILTIN: [&str; 4] = ["statuspage", "google-incidents", "azure-devops", "slack"];

fn read(format: &str, bytes: &[u8]) -> Result<Report, ParseError> {
    parse(Kind::Rest, format, bytes)
}

#[test]
fn every_format_is_tried() {
    let names: Vec<_> = formats(Kind::Rest).iter().map(|row| row.name).collect();
    assert_eq!(names, [BUILTIN.as_slice(), &["jq"]].concat());
}
