//! What the tests of formats share whose answers have several parts.

use serde_json::Value;
use url::Url;

use crate::target::{Document, Filter, Format, ParseError, Part, Parted, Report};

/// Reads an answer of these parts; all are said to come from this address.
pub(super) fn read_parts(format: &Parted, url: &str, parts: &[Option<&Value>]) -> Result<Report, ParseError> {
    let url = Url::parse(url).unwrap();
    let bodies: Vec<_> = parts.iter().map(|part| part.map(ToString::to_string)).collect();
    let parts: Vec<_> = bodies.iter().map(|body| part(&url, body.as_deref())).collect();
    format.parse_parts(&parts)?.finish(&Filter::default())
}

/// All addresses that an answer leads to, where those in `there` have the document given and the others have none.
pub(super) fn led_to(format: &Parted, first: &str, document: &Value, there: &[(&str, &Value)]) -> Vec<String> {
    let mut pieces = vec![(Url::parse(first).unwrap(), Some(document.to_string()))];
    loop {
        let parts: Vec<_> = pieces.iter().map(|(url, body)| part(url, body.as_deref())).collect();
        let Some(url) = format.next_part(&parts).unwrap() else { break };
        let body = there.iter().find(|(known, _)| *known == url.as_str()).map(|(_, body)| body.to_string());
        pieces.push((url, body));
    }
    pieces.into_iter().skip(1).map(|(url, _)| url.to_string()).collect()
}

fn part<'a>(url: &'a Url, body: Option<&'a str>) -> Part<'a> {
    Part { url, document: body.map(|body| Document::new(body.as_bytes())) }
}
