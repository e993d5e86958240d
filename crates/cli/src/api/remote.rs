//! An API elsewhere.

use std::error::Error as _;
use std::time::Duration;

use http::header::{CONTENT_TYPE, IF_MATCH};
use http::{HeaderName, HeaderValue, Method};
use reqwest::{Client, Response};
use unistatus_core::causes::with_causes;
use unistatus_core::config;
use unistatus_core::exit::{self, Failure};
use unistatus_core::target::fetch;

use super::{Answer, EntityTags, Resource};

const USER_AGENT: &str = concat!("unistatus/", env!("CARGO_PKG_VERSION"));
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// How long it may take until there is a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long it may say nothing. A stream is told regularly that it lives.
const SILENCE: Duration = Duration::from_mins(1);

/// An API elsewhere.
pub(crate) struct Remote {
    client: Client,
    base: String,
    key: Option<HeaderValue>,
}

impl Remote {
    pub(super) fn new(remote: &config::Remote) -> Result<Self, Failure> {
        // It follows no redirects: whoever is sent elsewhere would show the key there.
        let client = fetch::client(USER_AGENT, CONNECT, SILENCE).map_err(Failure::broken)?;
        let key = |key: &config::Hidden| {
            let mut value = HeaderValue::from_str(key.reveal()).map_err(|_| {
                Failure::new(exit::CONFIG, "UNISTATUS_API_KEY is no key: it has characters that none has")
            })?;
            value.set_sensitive(true);
            Ok::<_, Failure>(value)
        };
        Ok(Self { client, base: remote.url.clone(), key: remote.key.as_ref().map(key).transpose()? })
    }

    pub(super) async fn ask(
        &self,
        method: Method,
        path: &Resource,
        if_match: Option<&EntityTags>,
        json: Option<Vec<u8>>,
    ) -> Result<Answer, Failure> {
        let response = self.send(method, path, if_match, json).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(|error| unreachable(&error))?;
        Ok(Answer { status, headers, body })
    }

    pub(super) async fn follow(&self, path: &Resource) -> Result<Response, Failure> {
        let response = self.send(Method::GET, path, None, None).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(|error| unreachable(&error))?;
        Err(Answer { status, headers, body }.refusal().into())
    }

    async fn send(
        &self,
        method: Method,
        path: &Resource,
        if_match: Option<&EntityTags>,
        json: Option<Vec<u8>>,
    ) -> Result<Response, Failure> {
        let mut request = self.client.request(method, format!("{}{}", self.base, path.as_str()));
        if let Some(key) = &self.key {
            request = request.header(X_API_KEY, key.clone());
        }
        if let Some(tags) = if_match {
            request = request.header(IF_MATCH, tags.as_str());
        }
        if let Some(json) = json {
            request = request.header(CONTENT_TYPE, "application/json").body(json);
        }
        request.send().await.map_err(|error| unreachable(&error))
    }
}

/// Nothing came back.
pub(super) fn unreachable(error: &reqwest::Error) -> Failure {
    let address = error.url().map(|url| format!("{}://{}", url.scheme(), url.authority())).unwrap_or_default();
    let cause = error.source().map_or_else(|| error.to_string(), |source| with_causes(&source));
    Failure::new(exit::UNREACHABLE, format!("the API at {address} cannot be reached: {cause}"))
}
