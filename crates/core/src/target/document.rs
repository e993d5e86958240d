//! A fetched document, before anybody has looked into it.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use serde::de::DeserializeOwned;

use super::ParseError;
use crate::schema::Timestamp;

/// A document's bytes, and what its transport tells of it: its charset, and when it was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    bytes: &'a [u8],
    charset: Option<&'a str>,
    asked_at: Option<Timestamp>,
}

impl<'a> Document<'a> {
    /// A document whose transport named no charset.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, charset: None, asked_at: None }
    }

    /// The same document with the charset of its `Content-Type`.
    #[must_use]
    pub const fn with_charset(self, charset: Option<&'a str>) -> Self {
        Self { charset, ..self }
    }

    /// The same document with the moment at which it was asked for.
    #[must_use]
    pub const fn asked_at(self, moment: Timestamp) -> Self {
        Self { asked_at: Some(moment), ..self }
    }

    /// The moment that the document speaks of as "now": when it was asked for; `None` where that is not known.
    ///
    /// For sources that list planned and past events side by side and leave it to their reader's clock to tell which of
    /// them are going on.
    pub const fn now(&self) -> Option<Timestamp> {
        self.asked_at
    }

    /// The bytes as they came.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The text: by its byte-order mark, else as UTF-8 where it shows itself to be that, else by the charset that the
    /// transport named, else by the one that the document declares (XML declaration, HTML `meta`), else as UTF-8.
    /// What cannot be decoded becomes U+FFFD.
    pub fn text(&self) -> Cow<'a, str> {
        if let Some((encoding, mark)) = Encoding::for_bom(self.bytes) {
            return encoding.decode_without_bom_handling(&self.bytes[mark..]).0;
        }
        let named = self.charset.and_then(|label| Encoding::for_label(label.trim().as_bytes()));
        // A UTF-16 label without a mark: servers mean big-endian by it, and mislabelled ASCII is told by having no
        // zero bytes.
        let named = named.filter(|&encoding| {
            !(encoding == UTF_16LE || encoding == UTF_16BE) || self.bytes.iter().take(64).any(|&byte| byte == 0)
        });
        let named = match (named, self.bytes) {
            (Some(encoding), [0, _, ..]) if encoding == UTF_16LE => Some(UTF_16BE),
            (Some(encoding), _) if encoding == UTF_16LE || encoding == UTF_16BE => named,
            // Servers label what they have not looked into. Beyond ASCII no other charset comes out as UTF-8 by chance.
            (_, bytes) if !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() => Some(UTF_8),
            _ => named,
        };
        named.or_else(|| self.declared()).unwrap_or(UTF_8).decode_without_bom_handling(self.bytes).0
    }

    /// The text up to and including nothing but markup prologue: the charset the document itself declares.
    fn declared(&self) -> Option<&'static Encoding> {
        let head = &self.bytes[..self.bytes.len().min(1024)];
        let head = String::from_utf8_lossy(head).to_ascii_lowercase();
        let is_markup = head.trim_start().starts_with('<');
        let label = ["encoding=", "charset="].iter().filter(|_| is_markup).find_map(|marker| {
            let rest = head.split_once(marker)?.1.trim_start_matches(['"', '\'']);
            rest.split(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).next()
        })?;
        // A document that could be read this far is not in UTF-16, whatever it says.
        Encoding::for_label(label.as_bytes()).filter(|&e| e != UTF_16LE && e != UTF_16BE)
    }

    /// The document as JSON of a known shape.
    ///
    /// # Errors
    /// [`ParseError::Malformed`] if it is not JSON (an empty body and a page of HTML are told apart in the message),
    /// [`ParseError::Unrecognised`] if it is JSON of another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ParseError> {
        let text = self.text();
        let text = text.trim();
        if text.is_empty() {
            return Err(ParseError::malformed("the body is empty"));
        }
        if text.starts_with('<') {
            return Err(ParseError::unrecognised("a page of HTML or XML where JSON was expected"));
        }
        serde_json::from_str(text).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => ParseError::unrecognised(format!("JSON of another shape: {error}")),
            _ => ParseError::malformed(format!("not JSON: {error}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_byte_order_mark_wins_then_the_transport_then_the_document() {
        let utf16 = |mark: [u8; 2], unit: fn(u16) -> [u8; 2]| {
            mark.into_iter().chain("[\"é\"]".encode_utf16().flat_map(unit)).collect::<Vec<_>>()
        };
        let cases: [(&str, Vec<u8>, Option<&str>); 9] = [
            ("UTF-16BE mark", utf16([0xFE, 0xFF], u16::to_be_bytes), None),
            ("UTF-16LE mark", utf16([0xFF, 0xFE], u16::to_le_bytes), Some("utf-8")),
            ("UTF-8 mark", "\u{feff}[\"é\"]".into(), Some("latin1")),
            ("UTF-16 label, no mark", "[\"é\"]".encode_utf16().flat_map(u16::to_be_bytes).collect(), Some("utf-16")),
            ("wrong UTF-16 label", "[\"é\"]".into(), Some("utf-16")),
            ("transport", b"[\"\xe9\"]".to_vec(), Some("ISO-8859-1")),
            ("wrong transport", "[\"é\"]".into(), Some("ISO-8859-1")),
            ("nothing", "[\"é\"]".into(), None),
            ("nonsense label", "[\"é\"]".into(), Some("klingon")),
        ];
        for (name, bytes, charset) in cases {
            assert_eq!(Document::new(&bytes).with_charset(charset).text(), "[\"é\"]", "{name}");
        }
        let declared = b"<?xml version=\"1.0\" encoding='iso-8859-1'?><a>\xe9</a>";
        assert!(Document::new(declared).text().contains("<a>é</a>"));
    }

    #[test]
    fn what_is_not_json_says_what_it_is_instead() {
        let message = |bytes: &[u8]| Document::new(bytes).json::<Vec<u8>>().unwrap_err().to_string();
        assert!(message(b" \n").contains("empty"));
        assert!(message(b"<!doctype html><title>Sign in</title>").contains("HTML"));
        assert!(message(b"[1, 2").contains("not JSON"));
        assert!(message(b"{\"status\":500}").contains("another shape"));
    }
}
