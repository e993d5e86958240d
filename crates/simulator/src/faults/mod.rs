//! How asking can fail: what a vendor answers instead of its status.

pub(crate) mod bodies;

use serde::{Deserialize, Serialize};

/// Something that goes wrong with a vendor's answers.
///
/// As JSON, for the control surface: `"hang"`, `{"status": 500}`, `{"tooManyRequests": {"seconds": 30}}`,
/// `{"redirectTo": "github"}` and so on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Fault {
    /// The right answer, so many milliseconds late.
    Delay(u64),
    /// No answer, ever; the connection stays open.
    Hang,
    /// 429 with `Retry-After`.
    TooManyRequests(RetryAfter),
    /// 503 with `Retry-After`.
    Unavailable(RetryAfter),
    /// This status code (100 to 999; others are 500) and a short page that names it.
    Status(u16),
    /// The connection is reset (RST) once the request is read.
    Reset,
    /// The connection is closed (FIN) once the request is read.
    Close,
    /// 200 with the first half of a gzip stream, of a length that HTTP finds right.
    TruncatedGzip,
    /// The right document, followed by white space up to so many bytes, in chunks and without a `Content-Length`. Who
    /// reads it all finds it valid.
    Oversized(u64),
    /// Like [`Self::Oversized`], but compressed: small on the wire, so many bytes (at most 1 GiB) when inflated.
    GzipBomb(u64),
    /// 302 to the same address, for ever. Each hop is a request.
    RedirectLoop,
    /// 302 to the endpoint of another vendor.
    RedirectTo(String),
    /// 301 to the endpoint of another vendor.
    MovedTo(String),
    /// 200 with a page that asks for a password.
    LoginPage,
    /// 200 with a valid document (JSON, HTML, XML) of a shape that no reader knows.
    ChangedShape,
    /// 200 with no body at all.
    EmptyBody,
    /// The right document under a `Content-Type` with this charset, which it does not have.
    WrongCharset(String),
    /// The right document, a byte at a time, with so many milliseconds before each.
    SlowDrip(u64),
}

impl Fault {
    /// A [`Self::GzipBomb`] that inflates to a little more than 16 MiB.
    pub const BOMB: Self = Self::GzipBomb((16 << 20) + 1);
}

/// The forms of a `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RetryAfter {
    /// A number of seconds.
    Seconds(u32),
    /// An HTTP date, so many seconds from now.
    Date(u32),
}

/// A fault that is set, and for how many more requests; `None`: until it is cleared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Planned {
    pub(crate) fault: Fault,
    pub(crate) requests: Option<u32>,
    /// Where [`Fault::RedirectTo`] and [`Fault::MovedTo`] lead: looked up when they are set.
    #[serde(skip)]
    pub(crate) location: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_readable_json() {
        for (fault, json) in [
            (Fault::Hang, r#""hang""#),
            (Fault::Status(500), r#"{"status":500}"#),
            (Fault::TooManyRequests(RetryAfter::Seconds(30)), r#"{"tooManyRequests":{"seconds":30}}"#),
            (Fault::RedirectTo("zoom".into()), r#"{"redirectTo":"zoom"}"#),
        ] {
            assert_eq!(serde_json::to_string(&fault).unwrap(), json);
            assert_eq!(serde_json::from_str::<Fault>(json).unwrap(), fault);
        }
    }
}
