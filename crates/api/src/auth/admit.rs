//! Whether a request is let in at all, and who sends it.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use unistatus_core::access::Scope;
use unistatus_core::config::ReadAccess;

use super::allowed::Asking;
use super::cookie;
use super::credential::Credential;
use super::identity::NOT_MEANT;
use super::verify::{Given, Unproven};
use super::{Auth, Callers, Identity, Proof, is_foreign};
use crate::app::Context;
use crate::error::ApiError;
use crate::limits::{Asker, Count};
use crate::remote::{Remote, is_forwarded_https};

/// Where a script of ours says what only our own pages know.
static X_CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");
/// Where questions are posted that change nothing.
const QUESTIONS: &str = "/graphql";
/// Where one logs out.
const EXITS: [&str; 2] = ["/logout", "/api/logout"];

/// The sorts of places there are. A path that is written in another way is of the strictest sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// For whoever watches the process: open to all, and not counted.
    Health,
    /// For whoever counts: not counted either.
    Metrics,
    /// What somebody needs who has not logged in yet: open to all.
    Entrance,
    /// All others.
    Inside,
}

impl Place {
    pub(crate) fn of(path: &str) -> Self {
        match path {
            "/healthz" | "/readyz" | "/check" => Self::Health,
            "/metrics" => Self::Metrics,
            "/api/login" | "/login" => Self::Entrance,
            path if path.starts_with("/assets/") => Self::Entrance,
            _ => Self::Inside,
        }
    }

    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Health | Self::Entrance)
    }

    pub(crate) const fn is_counted(self) -> bool {
        matches!(self, Self::Inside | Self::Entrance)
    }
}

/// What came of a request at the gate.
pub(super) struct Admission {
    /// Who asks, or why they may not.
    pub(super) asking: Result<Asking, ApiError>,
    /// How often they asked, where that is counted.
    pub(super) count: Option<Count>,
    /// What their browser is to keep from now on.
    pub(super) cookie: Option<HeaderValue>,
    /// What it is to keep where the request fails for a fault of ours: who logs out is out here, whatever goes wrong.
    pub(super) cookie_if_failed: Option<HeaderValue>,
    /// Whether the answer is for nobody else.
    pub(super) is_private: bool,
}

impl Context {
    /// Whether there is nothing to decide about a request. It costs nothing to find out, as most are of that sort.
    pub(super) fn lets_pass(&self, request: &ServiceRequest) -> bool {
        let place = Place::of(request.path());
        let is_counted = place.is_counted() && self.limits.is_some();
        !is_counted
            && !self.auth.is_owners()
            && (place.is_open()
                || (self.auth.reading() == ReadAccess::Open && Credential::of(request.headers()).is_none()))
    }

    /// Counts a request, finds out who sends it, and whether they may read.
    pub(super) async fn admit(&self, request: &ServiceRequest) -> Admission {
        if self.auth.is_owners() {
            let asking = Ok(Asking::Known(Identity::owner()));
            return Admission { asking, count: None, cookie: None, cookie_if_failed: None, is_private: false };
        }
        let place = Place::of(request.path());
        let credential = if place.is_open() { None } else { Credential::of(request.headers()) };
        let given = credential.map(|credential| self.auth.given(credential));
        let count = if place.is_counted() { self.count(request, given.as_ref()).await } else { None };
        let is_secure = self.is_secure(request.request());
        let by_cookie = matches!(credential, Some(Credential::Cookie(_)));
        let cookie_if_failed = (by_cookie && EXITS.contains(&request.path())).then(|| cookie::gone(is_secure));
        let is_private = self.auth.reading() == ReadAccess::Key && place == Place::Inside;
        if let Some(seconds) = count.and_then(|count| count.refused_for()) {
            let asking = Err(ApiError::TooManyRequests { seconds });
            return Admission { asking, count, cookie: None, cookie_if_failed, is_private };
        }
        let asking = self.auth.asking(request, place, given.as_ref(), self.public_url.as_deref()).await;
        let cookie = match &asking {
            Ok(Asking::Nobody) | Err(ApiError::Unauthorized(_)) if by_cookie => Some(cookie::gone(is_secure)),
            Ok(Asking::Known(identity)) => {
                let renewed = self.auth.renewed(identity).await;
                renewed.map(|renewed| cookie::holding(&renewed.token, is_secure))
            }
            _ => None,
        };
        let is_private = is_private || cookie.is_some();
        Admission { asking, count, cookie, cookie_if_failed, is_private }
    }

    /// Counts with those of the key or the user who was known lately, else with those of the address: so whoever guesses
    /// is counted by where they are.
    async fn count(&self, request: &ServiceRequest, given: Option<&Given<'_>>) -> Option<Count> {
        let limits = self.limits.as_ref()?;
        let lately = given.and_then(|given| given.lately.as_ref()).map(Identity::asker);
        let asker = lately.or_else(|| self.address_of(request.request()).map(Asker::at));
        Some(limits.count(asker.unwrap_or(Asker::Address(Ipv4Addr::UNSPECIFIED.into()))).await)
    }

    /// Where whoever sends a request is.
    pub(crate) fn address_of(&self, request: &HttpRequest) -> Option<IpAddr> {
        let remote = Remote::of(request.peer_addr(), request.headers(), &self.trusted_proxies);
        remote.map(|remote| remote.address())
    }

    /// Whether people reach the server by HTTPS.
    pub(crate) fn is_secure(&self, request: &HttpRequest) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.starts_with("https:"))
            || is_forwarded_https(request.peer_addr(), request.headers(), &self.trusted_proxies)
    }
}

impl Auth {
    /// Whether all requests are those of whoever owns the database.
    fn is_owners(&self) -> bool {
        self.0.rules.callers == Callers::Owner
    }

    /// Who may read.
    pub(super) fn reading(&self) -> ReadAccess {
        self.0.rules.read
    }

    /// Who asks, where they may.
    async fn asking(
        &self,
        request: &ServiceRequest,
        place: Place,
        given: Option<&Given<'_>>,
        base: Option<&str>,
    ) -> Result<Asking, ApiError> {
        let only_reads = request.method().is_safe() || request.path() == QUESTIONS;
        let may_read = place.is_open() || self.reading() == ReadAccess::Open;
        let identified = match given {
            Some(given) => self.identify(given, only_reads).await.map(Some),
            None => Ok(None),
        };
        match (identified, given) {
            (Ok(Some(identity)), _) => {
                self.checked(identity, only_reads, request.headers(), base).await.map(Asking::Known)
            }
            // A slip is told also where nothing was needed; but a cookie comes by itself, and is old one day.
            (Err(Unproven::Wrong), Some(given)) if !given.is_cookie() => Err(self.unauthorized(Scope::Read).await),
            (Err(Unproven::Unknown(_)), _) if may_read && only_reads => Ok(Asking::Unverified),
            (Err(Unproven::Unknown(error)), _) => Err(error),
            (Ok(None) | Err(Unproven::Wrong), _) if may_read => Ok(Asking::Nobody),
            (Ok(None) | Err(Unproven::Wrong), _) => Err(self.unauthorized(Scope::Read).await),
        }
    }

    /// Who asks, once it is as sure as it can be without the body that they mean what they ask for. A form may still say
    /// so in its body.
    async fn checked(
        &self,
        identity: Identity,
        only_reads: bool,
        headers: &HeaderMap,
        base: Option<&str>,
    ) -> Result<Identity, ApiError> {
        if !matches!(identity.proof, Proof::Cookie { .. }) {
            return Ok(identity);
        }
        if only_reads {
            return Ok(identity.meant());
        }
        match headers.get(&X_CSRF_TOKEN) {
            _ if is_foreign(headers, base) => Err(NOT_MEANT),
            Some(token) => self.meant(identity, token.to_str().unwrap_or_default()).await,
            None if is_form(headers) => Ok(identity),
            None => Err(NOT_MEANT),
        }
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}
