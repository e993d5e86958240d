//! Status words and what they mean.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::schema::Status;

/// What a source's status word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The status itself.
    Is(Status),
    /// Under planned maintenance: `Degraded` with `dimensions.maintenance: true`.
    Maintenance,
}

impl Meaning {
    /// OK.
    pub const OK: Self = Self::Is(Status::Ok);
    /// Degraded.
    pub const DEGRADED: Self = Self::Is(Status::Degraded);
    /// Outage.
    pub const OUTAGE: Self = Self::Is(Status::Outage);
    /// Unknown, as a source's own word.
    pub const UNKNOWN: Self = Self::Is(Status::Unknown);

    /// The status it comes to.
    pub const fn status(self) -> Status {
        match self {
            Self::Is(status) => status,
            Self::Maintenance => Status::Degraded,
        }
    }

    /// The worse of two; maintenance gives way to a Degraded that nobody planned.
    #[must_use]
    pub fn worst(self, other: Self) -> Self {
        let rank = |meaning: Self| (meaning.status(), meaning != Self::Maintenance);
        if rank(other) > rank(self) { other } else { self }
    }
}

impl fmt::Display for Meaning {
    /// The word of a targets file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(status) => status.fmt(f),
            Self::Maintenance => f.pad("maintenance"),
        }
    }
}

impl Serialize for Meaning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Meaning {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        if word.eq_ignore_ascii_case("maintenance") {
            return Ok(Self::Maintenance);
        }
        word.parse()
            .map(Self::Is)
            .map_err(|_| format!("\"{word}\" is not a status; accepted are OK, Unknown, Degraded, Outage, maintenance"))
    }
}

impl<'de> Deserialize<'de> for Meaning {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A format's vocabulary: its one visible table of words. Words compare without regard to case.
#[derive(Debug)]
pub struct Vocabulary(pub &'static [(&'static str, Meaning)]);

impl Vocabulary {
    /// What a word means, `None` if the table does not have it.
    pub fn meaning(&self, word: &str) -> Option<Meaning> {
        let word = word.trim();
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|&(_, meaning)| meaning)
    }
}

/// A user's own vocabulary, from a targets file: `words = { "All good" = "OK", "Planned work" = "maintenance" }`.
/// Words compare without regard to case and to runs of white space.
#[derive(Clone, Debug, Default)]
pub struct WordTable(BTreeMap<String, Meaning>);

impl WordTable {
    /// What a word means, `None` if the table does not have it.
    pub fn meaning(&self, word: &str) -> Option<Meaning> {
        self.0.get(&Self::fold(word)).copied()
    }

    /// Whether the user gave no words.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn fold(word: &str) -> String {
        crate::schema::collapse(word).to_lowercase()
    }
}

impl<'de> Deserialize<'de> for WordTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = BTreeMap::<String, Meaning>::deserialize(deserializer)?;
        Ok(Self(words.into_iter().map(|(word, meaning)| (Self::fold(&word), meaning)).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_compare_without_regard_to_case_and_space() {
        static TABLE: Vocabulary = Vocabulary(&[("serviceOperational", Meaning::OK)]);
        assert_eq!(TABLE.meaning(" ServiceOperational "), Some(Meaning::OK));
        assert_eq!(TABLE.meaning("operational"), None);

        let own: WordTable = toml::from_str("\"All  good\" = \"ok\"\n\"Planned\" = \"Maintenance\"").unwrap();
        assert_eq!(own.meaning("all good"), Some(Meaning::OK));
        assert_eq!(own.meaning("PLANNED"), Some(Meaning::Maintenance));
        for meaning in [Meaning::OK, Meaning::UNKNOWN, Meaning::DEGRADED, Meaning::OUTAGE, Meaning::Maintenance] {
            assert_eq!(meaning.to_string().parse(), Ok(meaning));
        }
        assert!(toml::from_str::<WordTable>("x = \"fine\"").unwrap_err().to_string().contains("accepted are OK"));
    }

    #[test]
    fn unplanned_trouble_outweighs_maintenance() {
        assert_eq!(Meaning::Maintenance.worst(Meaning::DEGRADED), Meaning::DEGRADED);
        assert_eq!(Meaning::DEGRADED.worst(Meaning::Maintenance), Meaning::DEGRADED);
        assert_eq!(Meaning::Maintenance.worst(Meaning::OUTAGE), Meaning::OUTAGE);
        assert_eq!(Meaning::Maintenance.worst(Meaning::OK), Meaning::Maintenance);
    }
}
