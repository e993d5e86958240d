//! Tokens: what a client holds of a session. JSON Web Tokens (RFC 7519) of one algorithm, HS256, and of no other.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{AccessError, Scope, random};
use crate::schema::Timestamp;

/// How long a token is accepted.
pub const TOKEN_LIFE: Duration = Duration::from_mins(30);

/// `{"alg":"HS256","typ":"JWT"}`. A token with any other head is none of ours, whatever it says.
const HEAD: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
/// The size of HMAC-SHA-256's blocks, in bytes.
const BLOCK: usize = 64;

/// What a token claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The name of the user.
    pub sub: String,
    /// What they may do.
    pub scope: Scope,
    /// The id of the session.
    pub jti: String,
    /// When it was signed, in seconds since the epoch.
    pub iat: i64,
    /// From when on it is not accepted any more, in seconds since the epoch.
    pub exp: i64,
}

impl Claims {
    /// The claims of a token that is signed now.
    pub fn of(user: &str, scope: Scope, session: &str, now: Timestamp) -> Self {
        let secs = |at: Timestamp| at.as_millis().div_euclid(1000);
        let (iat, exp) = (secs(now), secs(now.plus(TOKEN_LIFE)));
        Self { sub: user.to_owned(), scope, jti: session.to_owned(), iat, exp }
    }

    /// From when on the token is not accepted any more.
    pub fn expires_at(&self) -> Option<Timestamp> {
        Timestamp::from_secs(self.exp)
    }
}

/// Signs tokens, and knows again what it signed.
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

impl Signer {
    /// A signer with this key, which nobody else may know.
    pub fn new(key: &[u8]) -> Self {
        Self(Hmac::new(&block(key).into()))
    }

    /// A key that nobody can guess.
    ///
    /// # Errors
    /// [`AccessError::Random`] where the system has no random numbers.
    pub fn fresh_key() -> Result<[u8; 32], AccessError> {
        random::bytes()
    }

    /// The token that claims this.
    pub fn sign(&self, claims: &Claims) -> String {
        // Strings and numbers: writing them to memory cannot fail.
        let claims = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims).unwrap_or_default());
        let signed = format!("{HEAD}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode(self.mac(&signed).finalize().into_bytes());
        format!("{signed}.{signature}")
    }

    /// What a token claims, if this signer signed it and it is still accepted. How long that takes tells nothing of how
    /// much of a signature is right.
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (head, claims) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac(signed).verify_slice(&signature).ok()?;
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        (head == HEAD && claims.expires_at().is_some_and(|end| now < end)).then_some(claims)
    }

    /// What a form has to bring along that is sent with the cookie of a session: other sites do not know it.
    pub fn csrf(&self, session: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(&csrf_text(session)).finalize().into_bytes())
    }

    /// Whether a form brought along what it has to; in constant time.
    pub fn is_csrf(&self, session: &str, given: &str) -> bool {
        let given = URL_SAFE_NO_PAD.decode(given);
        given.is_ok_and(|given| self.mac(&csrf_text(session)).verify_slice(&given).is_ok())
    }

    fn mac(&self, text: &str) -> Hmac<Sha256> {
        self.0.clone().chain_update(text)
    }
}

/// Does not show the key.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(***)")
    }
}

/// No token begins so, so neither passes for the other.
fn csrf_text(session: &str) -> String {
    format!("csrf:{session}")
}

/// A key of any length as HMAC takes it (RFC 2104): filled up with zeros, or hashed where it is longer than a block.
fn block(key: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    block
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_secs(1_800_000_000).unwrap()
    }

    fn claims() -> Claims {
        Claims::of("ann", Scope::Write, "a-session", now())
    }

    #[test]
    fn a_token_says_what_was_signed_until_it_expires() {
        let signer = Signer::new(b"a key of the tests");
        let token = signer.sign(&claims());
        let end = now().plus(TOKEN_LIFE);
        assert_eq!(signer.verify(&token, now()), Some(claims()));
        assert_eq!(signer.verify(&token, end.minus(Duration::from_millis(1))), Some(claims()));
        assert_eq!(signer.verify(&token, end), None);
        assert_eq!(Signer::new(b"another key").verify(&token, now()), None);
        assert!(!format!("{signer:?}").contains("key"));
    }

    /// The example of RFC 7515, appendix A.1: what is signed and how is what other programs sign, too.
    #[test]
    fn signatures_are_those_of_the_standard() {
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let text = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
                      Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signer = Signer::new(&URL_SAFE_NO_PAD.decode(key).unwrap());
        let signature = URL_SAFE_NO_PAD.encode(signer.mac(text).finalize().into_bytes());
        assert_eq!(signature, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    #[test]
    fn another_algorithm_is_none() {
        let signer = Signer::new(b"a key of the tests");
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims()).unwrap());
        for head in [r#"{"alg":"none","typ":"JWT"}"#, r#"{"alg":"HS512","typ":"JWT"}"#, r#"{"alg":"HS256"}"#] {
            let text = format!("{}.{body}", URL_SAFE_NO_PAD.encode(head));
            let signature = URL_SAFE_NO_PAD.encode(signer.mac(&text).finalize().into_bytes());
            for token in [format!("{text}.{signature}"), format!("{text}."), text] {
                assert_eq!(signer.verify(&token, now()), None, "{token}");
            }
        }
    }

    #[test]
    fn a_form_proves_the_session_it_was_made_for() {
        let signer = Signer::new(b"a key of the tests");
        let proof = signer.csrf("a-session");
        assert!(signer.is_csrf("a-session", &proof));
        assert!(!signer.is_csrf("another", &proof) && !signer.is_csrf("a-session", ""));
        assert!(!Signer::new(b"another key").is_csrf("a-session", &proof));
    }

    #[test]
    fn keys_may_have_any_length() {
        let long = "x".repeat(65);
        let token = Signer::new(long.as_bytes()).sign(&claims());
        assert!(Signer::new(&Sha256::digest(&long)).verify(&token, now()).is_some(), "as RFC 2104 shortens it");
        assert!(Signer::new(&long.as_bytes()[..64]).verify(&token, now()).is_none());
    }

    proptest! {
        #[test]
        fn what_is_changed_anywhere_is_refused(position in 0..1000_usize, byte in any::<u8>()) {
            let signer = Signer::new(b"a key of the tests");
            let mut token = signer.sign(&claims()).into_bytes();
            let position = position % token.len();
            prop_assume!(token[position] != byte);
            token[position] = byte;
            prop_assert_eq!(signer.verify(&String::from_utf8_lossy(&token), now()), None);
        }

        #[test]
        fn nothing_makes_it_panic(token in any::<String>()) {
            prop_assert_eq!(Signer::new(b"a key of the tests").verify(&token, now()), None);
        }
    }
}
