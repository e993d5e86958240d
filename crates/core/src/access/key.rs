//! API keys.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{AccessError, Scope, check_name, random};
use crate::schema::Timestamp;

/// What each key begins with, so that whoever finds one knows what it is.
const PREFIX: &str = "us_";
/// How many characters an id has.
const ID: usize = 12;
/// How many characters a key has behind its id: 256 bits.
const SECRET: usize = 43;

/// An API key as it is kept: what it may do, and by what it is known again. The key itself is nowhere.
///
/// A key reads `us_<id>_<secret>`, both of letters and digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    /// Identifies it, for people too; part of the key, and no secret.
    pub id: String,
    /// What it is for, as whoever made it said.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// The SHA-256 of the whole key, in hexadecimal digits.
    pub hash: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is not accepted any more, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Since when it is not accepted any more, if somebody took it back.
    pub revoked_at: Option<Timestamp>,
}

impl Key {
    /// The id in a text that has the form of a key.
    pub fn id_of(given: &str) -> Option<&str> {
        let (id, secret) = given.strip_prefix(PREFIX)?.split_once('_')?;
        let is_text =
            |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (is_text(id, ID) && is_text(secret, SECRET)).then_some(id)
    }

    /// Whether a text is this key. Takes as long for one that is as for one that is not.
    pub fn matches(&self, given: &str) -> bool {
        hash_of(given).as_bytes().ct_eq(self.hash.as_bytes()).into()
    }

    /// Whether it is accepted at an instant: it has not expired, and was not revoked.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// Does not show the hash.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// A key that was just made: what is kept, and the key itself, to be told once.
#[derive(Clone)]
pub struct NewKey {
    /// What is kept.
    pub key: Key,
    /// The key as it is sent with requests.
    pub secret: String,
}

impl NewKey {
    /// A key that nobody can guess.
    ///
    /// # Errors
    /// [`AccessError::Name`] for a name that is none, [`AccessError::Random`] where the system has no random numbers.
    pub fn create(
        name: &str,
        scope: Scope,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, AccessError> {
        check_name(name)?;
        let id = random::text(ID)?;
        let secret = format!("{PREFIX}{id}_{}", random::text(SECRET)?);
        let (name, hash) = (name.to_owned(), hash_of(&secret));
        let key = Key { id, name, scope, hash, created_at: now, expires_at, last_used_at: None, revoked_at: None };
        Ok(Self { key, secret })
    }
}

/// Does not show the key.
impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey").field("key", &self.key).finish_non_exhaustive()
    }
}

fn hash_of(given: &str) -> String {
    Sha256::digest(given).iter().fold(String::with_capacity(64), |mut hash, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hash, "{byte:02x}");
        hash
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_secs(1_800_000_000).unwrap()
    }

    fn created(expires_at: Option<Timestamp>) -> NewKey {
        NewKey::create("ci", Scope::Write, expires_at, now()).unwrap()
    }

    #[test]
    fn a_key_is_known_again_and_nothing_else_is() {
        let NewKey { key, secret } = created(None);
        assert_eq!(secret.len(), "us_".len() + 12 + 1 + 43);
        assert_eq!(Key::id_of(&secret), Some(key.id.as_str()));
        assert!(key.matches(&secret) && key.is_valid(now()));
        let other = created(None);
        for given in ["", "us_", &secret[..secret.len() - 1], &format!("{secret}x"), &key.hash, &other.secret] {
            assert!(!key.matches(given), "{given}");
        }
    }

    #[test]
    fn what_has_not_the_form_of_a_key_has_no_id() {
        let NewKey { secret, .. } = created(None);
        for given in ["", "us_", "us__", "us_a_b", &secret[1..], &format!("{secret}x"), &secret.replace("us_", "uS_")] {
            assert_eq!(Key::id_of(given), None, "{given}");
        }
    }

    #[test]
    fn a_key_ends_when_it_expires_or_is_revoked() {
        let end = now().plus(Duration::from_mins(1));
        let mut key = created(Some(end)).key;
        assert!(key.is_valid(end.minus(Duration::from_millis(1))));
        assert!(!key.is_valid(end));
        key.revoked_at = Some(now());
        assert!(!key.is_valid(now()));
    }

    #[test]
    fn nothing_shows_the_key_or_its_hash() {
        let new = created(None);
        let shown = format!("{new:?} {:?}", new.key);
        assert!(shown.contains(&new.key.id), "{shown}");
        assert!(!shown.contains(&new.secret[16..]) && !shown.contains(&new.key.hash), "{shown}");
        assert!(!serde_json::to_string(&new.key).unwrap().contains(&new.secret[16..]));
    }

    #[test]
    fn a_key_has_a_name() {
        assert_eq!(NewKey::create("", Scope::Read, None, now()).unwrap_err(), AccessError::Name);
    }
}
