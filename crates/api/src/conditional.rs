//! Whether a client has a body already (RFC 9110, section 13).

use std::time::UNIX_EPOCH;

use actix_web::http::header::{HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH};

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

/// Whether a field of `If-None-Match` is `*` or lists the tag. Tags are compared weakly, as a proxy that compresses
/// makes ours weak. What follows a fault in the list is not read.
fn names(field: &[u8], etag: &[u8]) -> bool {
    let wanted = etag.strip_prefix(b"\"").and_then(|tag| tag.strip_suffix(b"\"")).unwrap_or(etag);
    let mut rest = field.trim_ascii();
    if rest == b"*" {
        return true;
    }
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(b",") {
            rest = after.trim_ascii_start();
            continue;
        }
        // A tag may hold a comma, so the list cannot simply be split at them.
        let Some(opaque) = rest.strip_prefix(b"W/").unwrap_or(rest).strip_prefix(b"\"") else { return false };
        let Some((tag, after)) =
            opaque.iter().position(|byte| *byte == b'"').and_then(|end| opaque.split_at_checked(end))
        else {
            return false;
        };
        if tag == wanted {
            return true;
        }
        rest = after.strip_prefix(b"\"").unwrap_or(after).trim_ascii_start();
        if !rest.is_empty() && !rest.starts_with(b",") {
            return false;
        }
    }
    false
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
