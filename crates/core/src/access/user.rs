//! Users.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AccessError, Scope, check_name, password};
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

    /// The same with another password. As slow as [`User::create`].
    ///
    /// # Errors
    /// [`AccessError::Password`] for one that is none.
    pub fn with_password(self, password: &str) -> Result<Self, AccessError> {
        Ok(Self { password: password::hash(password)?, ..self })
    }

    /// Whether this is the password of this user. Where there is no such user it is not, and that takes as long: time
    /// shall not tell who is known. As slow as [`User::create`].
    pub fn accepts(user: Option<&Self>, password: &str) -> bool {
        password::matches(password, user.map(|user| user.password.as_str()))
    }
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
        let changed = user.with_password("battery staple").unwrap();
        assert!(User::accepts(Some(&changed), "battery staple") && !User::accepts(Some(&changed), "correct horse"));
        assert_eq!(changed.with_password("short").unwrap_err(), AccessError::Password);
        assert_eq!(User::create("", "correct horse", Scope::Read, now).unwrap_err(), AccessError::Name);
    }
}
