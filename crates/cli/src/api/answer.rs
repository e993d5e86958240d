//! What the API answers.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use unistatus_core::exit::{self, Failure};

use crate::output::printable;

/// How to see more of a list in the order of time.
pub(crate) const BY_TIME: &str = "--limit shows up to 1000, --to those before an instant";
/// How to see more of another list.
pub(crate) const BY_LIMIT: &str = "--limit shows up to 1000";

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Why the API does not do what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The word of the API for it.
    pub(crate) code: String,
    /// What it says of it.
    pub(crate) message: String,
}

#[derive(Deserialize)]
struct Shape {
    error: Inner,
}

#[derive(Deserialize)]
struct Inner {
    code: String,
    message: String,
}

impl Answer {
    /// The answer, unless it is a refusal.
    ///
    /// # Errors
    /// The refusal.
    pub(crate) fn fine(self) -> Result<Self, Failure> {
        if self.status.is_success() { Ok(self) } else { Err(self.refusal().into()) }
    }

    /// What it refuses. An answer of something else than the API is one, too.
    pub(crate) fn refusal(&self) -> Refusal {
        let status = self.status;
        match serde_json::from_slice(&self.body) {
            Ok(Shape { error: Inner { code, message } }) => Refusal { status, code, message },
            Err(_) => Refusal {
                status,
                code: String::new(),
                message: format!("the answer is HTTP {status}, and none of this API's"),
            },
        }
    }

    /// What its JSON says.
    ///
    /// # Errors
    /// If it is not what the API answers: somebody else's answer.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Failure::new(exit::UNREACHABLE, format!("the answer is none of this API's: {error}")))
    }

    /// The answer, unless there is nothing of the kind with this name: then how to find what there is.
    ///
    /// # Errors
    /// As [`Self::fine`].
    pub(crate) fn of(self, kind: &str, name: &str) -> Result<Self, Failure> {
        // Not every 404 is one of these: an address may be wrong, too.
        let is_unknown = |refusal: Refusal| {
            refusal.code.strip_suffix("NotFound").is_some_and(|unknown| unknown.eq_ignore_ascii_case(kind))
        };
        if self.status != StatusCode::NOT_FOUND || !is_unknown(self.refusal()) {
            return self.fine();
        }
        let name = printable(name);
        let message = format!("there is no {kind} {name}; `unistatus {kind}s list` lists those there are");
        Err(Failure::new(exit::USAGE, message))
    }

    /// Says of a list whether there is more of it, and how to see that.
    pub(crate) fn tell_of_more(&self, how: &str) {
        if self.headers.contains_key(http::header::LINK) {
            eprintln!("There are more; {how}.");
        }
    }
}

impl From<Refusal> for Failure {
    fn from(Refusal { status, message, .. }: Refusal) -> Self {
        let code = match status {
            // Whoever runs it has not set up what this takes.
            StatusCode::NOT_IMPLEMENTED => exit::CONFIG,
            status if status.is_server_error() => exit::UNREACHABLE,
            _ => exit::USAGE,
        };
        let mut message = printable(&message);
        if status == StatusCode::UNAUTHORIZED {
            message.push_str(" This command shows the key in UNISTATUS_API_KEY.");
        }
        Self::new(code, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_told_from_what_is_elsewhere() {
        let answer = |code: &str| Answer {
            status: StatusCode::NOT_FOUND,
            headers: HeaderMap::new(),
            body: format!(r#"{{"error":{{"code":"{code}","message":"Not there."}}}}"#).into(),
        };
        let told = |code| answer(code).of("key", "a\u{7}b").unwrap_err();
        let unknown = "there is no key a\u{fffd}b; `unistatus keys list` lists those there are";
        assert_eq!(told("KeyNotFound"), Failure::new(exit::USAGE, unknown));
        assert_eq!(told("RouteNotFound"), Failure::new(exit::USAGE, "Not there."));
    }

    #[test]
    fn refusals_tell_whether_it_is_the_request_or_the_server() {
        let answer = |status, body: &'static str| Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
        };
        assert!(answer(201, "").fine().is_ok());
        for (status, body, code, told) in [
            (404, r#"{"error":{"code":"TargetNotFound","message":"No \u001b[2J"}}"#, exit::USAGE, "No \u{fffd}[2J"),
            (503, r#"{"error":{"code":"StoreUnavailable","message":"Gone."}}"#, exit::UNREACHABLE, "Gone."),
            (501, r#"{"error":{"code":"RollbarNotConfigured","message":"Not set."}}"#, exit::CONFIG, "Not set."),
            (
                401,
                r#"{"error":{"code":"Unauthorized","message":"A key."}}"#,
                exit::USAGE,
                "A key. This command shows the key in UNISTATUS_API_KEY.",
            ),
            (302, "<html>", exit::USAGE, "the answer is HTTP 302 Found, and none of this API's"),
        ] {
            let failure = answer(status, body).fine().unwrap_err();
            assert_eq!(failure, Failure::new(code, told));
        }
    }
}
