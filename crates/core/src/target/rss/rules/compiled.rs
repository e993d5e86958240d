//! Rules' regular expressions, compiled.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};

use super::spec::{Field, PatternSpec, StateSpec};
use crate::schema::{collapse, plain_text, truncate};
use crate::target::explain::SHOWN;
use crate::target::rss::feed::{Entry, Feed};
use crate::target::{MappingError, Meaning};

/// How large one compiled expression may get, in bytes. Matching takes linear time, so this is the only limit.
const SIZE_LIMIT: usize = 1 << 20;

/// Compiles an expression; `key` says where it stands.
pub(super) fn regex(key: &str, pattern: &str) -> Result<Regex, MappingError> {
    RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build().map_err(|error| MappingError {
        key: key.to_owned(),
        problem: format!("`{}` is no regular expression: {error}", truncate(pattern, SHOWN)),
        expected: "one in the syntax of Rust's regex crate".to_owned(),
    })
}

/// An expression and what it is tried on.
#[derive(Debug)]
pub(super) struct Pattern {
    from: Field,
    regex: Regex,
    /// The group whose text is wanted; `None` where only the match counts.
    group: Option<&'static str>,
}

impl Pattern {
    /// A pattern that captures `group`.
    pub(super) fn optional(
        key: &str,
        spec: Option<&PatternSpec>,
        group: &'static str,
    ) -> Result<Option<Self>, MappingError> {
        spec.map(|spec| Self::new(key, spec.from, &spec.pattern, Some(group))).transpose()
    }

    /// Patterns of which only the match counts.
    pub(super) fn list(key: &str, specs: &[PatternSpec]) -> Result<Vec<Self>, MappingError> {
        let numbered = specs.iter().enumerate();
        numbered.map(|(place, spec)| Self::new(&format!("{key}[{place}]"), spec.from, &spec.pattern, None)).collect()
    }

    fn new(key: &str, from: Field, pattern: &str, group: Option<&'static str>) -> Result<Self, MappingError> {
        let key = format!("{key}.pattern");
        let regex = regex(&key, pattern)?;
        match group {
            Some(group) if !regex.capture_names().flatten().any(|name| name == group) => Err(MappingError {
                key,
                problem: format!("`{}` has no group named `{group}`", truncate(pattern, SHOWN)),
                expected: format!("one such as `(?<{group}>\\w+)`"),
            }),
            _ => Ok(Self { from, regex, group }),
        }
    }

    /// Whether it matches an entry.
    pub(super) fn is_match(&self, entry: &Entry) -> bool {
        self.texts(entry).iter().any(|text| self.regex.is_match(text))
    }

    /// What its group holds in each match on an entry; white space collapsed, empty ones left out.
    pub(super) fn captures(&self, entry: &Entry) -> Vec<String> {
        let Some(group) = self.group else { return Vec::new() };
        let mut captured = Vec::new();
        for text in self.texts(entry) {
            let held = self.regex.captures_iter(&text).filter_map(|found| Some(collapse(found.name(group)?.as_str())));
            captured.extend(held.filter(|held| !held.is_empty()));
        }
        captured
    }

    /// The error for a feed in which it should have matched at least once.
    pub(super) fn matched_nothing(&self, key: &str, feed: &Feed) -> MappingError {
        let sample = feed.entries.first().and_then(|entry| self.texts(entry).into_iter().next());
        MappingError {
            key: key.to_owned(),
            problem: format!(
                "`{}` matches the {} of none of the feed's {} entries, such as \"{}\"",
                truncate(self.regex.as_str(), SHOWN),
                self.from,
                feed.entries.len(),
                truncate(&sample.unwrap_or_default(), SHOWN)
            ),
            expected: "a match in at least one of them".to_owned(),
        }
    }

    fn texts<'a>(&self, entry: &'a Entry) -> Vec<Cow<'a, str>> {
        match self.from {
            Field::Title => vec![entry.title.as_str().into()],
            Field::Body => vec![plain_text(&entry.body).into()],
            Field::Html => vec![entry.body.as_str().into()],
            Field::Category => entry.categories.iter().map(|category| category.as_str().into()).collect(),
            Field::Guid => vec![entry.id.as_str().into()],
            Field::Link => vec![entry.link.as_deref().unwrap_or_default().into()],
        }
    }
}

/// A rule for what an entry means.
#[derive(Debug)]
pub(super) enum State {
    /// A match means this.
    Is { pattern: Pattern, meaning: Meaning },
    /// A match captures a status word.
    Word { pattern: Pattern },
}

impl State {
    /// Compiles a list of rules.
    pub(super) fn list(key: &str, specs: &[StateSpec]) -> Result<Vec<Self>, MappingError> {
        let compile = |(place, spec): (usize, &StateSpec)| {
            let key = format!("{key}[{place}]");
            let group = spec.status.is_none().then_some("word");
            let pattern = Pattern::new(&key, spec.from, &spec.pattern, group)?;
            Ok(match spec.status {
                Some(meaning) => Self::Is { pattern, meaning },
                None => Self::Word { pattern },
            })
        };
        specs.iter().enumerate().map(compile).collect()
    }
}
