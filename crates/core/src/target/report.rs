//! What a source's document says, in the unified words.

use std::collections::{BTreeMap, BTreeSet};

use super::{Filter, Meaning, ParseError, Vocabulary};
use crate::schema::{Incident, Service, Status, dimension_names};

/// What a format's documents tell about services they do not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// The document names every service: what it does not name is gone. Naming none at all is a failure.
    #[default]
    Complete,
    /// The document names what is wrong: every service known before that it does not name is OK.
    OpenOnly,
}

/// A status word of a source, and what was made of it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Word {
    /// The word as the source writes it.
    pub word: String,
    /// What it means; `None` if no mapping knows it.
    pub meaning: Option<Meaning>,
    /// How often the document uses it.
    pub count: usize,
}

/// How many different words of a document are counted: more is prose, not a vocabulary.
const MAX_WORDS: usize = 100;

/// A document, read: what a format yields.
///
/// In [`Service::last_timestamp`] stands only what the document itself says; an empty one is filled in later by
/// whoever knows when the status was first seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What silence about a service means.
    pub coverage: Coverage,
    /// The services, in the source's order.
    pub services: Vec<Service>,
    /// Open and recent incidents and maintenances.
    pub incidents: Vec<Incident>,
    /// Status words that no mapping knows; their services are `Unknown`.
    pub unknown_words: BTreeSet<String>,
    /// The first status words that were read, known or not, for people who look into how a source is understood.
    pub words: Vec<Word>,
}

impl Report {
    /// A report that names every service of its source.
    pub fn complete() -> Self {
        Self::new(Coverage::Complete)
    }

    /// A report that names only what is wrong.
    pub fn open_only() -> Self {
        Self::new(Coverage::OpenOnly)
    }

    /// A report without services.
    pub fn new(coverage: Coverage) -> Self {
        Self {
            coverage,
            services: Vec::new(),
            incidents: Vec::new(),
            unknown_words: BTreeSet::new(),
            words: Vec::new(),
        }
    }

    /// What a status word means; a word that the vocabulary does not know is noted and means `Unknown`.
    pub fn read(&mut self, vocabulary: &Vocabulary, word: &str) -> Meaning {
        self.note(word, vocabulary.meaning(word))
    }

    /// Notes a status word and what a mapping says that it means; one that the mapping does not know means `Unknown`.
    pub fn note(&mut self, word: &str, meaning: Option<Meaning>) -> Meaning {
        let word = crate::schema::truncate(word.trim(), 100);
        if meaning.is_none() {
            self.unknown_words.insert(word.clone());
        }
        if let Some(known) = self.words.iter_mut().find(|known| known.word == word && known.meaning == meaning) {
            known.count += 1;
        } else if self.words.len() < MAX_WORDS {
            self.words.push(Word { word, meaning, count: 1 });
        }
        meaning.unwrap_or(Meaning::UNKNOWN)
    }

    /// Notes a word that no mapping knows.
    pub fn unknown(&mut self, word: &str) -> Meaning {
        self.note(word, None)
    }

    /// The last step of every format: checks that the report is one, keeps what the filter lets through, and makes
    /// keys unique (sources do repeat ids by mistake; a repeated key would mix two histories).
    ///
    /// # Errors
    /// [`ParseError::Empty`] if a complete document names no service, [`ParseError::Filtered`] if it does but the
    /// filter lets none through.
    pub fn finish(mut self, filter: &Filter) -> Result<Self, ParseError> {
        if self.coverage == Coverage::Complete && self.services.is_empty() {
            return Err(ParseError::Empty);
        }
        let named = self.services.len();
        self.services.retain(|service| filter.lets_through(&service.name));
        if self.coverage == Coverage::Complete && self.services.is_empty() {
            return Err(ParseError::Filtered { named });
        }
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        for service in &mut self.services {
            let count = seen.entry(service.key.clone()).or_insert(0);
            *count += 1;
            if *count > 1 {
                service.key = format!("{}#{count}", service.key);
            }
        }
        Ok(self)
    }
}

impl Service {
    /// A service whose status is not read yet.
    pub fn named(key: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            name: name.into(),
            status: Status::Unknown,
            last_timestamp: None,
            dimensions: BTreeMap::new(),
        }
    }

    /// Gives the service the status that a word means, and marks planned maintenance.
    pub fn set(&mut self, meaning: Meaning) {
        self.status = meaning.status();
        if meaning == Meaning::Maintenance {
            self.dimensions.insert(dimension_names::MAINTENANCE.to_owned(), true.into());
        } else {
            self.dimensions.remove(dimension_names::MAINTENANCE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complete_report_without_services_is_a_failure_and_an_open_only_one_is_not() {
        let filter = Filter::default();
        assert!(matches!(Report::complete().finish(&filter), Err(ParseError::Empty)));
        assert!(Report::open_only().finish(&filter).is_ok());
    }

    #[test]
    fn words_are_counted_as_they_are_read() {
        static TABLE: Vocabulary = Vocabulary(&[("up", Meaning::OK), ("planned", Meaning::Maintenance)]);
        let mut report = Report::complete();
        for word in ["up", "planned", " up ", "Up", "sideways", "up", "sideways"] {
            report.read(&TABLE, word);
        }
        let counted: Vec<_> = report.words.iter().map(|read| (read.word.as_str(), read.meaning, read.count)).collect();
        let planned = ("planned", Some(Meaning::Maintenance), 1);
        assert_eq!(
            counted,
            [("up", Some(Meaning::OK), 3), planned, ("Up", Some(Meaning::OK), 1), ("sideways", None, 2)]
        );
        assert_eq!(report.unknown_words.iter().collect::<Vec<_>>(), ["sideways"]);
        for number in 0..1000 {
            report.unknown(&number.to_string());
        }
        assert_eq!((report.words.len(), report.unknown_words.len()), (MAX_WORDS, 1001));
    }

    #[test]
    fn repeated_keys_are_told_apart_in_order() {
        let mut report = Report::complete();
        report.services = vec![Service::named("a", "A"), Service::named("a", "B"), Service::named("a", "C")];
        let keys: Vec<_> = report.finish(&Filter::default()).unwrap().services.into_iter().map(|s| s.key).collect();
        assert_eq!(keys, ["a", "a#2", "a#3"]);
    }
}
