//! For how long the past is kept: the server forgets by itself, by an index on the date when something ended.

use std::time::Duration;

use futures_util::TryStreamExt;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::{Error, ErrorKind, Result};
use mongodb::options::IndexOptions;
use mongodb::{Collection, Database, IndexModel};

use super::{CHECKS, COMMITS, EVENTS, GAPS, INCIDENTS, ROLLUPS};
use crate::store::Retention;

/// The dates that the server goes by. An event that no other has followed ends in the far future, and an incident that
/// goes on has no end: both stay.
const DATES: [(&str, &str); 4] = [(EVENTS, "until"), (INCIDENTS, "endedAt"), (GAPS, "until"), (COMMITS, "at")];
/// The name of the index in each collection.
pub(super) const EXPIRY: &str = "expiry";
/// A writer that does not know whether a commit arrived may send it again for so long.
const LEAST: Duration = Duration::from_hours(30 * 24);
/// Checks that are kept for longer are kept for ever: the server refuses what would reach back before its epoch.
const LONGEST: Duration = Duration::from_hours(50 * 365 * 24);

/// There is an index of this name with another span.
const OTHER_OPTIONS: [i32; 2] = [85, 86];
/// There is no such index.
const NO_INDEX: i32 = 27;

/// Tells the server for how long the past is kept.
pub(super) async fn retain(database: &Database, retention: Retention) -> Result<()> {
    for (name, date) in DATES {
        let collection = database.collection(name);
        match retention {
            Retention::Forever => drop_expiry(&collection).await?,
            Retention::For(span) if name == COMMITS => expire(&collection, date, span.max(LEAST)).await?,
            Retention::For(span) => expire(&collection, date, span).await?,
        }
    }
    Ok(())
}

/// Tells the server for how long checks and roll-ups are kept.
pub(super) async fn retain_checks(database: &Database, checks: Retention, rollups: Retention) -> Result<()> {
    expire_checks(database, checks).await?;
    let collection = database.collection(ROLLUPS);
    match rollups {
        Retention::Forever => drop_expiry(&collection).await,
        Retention::For(span) => expire(&collection, "hour", span).await,
    }
}

/// Lets checks expire. That is no index but a property of the collection, which is set only where it is another one.
async fn expire_checks(database: &Database, retention: Retention) -> Result<()> {
    let span = match retention {
        Retention::For(span) if span <= LONGEST => Some(whole_seconds(span)),
        _ => None,
    };
    let mut found = database.list_collections().filter(doc! { "name": CHECKS }).await?;
    if let Some(found) = found.try_next().await?
        && found.options.expire_after_seconds == span
    {
        return Ok(());
    }
    let seconds = match span {
        Some(span) => Bson::from(i64::try_from(span.as_secs()).unwrap_or(i64::MAX)),
        None => Bson::from("off"),
    };
    let set = doc! { "collMod": CHECKS, "expireAfterSeconds": seconds, "writeConcern": { "w": "majority" } };
    database.run_command(set).await.map(drop)
}

/// Lets documents expire so long after a date. Where they do so already nothing happens.
async fn expire(collection: &Collection<Document>, date: &str, span: Duration) -> Result<()> {
    let options = IndexOptions::builder().name(EXPIRY.to_owned()).expire_after(whole_seconds(span)).build();
    let index = IndexModel::builder().keys(doc! { date: 1 }).options(options).build();
    match collection.create_index(index.clone()).await {
        // Made anew, since whoever may create indexes and drop them need not be allowed to change one.
        Err(error) if refusal(&error).is_some_and(|code| OTHER_OPTIONS.contains(&code)) => {
            drop_expiry(collection).await?;
            collection.create_index(index).await?;
        }
        created => {
            created?;
        }
    }
    Ok(())
}

/// The span as the server counts: in whole seconds, and no more than it has bits for.
fn whole_seconds(span: Duration) -> Duration {
    let seconds = span.as_secs().saturating_add(u64::from(span.subsec_nanos() > 0));
    Duration::from_secs(seconds.min(u64::from(i32::MAX.unsigned_abs())))
}

async fn drop_expiry(collection: &Collection<Document>) -> Result<()> {
    drop_index(collection, EXPIRY).await
}

/// Drops an index, if there is one of that name.
pub(super) async fn drop_index(collection: &Collection<Document>, name: &str) -> Result<()> {
    match collection.drop_index(name).await {
        Err(error) if refusal(&error) == Some(NO_INDEX) => Ok(()),
        dropped => dropped,
    }
}

/// The code with which the server refuses a command.
fn refusal(error: &Error) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Command(refusal) => Some(refusal.code),
        _ => None,
    }
}
