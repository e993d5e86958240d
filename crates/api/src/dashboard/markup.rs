//! Text that is HTML already and must not be escaped again.

use minijinja::Value;
use serde::{Serialize, Serializer};
use url::form_urlencoded;

/// HTML that was made here of what cannot break it: pictures of numbers, and addresses of encoded names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Markup(String);

impl Markup {
    /// Declares that a text is HTML. Whatever strangers said was escaped in it.
    pub(super) const fn trusted(html: String) -> Self {
        Self(html)
    }

    /// An address with a query; the path is encoded.
    pub(super) fn link<K: AsRef<str>, V: AsRef<str>>(path: &str, query: &[(K, V)]) -> Self {
        if query.is_empty() {
            return Self(path.to_owned());
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        // An attribute writes the sign that parts two parameters so.
        Self(format!("{path}?{}", query.replace('&', "&amp;")))
    }

    /// The HTML.
    #[cfg(test)]
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for Markup {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from_safe_string(self.0.clone()).serialize(serializer)
    }
}
