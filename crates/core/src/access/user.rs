//! Users.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AccessError, Key, Scope, check_name, password};
use crate::schema::Timestamp;

/// Somebody who logs in with a password, as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The name to log in with.
    pub name: String,
    /// What they may do.
    pub scope: Scope,
    /// The password's hash, in the PHC string format of argon2id.
    pub password: String,
    /// When they were added.
    pub created_at: Timestamp,
}

impl User {
    /// Somebody with this password. Hashing it takes some ten milliseconds of a core.
    ///
    /// # Errors
    /// [`AccessError`] for a name or a password that is none.
    pub fn create(name: &str, password: &str, scope: Scope, now: Timestamp) -> Result<Self, AccessError> {
        check_name(name)?;
        Ok(Self { name: name.to_owned(), scope, password: password::hash(password)?, created_at: now })
    }

    /// What is kept of a password. As slow as [`User::create`].
    ///
    /// # Errors
    /// [`AccessError::Password`] for one that is none.
    pub fn hash(password: &str) -> Result<String, AccessError> {
        password::hash(password)
    }

    /// Whether this is the password of this user. Where there is no such user it is not, and that takes as long: time
    /// shall not tell who is known. As slow as [`User::create`].
    pub fn accepts(user: Option<&Self>, password: &str) -> bool {
        password::matches(password, user.map(|user| user.password.as_str()))
    }
}

/// Whether somebody is left who may give access: a user, or a key that lasts. One that ends is nothing to rely on.
pub fn is_admin_left<'a>(users: impl IntoIterator<Item = &'a User>, keys: &[Key], now: Timestamp) -> bool {
    users.into_iter().any(|user| user.scope == Scope::Admin)
        || keys.iter().any(|key| key.scope == Scope::Admin && key.expires_at.is_none() && key.is_valid(now))
}

/// Does not show the hash.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("name", &self.name).field("scope", &self.scope).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_a_password_that_is_shown_nowhere() {
        let now = Timestamp::from_secs(1).unwrap();
        let user = User::create("ann", "correct horse", Scope::Admin, now).unwrap();
        assert!(User::accepts(Some(&user), "correct horse"));
        assert!(!User::accepts(Some(&user), "wrong horse") && !User::accepts(None, "correct horse"));
        assert_eq!(format!("{user:?}"), r#"User { name: "ann", scope: Admin, .. }"#);
        let changed = User { password: User::hash("battery staple").unwrap(), ..user };
        assert!(User::accepts(Some(&changed), "battery staple") && !User::accepts(Some(&changed), "correct horse"));
        assert_eq!(User::hash("short").unwrap_err(), AccessError::Password);
        assert_eq!(User::create("", "correct horse", Scope::Read, now).unwrap_err(), AccessError::Name);
    }
}
