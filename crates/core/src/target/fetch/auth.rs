//! How a target shows a source who asks: a bearer token, a header, a password, or OAuth 2.0 client credentials.
//!
//! Secrets are looked up for each request. Tokens of OAuth 2.0 (RFC 6749, section 4.4) are kept until shortly before they
//! expire, and shared by all targets with the same credentials. Credentials go to the target's own origin only, never
//! after a redirect to another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use tokio::time::Instant;
use url::Url;

use super::FetchError;
use crate::secrets::{Secrets, Template};

/// Who asks, as the targets file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `Authorization: Bearer …`.
    Bearer(Template),
    /// A header of the source's choosing.
    Header {
        /// Its name.
        name: HeaderName,
        /// Its value.
        value: Template,
    },
    /// `Authorization: Basic …`: a user's name and password.
    Basic {
        /// The user's name.
        username: Template,
        /// The password.
        password: Template,
    },
    /// A token of an authorisation server's, which is asked for it.
    OAuth2(ClientCredentials),
}

/// What an authorisation server wants for a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCredentials {
    /// Where tokens are asked for.
    pub token_url: Template,
    /// Who asks.
    pub client_id: Template,
    /// The proof.
    pub client_secret: Template,
    /// What the token shall be good for.
    pub scope: Option<Template>,
}

/// A header that proves who asks. Its value is marked as sensitive: it is not shown.
pub(super) type Credentials = (HeaderName, HeaderValue);

/// Client credentials with the secrets in their places.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Grant {
    pub(super) token_url: Url,
    client_id: String,
    client_secret: String,
    scope: Option<String>,
}

/// What has to be done to prove who asks.
pub(super) enum Proof {
    /// This header is all.
    Header(Credentials),
    /// A token has to be had first.
    Token(Grant),
}

impl Auth {
    /// What has secrets, or may have.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Bearer(token) | Self::Header { value: token, .. } => vec![token],
            Self::Basic { username, password } => vec![username, password],
            Self::OAuth2(ClientCredentials { token_url, client_id, client_secret, scope }) => {
                [token_url, client_id, client_secret].into_iter().chain(scope).collect()
            }
        }
    }

    /// Looks the secrets up.
    pub(super) fn proof(&self, secrets: &Secrets) -> Result<Proof, FetchError> {
        let fill = |template: &Template| template.fill(secrets).map_err(|error| FetchError::not_configured(&error));
        let header = |name: &HeaderName, value: String| Ok(Proof::Header((name.clone(), sensitive(&value)?)));
        match self {
            Self::Bearer(token) => header(&AUTHORIZATION, format!("Bearer {}", fill(token)?)),
            Self::Header { name, value } => header(name, fill(value)?),
            Self::Basic { username, password } => {
                let pair = format!("{}:{}", fill(username)?, fill(password)?);
                header(&AUTHORIZATION, format!("Basic {}", BASE64_STANDARD.encode(pair)))
            }
            Self::OAuth2(credentials) => {
                let url = fill(&credentials.token_url)?;
                let token_url = Url::parse(&url).map_err(|_| {
                    FetchError::not_configured(&format!("token_url, {}, is no web address", credentials.token_url))
                })?;
                Ok(Proof::Token(Grant {
                    token_url,
                    client_id: fill(&credentials.client_id)?,
                    client_secret: fill(&credentials.client_secret)?,
                    scope: credentials.scope.as_ref().map(fill).transpose()?,
                }))
            }
        }
    }
}

impl Grant {
    /// The form that asks for a token.
    pub(super) fn form(&self) -> Vec<(&'static str, &str)> {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.client_secret.as_str()),
        ];
        form.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        form
    }
}

/// A token, and until when it is used.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) credentials: Credentials,
    /// `None`: until it is refused.
    until: Option<Instant>,
}

impl Token {
    /// Reads the answer of an authorisation server, which came at `now`; `None` if it is none.
    pub(super) fn read(answer: &[u8], now: Instant) -> Option<Self> {
        let answer: serde_json::Value = serde_json::from_slice(answer).ok()?;
        let token = answer.get("access_token")?.as_str().filter(|token| !token.is_empty())?;
        let kind = answer.get("token_type").and_then(serde_json::Value::as_str).unwrap_or("bearer");
        if !kind.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let credentials = (AUTHORIZATION, sensitive(&format!("Bearer {token}")).ok()?);
        // A number, but there are servers that write it as text.
        let lifetime = answer.get("expires_in").and_then(|value| match value {
            serde_json::Value::String(text) => text.trim().parse().ok(),
            other => other.as_u64(),
        });
        let until = lifetime.and_then(|seconds| {
            let lifetime = Duration::from_secs(seconds);
            now.checked_add(lifetime.saturating_sub(early(lifetime)))
        });
        Some(Self { credentials, until })
    }

    fn is_good(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// How long before its end a token is no longer used: a request under way must not outlive it.
fn early(lifetime: Duration) -> Duration {
    (lifetime / 10).min(Duration::from_mins(5))
}

/// The tokens of a process. A grant's place is locked while a token for it is asked, so that it is asked for once.
#[derive(Default)]
pub(super) struct Tokens {
    places: Mutex<HashMap<Grant, Place>>,
}

pub(super) type Place = Arc<tokio::sync::Mutex<Kept>>;

/// What came of asking for a token last.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) token: Option<Token>,
    /// When no token was had, and why.
    pub(super) failed: Option<(Instant, FetchError)>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

impl Tokens {
    /// Where the token for a grant is kept.
    pub(super) fn place(&self, grant: &Grant) -> Place {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(grant.clone()).or_default())
    }
}

/// The token of a place if it may still be used: not expired, and not the one that was refused.
pub(super) fn usable(place: Option<&Token>, refused: Option<&Credentials>, now: Instant) -> Option<Credentials> {
    let token = place.filter(|token| token.is_good(now) && Some(&token.credentials) != refused)?;
    Some(token.credentials.clone())
}

/// The error code of a refusal (RFC 6749, section 5.2), if it has one; what else it says may hold anything.
pub(super) fn error_code(answer: &[u8]) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(answer).ok()?;
    let code = answer.get("error")?.as_str()?;
    let is_code = code.len() <= 40 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_code.then(|| code.to_owned())
}

fn sensitive(value: &str) -> Result<HeaderValue, FetchError> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| FetchError::not_configured(&"a secret that cannot stand in a header (a line break?)"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Template {
        Template::parse(text).unwrap()
    }

    fn secrets() -> Secrets {
        let pairs = [("TOKEN", "t0p"), ("USER", "ann"), ("PASSWORD", "pass:word é"), ("BROKEN", "a\nb")];
        Secrets::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into(), HashMap::new())
    }

    fn header(auth: &Auth) -> Result<String, FetchError> {
        match auth.proof(&secrets())? {
            Proof::Header((name, value)) => {
                assert!(value.is_sensitive());
                Ok(format!("{name}: {}", value.to_str().unwrap()))
            }
            Proof::Token(_) => panic!("no token is needed"),
        }
    }

    #[test]
    fn headers_are_as_the_standards_have_them() {
        assert_eq!(header(&Auth::Bearer(template("${TOKEN}"))).unwrap(), "authorization: Bearer t0p");
        let name = HeaderName::from_static("x-api-key");
        assert_eq!(header(&Auth::Header { name, value: template("key ${TOKEN}") }).unwrap(), "x-api-key: key t0p");
        // The pair in UTF-8 (RFC 7617).
        let basic = Auth::Basic { username: template("${USER}"), password: template("${PASSWORD}") };
        assert_eq!(header(&basic).unwrap(), "authorization: Basic YW5uOnBhc3M6d29yZCDDqQ==");
    }

    #[test]
    fn what_is_missing_or_cannot_be_sent_is_named_and_not_shown() {
        use crate::schema::FailureClass;
        for (auth, said) in [
            (Auth::Bearer(template("${NOWHERE}")), "neither NOWHERE nor NOWHERE_FILE is set"),
            (Auth::Bearer(template("${BROKEN}")), "cannot stand in a header"),
        ] {
            let error = header(&auth).unwrap_err();
            assert_eq!(error.class(), FailureClass::NotConfigured);
            assert!(error.to_string().contains(said) && !error.to_string().contains('\n'), "{error}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_used_until_shortly_before_its_end() {
        for (answer, good_for) in [
            (r#"{"access_token": "a", "token_type": "Bearer", "expires_in": 3600}"#, Some(3600 - 300)),
            (r#"{"access_token": "a", "token_type": "bearer", "expires_in": "100"}"#, Some(90)),
            (r#"{"access_token": "a", "expires_in": 0}"#, Some(0)),
            (r#"{"access_token": "a", "token_type": "Bearer"}"#, None),
        ] {
            let now = Instant::now();
            let token = Token::read(answer.as_bytes(), now).unwrap();
            match good_for.map(Duration::from_secs) {
                Some(good_for) => {
                    assert!(good_for.is_zero() || token.is_good(now + good_for.saturating_sub(Duration::from_secs(1))));
                    assert!(!token.is_good(now + good_for), "{answer}");
                }
                None => assert!(token.is_good(now + Duration::from_hours(999))),
            }
            let (_, value) = &token.credentials;
            assert!(value.is_sensitive());
        }
        for other in ["", "<html>", "[]", r#"{"access_token": ""}"#, r#"{"access_token": "a", "token_type": "mac"}"#] {
            assert!(Token::read(other.as_bytes(), Instant::now()).is_none(), "{other}");
        }
    }
}
