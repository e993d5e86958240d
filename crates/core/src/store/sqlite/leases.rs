//! Who has the right to ask a target just now.

use std::time::Duration;

use async_trait::async_trait;

use super::SqliteStore;
use crate::schema::Timestamp;
use crate::store::{Leases, StoreError};

/// Whoever writes comes after whoever wrote before: one of two finds the other's lease.
const TAKE: &str = "INSERT INTO leases (target, holder, until) VALUES (?1, ?2, ?3)
     ON CONFLICT (target) DO UPDATE SET holder = ?2, until = ?3 WHERE holder = ?2 OR until <= ?4";

#[async_trait]
impl Leases for SqliteStore {
    async fn take_lease(&self, target: &str, holder: &str, span: Duration, now: Timestamp) -> Result<bool, StoreError> {
        let (target, holder) = (target.to_owned(), holder.to_owned());
        self.execute(TAKE, (target, holder, now.plus(span).as_millis(), now.as_millis())).await
    }

    async fn end_lease(&self, target: &str, holder: &str) -> Result<(), StoreError> {
        let end = "DELETE FROM leases WHERE target = ? AND holder = ?";
        self.execute(end, (target.to_owned(), holder.to_owned())).await.map(drop)
    }
}
