//! What another service answered, kept as it came.

use bytes::Bytes;

use super::{ByAge, StoreError};
use crate::schema::Timestamp;

/// An answer that was kept. It never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Identifies it.
    pub id: String,
    /// When it was kept.
    pub created_at: Timestamp,
    /// What was asked, in the words of whoever asked.
    pub query: String,
    /// The answer, byte for byte.
    pub body: Bytes,
}

/// What is known of a report without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportSummary {
    /// Identifies it.
    pub id: String,
    /// When it was kept.
    pub created_at: Timestamp,
    /// What was asked.
    pub query: String,
    /// How many bytes the answer has.
    pub size: u64,
}

impl Report {
    /// How many bytes a body may have. MongoDB takes 16 MiB for a document, and a report is held in memory as a whole.
    pub const MAX_BODY: usize = 8 * 1024 * 1024;

    /// Refuses what a store cannot keep.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        if self.body.len() <= Self::MAX_BODY {
            return Ok(());
        }
        Err(StoreError::TooLarge { what: format!("report {}", self.id), most: Self::MAX_BODY })
    }

    /// What is known of it without its body.
    pub fn summary(&self) -> ReportSummary {
        let Self { id, created_at, query, body } = self;
        let size = u64::try_from(body.len()).unwrap_or(u64::MAX);
        ReportSummary { id: id.clone(), created_at: *created_at, query: query.clone(), size }
    }
}

impl ReportSummary {
    /// Where it stands in the list of all.
    pub fn place(&self) -> ByAge {
        ByAge { created_at: self.created_at, id: self.id.clone() }
    }
}
