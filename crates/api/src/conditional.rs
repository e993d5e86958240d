//! Whether a client has a body already (RFC 9110, section 13).

use std::time::UNIX_EPOCH;

use actix_web::http::header::{HeaderMap, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH};

use crate::snapshot::Body;

/// Whether a read is answered by 304 "not modified".
///
/// `etag` is the entity tag, with its quotes, of what would be sent; `last_modified` the second of its last change, if
/// that may be told. `If-None-Match` decides where it is given; only without it `If-Modified-Since` does.
pub(crate) fn is_not_modified(headers: &HeaderMap, etag: &HeaderValue, last_modified: Option<i64>) -> bool {
    if headers.contains_key(IF_NONE_MATCH) {
        return headers.get_all(IF_NONE_MATCH).any(|field| names(field.as_bytes(), etag.as_bytes()));
    }
    let since = headers.get(IF_MODIFIED_SINCE).and_then(seconds);
    last_modified.zip(since).is_some_and(|(last_modified, since)| last_modified <= since)
}

/// What a change is meant for (RFC 9110, section 13.1.1): without `If-Match`, for whatever is there.
#[derive(Clone, Debug)]
pub(crate) struct Precondition(Vec<HeaderValue>);

impl Precondition {
    /// What a request says.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self(headers.get_all(IF_MATCH).cloned().collect())
    }

    /// Whether it holds for what is there. Tags are compared strongly: a weak one never matches, so that nobody overwrites
    /// what they have not seen byte for byte. In which coding they saw it does not matter.
    pub(crate) fn holds(&self, there: &Body) -> bool {
        let is_there = |tag: &Tag<'_>| !tag.is_weak && there.etags().any(|etag| opaque(etag.as_bytes()) == tag.opaque);
        let holds = |field: &HeaderValue| is_any(field.as_bytes()) || tags(field.as_bytes()).any(|tag| is_there(&tag));
        self.0.is_empty() || self.0.iter().any(holds)
    }
}

/// Whether a field of `If-None-Match` is `*` or lists the tag. Tags are compared weakly, as a proxy that compresses
/// makes ours weak.
fn names(field: &[u8], etag: &[u8]) -> bool {
    is_any(field) || tags(field).any(|tag| tag.opaque == opaque(etag))
}

fn is_any(field: &[u8]) -> bool {
    field.trim_ascii() == b"*"
}

/// What is between the quotes of an entity tag of ours.
fn opaque(etag: &[u8]) -> &[u8] {
    etag.strip_prefix(b"\"").and_then(|tag| tag.strip_suffix(b"\"")).unwrap_or(etag)
}

/// An entity tag that a client sent.
struct Tag<'a> {
    is_weak: bool,
    /// What is between its quotes.
    opaque: &'a [u8],
}

/// The tags that a field lists. What follows a fault in the list is not read.
fn tags(field: &[u8]) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = field.trim_ascii();
    std::iter::from_fn(move || {
        while let Some(after) = rest.strip_prefix(b",") {
            rest = after.trim_ascii_start();
        }
        // A tag may hold a comma, so the list cannot simply be split at them.
        let (is_weak, quoted) = rest.strip_prefix(b"W/").map_or((false, rest), |quoted| (true, quoted));
        let inner = quoted.strip_prefix(b"\"")?;
        let (opaque, after) = inner.split_at_checked(inner.iter().position(|byte| *byte == b'"')?)?;
        let after = after.strip_prefix(b"\"").unwrap_or(after).trim_ascii_start();
        rest = if after.starts_with(b",") { after } else { b"" };
        Some(Tag { is_weak, opaque })
    })
}

/// The seconds since the epoch of an HTTP date; `None` if the field is none.
fn seconds(field: &HeaderValue) -> Option<i64> {
    let instant = httpdate::parse_http_date(field.to_str().ok()?).ok()?;
    i64::try_from(instant.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ETAG: &str = "\"abc\"";

    #[test]
    fn lists_of_tags_are_compared_weakly() {
        for (field, named) in [
            ("\"abc\"", true),
            ("W/\"abc\"", true),
            (" \"x\" , W/\"y\",\"abc\" ", true),
            (",,\"x\",,\"abc\",", true),
            ("\"a,b\", \"abc\"", true),
            ("*", true),
            (" * ", true),
            ("\"x\"", false),
            ("\"abcd\"", false),
            ("\"x,\"abc\"", false),
            ("w/\"abc\"", false),
            ("abc", false),
            ("\"abc", false),
            ("\"x\" \"abc\"", false),
            ("\"x\", *", false),
            ("", false),
        ] {
            assert_eq!(names(field.as_bytes(), ETAG.as_bytes()), named, "{field}");
        }
    }

    #[test]
    fn dates_count_only_without_tags_and_in_every_form() {
        // The last change happened on Sun, 06 Nov 1994 08:49:37 GMT.
        let changed = Some(784_111_777);
        for (since, not_modified) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", true),
            ("Sunday, 06-Nov-94 08:49:37 GMT", true),
            ("Sun Nov  6 08:49:38 1994", true),
            ("Sun, 06 Nov 1994 08:49:36 GMT", false),
            ("yesterday", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(IF_MODIFIED_SINCE, HeaderValue::from_str(since).unwrap());
            assert_eq!(is_not_modified(&headers, &HeaderValue::from_static(ETAG), changed), not_modified, "{since}");
            assert!(!is_not_modified(&headers, &HeaderValue::from_static(ETAG), None), "{since}");
            headers.insert(IF_NONE_MATCH, HeaderValue::from_static("\"other\""));
            assert!(!is_not_modified(&headers, &HeaderValue::from_static(ETAG), changed), "{since}");
        }
    }

    #[test]
    fn a_change_is_meant_for_what_has_one_of_the_tags() {
        // Long enough to be encoded.
        let there = Body::made("x".repeat(2000).into());
        let tags: Vec<&str> = there.etags().map(|etag| etag.to_str().unwrap()).collect();
        assert_eq!(tags.len(), 4);
        let holds = |fields: &[String]| {
            let mut headers = HeaderMap::new();
            for field in fields {
                headers.append(IF_MATCH, HeaderValue::from_str(field).unwrap());
            }
            Precondition::of(&headers).holds(&there)
        };
        for tag in &tags {
            assert!(holds(&[(*tag).to_owned()]), "{tag}");
            assert!(holds(&[format!(" \"x\" ,W/\"y\",{tag} ")]), "{tag}");
            assert!(holds(&["\"x\"".to_owned(), (*tag).to_owned()]), "{tag}");
            assert!(!holds(&[format!("W/{tag}")]), "{tag}");
            assert!(!holds(&[tag.trim_matches('"').to_owned()]), "{tag}");
            assert!(!holds(&[format!("\"x\" {tag}")]), "{tag}");
        }
        assert!(holds(&[]) && holds(&["*".to_owned()]) && holds(&[" * ".to_owned()]));
        assert!(!holds(&[String::new()]) && !holds(&["\"x\"".to_owned()]) && !holds(&["\"x\", *".to_owned()]));
    }

    #[test]
    fn a_list_may_be_spread_over_fields() {
        let mut headers = HeaderMap::new();
        headers.append(IF_NONE_MATCH, HeaderValue::from_static("\"other\""));
        headers.append(IF_NONE_MATCH, HeaderValue::from_static("\"abc\""));
        assert!(is_not_modified(&headers, &HeaderValue::from_static(ETAG), None));
    }

    proptest! {
        #[test]
        fn no_field_makes_it_panic(field in prop::collection::vec(any::<u8>(), 0..40), tagged in "[W/\", *abc]{0,24}") {
            let _ = names(&field, ETAG.as_bytes());
            let _ = names(tagged.as_bytes(), ETAG.as_bytes());
        }
    }
}
