//! `HTTP`: a request, and whether its answer is as it should be.

mod exchange;
mod expected;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use hyper::Method;
use hyper::header::{ACCEPT, CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use tokio::time::Instant;
use url::Url;

use self::exchange::{Answer, Request};
pub use self::expected::{BodyMatch, Statuses};
use super::attempt::{Attempt, Fault, Reason, Trouble};
use super::{Means, Probe, Prober};
use crate::schema::truncate;
use crate::secrets::Template;
use crate::target::fetch::{self, FetchError, is_web_address};

/// A web server that is asked.
pub type HttpTarget = Probe<Http>;

/// One request and what is expected of its answer.
#[derive(Clone, Debug)]
pub struct Http {
    /// The address.
    pub address: Template,
    /// What is done with it.
    pub method: Method,
    /// Headers beside those that every request has, or in their place. They go to the address's own origin only.
    pub headers: Vec<(HeaderName, Template)>,
    /// What is sent.
    pub body: Option<Template>,
    /// The statuses that are as they should be.
    pub expected: Statuses,
    /// What the body has to be like.
    pub matches: Option<Arc<BodyMatch>>,
    /// How many redirects are followed.
    pub redirects: usize,
    /// A file of certificates to trust beside the system's.
    pub ca: Option<PathBuf>,
    /// How long it may take as a whole: names, connections, redirects and the complete body.
    pub timeout: Duration,
}

#[async_trait]
impl Means for Http {
    async fn attempt(&self, prober: &Prober) -> Result<Attempt, FetchError> {
        let request = self.request(prober)?;
        let mut attempt = Attempt { sent: 1, ..Attempt::default() };
        match self.follow(prober, request, &mut attempt).await {
            Ok(()) => Ok(attempt),
            Err(Trouble::Theirs(fault)) => Ok(Attempt { lost: 1, fault: Some(fault), ..attempt }),
            Err(Trouble::Ours(error)) => Err(error),
        }
    }
}

impl Http {
    /// A `GET` that follows five redirects and is answered with success within five seconds.
    pub fn new(address: Template) -> Self {
        let redirects = 5;
        Self {
            address,
            method: Method::GET,
            headers: Vec::new(),
            body: None,
            expected: Statuses::usual(redirects),
            matches: None,
            redirects,
            ca: None,
            timeout: Duration::from_secs(5),
        }
    }

    /// Asks along the redirects, and looks at the last answer. What is found goes to `attempt`; into the latency goes the
    /// time of asking, not that of waiting for a turn, nor of looking.
    async fn follow(&self, prober: &Prober, mut request: Request, attempt: &mut Attempt) -> Result<(), Trouble> {
        let endpoint = request.url.clone();
        let mut spent = Duration::ZERO;
        for left in (0..=self.redirects).rev() {
            (attempt.http_status, attempt.latency) = (None, None);
            // In this order, as all probes do: who has a connection waits for nobody who waits for one.
            let turn = prober.names.turn(&request.host()).await;
            let _connection = prober.turn().await;
            let began = Instant::now();
            let until = began + self.timeout.saturating_sub(spent);
            let asked = tokio::time::timeout_at(until, self.exchange(prober, &request, turn, until, attempt)).await;
            spent += began.elapsed();
            let answer = asked.unwrap_or_else(|_| Err(Fault::too_slow("no complete answer", self.timeout).into()))?;
            (attempt.http_status, attempt.latency) = (Some(answer.status.as_u16()), Some(spent));
            attempt.bytes = answer.length;
            if self.expected.have(answer.status) {
                return Ok(self.look_at(answer).await?);
            }
            let Some(location) = answer.redirect().filter(|_| self.redirects > 0) else {
                let found = format!("it answered {}; expected {}", answer.status, self.expected);
                return Err(Fault::new(Reason::HttpStatus, found).into());
            };
            if left > 0 {
                let to = target(&request.url, location)?;
                request = self.redirected(request, &endpoint, to, answer.keeps_method())?;
            }
        }
        let host = request.url.host_str().unwrap_or_default();
        Err(Fault::new(Reason::Redirect, format!("more than {} redirects, the last one at {host}", self.redirects))
            .into())
    }

    /// Looks whether the body is as it should be.
    async fn look_at(&self, answer: Answer) -> Result<(), Fault> {
        let Some(matches) = &self.matches else { return Ok(()) };
        let matches = Arc::clone(matches);
        let looking = async move {
            // A filter is somebody's program: it must not hold up others, even where it never ends.
            if matches.takes_long() {
                let looked = tokio::task::spawn_blocking(move || matches.check(&answer)).await;
                return looked.unwrap_or_else(|panic| Err(format!("the filter gave up: {panic}")));
            }
            matches.check(&answer)
        };
        let looked = tokio::time::timeout(self.timeout, looking).await;
        let refusal = match looked {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(refusal)) => refusal,
            Err(_) => "its filter does not end".to_owned(),
        };
        Err(Fault::new(Reason::Body, refusal))
    }

    /// The first request, with the secrets in their places.
    fn request(&self, prober: &Prober) -> Result<Request, FetchError> {
        let url = fetch::address(&self.address, &prober.secrets)?;
        let fill =
            |template: &Template| template.fill(&prober.secrets).map_err(|error| FetchError::not_configured(&error));
        let mut headers = plain_headers();
        for (name, value) in &self.headers {
            let mut value = HeaderValue::from_str(&fill(value)?).map_err(|_| {
                FetchError::not_configured(&format!("the header {name} cannot be sent (a line break in a secret?)"))
            })?;
            value.set_sensitive(true);
            headers.insert(name.clone(), value);
        }
        let body = self.body.as_ref().map(fill).transpose()?.map(Bytes::from).unwrap_or_default();
        Request { url, method: self.method.clone(), headers, body }.with_host()
    }

    /// The request that a redirect makes of one. What is meant for the endpoint's own origin goes to no other.
    fn redirected(&self, from: Request, endpoint: &Url, to: Url, keeps_method: bool) -> Result<Request, Trouble> {
        let is_own = to.origin() == endpoint.origin();
        let keeps_method = keeps_method || matches!(from.method, Method::GET | Method::HEAD);
        let (method, body) = if keeps_method { (from.method, from.body) } else { (Method::GET, Bytes::new()) };
        if !is_own && !body.is_empty() {
            let host = to.host_str().unwrap_or_default();
            let refusal = format!("it leads a request with a body elsewhere, to {host}");
            return Err(Fault::new(Reason::Redirect, refusal).into());
        }
        let mut headers = if is_own { from.headers } else { plain_headers() };
        // The endpoint's own may be one of its file's.
        let own_host = self.headers.iter().any(|(name, _)| name == HOST);
        if !(is_own && own_host) {
            headers.remove(HOST);
        }
        Ok(Request { url: to, method, headers, body }.with_host()?)
    }
}

/// The headers that every request has.
fn plain_headers() -> HeaderMap {
    let agent = concat!("Unistatus/", env!("CARGO_PKG_VERSION"), " (asks whether this server answers, for its team)");
    HeaderMap::from_iter([
        (USER_AGENT, HeaderValue::from_static(agent)),
        (ACCEPT, HeaderValue::from_static("*/*")),
        (CONNECTION, HeaderValue::from_static("close")),
    ])
}

/// Where a redirect leads. The fault tells the sort of address only: it may repeat secrets of what was asked for.
fn target(from: &Url, location: &HeaderValue) -> Result<Url, Fault> {
    let fault = |to: &str| {
        let host = from.host_str().unwrap_or_default();
        Fault::new(Reason::Redirect, format!("{host} redirects to {to}; expected a web address"))
    };
    let location = location.to_str().map_err(|_| fault("an address that is not text"))?;
    let to = from.join(location).map_err(|_| fault("what is no address"))?;
    if is_web_address(&to) {
        return Ok(to);
    }
    Err(fault(&format!("an address that begins with \"{}:\"", truncate(to.scheme(), 20))))
}
