//! Changes as an Atom feed (RFC 4287).

use atom_syndication::{Entry, Feed, Generator, Link, Person, Text};
use chrono::DateTime;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use unistatus_core::schema::{Event, Status};

/// What stands for itself in a segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The feed of these events, newest first. `base` is the address of the server, `path` that of the feed on it.
pub(crate) fn feed(events: &[Event], base: &str, path: &str) -> String {
    let address = format!("{base}{path}");
    let feed = Feed {
        title: Text::plain("Unistatus: changes of status"),
        id: address.clone(),
        // Of nothing, the time when time began: it shall be the same feed until something happens.
        updated: events.first().map_or(DateTime::UNIX_EPOCH, |newest| newest.at.to_chrono()).fixed_offset(),
        authors: vec![Person { name: "Unistatus".to_owned(), ..Person::default() }],
        generator: Some(Generator { value: "Unistatus".to_owned(), ..Generator::default() }),
        links: vec![Link { href: address, rel: "self".to_owned(), ..Link::default() }],
        entries: events.iter().map(|event| entry(event, base)).collect(),
        ..Feed::default()
    };
    feed.to_string()
}

fn entry(event: &Event, base: &str) -> Entry {
    let segment = |text: &str| utf8_percent_encode(text, SEGMENT).to_string();
    let (target, service, key) = (segment(&event.target), segment(&event.service), segment(&event.key));
    Entry {
        title: Text::plain(visible(&format!("{}: {} {}", event.target, event.service, happened(event.from, event.to)))),
        // The same wherever it is read from, and for ever.
        id: format!("tag:unistatus,2026:{target}/{}/{}/{key}", event.revision, event.at.as_millis()),
        updated: event.at.to_chrono().fixed_offset(),
        published: event.source_at.map(|at| at.to_chrono().fixed_offset()),
        links: vec![Link {
            href: format!("{base}/api/status/{target}/{service}"),
            rel: "alternate".to_owned(),
            ..Link::default()
        }],
        ..Entry::default()
    }
}

/// A text without what XML has no way to write.
fn visible(text: &str) -> String {
    let is_strange = |character: char| character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}');
    text.replace(is_strange, "\u{fffd}")
}

fn happened(from: Option<Status>, to: Option<Status>) -> String {
    match (from, to) {
        (None, Some(to)) => format!("is {to} at first sight"),
        (Some(from), Some(to)) => format!("went from {from} to {to}"),
        (_, None) => "is no longer listed".to_owned(),
    }
}
