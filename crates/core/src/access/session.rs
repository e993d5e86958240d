//! Sessions.

use serde::{Deserialize, Serialize};

use super::{AccessError, new_id};
use crate::schema::Timestamp;

/// A login that goes on. What a client holds is a signed token that names it; a session that is gone makes that worthless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// A UUID.
    pub id: String,
    /// The name of the user.
    pub user: String,
    /// From when on it is over.
    pub expires_at: Timestamp,
}

impl Session {
    /// A session of a user that begins.
    ///
    /// # Errors
    /// [`AccessError::Random`] where the system has no random numbers.
    pub fn begin(user: &str, expires_at: Timestamp) -> Result<Self, AccessError> {
        Ok(Self { id: new_id()?, user: user.to_owned(), expires_at })
    }

    /// Whether it still goes on at an instant.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_session_has_an_id_of_its_own_and_an_end() {
        let [now, end] = [1, 2].map(|secs| Timestamp::from_secs(secs).unwrap());
        let (one, two) = (Session::begin("ann", end).unwrap(), Session::begin("ann", end).unwrap());
        assert_ne!(one.id, two.id);
        assert_eq!(Uuid::parse_str(&one.id).unwrap().get_version_num(), 4);
        assert_eq!([one.is_valid(now), one.is_valid(end)], [true, false]);
    }
}
