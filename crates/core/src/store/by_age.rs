//! The order of lists that go by age.

use crate::schema::Timestamp;

/// What identifies something in a list that is ordered by age, and where it stands there: by when it came to be, then by
/// its id (bytewise).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByAge {
    /// When it came to be.
    pub created_at: Timestamp,
    /// Its id.
    pub id: String,
}
