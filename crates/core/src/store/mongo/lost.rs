//! Transactions that nobody will end, since their process was killed in the middle of a commit.
//!
//! Until the server ends one by itself, a minute later, nobody can write what it has written.

use std::time::Duration;

use futures_util::TryStreamExt;
use mongodb::bson::{Bson, doc};
use mongodb::error::Error;

use super::MongoStore;

/// A commit takes milliseconds: a transaction that has not got on for so long is lost, and who waits for one for so
/// long may look for it.
pub(super) const LOST: Duration = Duration::from_secs(2);

impl MongoStore {
    /// Ends the lost transactions of this program and this user. Whoever is alive after all, and merely slow, is told
    /// so and begins anew.
    ///
    /// # Errors
    /// That of the driver; a server may not allow it.
    pub(super) async fn end_lost_transactions(&self) -> Result<(), Error> {
        let admin = self.client.database("admin");
        let idle = doc! { "$currentOp": { "allUsers": false, "idleSessions": true } };
        let micros = i64::try_from(LOST.as_micros()).unwrap_or(i64::MAX);
        let lost = doc! { "$match": {
            "type": "idleSession",
            "appName": &self.app_name,
            "transaction.timeInactiveMicros": { "$gte": micros },
        } };
        let found = admin.aggregate([idle, lost]).await?.try_collect::<Vec<_>>().await?;
        let ids = found.iter().filter_map(|session| session.get_document("lsid").ok()?.get("id").cloned());
        let sessions: Vec<Bson> = ids.map(|id| doc! { "id": id }.into()).collect();
        if !sessions.is_empty() {
            tracing::info!(transactions = sessions.len(), "ending what a killed process was writing");
            admin.run_command(doc! { "killSessions": sessions }).await?;
        }
        Ok(())
    }
}
