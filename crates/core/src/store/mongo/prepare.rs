//! What is created in a database, and what is done once for one that an older program wrote.

use std::time::Duration;

use futures_util::future::{try_join, try_join_all};
use mongodb::bson::{Document, doc};
use mongodb::error::{Error, ErrorKind, Result};
use mongodb::options::{IndexOptions, TimeseriesGranularity, TimeseriesOptions};
use mongodb::{Database, IndexModel};

use super::error::failed;
use super::record::NEVER;
use super::retain::{EXPIRY, drop_index};
use super::{
    CHECKS, COMMITS, EVENTS, GAPS, HEALTH, INCIDENTS, LEASES, REPORTS, ROLLUPS, SESSIONS, STATUS, TEMPLATES, query,
    reports, templates,
};
use crate::store::StoreError;

/// A collection of this name exists already.
const NAMESPACE_EXISTS: i32 = 48;

/// An index of an older program, which let a service have one change of a revision.
const ONE_OF_A_REVISION: &str = "target_1_revision_1_key_1";

/// Creates the collections and indexes that are missing, and drops what is in the way.
pub(super) async fn create(database: &Database) -> std::result::Result<(), StoreError> {
    let create = async {
        // All at once: each waits for the disk, and a fresh database has many. What is not named here comes into being
        // with its first document, or with its index.
        let plain = [STATUS, HEALTH, COMMITS, EVENTS, INCIDENTS, GAPS];
        let plain = plain.map(|name| async move { unless_it_exists(database.create_collection(name).await) });
        let checks = async { unless_it_exists(database.create_collection(CHECKS).timeseries(series()).await) };
        try_join(try_join_all(plain), checks).await?;
        let index =
            |(name, indexes)| async move { database.collection::<Document>(name).create_indexes(indexes).await };
        try_join_all(indexes().map(index)).await?;
        let events = database.collection(EVENTS);
        // Looked for first: dropping waits for each transaction, also for one that nobody will end.
        if events.list_index_names().await?.iter().any(|name| name == ONE_OF_A_REVISION) {
            drop_index(&events, ONE_OF_A_REVISION).await?;
        }
        Ok(())
    };
    create.await.map_err(|error: Error| failed("create what Unistatus keeps in it", error))
}

fn unless_it_exists(created: Result<()>) -> Result<()> {
    match created {
        Err(error) if matches!(&*error.kind, ErrorKind::Command(c) if c.code == NAMESPACE_EXISTS) => Ok(()),
        created => created,
    }
}

/// How the server packs checks: those of a target and of an hour at the most into one document.
fn series() -> TimeseriesOptions {
    TimeseriesOptions::builder()
        .time_field("at")
        .meta_field("target".to_owned())
        .granularity(TimeseriesGranularity::Seconds)
        .build()
}

fn indexes() -> [(&'static str, Vec<IndexModel>); 9] {
    let unique = |keys| {
        let options = IndexOptions::builder().unique(true).build();
        IndexModel::builder().keys(keys).options(options).build()
    };
    let index = |keys| IndexModel::builder().keys(keys).build();
    let events = vec![
        // Of a revision a service has one change that it brought, and those that were seen from it and came late.
        unique(doc! { "target": 1, "revision": 1, "key": 1, "at": 1 }),
        // A page of all, and of one target.
        index(query::order_of_events()),
        index(doc! { "target": 1, "at": -1, "revision": -1, "key": 1 }),
        // What was known in a window, of all and of one target; and which event of a service is the last one.
        index(doc! { "until": 1, "at": 1 }),
        index(doc! { "target": 1, "until": 1, "key": 1, "at": 1 }),
    ];
    let incidents = vec![unique(doc! { "target": 1, "key": 1 }), index(query::order_of_incidents())];
    let gaps = vec![index(doc! { "until": 1, "from": 1 }), index(doc! { "target": 1, "until": 1, "from": 1 })];
    let checks = vec![index(doc! { "target": 1, "at": -1 })];
    let rollups = vec![unique(doc! { "target": 1, "hour": 1 })];
    let over = IndexOptions::builder().name(EXPIRY.to_owned()).expire_after(Duration::ZERO).build();
    let over = IndexModel::builder().keys(doc! { "expiresAt": 1 }).options(over).build();
    let sessions = vec![index(doc! { "user": 1 }), over];
    [
        (EVENTS, events),
        (INCIDENTS, incidents),
        (GAPS, gaps),
        (CHECKS, checks),
        (ROLLUPS, rollups),
        (LEASES, vec![index(doc! { "holder": 1, "token": 1 })]),
        (SESSIONS, sessions),
        (TEMPLATES, vec![index(templates::order())]),
        (REPORTS, vec![index(reports::order())]),
    ]
}

/// Adds the dates that the documents of an older program lack. Another process may do the same, or commit, meanwhile.
pub(super) async fn upgrade(database: &Database) -> std::result::Result<(), StoreError> {
    let upgrade = async {
        // Asked of an index.
        let endless = database.collection::<Document>(EVENTS).find_one(doc! { "until": null }).await?;
        if endless.is_some() {
            date_incidents(database).await?;
            date_commits(database).await?;
            // Last, since it shows that all is done.
            end_events(database).await?;
        }
        Ok(())
    };
    upgrade.await.map_err(|error: Error| failed("bring what an older Unistatus wrote up to date", error))
}

/// Ends each event with the next one of its service.
async fn end_events(database: &Database) -> Result<()> {
    let following = doc! { "$setWindowFields": {
        "partitionBy": { "target": "$target", "key": "$key" },
        "sortBy": { "revision": 1 },
        "output": { "following": { "$shift": { "output": "$at", "by": 1 } } },
    } };
    let is_removal = doc! { "$eq": [{ "$ifNull": ["$to", null] }, null] };
    let until = doc! { "$cond": [is_removal, "$at", { "$ifNull": ["$following", NEVER] }] };
    // Not where a commit was faster, which knows better.
    let keep = doc! { "$set": { "until": { "$ifNull": ["$until", "$$new.until"] } } };
    let merge = doc! { "$merge": { "into": EVENTS, "whenMatched": [keep], "whenNotMatched": "discard" } };
    let stages = [following, doc! { "$match": { "until": null } }, doc! { "$project": { "until": until } }, merge];
    database.collection::<Document>(EVENTS).aggregate(stages).allow_disk_use(true).await?;
    Ok(())
}

/// Says of incidents that are over when they ended.
async fn date_incidents(database: &Database) -> Result<()> {
    let ended = doc! { "$ifNull": ["$resolvedAt", "$updatedAt", "$startedAt"] };
    let update = vec![doc! { "$set": { "endedAt": ended } }];
    let mut closed = query::closed_incidents();
    closed.insert("endedAt", doc! { "$exists": false });
    database.collection::<Document>(INCIDENTS).update_many(closed, update).await?;
    Ok(())
}

/// Lets the commits count as written now.
async fn date_commits(database: &Database) -> Result<()> {
    let update = vec![doc! { "$set": { "at": "$$NOW" } }];
    database.collection::<Document>(COMMITS).update_many(doc! { "at": { "$exists": false } }, update).await?;
    Ok(())
}
