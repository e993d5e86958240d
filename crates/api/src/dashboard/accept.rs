//! Whether a client wants a page for people.

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT, HeaderMap};

use crate::auth::Place;

/// Whether people look at the answer: a browser asks, and not for what is made for programs.
pub(super) fn is_for_people(request: &HttpRequest) -> bool {
    let path = request.path();
    let is_for_programs = matches!(Place::of(path), Place::Health | Place::Metrics)
        || (path.starts_with("/api/") && !path.starts_with("/api/docs"))
        || path == "/graphql";
    !is_for_programs && prefers_html(request.headers())
}

/// Whether a client names HTML among what it accepts, and likes JSON no better.
///
/// A program that accepts anything gets what programs get: only browsers name HTML.
pub(super) fn prefers_html(headers: &HeaderMap) -> bool {
    let fields = || headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let best = |kind: &str| {
        let ranges = fields().flat_map(|field| field.split(','));
        ranges.filter_map(|range| weight_of(range, kind)).fold(0.0, f32::max)
    };
    let html = best("text/html");
    html > 0.0 && html >= best("application/json")
}

/// The weight of a media range if it is this kind.
fn weight_of(range: &str, kind: &str) -> Option<f32> {
    let mut parameters = range.split(';').map(str::trim);
    if !parameters.next()?.eq_ignore_ascii_case(kind) {
        return None;
    }
    let weight = parameters.find_map(|parameter| parameter.strip_prefix("q=").or(parameter.strip_prefix("Q=")));
    Some(weight.map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0)))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn browsers_get_pages_and_programs_do_not() {
        for (field, is_browser) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", true),
            ("text/html", true),
            ("TEXT/HTML; Q=0.3", true),
            ("application/json;q=0.5, text/html;q=0.5", true),
            ("application/json, text/html;q=0.9", false),
            ("application/json", false),
            ("text/html;q=0", false),
            ("text/html;q=wrong", false),
            ("*/*", false),
            ("text/plain, text/htmlx", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_str(field).unwrap());
            assert_eq!(prefers_html(&headers), is_browser, "{field}");
        }
        assert!(!prefers_html(&HeaderMap::new()));
    }

    #[test]
    fn what_is_made_for_programs_is_shown_to_nobody_as_a_page() {
        for (path, is_shown) in [
            ("/", true),
            ("/targets/x", true),
            ("/nothing", true),
            ("/login", true),
            ("/api/docs/", true),
            ("/api/status", false),
            ("/api/nothing", false),
            ("/graphql", false),
            ("/metrics", false),
            ("/check", false),
        ] {
            let request = TestRequest::with_uri(path).insert_header((ACCEPT, "text/html")).to_http_request();
            assert_eq!(is_for_people(&request), is_shown, "{path}");
            assert!(!is_for_people(&TestRequest::with_uri(path).to_http_request()));
        }
    }
}
