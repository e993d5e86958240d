//! An answer of a source, and what reads it.

use std::sync::Arc;

use unistatus_core::schema::Timestamp;
use unistatus_core::target::{Document, Filter, Format, Part};
use url::Url;

/// An answer whose parts are all there.
pub(crate) struct Answer {
    /// What it is called in the table.
    pub(crate) title: String,
    /// What reads it.
    pub(crate) format: Arc<dyn Format>,
    /// Its parts: where each was asked for, and the document there.
    pub(crate) parts: Vec<(Url, Option<Vec<u8>>)>,
    /// When it was asked for, where that is known.
    pub(crate) asked_at: Option<Timestamp>,
}

impl Answer {
    /// How many bytes it has.
    pub(crate) fn size(&self) -> usize {
        self.parts.iter().filter_map(|(_, document)| document.as_ref()).map(Vec::len).sum()
    }

    /// Reads it as the collector does; how many services it tells of.
    pub(crate) fn read(&self) -> usize {
        let report = self.format.parse_parts(&self.as_parts()).and_then(|report| report.finish(&Filter::default()));
        report.unwrap_or_else(|error| panic!("{}: {error}", self.title)).services.len()
    }

    /// The parts as a format takes them.
    pub(crate) fn as_parts(&self) -> Vec<Part<'_>> {
        let document = |bytes| match self.asked_at {
            Some(moment) => Document::new(bytes).asked_at(moment),
            None => Document::new(bytes),
        };
        self.parts.iter().map(|(url, bytes)| Part { url, document: bytes.as_deref().map(document) }).collect()
    }
}
