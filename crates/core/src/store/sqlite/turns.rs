//! Who has the right to ask a target just now.

use std::time::Duration;

use async_trait::async_trait;

use super::SqliteStore;
use crate::schema::Timestamp;
use crate::store::{StoreError, Turns};

/// Whoever writes comes after whoever wrote before: one of two finds the other's turn.
const TAKE: &str = "INSERT INTO turns (target, holder, until) VALUES (?1, ?2, ?3)
     ON CONFLICT (target) DO UPDATE SET holder = ?2, until = ?3 WHERE holder = ?2 OR until <= ?4";

#[async_trait]
impl Turns for SqliteStore {
    async fn take_turn(&self, target: &str, holder: &str, span: Duration, now: Timestamp) -> Result<bool, StoreError> {
        let (target, holder) = (target.to_owned(), holder.to_owned());
        self.execute(TAKE, (target, holder, now.plus(span).as_millis(), now.as_millis())).await
    }

    async fn end_turn(&self, target: &str, holder: &str) -> Result<(), StoreError> {
        let end = "DELETE FROM turns WHERE target = ? AND holder = ?";
        self.execute(end, (target.to_owned(), holder.to_owned())).await.map(drop)
    }
}
