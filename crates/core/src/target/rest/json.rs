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

/// The instant under a key in milliseconds since the epoch, a number or its digits; `None` where there is none or zero.
pub(super) fn epoch_millis(value: &Value, key: &str) -> Option<Timestamp> {
    Timestamp::from_millis(text(value, key)?.parse().ok()?)?.unless_null()
}

/// The instant under a key in seconds since the epoch, as [`epoch_millis`] reads them.
pub(super) fn epoch_secs(value: &Value, key: &str) -> Option<Timestamp> {
    Timestamp::from_secs(text(value, key)?.parse().ok()?)?.unless_null()
}

/// The truth under a key: `true` and `false`, or 1 and 0, also as text; `None` where there is something else.
pub(super) fn flag(value: &Value, key: &str) -> Option<bool> {
    match value.get(key)? {
        Value::Bool(flag) => Some(*flag),
        _ => match text(value, key)?.to_ascii_lowercase().as_str() {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        },
    }
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
    fn epochs_are_numbers_or_their_digits() {
        let value = json!({"n": 1_700_000_000_000_i64, "t": "1700000000000", "zero": 0, "none": "", "prose": "now"});
        let at = |key| epoch_millis(&value, key).map(|at| at.to_string());
        assert_eq!(at("n").as_deref(), Some("2023-11-14T22:13:20.000Z"));
        assert_eq!(at("t"), at("n"));
        assert!(["zero", "none", "prose", "missing"].iter().all(|key| at(key).is_none()));
        assert_eq!(epoch_secs(&json!({"s": 1_700_000_000}), "s"), epoch_millis(&value, "n"));
        assert_eq!(epoch_secs(&json!({"s": i64::MAX}), "s"), None);
    }

    #[test]
    fn truths_are_read_in_every_form() {
        let value = json!({"t": true, "n": 0, "y": "1", "w": "False", "x": 2, "z": null});
        let flags =
            [("t", Some(true)), ("n", Some(false)), ("y", Some(true)), ("w", Some(false)), ("x", None), ("z", None)];
        for (key, truth) in flags {
            assert_eq!(flag(&value, key), truth, "{key}");
        }
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
