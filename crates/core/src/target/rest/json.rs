//! Lenient reading of JSON: vendors leave fields out, send null for "none", and numbers where others send text.

use serde_json::Value;

use crate::schema::{Timestamp, truncate};
use crate::target::{ParseError, Part};

/// What is noted as a status word where a document has none.
pub(super) const NO_WORD: &str = "(none)";

/// The text under a key, trimmed; `None` where there is none or an empty one. A number is taken as its digits.
pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The status word under a key; [`NO_WORD`], which no vocabulary knows, where there is none.
pub(super) fn word(value: &Value, key: &str) -> String {
    text(value, key).unwrap_or_else(|| NO_WORD.to_owned())
}

/// The instant under a key; `None` where there is none, a null date or prose.
pub(super) fn time(value: &Value, key: &str) -> Option<Timestamp> {
    value.get(key)?.as_str().and_then(Timestamp::parse_rfc3339)
}

/// The elements of the array under a key; none where there is no array.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Whether there is an array under a key.
pub(super) fn has_list(value: &Value, key: &str) -> bool {
    value.get(key).is_some_and(Value::is_array)
}

/// The document of a part of an answer; `None` where the source has none there.
pub(super) fn document(part: &Part<'_>) -> Result<Option<Value>, ParseError> {
    part.document.map(|document| document.json()).transpose()
}

/// The documents of an answer's parts that are there, in their order.
pub(super) fn documents(parts: &[Part<'_>]) -> Result<Vec<Value>, ParseError> {
    parts.iter().filter_map(|part| document(part).transpose()).collect()
}

/// What a value is, in the words of an error message: "an object with the keys error, status".
pub(super) fn describe(value: &Value) -> String {
    const SHOWN_KEYS: usize = 8;
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::String(_) => "a text".to_owned(),
        Value::Array(items) => match items.first() {
            None => "an empty list".to_owned(),
            Some(Value::Array(_)) => "a list of lists".to_owned(),
            Some(first) => format!("a list that begins with {}", describe(first)),
        },
        Value::Object(map) if map.is_empty() => "an empty object".to_owned(),
        Value::Object(map) => {
            let keys: Vec<_> = map.keys().take(SHOWN_KEYS).map(|key| truncate(key, 40)).collect();
            let more = if map.len() > SHOWN_KEYS { ", …" } else { "" };
            format!("an object with the keys {}{more}", keys.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_is_read_whatever_it_is() {
        let value = json!({"a": " x ", "b": 7, "c": null, "d": {}, "e": "", "t": "2026-01-02T03:04:05Z", "l": [1]});
        assert_eq!(text(&value, "a").as_deref(), Some("x"));
        assert_eq!(text(&value, "b").as_deref(), Some("7"));
        for key in ["c", "d", "e", "missing"] {
            assert_eq!(text(&value, key), None, "{key}");
            assert_eq!(word(&value, key), NO_WORD, "{key}");
            assert_eq!(time(&value, key), None, "{key}");
            assert!(list(&value, key).is_empty() && !has_list(&value, key), "{key}");
        }
        assert_eq!(time(&value, "t").unwrap().to_string(), "2026-01-02T03:04:05.000Z");
        assert_eq!(list(&value, "l").len(), 1);
        assert_eq!(text(&json!([1]), "a"), None);
    }

    #[test]
    fn a_value_is_described_for_people() {
        for (value, said) in [
            (json!(null), "null"),
            (json!({"status": 500, "error": "x"}), "an object with the keys error, status"),
            (json!([{"a": 1}]), "a list that begins with an object with the keys a"),
            (json!([[[]]]), "a list of lists"),
            (json!([]), "an empty list"),
        ] {
            assert_eq!(describe(&value), said);
        }
    }
}
