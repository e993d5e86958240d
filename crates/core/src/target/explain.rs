//! How a document was read, told line by line, for people who set up a target.
//!
//! A mapping is explained by reading with it: the one code path that reads also tells a [`Recorder`] what it finds, so
//! that what is told and what is read cannot differ. While targets are asked, the recorder is off.

use super::{Document, Filter, Meaning, ParseError, Part, Report};
use crate::schema::{Service, dimension_names, truncate};

/// How many characters of a piece of a document are shown.
pub(super) const SHOWN: usize = 200;

/// How an answer was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What an own mapping made of each piece of the document, in its order, up to where it failed. Built-in formats
    /// tell of [`Report::words`] alone.
    pub lines: Vec<Line>,
    /// The names of the services that `include` and `exclude` leave out.
    pub left_out: Vec<String>,
    /// What came of it all.
    pub report: Result<Report, ParseError>,
}

impl From<Result<Report, ParseError>> for Explanation {
    /// What was read, with nothing to tell of how.
    fn from(report: Result<Report, ParseError>) -> Self {
        Self { lines: Vec::new(), left_out: Vec::new(), report }
    }
}

impl Explanation {
    /// Reads the first document of an answer while taking down how.
    pub(super) fn of(
        parts: &[Part<'_>],
        read: impl FnOnce(&Document<'_>, &mut Recorder) -> Result<Report, ParseError>,
    ) -> Self {
        let mut recorder = Recorder { is_on: true, ..Recorder::default() };
        let first = parts.first().and_then(|part| part.document);
        let report = read(&first.unwrap_or(Document::new(b"")), &mut recorder);
        Self { lines: recorder.lines, left_out: Vec::new(), report }
    }

    /// The last step of reading, as [`Report::finish`] does it.
    #[must_use]
    pub(super) fn finish(self, filter: &Filter) -> Self {
        let named = self.report.iter().flat_map(|report| &report.services).map(|service| &service.name);
        let left_out = named.filter(|name| !filter.lets_through(name)).cloned().collect();
        Self { left_out, report: self.report.and_then(|report| report.finish(filter)), ..self }
    }
}

/// A piece of a document and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Line {
    /// Which piece: an output of a filter, a row of a page, an entry of a feed.
    pub piece: String,
    /// What was found in it.
    pub found: Vec<Found>,
    /// What came of it; empty where reading broke off.
    pub outcome: String,
}

/// Something found in a piece of a document.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Found {
    /// By which key of the mapping.
    pub by: String,
    /// What it is.
    pub what: String,
}

/// Takes down what a mapping finds while it reads; nothing where nobody wants to know.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    is_on: bool,
    lines: Vec<Line>,
}

impl Recorder {
    /// Begins the line of another piece.
    pub(super) fn piece(&mut self, piece: impl FnOnce() -> String) {
        if self.is_on {
            self.lines.push(Line { piece: piece(), ..Line::default() });
        }
    }

    /// Notes what was found in the present piece.
    pub(super) fn found(&mut self, by: &str, what: impl FnOnce() -> String) {
        if let Some(line) = self.lines.last_mut() {
            line.found.push(Found { by: by.to_owned(), what: what() });
        }
    }

    /// Notes a status word in the present piece, and what it means.
    pub(super) fn word(&mut self, by: &str, word: &str, meaning: Option<Meaning>) {
        self.found(by, || match meaning {
            Some(meaning) => format!("\"{}\" means {meaning}", truncate(word, SHOWN)),
            None => format!("\"{}\" is a word that is not known", truncate(word, SHOWN)),
        });
    }

    /// Notes what came of the present piece.
    pub(super) fn outcome(&mut self, outcome: impl FnOnce() -> String) {
        if let Some(line) = self.lines.last_mut() {
            line.outcome = outcome();
        }
    }

    /// Notes that the present piece is a service.
    pub(super) fn service(&mut self, service: &Service) {
        self.outcome(|| {
            let region = service.dimensions.get(dimension_names::REGION);
            let region = region.map(|region| format!(" in {region}")).unwrap_or_default();
            let planned = service.dimensions.contains_key(dimension_names::MAINTENANCE);
            let planned = if planned { ", under planned maintenance" } else { "" };
            let since = service.last_timestamp.map(|at| format!(", since {at}")).unwrap_or_default();
            format!("{}{region} is {}{planned}{since}", service.name, service.status)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorder_that_is_off_asks_for_nothing() {
        let mut recorder = Recorder::default();
        recorder.piece(|| unreachable!());
        recorder.found("name", || unreachable!());
        recorder.outcome(|| unreachable!());
        assert!(recorder.lines.is_empty());
    }

    #[test]
    fn what_is_left_out_is_named() {
        let mut report = Report::complete();
        report.services = ["API", "Test API", "Web"].map(|name| Service::named(name, name)).to_vec();
        let filter = Filter::new(&["*API".to_owned()], &["Test *".to_owned()]).unwrap();
        let explanation = Explanation::from(Ok(report)).finish(&filter);
        assert_eq!(explanation.left_out, ["Test API", "Web"]);
        assert_eq!(explanation.report.unwrap().services.len(), 1);
    }

    #[test]
    fn what_was_found_before_a_failure_is_told() {
        let nowhere = url::Url::parse("http://localhost/").unwrap();
        let part = Part { url: &nowhere, document: Some(Document::new(b"a b")) };
        let explanation = Explanation::of(&[part], |document, recorder| {
            for word in document.text().split(' ') {
                recorder.piece(|| format!("word {word}"));
                recorder.word("status", word, (word == "a").then_some(Meaning::Maintenance));
                if word == "b" {
                    return Err(ParseError::Empty);
                }
                recorder.outcome(|| "read".to_owned());
            }
            Ok(Report::complete())
        });
        let line = |piece: &str, what: &str, outcome: &str| Line {
            piece: piece.to_owned(),
            found: vec![Found { by: "status".to_owned(), what: what.to_owned() }],
            outcome: outcome.to_owned(),
        };
        let lines = [
            line("word a", "\"a\" means maintenance", "read"),
            line("word b", "\"b\" is a word that is not known", ""),
        ];
        assert_eq!((explanation.lines.as_slice(), explanation.report), (&lines[..], Err(ParseError::Empty)));
    }
}
