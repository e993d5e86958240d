//! The collectors that share the targets, and who asks what. The server's clock decides who is alive.
//!
//! Whoever comes on the roll gets a number that nobody had before, and a lease names its holder by that. So a lease whose
//! holder is not on the roll will stay vacant until it is taken: nothing is written to it when its holder is struck off.
//! Whoever takes leases says of which holders: of nobody, and of those whose numbers are not on the roll any more. What
//! somebody takes at the same time has another holder by then, and is left to them, without a transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use mongodb::ClientSession;
use mongodb::bson::{Bson, Document, RawDocument, doc};
use mongodb::error::Error;
use mongodb::options::{FindOptions, ReadConcern, ReturnDocument};
use serde::Deserialize;
use tokio::time::timeout;

use super::error::{duplicates, failed, is_duplicate_key};
use super::lost::LOST;
use super::record::decode;
use super::{COLLECTORS, HEALTH, LEASES, MongoStore, Named, SETTINGS, cannot_read};
use crate::schema::Timestamp;
use crate::store::{Leases, Member, Roll, StoreError};

/// Where the last number is that was given, beside the settings: to a member of the roll, or as a token.
pub(super) const NUMBERS: &str = "leases";

/// How many leases are written at a time.
const BATCH: usize = 1000;

/// A collector, in `collectors`. When its time is over, only the server asks.
#[derive(Deserialize)]
pub(super) struct CollectorRecord {
    #[serde(rename = "_id")]
    pub(super) id: String,
    number: i64,
    load: u64,
}

/// A lease, in `leases`. Who holds it, only the server asks.
#[derive(Deserialize)]
struct LeaseRecord {
    #[serde(rename = "_id")]
    target: String,
    /// The one that was given with it last; an older program kept turns here, which have none.
    #[serde(default)]
    token: u64,
}

#[async_trait]
impl Leases for MongoStore {
    async fn report_in(&self, me: &Member, span: Duration, _: Timestamp) -> Result<Roll, StoreError> {
        let report = async {
            let was_on_it = self.prolong(me, span).await?;
            if !was_on_it {
                self.enter(me, span).await?;
            }
            let members = self.roll().await?.into_iter().map(CollectorRecord::into_member).collect();
            Ok(Roll { was_on_it, members })
        };
        self.in_time("note a collector", report).await
    }

    async fn strike_off(&self, _: Timestamp) -> Result<BTreeSet<String>, StoreError> {
        let strike = async {
            let is_over = doc! { "$expr": { "$lte": ["$until", "$$NOW"] } };
            let collectors = self.database.collection::<Named>(COLLECTORS);
            let mut struck_off = BTreeSet::new();
            while let Some(collector) = collectors.find_one_and_delete(is_over.clone()).await.map_err(cannot_write)? {
                struck_off.insert(collector.name);
            }
            Ok(struck_off)
        };
        self.in_time("strike collectors off", strike).await
    }

    async fn leave_roll(&self, id: &str) -> Result<(), StoreError> {
        let leave = async {
            let left = self.collection(COLLECTORS).delete_one(doc! { "_id": id }).await;
            left.map(drop).map_err(cannot_write)
        };
        self.in_time("strike a collector off", leave).await
    }

    async fn open_leases(&self, targets: &BTreeSet<String>) -> Result<(), StoreError> {
        let open = async {
            for some in batches(targets) {
                self.insert_leases(some).await?;
            }
            Ok(())
        };
        self.in_time("open leases", open).await
    }

    async fn vacant_leases(&self) -> Result<BTreeSet<String>, StoreError> {
        let list = async {
            let vacant = doc! { "holder": { "$in": self.former_holders().await? } };
            self.targets_of_leases(vacant).await
        };
        self.in_time("list the vacant leases", list).await
    }

    async fn left_leases(&self, id: &str) -> Result<BTreeSet<String>, StoreError> {
        let list = async {
            let left = doc! { "holder": { "$in": self.former_holders().await? }, "takenBy": id };
            self.targets_of_leases(left).await
        };
        self.in_time("list the leases that a collector left", list).await
    }

    async fn take_leases(&self, holder: &str, targets: &BTreeSet<String>) -> Result<BTreeMap<String, u64>, StoreError> {
        self.in_time("take leases", self.take(holder, targets)).await
    }

    async fn held_leases(&self, holder: &str) -> Result<BTreeMap<String, u64>, StoreError> {
        let list = async {
            let Some(number) = self.number_of(holder).await? else { return Ok(BTreeMap::new()) };
            self.find_leases(doc! { "holder": number }).await
        };
        self.in_time("list the leases of a collector", list).await
    }

    async fn give_up_leases(&self, holder: &str, targets: &BTreeSet<String>) -> Result<(), StoreError> {
        let give_up = async {
            let Some(number) = self.number_of(holder).await? else { return Ok(()) };
            for some in batches(targets) {
                let held = doc! { "_id": { "$in": some }, "holder": number };
                self.update_patiently(LEASES, held, doc! { "$set": { "holder": null } }).await?;
            }
            Ok(())
        };
        self.in_time("give leases up", give_up).await
    }

    async fn close_lease(&self, holder: &str, target: &str) -> Result<(), StoreError> {
        let close = async {
            let Some(number) = self.number_of(holder).await? else { return Ok(()) };
            let closed = self.collection(LEASES).delete_one(doc! { "_id": target, "holder": number }).await;
            closed.map(drop).map_err(cannot_write)
        };
        self.in_time("close a lease", close).await
    }
}

impl MongoStore {
    /// The token of whoever took the lease of a target last; 0 if nobody did.
    pub(super) async fn last_token(&self, target: &str) -> Result<u64, StoreError> {
        let lease = self.find_leases(doc! { "_id": target }).await?;
        Ok(lease.into_values().next().unwrap_or_default())
    }

    /// The same inside the transaction of the target's first commit. That is written into the lease, so that whoever takes
    /// it at the same time does so before the commit or after it.
    pub(super) async fn last_token_at_first(
        &self,
        session: &mut ClientSession,
        target: &str,
        commit: &str,
    ) -> Result<i64, Error> {
        let leases = self.database.collection::<Document>(LEASES);
        let note = doc! { "$set": { "firstCommit": commit } };
        let lease = leases.find_one_and_update(doc! { "_id": target }, note).session(session).await?;
        Ok(lease.and_then(|lease| lease.get_i64("token").ok()).unwrap_or_default())
    }

    /// Lets a member of the roll live on; `false` if the collector is none.
    async fn prolong(&self, me: &Member, span: Duration) -> Result<bool, StoreError> {
        let updated = self.collection(COLLECTORS).update_one(doc! { "_id": &me.id }, vec![alive(me, span)]).await;
        updated.map(|updated| updated.matched_count == 1).map_err(cannot_write)
    }

    /// Puts a collector on the roll.
    async fn enter(&self, me: &Member, span: Duration) -> Result<(), StoreError> {
        // Not where it came meanwhile: an earlier report of its own may have been slow.
        let number = doc! { "$set": { "number": { "$ifNull": ["$number", self.next_number().await?] } } };
        let collectors = self.collection(COLLECTORS);
        let entered = collectors.update_one(doc! { "_id": &me.id }, vec![number, alive(me, span)]).upsert(true).await;
        entered.map(drop).map_err(cannot_write)
    }

    /// Everybody on the roll, by id.
    async fn roll(&self) -> Result<Vec<CollectorRecord>, StoreError> {
        let by_id = FindOptions::builder().sort(doc! { "_id": 1 }).build();
        self.find_each(COLLECTORS, doc! {}, by_id, collector).await
    }

    /// The number of a collector on the roll.
    async fn number_of(&self, id: &str) -> Result<Option<i64>, StoreError> {
        Ok(self.find_by_id(COLLECTORS, id, collector).await?.map(|collector| collector.number))
    }

    /// A number that was never given before.
    async fn next_number(&self) -> Result<i64, StoreError> {
        let numbers = self.database.collection::<Document>(SETTINGS);
        let next = loop {
            let next = numbers.find_one_and_update(doc! { "_id": NUMBERS }, doc! { "$inc": { "value": 1_i64 } });
            match next.upsert(true).return_document(ReturnDocument::After).await {
                // Somebody was faster with the first one of all.
                Err(error) if is_duplicate_key(&error) => {}
                next => break next.map_err(cannot_write)?,
            }
        };
        let number = next.and_then(|next| next.get_i64("value").ok());
        number.ok_or_else(|| StoreError::corrupt("the last number of a lease", "it is none"))
    }

    /// Whom vacant leases name as their holders: nobody, or those who were on the roll and never will be again.
    async fn former_holders(&self) -> Result<Vec<Bson>, StoreError> {
        let leases = self.collection(LEASES);
        let named = leases.distinct("holder", doc! {}).read_concern(ReadConcern::majority()).await;
        let mut former = named.map_err(cannot_read)?;
        // Read after the leases: whoever is named there and not on the roll now is off it, not about to come.
        let members: BTreeSet<i64> = self.roll().await?.into_iter().map(|member| member.number).collect();
        former.retain(|holder| holder.as_i64().is_none_or(|number| !members.contains(&number)));
        // Also where none names it.
        former.push(Bson::Null);
        Ok(former)
    }

    async fn targets_of_leases(&self, filter: Document) -> Result<BTreeSet<String>, StoreError> {
        let leases = self.database.collection::<Named>(LEASES);
        let listed = leases.find(filter).projection(doc! { "_id": 1 }).read_concern(ReadConcern::majority()).await;
        listed.map_err(cannot_read)?.map_ok(|lease| lease.name).try_collect().await.map_err(cannot_read)
    }

    async fn find_leases(&self, filter: Document) -> Result<BTreeMap<String, u64>, StoreError> {
        let found = self.find_each(LEASES, filter, FindOptions::default(), lease).await?;
        Ok(found.into_iter().map(|LeaseRecord { target, token }| (target, token)).collect())
    }

    /// Makes leases where there are none.
    async fn insert_leases(&self, targets: Vec<&str>) -> Result<(), StoreError> {
        let there = self.find_leases(doc! { "_id": { "$in": &targets } }).await?;
        let missing = targets.into_iter().filter(|&target| !there.contains_key(target));
        let missing: Vec<_> = missing.map(|target| doc! { "_id": target, "holder": null, "token": 0_i64 }).collect();
        if missing.is_empty() {
            return Ok(());
        }
        match self.database.collection::<Document>(LEASES).insert_many(missing).ordered(false).await {
            // Somebody was faster with some.
            Err(error) if duplicates(&error).is_some() => Ok(()),
            inserted => inserted.map(drop).map_err(cannot_write),
        }
    }

    async fn take(&self, holder: &str, targets: &BTreeSet<String>) -> Result<BTreeMap<String, u64>, StoreError> {
        let Some(number) = self.number_of(holder).await? else { return Ok(BTreeMap::new()) };
        let mut holders = self.former_holders().await?;
        holders.push(number.into());
        let token = self.next_number().await?;
        for some in batches(targets) {
            let free = doc! { "_id": { "$in": some }, "holder": { "$in": &holders } };
            let take = doc! { "$set": { "holder": number, "takenBy": holder, "token": token } };
            self.update_patiently(LEASES, free, take).await?;
        }
        let got = self.find_leases(doc! { "holder": number, "token": token }).await?;
        for some in batches(got.keys()) {
            // Where a target has no document yet, its first commit brings the fence.
            let fence = doc! { "$max": { "fence": token } };
            self.update_patiently(HEALTH, doc! { "_id": { "$in": some } }, fence).await?;
        }
        Ok(got)
    }

    /// Updates documents that a transaction may be writing to, also one that nobody will end.
    async fn update_patiently(
        &self,
        collection: &'static str,
        filter: Document,
        update: Document,
    ) -> Result<(), StoreError> {
        let collection = self.collection(collection);
        loop {
            let updated = collection.update_many(filter.clone(), update.clone());
            match timeout(LOST, updated).await {
                Ok(updated) => return updated.map(drop).map_err(cannot_write),
                // Where that is not allowed, the server does it, later.
                Err(_) => drop(self.end_lost_transactions().await),
            }
        }
    }
}

/// The update that says of a collector that it lives for a span from now on.
fn alive(me: &Member, span: Duration) -> Document {
    let load = i64::try_from(me.load).unwrap_or(i64::MAX);
    let span_ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    doc! { "$set": { "load": load, "until": { "$add": ["$$NOW", span_ms] } } }
}

/// The targets, so many at a time as one question takes.
fn batches<'a>(targets: impl IntoIterator<Item = &'a String>) -> Vec<Vec<&'a str>> {
    let targets: Vec<_> = targets.into_iter().map(String::as_str).collect();
    targets.chunks(BATCH).map(<[_]>::to_vec).collect()
}

fn cannot_write(error: Error) -> StoreError {
    failed("write who asks what", error)
}

/// The collector of a document.
pub(super) fn collector(document: &RawDocument) -> Result<CollectorRecord, StoreError> {
    decode(COLLECTORS, document)
}

fn lease(document: &RawDocument) -> Result<LeaseRecord, StoreError> {
    decode(LEASES, document)
}

impl CollectorRecord {
    fn into_member(self) -> Member {
        Member { id: self.id, load: self.load }
    }
}
