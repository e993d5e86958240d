//! The shape of the `rules` table.

use std::fmt;

use serde::Deserialize;

use crate::target::Meaning;

/// The `rules` table of a targets file.
///
/// All keys are optional; without any, every entry is an open incident of one service that bears the feed's title.
/// Patterns are regular expressions of the `regex` crate (`(?i)` at the start ignores case). With
/// `words` beside the table, captured words get their meaning.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RulesSpec {
    /// What the feed's title matches: the proof that a feed, above all an empty one, is the expected one.
    pub expect_title: Option<String>,
    /// Where the services' names stand, in the group `service`; each match names one. Entries that name none are
    /// announcements and left out; a feed of nothing else is refused.
    pub service: Option<PatternSpec>,
    /// Where the regions stand, in the group `region`. Every service named is affected in every region named.
    pub region: Option<PatternSpec>,
    /// What the entries of one incident share, in the group `group`. Default: the guid, else the link, else the title.
    pub group_by: Option<PatternSpec>,
    /// In which order the updates stand, in the feed where dates do not tell, and inside one entry.
    pub order: Order,
    /// An entry that matches any of these closes its incident.
    pub closed: Vec<PatternSpec>,
    /// What an entry means: the first of these that matches says it. OK closes the incident.
    pub state: Vec<StateSpec>,
    /// What an open incident means that no rule of `state` matches. Default: `Degraded`.
    pub open: Option<Meaning>,
}

/// A regular expression, and the part of an entry it is tried on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternSpec {
    /// The part of the entry.
    pub from: Field,
    /// The regular expression.
    pub pattern: String,
}

/// A rule for what an entry means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateSpec {
    /// The part of the entry.
    pub from: Field,
    /// The regular expression; without `status` it has a group `word`, which `words` gives a meaning.
    pub pattern: String,
    /// What a match means: OK, Unknown, Degraded, Outage or maintenance.
    pub status: Option<Meaning>,
}

/// A part of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The title, as plain text.
    Title,
    /// The body, as plain text.
    Body,
    /// The body as the HTML it came as.
    Html,
    /// Each category by itself.
    Category,
    /// RSS `guid`, Atom `id`.
    Guid,
    /// The link.
    Link,
}

impl fmt::Display for Field {
    /// The word of a targets file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Title => "title",
            Self::Body => "body",
            Self::Html => "html",
            Self::Category => "category",
            Self::Guid => "guid",
            Self::Link => "link",
        })
    }
}

/// In which order updates stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The newest one first: of several matches in an entry the first counts.
    #[default]
    NewestFirst,
    /// The oldest one first: of several matches in an entry the last counts.
    OldestFirst,
}
