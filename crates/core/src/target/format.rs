//! What a format is, and how one is found by its name.

use std::fmt;
use std::sync::Arc;

use super::html::SelectorsSpec;
use super::rss::RulesSpec;
use super::{Coverage, Document, MappingError, ParseError, Report, Transport, WordTable, html, rest, rss};
use crate::schema::Kind;

/// A pure function from a document to a report. It knows no network, no clock and no database, and the same bytes
/// always give the same report.
pub trait Format: Send + Sync {
    /// Reads a document.
    ///
    /// # Errors
    /// [`ParseError`] if the document is not of this format; never an `OK` or an `Outage` made of a document that is
    /// something else.
    fn parse(&self, document: &Document<'_>) -> Result<Report, ParseError>;
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
    /// The user's mapping says how; compiled once, when the targets are loaded.
    Mapped(fn(&Mapping) -> Result<Arc<dyn Format>, MappingError>),
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
    /// The format, ready to read.
    ///
    /// # Errors
    /// [`MappingError`] if the format needs a mapping and that does not compile.
    pub fn build(&self, mapping: &Mapping) -> Result<Arc<dyn Format>, MappingError> {
        match self.parser {
            Parser::Builtin(parse) => Ok(Arc::new(parse)),
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

/// A transport's format by its name.
pub fn find_format(kind: Kind, name: &str) -> Option<&'static FormatRow> {
    formats(kind).iter().find(|row| row.name == name)
}
