//! Questions and answers as they go over the wire.

use bytes::Bytes;
use hyper::header::{HeaderName, LOCATION, RETRY_AFTER, USER_AGENT};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use super::{Asked, BASE};
use crate::server::answer::{AnyBody, answer, full, put};

/// Where a request says who asks.
const TOKEN: &str = "x-rollbar-access-token";
/// Rollbar's own word for `Retry-After`.
static REMAINING_SECONDS: HeaderName = HeaderName::from_static("x-rate-limit-remaining-seconds");

/// A request.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) asked: Asked,
    /// The token that was sent; empty where none was.
    pub(super) token: String,
    /// Whether the body is JSON, or there is none.
    pub(super) is_readable: bool,
}

impl Question {
    pub(super) fn of(head: &Parts, body: &[u8]) -> Self {
        let text = |name: &str| {
            let value = head.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            value.unwrap_or_default()
        };
        let read = if body.is_empty() { Some(Value::Null) } else { serde_json::from_slice(body).ok() };
        let query = url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes());
        let asked = Asked {
            method: head.method.to_string(),
            path: head.uri.path().strip_prefix(BASE).unwrap_or_default().to_owned(),
            query: query.into_owned().collect(),
            user_agent: text(USER_AGENT.as_str()),
            body: read.clone().unwrap_or_default(),
        };
        Self { asked, token: text(TOKEN), is_readable: read.is_some() }
    }

    /// All values of a name in the query that are not empty.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let pairs = self.asked.query.iter().filter(|(known, value)| known == name && !value.is_empty());
        pairs.map(|(_, value)| value.as_str()).collect()
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    status: u16,
    body: Value,
    pub(super) location: Option<String>,
    pub(super) retry_after: Option<u32>,
    pub(super) remaining_seconds: Option<u32>,
}

impl Answer {
    pub(super) fn result(result: &Value) -> Self {
        Self::new(200, json!({"err": 0, "result": result}))
    }

    pub(super) fn refusal(status: u16, message: &str) -> Self {
        Self::new(status, json!({"err": 1, "message": message}))
    }

    /// The address of an item, in place of the item.
    pub(super) fn moved(result: &Value, location: String) -> Self {
        Self { location: Some(location), ..Self::new(301, json!({"err": 0, "result": result})) }
    }

    fn new(status: u16, body: Value) -> Self {
        Self { status, body, location: None, retry_after: None, remaining_seconds: None }
    }

    pub(super) fn bytes(&self) -> Bytes {
        self.body.to_string().into()
    }

    pub(super) fn response(self) -> Response<AnyBody> {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = answer(status, "application/json", full(self.bytes()));
        let seconds = |seconds: Option<u32>| seconds.map(|seconds| seconds.to_string());
        for (name, value) in [
            (LOCATION, self.location),
            (RETRY_AFTER, seconds(self.retry_after)),
            (REMAINING_SECONDS.clone(), seconds(self.remaining_seconds)),
        ] {
            if let Some(value) = value {
                put(response.headers_mut(), name, &value);
            }
        }
        response
    }
}
