//! Lists that come in pages, each with the address of the next: Azure's and Microsoft Graph's `value`.

use serde_json::Value;
use url::Url;

use super::json::{has_list, text};
use crate::target::{ParseError, Part};

/// The pages of an answer.
///
/// # Errors
/// [`ParseError`] if one is no JSON or is missing: a list with a hole in it says nothing of what it does not name.
pub(super) fn read(parts: &[Part<'_>]) -> Result<Vec<Value>, ParseError> {
    let page = |part: &Part<'_>| match part.document {
        Some(document) => document.json(),
        None => Err(ParseError::malformed(format!(
            "a page of the list is missing ({}); expected all that the pages before it lead to",
            part.url.path()
        ))),
    };
    parts.iter().map(page).collect()
}

/// The address of the page after those already there: what the last one has under `key`.
///
/// # Errors
/// [`ParseError`] if the last page is no JSON, or has something that is no address.
pub(super) fn next(parts: &[Part<'_>], key: &str) -> Result<Option<Url>, ParseError> {
    let Some(Part { url, document: Some(document) }) = parts.last() else { return Ok(None) };
    let page: Value = document.json()?;
    let Some(link) = text(&page, key).filter(|_| has_list(&page, "value")) else { return Ok(None) };
    let address = url.join(&link);
    address.map(Some).map_err(|error| {
        ParseError::malformed(format!("expected the address of the next page under {key}, found none: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Document;
    use serde_json::json;

    fn after(page: &Value) -> Result<Option<Url>, ParseError> {
        let url = Url::parse("https://example.com/list?a=1").unwrap();
        let bytes = page.to_string();
        next(&[Part { url: &url, document: Some(Document::new(bytes.as_bytes())) }], "nextLink")
    }

    #[test]
    fn a_page_leads_to_the_next_until_one_leads_nowhere() {
        let link = "https://example.com:443/list?a=1&%24skiptoken=x";
        let next = after(&json!({"value": [], "nextLink": link})).unwrap().unwrap();
        assert_eq!(next.as_str(), "https://example.com/list?a=1&%24skiptoken=x");
        let next = after(&json!({"value": [], "nextLink": "?skip=2"})).unwrap().unwrap();
        assert_eq!(next.as_str(), "https://example.com/list?skip=2");
        for last in [
            json!({"value": []}),
            json!({"value": [], "nextLink": null}),
            json!({"value": [], "nextLink": ""}),
            json!({"error": {}, "nextLink": link}),
            json!([]),
        ] {
            assert_eq!(after(&last), Ok(None), "{last}");
        }
        assert!(after(&json!({"value": [], "nextLink": "https://"})).is_err());
    }

    #[test]
    fn a_list_with_a_hole_is_refused() {
        let url = Url::parse("https://example.com/list").unwrap();
        let first = Part { url: &url, document: Some(Document::new(b"{\"value\":[]}")) };
        let missing = Part { url: &url, document: None };
        assert_eq!(read(&[first, first]).unwrap().len(), 2);
        assert!(read(&[first, missing]).unwrap_err().to_string().contains("/list"));
        assert_eq!(next(&[first, missing], "nextLink"), Ok(None));
    }
}
