//! Why nothing could be fetched, told from what the HTTP client says.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use url::Url;

use crate::schema::FailureClass;

/// Why nothing could be fetched. Its message is for people and holds no query and no credentials.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct FetchError {
    class: FailureClass,
    message: String,
    http_status: Option<u16>,
    retry_after: Option<Duration>,
}

impl FetchError {
    /// The class it is stored and counted under.
    pub fn class(&self) -> FailureClass {
        self.class
    }

    /// How long the source asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The HTTP status of the answer, if there was one.
    pub fn http_status_code(&self) -> Option<u16> {
        self.http_status
    }

    fn new(class: FailureClass, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), http_status: None, retry_after: None }
    }

    /// Something that is needed to ask at all is not there.
    pub(in crate::target) fn not_configured(problem: &(impl fmt::Display + ?Sized)) -> Self {
        Self::new(FailureClass::NotConfigured, format!("not configured: {problem}"))
    }

    /// This machine itself cannot ask, which says nothing about whoever would be asked.
    pub(crate) fn own_trouble(problem: &dyn fmt::Display) -> Self {
        Self::new(FailureClass::Connect, format!("this machine cannot ask: {problem}"))
    }

    /// The same failure, of the authorisation server and not of the source. That nothing lies at the former says nothing
    /// about what lies at the latter.
    pub(super) fn of_token_server(self, host: &str) -> Self {
        let http_status = self.http_status.filter(|status| !matches!(status, 404 | 410));
        Self { message: format!("no token from {host}: {}", self.message), http_status, ..self }
    }

    /// An authorisation server refused, with the error code of RFC 6749 where it gave one.
    pub(super) fn token_refused(status: u16, code: Option<&str>) -> Self {
        let code = code.map_or_else(String::new, |code| format!(" ({code})"));
        let message = format!("it answered {status}{code}; expected client credentials that it accepts");
        Self { http_status: Some(status), ..Self::new(FailureClass::HttpStatus, message) }
    }

    /// An authorisation server answered something else than a bearer token.
    pub(super) fn no_token() -> Self {
        Self::new(FailureClass::Parse, "expected JSON with access_token and token_type Bearer, found something else")
    }

    pub(super) fn http_status(status: u16, retry_after: Option<Duration>) -> Self {
        let limited = status == 429 || (status == 503 && retry_after.is_some());
        let class = if limited { FailureClass::RateLimited } else { FailureClass::HttpStatus };
        let reason = reqwest::StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason()).unwrap_or("");
        let answer = format!("the source answered {status} {reason}").trim_end().to_owned();
        let message = match retry_after {
            Some(wait) => format!("{answer} and asks to be left alone for {} s", wait.as_secs()),
            None => answer,
        };
        Self { http_status: Some(status), retry_after, ..Self::new(class, message) }
    }

    pub(super) fn too_slow(limit: Duration) -> Self {
        Self::new(FailureClass::Timeout, format!("no complete answer within {} s", limit.as_secs()))
    }

    pub(super) fn too_large(limit: usize) -> Self {
        let limit = limit / (1024 * 1024);
        Self::new(FailureClass::TooLarge, format!("the body is larger than {limit} MiB after decompression"))
    }

    pub(super) fn too_many_redirects(limit: usize, last: &Url) -> Self {
        let host = last.host_str().unwrap_or_default();
        Self::new(FailureClass::Redirect, format!("more than {limit} redirects, the last one to {host}"))
    }

    /// `to` tells the sort of address only: the address itself may repeat what was asked for, secrets included.
    pub(super) fn bad_redirect(from: &Url, to: &str) -> Self {
        let host = from.host_str().unwrap_or_default();
        Self::new(FailureClass::Redirect, format!("{host} redirects to {to}; expected a web address"))
    }

    pub(crate) fn from_reqwest(error: &reqwest::Error) -> Self {
        let class = classify(error);
        let cause = root_cause(error);
        let message = match class {
            FailureClass::Dns => format!("the host's name does not resolve: {cause}"),
            FailureClass::Tls => format!("no encrypted channel: {cause}"),
            FailureClass::Connect => format!("no connection: {cause}"),
            FailureClass::Timeout if error.is_connect() => "no connection in time".to_owned(),
            FailureClass::Timeout => "no answer in time".to_owned(),
            FailureClass::Decode => format!("the body's compression is broken: {cause}"),
            _ => format!("the connection broke: {cause}"),
        };
        Self::new(class, message)
    }
}

/// The class of a client error. The client keeps no kinds of its own for name resolution and TLS, so its chain of
/// causes is searched for them.
fn classify(error: &reqwest::Error) -> FailureClass {
    let causes = || std::iter::successors(error.source(), |&cause| cause.source());
    if error.is_timeout() {
        FailureClass::Timeout
    } else if error.is_connect() {
        if causes().any(|cause| cause.to_string().contains("dns error")) {
            FailureClass::Dns
        } else if causes().any(is_tls) {
            FailureClass::Tls
        } else {
            FailureClass::Connect
        }
    } else if error.is_decode() || causes().any(is_broken_compression) {
        FailureClass::Decode
    } else {
        FailureClass::Connection
    }
}

fn is_tls(cause: &(dyn Error + 'static)) -> bool {
    let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    cause.is::<rustls::Error>() || inner.is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>)
}

fn is_broken_compression(cause: &(dyn Error + 'static)) -> bool {
    cause
        .downcast_ref::<io::Error>()
        .is_some_and(|error| matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput))
}

/// The innermost cause: what the outer ones say is said by the class already.
fn root_cause(error: &reqwest::Error) -> String {
    let innermost = std::iter::successors(error.source(), |&cause| cause.source()).last();
    innermost.map_or_else(|| "no reason given".to_owned(), ToString::to_string)
}
