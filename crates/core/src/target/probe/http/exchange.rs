//! One request over a connection of its own, and the answer to it.

use std::future::Future;
use std::pin::pin;

use bytes::{Bytes, BytesMut};
use futures_util::future::{Either, select};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue, LOCATION};
use hyper::{Method, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::{Position, Url};

use super::Http;
use crate::target::fetch::{self, FetchError};
use crate::target::probe::attempt::{Attempt, Fault, Reason, Trouble};
use crate::target::probe::names::{Host, Turn};
use crate::target::probe::prober::connect;
use crate::target::probe::{Prober, certificate, tls};

/// How much of a body is read, in bytes.
pub(super) const LIMIT: usize = 1024 * 1024;

/// What is asked.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) url: Url,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Request {
    /// Who is asked.
    pub(super) fn host(&self) -> Host {
        // Web addresses have one.
        self.url.host().map_or_else(|| Host::Name(String::new()), |host| Host::from(host.to_owned()))
    }

    fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(80)
    }

    /// The same request with a `Host`, unless it has one.
    ///
    /// # Errors
    /// [`FetchError`] if the address cannot stand there.
    pub(super) fn with_host(mut self) -> Result<Self, FetchError> {
        if !self.headers.contains_key(HOST) {
            let host = HeaderValue::from_str(&self.url[Position::BeforeHost..Position::AfterPort]);
            let host = host.map_err(|error| FetchError::not_configured(&error))?;
            self.headers.insert(HOST, host);
        }
        Ok(self)
    }

    fn to_hyper(&self) -> Result<hyper::Request<Full<Bytes>>, FetchError> {
        // Without user, password and fragment: those are not the server's.
        let path = &self.url[Position::BeforePath..Position::AfterQuery];
        let uri: Uri = path.parse().map_err(|error| FetchError::not_configured(&error))?;
        let mut request = hyper::Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        request.headers_mut().clone_from(&self.headers);
        Ok(request)
    }
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    location: Option<HeaderValue>,
    /// What the body's text is written in, as the server says.
    pub(super) charset: Option<String>,
    /// The body as far as it was read, where somebody looks at it.
    pub(super) body: BytesMut,
    /// How much of the body was read, in bytes.
    pub(super) length: u64,
    /// Whether that is all of it.
    pub(super) is_whole: bool,
}

impl Answer {
    fn head(response: &Response<Incoming>) -> Self {
        let headers = response.headers();
        let charset = headers.get(CONTENT_TYPE).and_then(|value| fetch::charset(value.to_str().ok()?));
        Self {
            status: response.status(),
            location: headers.get(LOCATION).cloned(),
            charset,
            body: BytesMut::new(),
            length: 0,
            is_whole: false,
        }
    }

    /// Where it leads on.
    pub(super) fn redirect(&self) -> Option<&HeaderValue> {
        self.location.as_ref().filter(|_| self.status.is_redirection())
    }

    /// Whether what it leads to is asked for in the same way: anything but these is asked for by `GET`.
    pub(super) fn keeps_method(&self) -> bool {
        matches!(self.status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT)
    }
}

impl Http {
    /// Asks once, over a connection of its own. Who was asked, and until when the certificate is good, goes to `attempt`.
    pub(super) async fn exchange(
        &self,
        prober: &Prober,
        request: &Request,
        turn: Turn,
        until: Instant,
        attempt: &mut Attempt,
    ) -> Result<Answer, Trouble> {
        let host = request.host();
        let (stream, address) = connect(&turn.resolve(&host, request.port(), until).await?, until).await?;
        attempt.address = Some(address);
        if request.url.scheme() == "https" {
            // The handshake's end and the request are small writes, of which none is to wait for the answer to another.
            let _ = stream.set_nodelay(true);
            let stream = self.encrypt(prober, &host, stream, attempt).await?;
            return self.talk(stream, request).await;
        }
        self.talk(stream, request).await
    }

    async fn encrypt(
        &self,
        prober: &Prober,
        host: &Host,
        stream: TcpStream,
        attempt: &mut Attempt,
    ) -> Result<TlsStream<TcpStream>, Trouble> {
        let name = match host {
            Host::Name(name) => ServerName::try_from(name.clone())
                .map_err(|error| Fault::new(Reason::Tls, format!("{name}: {error}")))?,
            Host::Address(address) => ServerName::IpAddress((*address).into()),
        };
        let config = prober.trust.config(self.ca.as_deref())?;
        let stream = TlsConnector::from(config).connect(name, stream).await.map_err(|error| {
            let (fault, expired) = tls::fault(&error);
            attempt.certificate_expires = expired;
            fault
        })?;
        let (_, session) = stream.get_ref();
        let leaf = session.peer_certificates().and_then(|chain| chain.first());
        let expires = leaf.and_then(|leaf| certificate::not_after(leaf));
        attempt.certificate_expires = attempt.certificate_expires.into_iter().chain(expires).min();
        Ok(stream)
    }

    async fn talk<S>(&self, stream: S, request: &Request) -> Result<Answer, Trouble>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let request = request.to_hyper()?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| broken(&error))?;
        let asking = async {
            let response = sender.send_request(request).await.map_err(|error| broken(&error))?;
            self.read(response).await
        };
        Ok(while_driven(connection, asking).await?)
    }

    /// Reads an answer that is looked at; of any other the head is enough.
    async fn read(&self, response: Response<Incoming>) -> Result<Answer, Fault> {
        let mut answer = Answer::head(&response);
        if !self.expected.have(answer.status) {
            return Ok(answer);
        }
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|error| broken(&error))?.into_data() else { continue };
            answer.length += data.len() as u64;
            if self.matches.is_some() {
                // Of a part that goes beyond, what is before the limit counts, however the parts came.
                let room = LIMIT.saturating_sub(answer.body.len());
                answer.body.extend_from_slice(data.get(..room).unwrap_or(&data));
            }
            if answer.length > LIMIT as u64 {
                return Ok(answer);
            }
        }
        answer.is_whole = true;
        Ok(answer)
    }
}

/// The outcome of talking over a connection, which is driven all the while. What the connection itself comes to, whoever
/// talks over it hears too.
async fn while_driven<T>(connection: impl Future, talking: impl Future<Output = T>) -> T {
    let (connection, talking) = (pin!(connection), pin!(talking));
    match select(connection, talking).await {
        Either::Left((_, talking)) => talking.await,
        Either::Right((outcome, _)) => outcome,
    }
}

/// The connection broke, or the other side speaks something else.
fn broken(error: &hyper::Error) -> Fault {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    Fault::new(Reason::Connection, format!("{error}{cause}"))
}
