//! What is expected of an answer. Pure.

use std::fmt;
use std::ops::RangeInclusive;

use hyper::StatusCode;

use super::exchange::{Answer, LIMIT};
use crate::schema::truncate;
use crate::target::Document;
use crate::target::rest::jq::Condition;

/// Some HTTP statuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statuses(Vec<RangeInclusive<u16>>);

impl Statuses {
    /// What [`Statuses::parse`] accepts, for messages.
    pub const ACCEPTED: &'static str = "statuses such as 200, ranges such as \"200-299\", or a list of them";

    /// What is expected where nothing is said: success, and where no redirects are followed, one of those.
    pub fn usual(redirects: usize) -> Self {
        Self(vec![200..=if redirects == 0 { 399 } else { 299 }])
    }

    /// Reads statuses and ranges of them; `None` if one of the words is neither, or there is none.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let ranges = words.into_iter().map(range).collect::<Option<Vec<_>>>()?;
        (!ranges.is_empty()).then_some(Self(ranges))
    }

    /// Whether a status is one of them.
    pub fn have(&self, status: StatusCode) -> bool {
        self.0.iter().any(|range| range.contains(&status.as_u16()))
    }
}

fn range(word: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    let status = |word: &str| {
        let word = word.trim();
        let is_number = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
        word.parse().ok().filter(|status| is_number && (100..=599).contains(status))
    };
    let (first, last) = (status(first)?, status(last)?);
    (first <= last).then_some(first..=last)
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, range) in self.0.iter().enumerate() {
            f.write_str(if place > 0 { ", " } else { "" })?;
            match (range.start(), range.end()) {
                (first, last) if first == last => write!(f, "{first}")?,
                (first, last) => write!(f, "{first}-{last}")?,
            }
        }
        Ok(())
    }
}

/// What a body has to be like: all of what is given.
#[derive(Debug)]
pub struct BodyMatch {
    /// A text that it has to contain.
    pub(in crate::target) contains: Option<String>,
    /// A filter that has to yield `true` of it.
    pub(in crate::target) jq: Option<Condition>,
}

impl BodyMatch {
    /// Whether it is better looked at apart from other work.
    pub(super) fn takes_long(&self) -> bool {
        self.jq.is_some()
    }

    /// Looks at the body of an answer.
    ///
    /// # Errors
    /// What is not as it should be.
    pub(super) fn check(&self, answer: &Answer) -> Result<(), String> {
        let document = Document::new(&answer.body).with_charset(answer.charset.as_deref());
        let mebibytes = LIMIT / (1024 * 1024);
        if let Some(text) = &self.contains
            && !document.text().contains(text.as_str())
        {
            let place = if answer.is_whole { "the body".to_owned() } else { format!("its first {mebibytes} MiB") };
            return Err(format!("\"{}\" is not in {place}", truncate(text, 100)));
        }
        match &self.jq {
            Some(_) if !answer.is_whole => Err(format!("the body is larger than {mebibytes} MiB")),
            Some(condition) => condition.check(&document),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_numbers_ranges_and_lists() {
        for (words, shown, within, beyond) in [
            (&["200"][..], "200", &[200][..], &[199, 201][..]),
            (&["200-299", "301"], "200-299, 301", &[200, 250, 299, 301], &[199, 300, 302]),
            (&[" 404 - 410 "], "404-410", &[404, 410], &[403, 411]),
        ] {
            let statuses = Statuses::parse(words.iter().copied()).unwrap();
            assert_eq!(statuses.to_string(), shown);
            let have = |&status: &u16| statuses.have(StatusCode::from_u16(status).unwrap());
            assert!(within.iter().all(have) && !beyond.iter().any(have), "{shown}");
        }
        for words in [&[][..], &[""], &["2xx"], &["99"], &["600"], &["299-200"], &["200-"], &["-200"], &["+20"]] {
            assert_eq!(Statuses::parse(words.iter().copied()), None, "{words:?}");
        }
        assert_eq!([0, 5].map(|redirects| Statuses::usual(redirects).to_string()), ["200-399", "200-299"]);
    }
}
