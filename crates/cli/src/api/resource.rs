//! What requests are for.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands in a path or a query as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What a request is for: a path, with its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    text: String,
    has_query: bool,
}

impl Resource {
    /// A path that needs no encoding.
    pub(crate) fn new(path: &'static str) -> Self {
        Self { text: path.to_owned(), has_query: false }
    }

    /// The path one segment further, whatever is in its name.
    #[must_use]
    pub(crate) fn join(mut self, segment: &str) -> Self {
        self.text.push('/');
        match segment {
            // These would lead elsewhere.
            "." => self.text.push_str("%2E"),
            ".." => self.text.push_str("%2E%2E"),
            segment => self.text.extend(utf8_percent_encode(segment, PLAIN)),
        }
        self
    }

    /// The path with a parameter more.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        let mark = if std::mem::replace(&mut self.has_query, true) { '&' } else { '?' };
        // Writing to a text does not fail.
        let _ = write!(self.text, "{mark}{name}={}", utf8_percent_encode(value, PLAIN));
        self
    }

    /// The same, where there is a value.
    #[must_use]
    pub(crate) fn with_any(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_in_a_name_stays_in_its_segment() {
        let path = Resource::new("/api/status").join("a/b?c#d%").join("東京 \u{7f}").join("..").join(".");
        assert_eq!(path.as_str(), "/api/status/a%2Fb%3Fc%23d%25/%E6%9D%B1%E4%BA%AC%20%7F/%2E%2E/%2E");
        let path =
            Resource::new("/x").with("q", "a&b=c").with_any("none", None).with_any("to", Some("2026-01-01T00:00:00Z"));
        assert_eq!(path.as_str(), "/x?q=a%26b%3Dc&to=2026%2D01%2D01T00%3A00%3A00Z".replace("%2D", "-"));
    }
}
