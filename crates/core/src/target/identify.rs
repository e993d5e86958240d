//! What a document is: which of the built-in formats read it.
//!
//! The content decides, never where it came from. The families' formats refuse each other's documents, so as a rule one
//! of them reads a document or none does; kin families (incident.io speaks Statuspage, too) may share one.

use std::cmp::Reverse;

use super::{Document, Filter, FormatRow, Mapping, ParseError, Report, formats};
use crate::schema::Kind;

/// The transports that have documents, the one that tells most first.
const KINDS: [Kind; 3] = [Kind::Rest, Kind::Html, Kind::Rss];

/// What the built-in formats make of a document.
#[derive(Clone, Debug, Default)]
pub struct Identified {
    /// Those that read it, best first.
    pub matches: Vec<Match>,
    /// Why the others of the document's own transport do not, most telling first. What a format of feeds says to a page
    /// of HTML is no news, and left out.
    pub refusals: Vec<Refusal>,
}

/// A format that reads a document.
#[derive(Clone, Debug)]
pub struct Match {
    /// The transport whose format it is.
    pub kind: Kind,
    /// The format.
    pub format: &'static FormatRow,
    /// What it reads. Of an answer of several parts this is what the first one shows by itself.
    pub report: Report,
}

/// Why formats do not read a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The transport whose formats they are.
    pub kind: Kind,
    /// The formats that say the same.
    pub formats: Vec<&'static str>,
    /// What they say.
    pub error: ParseError,
}

impl Identified {
    /// Whether nothing reads the document.
    pub fn is_stranger(&self) -> bool {
        self.matches.is_empty()
    }
}

/// Tries every built-in format on a document.
///
/// It takes as long as all of them together: seconds for megabytes of HTML.
pub fn identify(document: &Document<'_>) -> Identified {
    let likely = likely_kind(document);
    let mut identified = Identified::default();
    for kind in KINDS {
        for format in formats(kind).iter().filter(|row| !row.is_mapped()) {
            match read(format, document) {
                Ok(report) => identified.matches.push(Match { kind, format, report }),
                Err(error) if likely.is_none_or(|likely| likely == kind) => identified.refuse(kind, format.name, error),
                Err(_) => {}
            }
        }
    }
    // Stable: what is as good keeps the order of the tables.
    identified.matches.sort_by_key(|found| (place(found.kind), Reverse(found.report.services.len())));
    identified.refusals.sort_by_key(|refusal| rank(&refusal.error));
    identified
}

impl Identified {
    fn refuse(&mut self, kind: Kind, format: &'static str, error: ParseError) {
        match self.refusals.iter_mut().find(|refusal| refusal.kind == kind && refusal.error == error) {
            Some(refusal) => refusal.formats.push(format),
            None => self.refusals.push(Refusal { kind, formats: vec![format], error }),
        }
    }
}

fn read(format: &FormatRow, document: &Document<'_>) -> Result<Report, ParseError> {
    let built = format.build(&Mapping::default())?;
    built.parse(document)?.finish(&Filter::default())
}

/// Where a transport stands among the three.
pub(super) fn place(kind: Kind) -> usize {
    KINDS.iter().position(|&known| known == kind).unwrap_or(KINDS.len())
}

/// A format that knows its family and finds nothing in it says more than one that finds another family.
const fn rank(error: &ParseError) -> u8 {
    match error {
        ParseError::Empty | ParseError::Filtered { .. } | ParseError::Mapping(_) => 0,
        ParseError::Malformed(_) => 1,
        ParseError::Unrecognised(_) => 2,
    }
}

/// The transport that a document looks like, at a glance. It decides nothing but whose refusals are worth reading.
pub(super) fn likely_kind(document: &Document<'_>) -> Option<Kind> {
    /// How far into a document its root stands: behind a declaration and some comments.
    const HEAD: usize = 1024;
    let text = document.text();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    match text.chars().next()? {
        '{' | '[' => Some(Kind::Rest),
        '<' => {
            let head: String = text.chars().take(HEAD).collect();
            let is_feed = ["<rss", "<feed", "<rdf:RDF"].iter().any(|root| head.contains(root));
            Some(if is_feed { Kind::Rss } else { Kind::Html })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUMMARY: &str = r#"{"page": {"id": "p", "name": "Acme"}, "status": {"indicator": "none", "description": "Fine"},
        "components": [{"id": "a", "name": "API", "status": "operational"}], "incidents": []}"#;

    fn names(identified: &Identified) -> Vec<(Kind, &'static str)> {
        identified.matches.iter().map(|found| (found.kind, found.format.name)).collect()
    }

    #[test]
    fn a_document_is_known_by_its_content() {
        let identified = identify(&Document::new(SUMMARY.as_bytes()));
        assert_eq!(names(&identified).first(), Some(&(Kind::Rest, "statuspage")), "{identified:?}");
        assert_eq!(identified.matches[0].report.services.len(), 2);
        assert!(identified.refusals.iter().all(|refusal| refusal.kind == Kind::Rest));
    }

    #[test]
    fn a_stranger_is_refused_by_the_formats_of_its_own_transport() {
        for (text, kind) in [
            (r#"{"host": "h", "checks": [{"name": "db", "up": true}]}"#, Kind::Rest),
            ("<!DOCTYPE html><title>Sign in</title><form></form>", Kind::Html),
            ("<?xml version='1.0'?><!-- a blog --><rss><channel><title>Blog</title></channel></rss>", Kind::Rss),
        ] {
            let identified = identify(&Document::new(text.as_bytes()));
            assert!(identified.is_stranger() && !identified.refusals.is_empty(), "{text}: {identified:?}");
            assert!(identified.refusals.iter().all(|refusal| refusal.kind == kind), "{identified:?}");
        }
    }

    #[test]
    fn what_all_formats_say_is_told_once() {
        let identified = identify(&Document::new(b"  "));
        for kind in KINDS {
            let said: Vec<_> = identified.refusals.iter().filter(|refusal| refusal.kind == kind).collect();
            let [only] = said.as_slice() else { panic!("{said:?}") };
            assert_eq!(only.formats.len(), formats(kind).iter().filter(|row| !row.is_mapped()).count());
        }
    }

    #[test]
    fn a_known_family_that_names_nothing_is_the_most_telling_refusal() {
        let said = |error| Refusal { kind: Kind::Rest, formats: vec!["x"], error };
        let mut refusals =
            [said(ParseError::unrecognised("another")), said(ParseError::malformed("broken")), said(ParseError::Empty)];
        refusals.sort_by_key(|refusal| rank(&refusal.error));
        assert_eq!(refusals[0].error, ParseError::Empty);
        assert_eq!(refusals[2].error, ParseError::unrecognised("another"));
    }
}
