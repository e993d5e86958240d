//! The polite HTTP client that all targets of a process share.
//!
//! Polite means: a `User-Agent` that says who asks and why, conditional requests, at most two requests at a time to
//! one host (also after redirects), and limits on time, redirects and the size of a body *after* decompression, so
//! that no source can hold or fill the process. `Retry-After` is read here and obeyed by whoever schedules.

mod auth;
mod error;
mod hosts;
mod retry_after;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
    RETRY_AFTER,
};
use reqwest::{Client, Response, StatusCode};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use url::Url;

pub use auth::{Auth, ClientCredentials};
use auth::{Credentials, Grant, Proof, Token, Tokens};
pub use error::FetchError;
use hosts::Hosts;

use crate::schema::{Timestamp, Validators};
use crate::secrets::{Secrets, Template};

/// The limits of a [`Fetcher`].
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a connection may take to come about, TLS included.
    pub connect: Duration,
    /// How long a source may say nothing, before its answer and in the middle of it.
    pub silence: Duration,
    /// How long a request may take as a whole, redirects included, waiting for the host's turn not.
    pub total: Duration,
    /// The size of a body after decompression, in bytes.
    pub body: usize,
    /// How many redirects are followed.
    pub redirects: usize,
    /// Requests at a time to one host (name and port).
    pub per_host: usize,
    /// Requests at a time altogether.
    pub in_flight: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            silence: Duration::from_secs(10),
            total: Duration::from_secs(30),
            body: 16 * 1024 * 1024,
            redirects: 5,
            per_host: 2,
            // Far above what is under way at once in practice: it is there to spare file descriptors, and must not
            // let hanging sources keep others waiting.
            in_flight: 512,
        }
    }
}

/// How long an idle connection is kept: for the next target on the same host, not for the next round. A thousand hosts
/// would hold a thousand connections and their buffers, for a handshake each.
const IDLE: Duration = Duration::from_secs(2);

/// What to fetch.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Where it lies.
    pub url: &'a Url,
    /// The media types that are understood.
    pub accept: &'static str,
    /// What the source gave with its last good answer.
    pub validators: &'a Validators,
    /// Who asks, where the source wants to know.
    pub auth: Option<&'a Auth>,
}

/// What came back.
#[derive(Debug)]
pub enum Fetched {
    /// 304: as last time.
    NotModified,
    /// A document.
    Body {
        /// The document.
        body: Box<Body>,
        /// What to ask "has it changed?" with next time.
        validators: Validators,
    },
}

/// A document's body after decompression.
#[derive(Debug)]
pub struct Body {
    /// Where it came from in the end: the last address of the redirects.
    pub url: Url,
    /// Where the source says it lies for good now (301 or 308), as far as every redirect up to there says so.
    pub moved: Option<Url>,
    /// The HTTP status it came with (2xx).
    pub status: u16,
    /// The bytes.
    pub bytes: Bytes,
    /// The charset of its `Content-Type`.
    pub charset: Option<String>,
}

/// The polite HTTP client.
#[derive(Debug)]
pub struct Fetcher {
    client: Client,
    hosts: Hosts,
    in_flight: Semaphore,
    limits: Limits,
    secrets: Secrets,
    tokens: Tokens,
}

impl Fetcher {
    /// A client with these limits. `contact` (a URL or an address of whoever runs this) goes into the `User-Agent`;
    /// `secrets` are what targets may show to their sources.
    ///
    /// # Errors
    /// If the contact cannot stand in a header, or the system's root certificates cannot be loaded.
    pub fn new(limits: Limits, contact: Option<&str>, secrets: Secrets) -> Result<Self, FetchError> {
        let client = client(&user_agent(contact), limits.connect, limits.silence)?;
        Ok(Self {
            client,
            hosts: Hosts::new(limits.per_host),
            in_flight: Semaphore::new(limits.in_flight),
            limits,
            secrets,
            tokens: Tokens::default(),
        })
    }

    /// The secrets that targets may show to their sources.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The address that a template stands for.
    ///
    /// # Errors
    /// [`FetchError`] of class [`crate::schema::FailureClass::NotConfigured`] if a secret is missing, or what comes out
    /// is no web address. It shows the template as it was written.
    pub fn address(&self, template: &Template) -> Result<Url, FetchError> {
        address(template, &self.secrets)
    }

    /// Fetches a document, waiting for the host's turn first. Where a token is needed, it is asked for first, and once
    /// more if the source refuses it (401).
    ///
    /// May be cancelled at any await.
    ///
    /// # Errors
    /// [`FetchError`], with its class and, where the source says so, how long it wants to be left alone.
    pub async fn fetch(&self, request: &Request<'_>) -> Result<Fetched, FetchError> {
        let grant = match request.auth.map(|auth| auth.proof(&self.secrets)).transpose()? {
            None => return self.follow(request, None).await,
            Some(Proof::Header(credentials)) => return self.follow(request, Some(&credentials)).await,
            Some(Proof::Token(grant)) => grant,
        };
        let credentials = self.token(&grant, None).await?;
        match self.follow(request, Some(&credentials)).await {
            Err(refused) if refused.http_status_code() == Some(StatusCode::UNAUTHORIZED.as_u16()) => {
                let anew = self.token(&grant, Some(&credentials)).await?;
                self.follow(request, Some(&anew)).await
            }
            outcome => outcome,
        }
    }

    /// Fetches a document with these credentials, along its redirects.
    async fn follow(&self, request: &Request<'_>, credentials: Option<&Credentials>) -> Result<Fetched, FetchError> {
        let mut url = request.url.clone();
        let mut moved: Option<Url> = None;
        let mut budget = self.limits.total;
        for _ in 0..=self.limits.redirects {
            // The turn is taken per hop: a redirect gives the first host's back before it waits for the next one's.
            let _host = self.hosts.turn(&url).await;
            let _slot = self.in_flight.acquire().await;
            let begin = Instant::now();
            // Who asks is nobody else's business.
            let credentials = credentials.filter(|_| url.origin() == request.url.origin());
            let hop = tokio::time::timeout(budget, self.hop(request, &url, credentials)).await;
            match hop.unwrap_or_else(|_| Err(FetchError::too_slow(self.limits.total)))? {
                Hop::Arrived(Fetched::Body { mut body, validators }) => {
                    body.moved = moved;
                    return Ok(Fetched::Body { body, validators });
                }
                Hop::Arrived(fetched) => return Ok(fetched),
                Hop::Redirect { to, for_good } => {
                    // A temporary redirect may lead elsewhere tomorrow, and whatever follows it with it.
                    if for_good && url == *moved.as_ref().unwrap_or(request.url) {
                        moved = Some(to.clone());
                    }
                    url = to;
                }
            }
            budget = budget.saturating_sub(begin.elapsed());
        }
        Err(FetchError::too_many_redirects(self.limits.redirects, &url))
    }

    /// A token for a grant: the one that is kept, unless it is about to expire or was `refused`, else a new one.
    async fn token(&self, grant: &Grant, refused: Option<&Credentials>) -> Result<Credentials, FetchError> {
        let place = self.tokens.place(grant);
        let came = Instant::now();
        let mut kept = place.lock().await;
        if let Some(credentials) = auth::usable(kept.token.as_ref(), refused, Instant::now()) {
            return Ok(credentials);
        }
        // All who waited for the same answer have it: asking again for each would hold up the last for minutes.
        if let Some((_, error)) = kept.failed.as_ref().filter(|(at, _)| came < *at) {
            return Err(error.clone());
        }
        let url = &grant.token_url;
        let _host = self.hosts.turn(url).await;
        let _slot = self.in_flight.acquire().await;
        let asked = tokio::time::timeout(self.limits.total, self.ask_token(grant)).await;
        let token = asked
            .unwrap_or_else(|_| Err(FetchError::too_slow(self.limits.total)))
            .map_err(|error| error.of_token_server(url.host_str().unwrap_or_default()));
        kept.failed = token.as_ref().err().map(|error| (Instant::now(), error.clone()));
        Ok(kept.token.insert(token?).credentials.clone())
    }

    async fn ask_token(&self, grant: &Grant) -> Result<Token, FetchError> {
        let begin = Instant::now();
        let builder = self.client.post(grant.token_url.clone()).header(ACCEPT, "application/json").form(&grant.form());
        let response = builder.send().await.map_err(|error| FetchError::from_reqwest(&error))?;
        let status = response.status();
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            return Err(refusal(&response));
        }
        let answer = self.body(response).await?;
        if status == StatusCode::OK {
            return Token::read(&answer, begin).ok_or_else(FetchError::no_token);
        }
        Err(FetchError::token_refused(status.as_u16(), auth::error_code(&answer).as_deref()))
    }

    async fn hop(
        &self,
        request: &Request<'_>,
        url: &Url,
        credentials: Option<&Credentials>,
    ) -> Result<Hop, FetchError> {
        let mut builder = self.client.get(url.clone()).header(ACCEPT, request.accept);
        let conditions =
            [(IF_NONE_MATCH, &request.validators.etag), (IF_MODIFIED_SINCE, &request.validators.last_modified)];
        let mut conditional = false;
        for (name, value) in conditions {
            if let Some(value) = value.as_ref().and_then(|value| HeaderValue::from_str(value).ok()) {
                builder = builder.header(name, value);
                conditional = true;
            }
        }
        if let Some((name, value)) = credentials {
            builder = builder.header(name, value);
        }
        let response = builder.send().await.map_err(|error| FetchError::from_reqwest(&error))?;
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED && conditional {
            return Ok(Hop::Arrived(Fetched::NotModified));
        }
        if let (true, Some(location)) = (status.is_redirection(), response.headers().get(LOCATION)) {
            let for_good = matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
            return Ok(Hop::Redirect { to: redirect(url, location)?, for_good });
        }
        if !status.is_success() {
            return Err(refusal(&response));
        }
        let validators = validators(response.headers());
        let charset = response.headers().get(CONTENT_TYPE).and_then(|value| charset(value.to_str().ok()?));
        let bytes = self.body(response).await?;
        let body = Box::new(Body { url: url.clone(), moved: None, status: status.as_u16(), bytes, charset });
        Ok(Hop::Arrived(Fetched::Body { body, validators }))
    }

    async fn body(&self, response: Response) -> Result<Bytes, FetchError> {
        body(response, self.limits.body).await
    }
}

enum Hop {
    Arrived(Fetched),
    Redirect { to: Url, for_good: bool },
}

/// Who asks, and why: a banned address helps nobody, and a reachable operator is rarely banned.
fn user_agent(contact: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match contact {
        Some(contact) => format!("Unistatus/{version} (reads public status pages for its team; contact: {contact})"),
        None => format!("Unistatus/{version} (reads public status pages for its team)"),
    }
}

/// A client that follows no redirects and keeps no connection for long. `connect` is how long a connection may take to
/// come about, `silence` how long a server may say nothing.
///
/// # Errors
/// If `user_agent` cannot stand in a header, or the system's root certificates cannot be loaded.
pub fn client(user_agent: &str, connect: Duration, silence: Duration) -> Result<Client, FetchError> {
    // The process may have chosen its provider before; then that one stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(user_agent)
        .connect_timeout(connect)
        .read_timeout(silence)
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(IDLE)
        .build()
        .map_err(|error| FetchError::from_reqwest(&error))
}

/// The body of an answer, if it has `limit` bytes at the most after decompression.
///
/// # Errors
/// If it is larger, or breaks off.
pub(crate) async fn body(mut response: Response, limit: usize) -> Result<Bytes, FetchError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| FetchError::from_reqwest(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(FetchError::too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// What an answer without success says.
fn refusal(response: &Response) -> FetchError {
    FetchError::http_status(response.status().as_u16(), retry_after(response.headers()))
}

/// How long a server wants to be left alone, where it says so.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    retry_after::parse(headers.get(RETRY_AFTER)?.to_str().ok()?, Timestamp::now())
}

/// The address that a template stands for: [`Fetcher::address`].
pub(in crate::target) fn address(template: &Template, secrets: &Secrets) -> Result<Url, FetchError> {
    let filled = template.fill(secrets).map_err(|error| FetchError::not_configured(&error))?;
    let url = Url::parse(&filled).ok().filter(is_web_address);
    url.ok_or_else(|| FetchError::not_configured(&format!("{template} comes to no web address")))
}

/// Whether an address is one of the web.
pub fn is_web_address(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

fn redirect(from: &Url, location: &HeaderValue) -> Result<Url, FetchError> {
    let location = location.to_str().map_err(|_| FetchError::bad_redirect(from, "an address that is not text"))?;
    let next = from.join(location).map_err(|_| FetchError::bad_redirect(from, "what is no address"))?;
    if is_web_address(&next) {
        return Ok(next);
    }
    let scheme = crate::schema::truncate(next.scheme(), 20);
    Err(FetchError::bad_redirect(from, &format!("an address that begins with \"{scheme}:\"")))
}

fn validators(headers: &HeaderMap) -> Validators {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::to_owned);
    Validators { etag: text(ETAG), last_modified: text(LAST_MODIFIED), definition: String::new() }
}

/// The charset parameter of a `Content-Type`.
pub(in crate::target) fn charset(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// An authorisation server that answers everybody slowly and alike; and how many have asked.
    async fn slow_issuer(answer: &'static str) -> (Grant, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let token_url = format!("http://{}/token", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let _ = stream.read(&mut [0; 4096]).await;
                tokio::time::sleep(Duration::from_millis(200)).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        let [token_url, client_id, client_secret] =
            [token_url.as_str(), "id", "${SECRET}"].map(|text| Template::parse(text).unwrap());
        let auth = Auth::OAuth2(ClientCredentials { token_url, client_id, client_secret, scope: None });
        let Ok(Proof::Token(grant)) = auth.proof(&secrets()) else { panic!("a token is needed") };
        (grant, asked)
    }

    fn secrets() -> Secrets {
        Secrets::new([("SECRET".to_owned(), "s3cret".to_owned())].into(), HashMap::new())
    }

    #[tokio::test]
    async fn all_who_wait_for_a_token_share_the_failure_to_have_one() {
        let (grant, asked) =
            slow_issuer("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
        let fetcher = Fetcher::new(Limits::default(), None, secrets()).unwrap();
        let ask = || fetcher.token(&grant, None);
        let (first, second, third) = tokio::join!(ask(), ask(), ask());
        for error in [first, second, third].map(Result::unwrap_err) {
            assert!(error.to_string().starts_with("no token from 127.0.0.1: it answered 404"), "{error}");
            assert_eq!(error.http_status_code(), None, "nothing is missing at the source");
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        ask().await.unwrap_err();
        assert_eq!(asked.load(Ordering::SeqCst), 2, "whoever comes later asks anew");
    }

    #[test]
    fn the_charset_is_read_from_the_content_type() {
        for (content_type, expected) in [
            ("application/json;charset=utf-16", Some("utf-16")),
            ("text/html; Charset=\"ISO-8859-1\"; x=y", Some("ISO-8859-1")),
            ("text/html", None),
            ("text/html; charset=", None),
        ] {
            assert_eq!(charset(content_type).as_deref(), expected, "{content_type}");
        }
    }

    #[test]
    fn a_redirect_may_be_relative_and_stays_on_the_web() {
        let from = Url::parse("https://status.example/api/v2/summary.json").unwrap();
        let to = |location: &'static str| redirect(&from, &HeaderValue::from_static(location)).map(String::from);
        assert_eq!(to("/v3").unwrap(), "https://status.example/v3");
        assert_eq!(to("https://other.example/x").unwrap(), "https://other.example/x");
        for (location, said) in [
            ("file:///t0ken/passwd", "redirects to an address that begins with \"file:\""),
            ("https://ann:t0ken@:x/", "redirects to what is no address"),
        ] {
            let error = to(location).unwrap_err().to_string();
            assert!(error.contains(said) && !error.contains("t0ken"), "{error}");
        }
    }

    #[test]
    fn the_user_agent_says_who_asks_and_why() {
        assert!(user_agent(Some("ops@example.org")).contains("contact: ops@example.org"));
        assert!(user_agent(None).starts_with("Unistatus/"));
    }
}
