//! What a change is meant for.

use std::str::FromStr;

use http::HeaderValue;

/// Entity tags as `If-Match` takes them: `"…"`, several parted by commas, or `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntityTags(String);

impl EntityTags {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EntityTags {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_quoted = text.len() > 1 && text.ends_with('"') && (text.starts_with('"') || text.starts_with("W/\""));
        let is_header = HeaderValue::from_str(text).is_ok_and(|value| value.to_str().is_ok());
        // Shells take the quotes away, so a tag may come without them.
        match text {
            "*" => Ok(Self(text.to_owned())),
            _ if is_header && is_quoted => Ok(Self(text.to_owned())),
            _ if is_header && !text.is_empty() && !text.contains(['"', ' ']) => Ok(Self(format!("\"{text}\""))),
            _ => Err("expected is an entity tag, as `show` tells it, or *"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_may_have_lost_its_quotes() {
        for (text, tags) in [
            ("*", Some("*")),
            ("\"ab-gzip\"", Some("\"ab-gzip\"")),
            ("ab-gzip", Some("\"ab-gzip\"")),
            ("W/\"ab\"", Some("W/\"ab\"")),
            ("\"a\", \"b\"", Some("\"a\", \"b\"")),
            ("", None),
            ("\"", None),
            ("a b", None),
            ("a\nb", None),
            ("é", None),
        ] {
            assert_eq!(text.parse::<EntityTags>().ok().as_ref().map(EntityTags::as_str), tags, "{text}");
        }
    }
}
