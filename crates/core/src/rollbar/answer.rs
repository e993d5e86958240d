//! Rollbar's answers: `{"err":0,"result":…}`, or `{"err":1,"message":"…"}`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::RollbarError;
use crate::schema::{plain_text, truncate};

/// How many characters of what Rollbar says are repeated.
const SAID: usize = 300;

const UNREADABLE: RollbarError = RollbarError::Unreadable { expected: "a JSON object with err and result" };

/// The shape of every answer.
#[derive(Deserialize)]
struct Envelope {
    err: i64,
    message: Option<String>,
    result: Option<Box<RawValue>>,
}

/// The `result` of an answer.
pub(super) fn result(body: &[u8]) -> Result<Box<RawValue>, RollbarError> {
    accepted(body)?.ok_or(UNREADABLE)
}

/// The `result` of an answer that may do without.
pub(super) fn accepted(body: &[u8]) -> Result<Option<Box<RawValue>>, RollbarError> {
    let Envelope { err, message, result } = serde_json::from_slice(body).map_err(|_| UNREADABLE)?;
    if err == 0 { Ok(result) } else { Err(RollbarError::Refused { status: 200, said: said(message.as_deref()) }) }
}

/// What Rollbar says of why it refuses.
pub(super) fn message(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Refusal {
        message: String,
    }
    serde_json::from_slice(body).ok().map(|Refusal { message }| said(Some(&message)))
}

/// A message as it is repeated: plain and not too long.
pub(super) fn said(message: Option<&str>) -> String {
    let plain = truncate(&plain_text(message.unwrap_or_default()), SAID);
    if plain.is_empty() { "it gives no reason".to_owned() } else { plain.trim_end_matches('.').to_owned() }
}

/// The id of an item that was asked for by its number: Rollbar answers where the item is, or the item itself.
pub(super) fn id(result: &RawValue) -> Result<u64, RollbarError> {
    #[derive(Deserialize)]
    struct Identified {
        #[serde(rename = "itemId")]
        item_id: Option<u64>,
        id: Option<u64>,
    }
    let read = serde_json::from_str(result.get()).ok();
    let id = read.and_then(|Identified { item_id, id }| item_id.or(id));
    id.ok_or(RollbarError::Unreadable { expected: "the id of an item" })
}

/// A value of ours as JSON.
pub(super) fn raw(value: &impl Serialize) -> Result<Box<RawValue>, RollbarError> {
    to_raw_value(value).map_err(|error| RollbarError::Unusable { problem: error.to_string() })
}

/// An answer without the token in it. Rollbar repeats it, in the address of an item that was asked for by its number; and
/// whoever stands between may. It has letters, digits, `_` and `-` only, so JSON stays JSON.
pub(super) fn blotted(body: Bytes, token: &str) -> Bytes {
    let find = |bytes: &[u8]| bytes.windows(token.len().max(1)).position(|window| window == token.as_bytes());
    let Some(mut at) = find(&body) else { return body };
    let mut blotted = body.to_vec();
    loop {
        blotted[at..at + token.len()].fill(b'*');
        match find(&blotted[at..]) {
            Some(further) => at += further,
            None => return blotted.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_result_is_what_was_sent_byte_for_byte() {
        let sent = r#"{"b": 1.0,  "a":[1e5, 18446744073709551616], "é":"\u00e9"}"#;
        assert_eq!(result(format!(r#"{{"err": 0, "result":{sent} }}"#).as_bytes()).unwrap().get(), sent);
    }

    #[test]
    fn other_answers_are_told_apart() {
        let refused = |said: &str| RollbarError::Refused { status: 200, said: said.to_owned() };
        for (body, expected) in [
            (r#"{"err":1,"message":"<b>Invalid</b> level."}"#, refused("Invalid level")),
            (r#"{"err":1}"#, refused("it gives no reason")),
            (r#"{"err":0}"#, UNREADABLE),
            (r#"{"result":{}}"#, UNREADABLE),
            ("[]", UNREADABLE),
            ("<html>", UNREADABLE),
            ("", UNREADABLE),
        ] {
            assert_eq!(result(body.as_bytes()).unwrap_err(), expected, "{body}");
        }
        assert!(accepted(br#"{"err":0}"#).unwrap().is_none());
        assert_eq!(message(br#"{"err":1,"message":"no"}"#).as_deref(), Some("no"));
        assert_eq!((message(b"<html>"), message(b"{}")), (None, None));
        assert_eq!(said(Some(&"x".repeat(1000))).chars().count(), SAID);
    }

    #[test]
    fn an_item_is_identified_by_a_redirect_or_by_itself() {
        for (sent, expected) in [
            (r#"{"itemId":7,"path":"/api/1/item/7","uri":"/api/1/item/7?access_token=***"}"#, Some(7)),
            (r#"{"id":8,"counter":1}"#, Some(8)),
            (r#"{"id":"8"}"#, None),
            ("null", None),
        ] {
            assert_eq!(id(&RawValue::from_string(sent.to_owned()).unwrap()).ok(), expected, "{sent}");
        }
    }

    proptest! {
        #[test]
        fn the_token_is_never_left_in_an_answer_and_nothing_else_is_touched(
            token in "[a-z0-9_-]{8,40}", pieces in prop::collection::vec("[A-Z {}\"]{0,12}", 1..6),
        ) {
            let body = Bytes::from(pieces.join(&token));
            let blotted = blotted(body, &token);
            prop_assert_eq!(blotted, Bytes::from(pieces.join(&"*".repeat(token.len()))));
        }

        #[test]
        fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (result(&body), message(&body), blotted(body.into(), "0123456789abcdef"));
        }
    }
}
