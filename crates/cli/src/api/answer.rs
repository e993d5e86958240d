//! What the API answers.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use unistatus_core::exit::{self, Failure};

use crate::output::printable;

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

    /// Says of a list in the order of time whether there is more of it.
    pub(crate) fn tell_of_more(&self) {
        if self.headers.contains_key(http::header::LINK) {
            eprintln!("There are more; --limit shows up to 1000, --to those before an instant.");
        }
    }
}

impl From<Refusal> for Failure {
    fn from(Refusal { status, message, .. }: Refusal) -> Self {
        let code = if status.is_server_error() { exit::UNREACHABLE } else { exit::USAGE };
        Self::new(code, printable(&message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (302, "<html>", exit::USAGE, "the answer is HTTP 302 Found, and none of this API's"),
        ] {
            let failure = answer(status, body).fine().unwrap_err();
            assert_eq!(failure, Failure::new(code, told));
        }
    }
}
