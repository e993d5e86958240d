//! Names in paths.
//!
//! actix decodes paths in two steps, leaves `%2F`, `%25` and `%2B` alone in the first and replaces what is not UTF-8.
//! A service may be called anything, so names are decoded here from the path as it was sent, once and strictly.

use actix_web::HttpRequest;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use crate::error::ApiError;
use crate::openapi::parameters::segment;

/// `{target}`.
pub(super) enum TargetName {}

/// `{target}` and `{service}`.
pub(super) enum ServiceName {}

impl IntoParams for TargetName {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![segment("target", "The name of a target, as `/api/targets` lists it.", "github")]
    }
}

impl IntoParams for ServiceName {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let what = "The name of a service of the target, matched exactly, else without regard to case. A name may hold \
                    anything, a slash included, so it is percent-encoded.";
        let mut names = TargetName::into_params(place);
        names.push(segment("service", what, "GitHub"));
        names
    }
}

/// The decoded segment of the path that stands where the route's pattern has `{name}`.
///
/// # Errors
/// [`ApiError::BadRequest`] if it is not percent-encoded UTF-8.
pub(crate) fn parameter(request: &HttpRequest, name: &str) -> Result<String, ApiError> {
    let segment = request.match_pattern().and_then(|pattern| {
        let position = pattern.split('/').position(|segment| {
            segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')).is_some_and(|inner| inner == name)
        })?;
        // An encoded slash parts no segments, in actix's matching as in the path that was sent.
        request.uri().path().split('/').nth(position)
    });
    decode(segment.ok_or(ApiError::Internal)?)
        .ok_or_else(|| ApiError::BadRequest(format!("The {name} in the path is not percent-encoded UTF-8.")))
}

/// The text that a segment encodes; `None` where `%` is not followed by two hexadecimal digits, or for text that is
/// not UTF-8. A `+` is a plus: only queries write spaces that way.
fn decode(segment: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(segment.len());
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => (hex(bytes.next()?)? << 4) | hex(bytes.next()?)?,
            plain => plain,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn segments_are_decoded_once_and_strictly() {
        for (segment, name) in [
            ("Git%20Operations", Some("Git Operations")),
            ("CI%2FCD", Some("CI/CD")),
            ("ci%2fcd", Some("ci/cd")),
            ("100%25", Some("100%")),
            ("%252F", Some("%2F")),
            ("a+b", Some("a+b")),
            ("a%2Bb", Some("a+b")),
            ("%2E%2E", Some("..")),
            ("S%C3%A3o%20Paulo", Some("São Paulo")),
            ("end%20", Some("end ")),
            ("%00", Some("\0")),
            ("%", None),
            ("%2", None),
            ("%zz", None),
            ("%+1", None),
            ("%C3", None),
            ("%FF", None),
        ] {
            assert_eq!(decode(segment).as_deref(), name, "{segment}");
        }
    }

    proptest! {
        #[test]
        fn every_name_comes_back(name in any::<String>()) {
            let encoded = name.bytes().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02X}"));
            prop_assert_eq!(decode(&encoded), Some(name));
        }

        #[test]
        fn nothing_makes_it_panic(segment in any::<String>()) {
            let _ = decode(&segment);
        }
    }
}
