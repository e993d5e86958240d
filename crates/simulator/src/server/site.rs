//! A vendor at work: what it answers, and what was set for it.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_ENCODING, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};

use super::answer::{AnyBody, Rendered, Tracked, answer, drip, full, padded, put};
use super::auth::Door;
use super::clock::Timekeeper;
use super::listen::Hangup;
use super::locked;
use super::requests::Record;
use crate::faults::bodies::{LOGIN_PAGE, changed_shape, gzip, gzip_padded};
use crate::faults::{Fault, Planned, RetryAfter};
use crate::formats::{Asked, Validators, http_date};
use crate::world::{Overrides, Truth, Vendor};

const HTML: &str = "text/html; charset=utf-8";

/// Requests for tokens are at most so many bytes.
const LIMIT: usize = 16 * 1024;

/// A vendor on its port.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) vendor: Vendor,
    pub(super) address: SocketAddr,
    pub(super) record: Record,
    clock: Arc<Timekeeper>,
    settings: Mutex<Settings>,
}

/// What can be set while it runs.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) overrides: Overrides,
    pub(super) planned: Option<Planned>,
    pub(super) validators: Validators,
    pub(super) door: Door,
}

impl Site {
    pub(super) fn new(vendor: Vendor, address: SocketAddr, clock: Arc<Timekeeper>, keep_requests: usize) -> Self {
        let dialect = vendor.dialect;
        let settings = Mutex::new(Settings {
            overrides: Overrides::default(),
            planned: None,
            validators: dialect.validators,
            door: Door::new(dialect.access),
        });
        Self { vendor, address, record: Record::new(keep_requests), clock, settings }
    }

    /// The address that a target asks.
    pub(super) fn url(&self) -> String {
        format!("{}{}", self.origin(), self.vendor.dialect.endpoint.path)
    }

    /// The vendor's own scheme, host and port.
    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Looks at or changes the settings.
    pub(super) fn with_settings<R>(&self, act: impl FnOnce(&mut Settings) -> R) -> R {
        act(&mut locked(&self.settings))
    }

    /// Looks at what is true now.
    pub(super) fn with_truth<R>(&self, look: impl FnOnce(&Truth<'_>) -> R) -> R {
        // A copy, so that `look` may itself change the settings.
        let overrides = self.with_settings(|settings| settings.overrides.clone());
        look(&Truth::of(&self.vendor, self.clock.elapsed(), &self.clock.calendar, &overrides))
    }

    /// Answers a request, or does not.
    pub(super) async fn respond(&self, request: Request<Incoming>) -> Result<Response<Tracked>, Hangup> {
        let (asked, body) = request.into_parts();
        let fault = self.draw();
        let in_flight = self.record.write(self.clock.elapsed(), &asked, fault.is_some());
        let response = match fault {
            None => self.answer(&asked, body).await,
            Some(planned) => self.fail(planned, &asked, body).await?,
        };
        let response = response.unwrap_or_else(|error| {
            tracing::warn!(%error, vendor = self.vendor.name, "an answer could not be made");
            status_page(StatusCode::INTERNAL_SERVER_ERROR)
        });
        Ok(response.map(|body| Tracked::new(body, in_flight)))
    }

    /// The fault for this request, one less for those to come.
    fn draw(&self) -> Option<Planned> {
        self.with_settings(|settings| {
            let planned = settings.planned.clone()?;
            if let Some(left) = settings.planned.as_mut().and_then(|planned| planned.requests.as_mut()) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    settings.planned = None;
                }
            }
            Some(planned)
        })
    }

    /// The usual answer.
    async fn answer(&self, asked: &Parts, body: Incoming) -> io::Result<Response<AnyBody>> {
        let validators = self.with_settings(|settings| settings.validators);
        match self.document(asked, body).await {
            Ok(rendered) => rendered.answer(&asked.headers, validators),
            Err(other) => Ok(other),
        }
    }

    /// The document asked for, or the answer that there is in place of one.
    async fn document(&self, asked: &Parts, body: Incoming) -> Result<Rendered, Response<AnyBody>> {
        let (name, path, headers) = (&self.vendor.name, asked.uri.path(), &asked.headers);
        if self.with_settings(|settings| settings.door.issues_at(path)) {
            return Err(self.token(asked, body).await);
        }
        let now = self.clock.now();
        self.with_settings(|settings| settings.door.admit(headers, name, now)).map_err(|challenge| {
            let mut response = status_page(StatusCode::UNAUTHORIZED);
            put(response.headers_mut(), WWW_AUTHENTICATE, &challenge);
            response
        })?;
        if asked.method != Method::GET && asked.method != Method::HEAD {
            return Err(not_allowed("GET, HEAD"));
        }
        self.rendered(asked).ok_or_else(|| status_page(StatusCode::NOT_FOUND))
    }

    /// The answer to a request for a token.
    async fn token(&self, asked: &Parts, body: Incoming) -> Response<AnyBody> {
        if asked.method != Method::POST {
            return not_allowed("POST");
        }
        match Limited::new(body, LIMIT).collect().await {
            Ok(body) => {
                let (body, now) = (body.to_bytes(), self.clock.now());
                self.with_settings(|settings| settings.door.answer(&asked.headers, &body, &self.vendor.name, now))
            }
            Err(_) => status_page(StatusCode::PAYLOAD_TOO_LARGE),
        }
    }

    fn rendered(&self, asked: &Parts) -> Option<Rendered> {
        let page = self.vendor.dialect.page(asked.uri.path())?;
        let query = url::form_urlencoded::parse(asked.uri.query().unwrap_or_default().as_bytes());
        let asked = Asked { origin: self.origin(), query: query.into_owned().collect() };
        Some(self.with_truth(|truth| Rendered {
            content_type: page.content_type,
            body: Bytes::from(page.body(truth, &asked)),
            updated_at: truth.updated_at,
        }))
    }

    /// The answer that a fault makes.
    async fn fail(
        &self,
        planned: Planned,
        asked: &Parts,
        body: Incoming,
    ) -> Result<io::Result<Response<AnyBody>>, Hangup> {
        let response = match planned.fault {
            Fault::Delay(millis) => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                return Ok(self.answer(asked, body).await);
            }
            Fault::Hang => std::future::pending().await,
            Fault::Reset => return Err(Hangup::Reset),
            Fault::Close => return Err(Hangup::Close),
            Fault::TooManyRequests(after) => retry_later(StatusCode::TOO_MANY_REQUESTS, after),
            Fault::Unavailable(after) => retry_later(StatusCode::SERVICE_UNAVAILABLE, after),
            Fault::Status(code) => status_page(StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)),
            Fault::RedirectLoop => redirect(StatusCode::FOUND, asked.uri.path()),
            Fault::RedirectTo(_) => redirect(StatusCode::FOUND, planned.location.as_deref().unwrap_or("/")),
            Fault::MovedTo(_) => redirect(StatusCode::MOVED_PERMANENTLY, planned.location.as_deref().unwrap_or("/")),
            Fault::LoginPage => answer(StatusCode::OK, HTML, full(LOGIN_PAGE)),
            Fault::ChangedShape => {
                let dialect = self.vendor.dialect;
                answer(StatusCode::OK, dialect.endpoint.content_type, full(changed_shape(dialect.kind)))
            }
            Fault::EmptyBody => answer(StatusCode::OK, self.vendor.dialect.endpoint.content_type, full(Bytes::new())),
            Fault::TruncatedGzip
            | Fault::Oversized(_)
            | Fault::GzipBomb(_)
            | Fault::WrongCharset(_)
            | Fault::SlowDrip(_) => {
                return Ok(match self.document(asked, body).await {
                    Ok(rendered) => garble(rendered, planned.fault).await,
                    Err(other) => Ok(other),
                });
            }
        };
        Ok(Ok(response))
    }
}

/// The right document, sent wrongly.
async fn garble(rendered: Rendered, fault: Fault) -> io::Result<Response<AnyBody>> {
    let Rendered { content_type, body, .. } = rendered;
    let zipped = |bytes: Vec<u8>| {
        let mut response = answer(StatusCode::OK, content_type, full(bytes));
        put(response.headers_mut(), CONTENT_ENCODING, "gzip");
        response
    };
    Ok(match fault {
        Fault::TruncatedGzip => {
            let mut half = gzip(&body)?;
            half.truncate(half.len() / 2);
            zipped(half)
        }
        Fault::GzipBomb(size) => {
            let bomb = tokio::task::spawn_blocking(move || gzip_padded(&body, size)).await;
            zipped(bomb.map_err(io::Error::other)??)
        }
        Fault::Oversized(size) => answer(StatusCode::OK, content_type, padded(body, size)),
        Fault::SlowDrip(millis) => answer(StatusCode::OK, content_type, drip(body, Duration::from_millis(millis))),
        Fault::WrongCharset(charset) => {
            let media_type = content_type.split(';').next().unwrap_or(content_type);
            answer(StatusCode::OK, &format!("{media_type}; charset={charset}"), full(body))
        }
        _ => answer(StatusCode::OK, content_type, full(body)),
    })
}

fn retry_later(status: StatusCode, after: RetryAfter) -> Response<AnyBody> {
    let mut response = status_page(status);
    let value = match after {
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        // Real time, since that is what the asker compares it with.
        RetryAfter::Date(seconds) => http_date(Utc::now() + TimeDelta::seconds(i64::from(seconds))),
    };
    put(response.headers_mut(), RETRY_AFTER, &value);
    response
}

fn not_allowed(allowed: &str) -> Response<AnyBody> {
    let mut response = status_page(StatusCode::METHOD_NOT_ALLOWED);
    put(response.headers_mut(), ALLOW, allowed);
    response
}

fn redirect(status: StatusCode, location: &str) -> Response<AnyBody> {
    let mut response = status_page(status);
    put(response.headers_mut(), LOCATION, location);
    response
}

fn status_page(status: StatusCode) -> Response<AnyBody> {
    answer(status, HTML, full(format!("<!DOCTYPE html>\n<title>{status}</title>\n<h1>{status}</h1>\n")))
}
