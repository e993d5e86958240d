//! Recorded documents of the rest formats, and documents of our own that were broken on purpose.

mod mutated;
mod recorded;
mod seeds;

use crate::common::parse;
use unistatus_core::schema::Kind;
use unistatus_core::target::{ParseError, Report};

/// The formats that need no mapping of the user's.
fn builtin() -> impl Iterator<Item = &'static str> {
    crate::common::builtin(Kind::Rest)
}

fn read(format: &str, bytes: &[u8]) -> Result<Report, ParseError> {
    parse(Kind::Rest, format, bytes)
}

#[test]
fn an_empty_list_is_good_news_only_from_those_who_say_it_so() {
    for (format, is_read) in [
        ("aws", true),
        ("google-incidents", true),
        ("azure", false),
        ("microsoft-status", false),
        ("msgraph", false),
        ("slack", false),
    ] {
        let report = read(format, b"[]");
        assert_eq!(report.as_ref().is_ok_and(|report| report.services.is_empty()), is_read, "{format}: {report:?}");
    }
}
