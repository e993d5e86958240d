//! What a format is, and how one is found by its name.

use std::fmt;
use std::sync::Arc;

use url::Url;

use super::html::SelectorsSpec;
use super::rss::RulesSpec;
use super::{Coverage, Document, Explanation, MappingError, ParseError, Report, Transport, WordTable, html, rest, rss};
use crate::schema::Kind;

/// A pure function from a source's answer to a report. It knows no network, no clock and no database, and the same
/// answer always gives the same report.
///
/// Most answers are one document. Some lie in several: pages of a list, or names here and states there. Such a format
/// says what else it needs, one part at a time, and whoever fetches brings it.
pub trait Format: Send + Sync {
    /// Reads a document: all of an answer, or what its first part shows by itself.
    ///
    /// # Errors
    /// [`ParseError`] if the document is not of this format; never an `OK` or an `Outage` made of a document that is
    /// something else.
    fn parse(&self, document: &Document<'_>) -> Result<Report, ParseError>;

    /// The address of the next part that is needed beyond those already there; `None` if that is all.
    ///
    /// # Errors
    /// As [`Format::parse`].
    fn next_part(&self, _parts: &[Part<'_>]) -> Result<Option<Url>, ParseError> {
        Ok(None)
    }

    /// Reads an answer whose parts are all there.
    ///
    /// # Errors
    /// As [`Format::parse`].
    fn parse_parts(&self, parts: &[Part<'_>]) -> Result<Report, ParseError> {
        let first = parts.first().and_then(|part| part.document);
        self.parse(&first.unwrap_or(Document::new(b"")))
    }

    /// Reads an answer as [`Format::parse_parts`] does, and tells how.
    fn explain(&self, parts: &[Part<'_>]) -> Explanation {
        self.parse_parts(parts).into()
    }

    /// Whether an unchanged document (304) means that nothing has changed, so that it may be asked for on condition.
    /// Not where an answer has parts, of which the condition says nothing, nor where its reading depends on the time.
    fn is_settled_by_no_change(&self) -> bool {
        true
    }
}

/// A part of a source's answer.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Where it was asked for.
    pub url: &'a Url,
    /// What was there; `None` if the source has no such document (404 or 410). The first part always has one.
    pub document: Option<Document<'a>>,
}

impl<F> Format for F
where
    F: Fn(&Document<'_>) -> Result<Report, ParseError> + Send + Sync,
{
    fn parse(&self, document: &Document<'_>) -> Result<Report, ParseError> {
        self(document)
    }
}

/// A row of a transport's table of formats.
#[derive(Clone, Copy)]
pub struct FormatRow {
    /// The name that targets files use.
    pub name: &'static str,
    /// What it reads, in one line for people.
    pub about: &'static str,
    /// How it reads.
    pub parser: Parser,
}

impl fmt::Debug for FormatRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormatRow").field("name", &self.name).finish_non_exhaustive()
    }
}

/// How a format reads: by itself, or by a mapping that the user gives.
#[derive(Clone, Copy)]
pub enum Parser {
    /// The format knows its family of documents.
    Builtin(fn(&Document<'_>) -> Result<Report, ParseError>),
    /// As before, by the time of the ask ([`Document::now`]): what it means changes though it does not.
    Timed(fn(&Document<'_>) -> Result<Report, ParseError>),
    /// As before, and an answer lies in several documents.
    Parted(Parted),
    /// The user's mapping says how; compiled once, when the targets are loaded.
    Mapped(fn(&Mapping) -> Result<Arc<dyn Format>, MappingError>),
}

/// How a format reads answers of several parts.
#[derive(Clone, Copy)]
pub struct Parted {
    /// [`Format::next_part`].
    pub next: fn(&[Part<'_>]) -> Result<Option<Url>, ParseError>,
    /// [`Format::parse_parts`].
    pub parse: fn(&[Part<'_>]) -> Result<Report, ParseError>,
}

/// Where a document by itself came from: nowhere in particular.
pub(super) fn nowhere() -> Result<Url, ParseError> {
    Url::parse("http://localhost/").map_err(|error| ParseError::malformed(error.to_string()))
}

impl Format for Parted {
    fn parse(&self, document: &Document<'_>) -> Result<Report, ParseError> {
        self.parse_parts(&[Part { url: &nowhere()?, document: Some(*document) }])
    }

    fn next_part(&self, parts: &[Part<'_>]) -> Result<Option<Url>, ParseError> {
        (self.next)(parts)
    }

    fn parse_parts(&self, parts: &[Part<'_>]) -> Result<Report, ParseError> {
        (self.parse)(parts)
    }

    fn is_settled_by_no_change(&self) -> bool {
        false
    }
}

/// A format that reads what its documents list by the time at which they were asked for.
#[derive(Clone, Copy)]
struct Timed(fn(&Document<'_>) -> Result<Report, ParseError>);

impl Format for Timed {
    fn parse(&self, document: &Document<'_>) -> Result<Report, ParseError> {
        (self.0)(document)
    }

    fn is_settled_by_no_change(&self) -> bool {
        false
    }
}

/// The parts of a target's configuration that are the user's own mapping.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// The filter of format `jq`.
    pub jq: Option<String>,
    /// The selectors of format `selectors`.
    pub selectors: Option<SelectorsSpec>,
    /// The rules of format `rules`.
    pub rules: Option<RulesSpec>,
    /// The user's table of status words.
    pub words: WordTable,
    /// What silence about a service means; `None`: as the format is used to.
    pub coverage: Option<Coverage>,
}

impl FormatRow {
    /// Whether it reads by a mapping that the user gives.
    pub const fn is_mapped(&self) -> bool {
        matches!(self.parser, Parser::Mapped(_))
    }

    /// The format, ready to read.
    ///
    /// # Errors
    /// [`MappingError`] if the format needs a mapping and that does not compile.
    pub fn build(&self, mapping: &Mapping) -> Result<Arc<dyn Format>, MappingError> {
        match self.parser {
            Parser::Builtin(parse) => Ok(Arc::new(parse)),
            Parser::Timed(parse) => Ok(Arc::new(Timed(parse))),
            Parser::Parted(parted) => Ok(Arc::new(parted)),
            Parser::Mapped(compile) => compile(mapping),
        }
    }
}

/// The table of a transport's formats; empty for probes.
pub fn formats(kind: Kind) -> &'static [FormatRow] {
    match kind {
        Kind::Rest => rest::Rest::FORMATS,
        Kind::Html => html::Html::FORMATS,
        Kind::Rss => rss::Rss::FORMATS,
        Kind::Ping | Kind::Tcp | Kind::Http => &[],
    }
}

/// A transport's format by its name. Case and punctuation do not matter: people write `incident.io` and `Better Stack`.
pub fn find_format(kind: Kind, name: &str) -> Option<&'static FormatRow> {
    let fold = |name: &str| name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let name = fold(name);
    formats(kind).iter().find(|row| fold(row.name) == name)
}
