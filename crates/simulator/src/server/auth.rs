//! Who may read: the credentials of all vendors, and the tokens that a vendor issues (OAuth 2 client credentials, RFC
//! 6749).

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use hyper::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, PRAGMA, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};
use serde_json::json;

use super::answer::{AnyBody, answer, full, put};
use crate::formats::Access;
use crate::world::hash;

/// What every vendor asks for that does not let everybody in. There is nothing secret about it.
pub mod credentials {
    /// The token of [`Access::Bearer`](crate::Access::Bearer).
    pub const TOKEN: &str = "simulated-token";
    /// The header of [`Access::Header`](crate::Access::Header).
    pub const HEADER_NAME: &str = "X-Api-Key";
    /// Its value.
    pub const HEADER_VALUE: &str = "simulated-key";
    /// The name of [`Access::Basic`](crate::Access::Basic).
    pub const USERNAME: &str = "simulated-user";
    /// The password that goes with it. It has what a name must not have.
    pub const PASSWORD: &str = "simulated:password";
    /// Where a vendor with [`Access::OAuth2`](crate::Access::OAuth2) issues tokens.
    pub const TOKEN_PATH: &str = "/oauth2/v2.0/token";
    /// The client that it issues tokens to.
    pub const CLIENT_ID: &str = "simulated-client";
    /// The client's secret. It has what a form must encode.
    pub const CLIENT_SECRET: &str = "simulated+secret & 100%=";
    /// What the client may ask for, and gets where it asks for nothing.
    pub const SCOPE: &str = "status.read";
}

/// How long a token is good for, unless a test says otherwise.
const LIFETIME: Duration = Duration::from_hours(1);

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json; charset=utf-8";

/// A vendor's door: who gets in, and the tokens that open it.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) access: Access,
    /// How long tokens are good for that are issued from now on.
    pub(super) lifetime: Duration,
    issued: u64,
    /// The tokens that are good, and until when.
    tokens: HashMap<String, DateTime<Utc>>,
}

impl Door {
    pub(super) fn new(access: Access) -> Self {
        Self { access, lifetime: LIFETIME, issued: 0, tokens: HashMap::new() }
    }

    /// Whether tokens are issued at a path.
    pub(super) fn issues_at(&self, path: &str) -> bool {
        self.access == Access::OAuth2 && path == credentials::TOKEN_PATH
    }

    /// How many tokens were issued.
    pub(super) fn issued(&self) -> u64 {
        self.issued
    }

    /// Makes all tokens that were issued so far worthless.
    pub(super) fn revoke(&mut self) {
        self.tokens.clear();
    }

    /// Lets a request in, or says what `WWW-Authenticate` should ask for.
    pub(super) fn admit(&self, headers: &HeaderMap, realm: &str, now: DateTime<Utc>) -> Result<(), String> {
        let bearer = authorization(headers, "Bearer");
        let (is_good, challenge) = match self.access {
            Access::Open => return Ok(()),
            Access::Bearer => (bearer == Some(credentials::TOKEN), "Bearer"),
            Access::OAuth2 => (bearer.and_then(|token| self.tokens.get(token)).is_some_and(|end| now < *end), "Bearer"),
            Access::Basic => {
                let expected = base64(&format!("{}:{}", credentials::USERNAME, credentials::PASSWORD));
                (authorization(headers, "Basic") == Some(&expected), "Basic")
            }
            Access::Header => {
                let value = headers.get(credentials::HEADER_NAME).and_then(|value| value.to_str().ok());
                (value == Some(credentials::HEADER_VALUE), "ApiKey")
            }
        };
        let details = match self.access {
            Access::Basic => ", charset=\"UTF-8\"".to_owned(),
            Access::Header => format!(", header=\"{}\"", credentials::HEADER_NAME),
            _ if bearer.is_some() => ", error=\"invalid_token\"".to_owned(),
            _ => String::new(),
        };
        if is_good { Ok(()) } else { Err(format!("{challenge} realm=\"{realm}\"{details}")) }
    }

    /// Answers a request for a token.
    pub(super) fn answer(
        &mut self,
        headers: &HeaderMap,
        body: &[u8],
        vendor: &str,
        now: DateTime<Utc>,
    ) -> Response<AnyBody> {
        let mut response = match check(headers, body) {
            Ok(()) => {
                let token = self.issue(vendor, now);
                let issued =
                    json!({ "access_token": token, "token_type": "Bearer", "expires_in": self.lifetime.as_secs() });
                answer(StatusCode::OK, JSON, full(issued.to_string()))
            }
            Err(refusal) => refusal.answer(vendor),
        };
        put(response.headers_mut(), CACHE_CONTROL, "no-store");
        put(response.headers_mut(), PRAGMA, "no-cache");
        response
    }

    /// Issues a token that was never issued before.
    fn issue(&mut self, vendor: &str, now: DateTime<Utc>) -> String {
        self.issued += 1;
        let number = self.issued.to_string();
        let token = format!("{:016x}{:016x}", hash(&[vendor, "token", &number]), hash(&["token", vendor, &number]));
        self.tokens.retain(|_, end| now < *end);
        let lifetime = TimeDelta::from_std(self.lifetime).unwrap_or(TimeDelta::MAX);
        self.tokens.insert(token.clone(), now.checked_add_signed(lifetime).unwrap_or(DateTime::<Utc>::MAX_UTC));
        token
    }
}

/// Why no token is issued (RFC 6749, 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    InvalidRequest(&'static str),
    /// The client's name or secret is wrong.
    InvalidClient {
        /// Whether it gave them in the `Authorization` header, and is asked there again.
        in_header: bool,
    },
    UnsupportedGrantType,
    InvalidScope,
}

impl Refusal {
    fn answer(self, realm: &str) -> Response<AnyBody> {
        let (code, why) = match self {
            Self::InvalidRequest(why) => ("invalid_request", why),
            Self::InvalidClient { .. } => ("invalid_client", "there is no such client, or its secret is another"),
            Self::UnsupportedGrantType => ("unsupported_grant_type", "accepted is client_credentials"),
            Self::InvalidScope => ("invalid_scope", "the client may not ask for this scope"),
        };
        let error = json!({ "error": code, "error_description": why }).to_string();
        if self == (Self::InvalidClient { in_header: true }) {
            let mut response = answer(StatusCode::UNAUTHORIZED, JSON, full(error));
            put(response.headers_mut(), WWW_AUTHENTICATE, &format!("Basic realm=\"{realm}\""));
            return response;
        }
        answer(StatusCode::BAD_REQUEST, JSON, full(error))
    }
}

/// Checks that a request for a token is one, and comes from the client.
fn check(headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(FORM)) {
        return Err(Refusal::InvalidRequest("the body is no form"));
    }
    let mut form: HashMap<String, String> = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        if form.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(Refusal::InvalidRequest("a parameter is there twice"));
        }
    }
    let said = |name: &str| form.get(name).map(String::as_str).filter(|value| !value.is_empty());
    match said("grant_type") {
        None => return Err(Refusal::InvalidRequest("there is no grant_type")),
        Some("client_credentials") => {}
        Some(_) => return Err(Refusal::UnsupportedGrantType),
    }
    check_client(headers, said("client_id"), said("client_secret"))?;
    if said("scope").is_none_or(|scope| scope == credentials::SCOPE) { Ok(()) } else { Err(Refusal::InvalidScope) }
}

/// The client says who it is in the form or in the header, and not in both.
fn check_client(headers: &HeaderMap, id: Option<&str>, secret: Option<&str>) -> Result<(), Refusal> {
    let in_header = headers.contains_key(AUTHORIZATION);
    let is_known = if in_header {
        if secret.is_some() {
            return Err(Refusal::InvalidRequest("the client says who it is in two ways"));
        }
        // Each half is encoded as in a form, so that a colon parts them whatever is in them.
        let half = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let expected = base64(&format!("{}:{}", half(credentials::CLIENT_ID), half(credentials::CLIENT_SECRET)));
        authorization(headers, "Basic") == Some(&expected) && id.is_none_or(|id| id == credentials::CLIENT_ID)
    } else {
        (id, secret) == (Some(credentials::CLIENT_ID), Some(credentials::CLIENT_SECRET))
    };
    if is_known { Ok(()) } else { Err(Refusal::InvalidClient { in_header }) }
}

/// What stands behind a scheme in the `Authorization` header.
fn authorization<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let (named, value) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    named.eq_ignore_ascii_case(scheme).then_some(value.trim())
}

/// A text in base64 (RFC 4648, 4).
fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = three.iter().chain([0; 2].iter()).take(3).fold(0_usize, |bits, &byte| bits << 8 | usize::from(byte));
        let letter = |place: usize| char::from(LETTERS[bits >> (18 - 6 * place) & 63]);
        encoded.extend((0..=three.len()).map(letter));
        encoded.extend((three.len()..3).map(|_| '='));
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_its_specification() {
        for (text, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("\u{fffd}~?", "77+9fj8="),
        ] {
            assert_eq!(base64(text), encoded);
        }
    }

    #[test]
    fn tokens_are_fresh_and_end() {
        let mut door = Door::new(Access::OAuth2);
        let now = DateTime::UNIX_EPOCH;
        let admits = |door: &Door, token: &str, now| {
            let value = format!("bearer {token}").parse().unwrap();
            door.admit(&HeaderMap::from_iter([(AUTHORIZATION, value)]), "x", now).is_ok()
        };
        let (first, second) = (door.issue("x", now), door.issue("x", now));
        assert_ne!(first, second);
        assert!(admits(&door, &first, now + TimeDelta::seconds(3_599)));
        assert!(!admits(&door, &first, now + TimeDelta::seconds(3_600)));
        door.lifetime = Duration::MAX;
        let third = door.issue("x", now + TimeDelta::days(1));
        assert_eq!(door.tokens.len(), 1, "what has ended is forgotten");
        door.revoke();
        assert!(!admits(&door, &third, now));
        assert_eq!(door.issued(), 3);
    }
}
