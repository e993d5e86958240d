//! Whether a client wants a page for people.

use actix_web::http::header::{ACCEPT, HeaderMap};

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
}
