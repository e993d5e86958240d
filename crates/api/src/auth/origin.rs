//! Whether a browser sends a request for a page of ours.

use actix_web::http::header::{HOST, HeaderMap, HeaderName, ORIGIN};

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a browser says that another site is behind a request. One that says nothing is old, or no browser.
///
/// `base` is the address that people reach the server under, where it is known; else it is the one that was asked.
pub(crate) fn is_foreign(headers: &HeaderMap, base: Option<&str>) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text(&SEC_FETCH_SITE) {
        return !matches!(site, "same-origin" | "none");
    }
    text(&ORIGIN).is_some_and(|origin| {
        let is_base = base.is_some_and(|base| authority(base) == authority(origin));
        let is_asked =
            text(&HOST).is_some_and(|host| authority(origin).is_some_and(|own| own.eq_ignore_ascii_case(host)));
        !is_base && !is_asked
    })
}

/// Host and port of an address as browsers write origins.
fn authority(address: &str) -> Option<&str> {
    address.split_once("://").and_then(|(_, rest)| rest.split('/').next())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn another_site_is_told_from_ours() {
        for (headers, base, wanted) in [
            (&[][..], None, false),
            (&[("sec-fetch-site", "same-origin")], None, false),
            (&[("sec-fetch-site", "none")], None, false),
            (&[("sec-fetch-site", "same-site")], None, true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://us.test")], None, true),
            (&[("origin", "http://us.test:8080"), ("host", "us.test:8080")], None, false),
            (&[("origin", "http://us.test"), ("host", "us.test:8080")], None, true),
            (&[("origin", "http://evil.test"), ("host", "us.test")], None, true),
            (&[("origin", "null"), ("host", "us.test")], None, true),
            // A proxy that asks us under another name.
            (&[("origin", "https://status.test"), ("host", "127.0.0.1:8080")], Some("https://status.test/x"), false),
            (&[("origin", "https://evil.test"), ("host", "127.0.0.1:8080")], Some("https://status.test"), true),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            assert_eq!(is_foreign(&map, base), wanted, "{headers:?} {base:?}");
        }
    }
}
