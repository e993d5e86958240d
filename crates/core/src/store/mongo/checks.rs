//! What probes measured: a time series of each. What names the probe is called `target` there.
//!
//! A time series has no unique index, so a check that is recorded twice is there twice, and whoever reads tells it once.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use mongodb::bson::{Document, RawDocument, doc};
use mongodb::options::{FindOptions, ReadConcern};
use serde::{Deserialize, Serialize};

use super::error::{failed, is_duplicate_key};
use super::record::{date, date_of, decode};
use super::{CHECKS, MongoStore, ROLLUPS, retain};
use crate::schema::{Check, ProbeId, Status, Timestamp};
use crate::store::{CheckQuery, Checks, Retention, Rollup, StoreError, latency};

/// How many roll-ups are on their way at a time.
const AT_A_TIME: usize = 16;

/// A check, in `checks`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CheckRecord {
    #[serde(rename = "target")]
    probe: ProbeId,
    #[serde(with = "date")]
    at: Timestamp,
    status: Status,
    latency_micros: Option<i64>,
    sent: u16,
    lost: u16,
}

/// A roll-up, in `rollups`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RollupRecord {
    #[serde(rename = "target")]
    probe: ProbeId,
    #[serde(with = "date")]
    hour: Timestamp,
    checks: u32,
    outages: u32,
    sent: u32,
    lost: u32,
    latency_micros: i64,
    /// The names of fields are texts.
    classes: BTreeMap<String, u32>,
}

#[async_trait]
impl Checks for MongoStore {
    async fn record(&self, checks: &[Check]) -> Result<(), StoreError> {
        if checks.is_empty() {
            return Ok(());
        }
        self.in_time("write checks", self.insert_checks(checks.iter())).await
    }

    async fn record_again(&self, checks: &[Check]) -> Result<(), StoreError> {
        let Some(last) = checks.last() else { return Ok(()) };
        let insert = async {
            let arrived = self.arrived(checks).await?;
            let is_missing = |check: &&Check| !arrived.contains(&(check.probe.clone(), check.at));
            // The last one in any case: once the majority has it, the majority has all that was written before.
            let missing = checks.iter().filter(is_missing).filter(|check| *check != last);
            self.insert_checks(missing.chain([last])).await
        };
        self.in_time("write checks", insert).await
    }

    async fn checks(&self, query: &CheckQuery) -> Result<Vec<Check>, StoreError> {
        self.in_time("find checks", self.page_of_checks(query)).await
    }

    async fn put_rollups(&self, rollups: &[Rollup]) -> Result<(), StoreError> {
        let put = |rollup: Rollup| self.in_time("write a roll-up", self.put_rollup(rollup));
        stream::iter(rollups.to_vec()).map(put).buffer_unordered(AT_A_TIME).try_collect().await
    }

    async fn rollups(&self, probe: &ProbeId, from: Timestamp, until: Timestamp) -> Result<Vec<Rollup>, StoreError> {
        let filter = doc! { "target": probe.as_str(), "hour": { "$gte": date_of(from), "$lt": date_of(until) } };
        let oldest_first = FindOptions::builder().sort(doc! { "hour": 1 }).build();
        self.in_time("find roll-ups", self.find_each(ROLLUPS, filter, oldest_first, rollup)).await
    }

    async fn last_rollup(&self, probe: &ProbeId) -> Result<Option<Timestamp>, StoreError> {
        let last = FindOptions::builder().sort(doc! { "hour": -1 }).limit(1).build();
        let find = self.find_each(ROLLUPS, doc! { "target": probe.as_str() }, last, rollup);
        let found = self.in_time("find the last roll-up", find).await?;
        Ok(found.into_iter().next().map(|rollup| rollup.hour))
    }

    /// The server goes by its own clock, and forgets checks by the hour.
    async fn retain_checks(&self, checks: Retention, rollups: Retention, _: Timestamp) -> Result<(), StoreError> {
        let set = async {
            let set = retain::retain_checks(&self.database, checks, rollups).await;
            set.map_err(|error| failed("let checks expire", error))
        };
        self.in_time("let checks expire", set).await?;
        self.in_time("delete what is left of removed servers", self.end_removals()).await
    }
}

impl MongoStore {
    /// Adds checks, whether or not they are there.
    pub(super) async fn insert_checks(&self, checks: impl Iterator<Item = &Check>) -> Result<(), StoreError> {
        let inserted = self.database.collection(CHECKS).insert_many(checks.map(CheckRecord::of)).ordered(false).await;
        inserted.map(drop).map_err(|error| failed("write checks", error))
    }

    /// Which checks of these the server has, whether or not the majority has them, too.
    async fn arrived(&self, checks: &[Check]) -> Result<HashSet<(ProbeId, Timestamp)>, StoreError> {
        let what = |error| failed("find checks", error);
        let probes: BTreeSet<&str> = checks.iter().map(|check| check.probe.as_str()).collect();
        let times = || checks.iter().map(|check| check.at);
        let (Some(first), Some(last)) = (times().min(), times().max()) else { return Ok(HashSet::new()) };
        let filter = doc! {
            "target": { "$in": Vec::from_iter(probes) },
            "at": { "$gte": date_of(first), "$lte": date_of(last) },
        };
        let written = self.database.collection::<CheckRecord>(CHECKS);
        let found = written.find(filter).read_concern(ReadConcern::local());
        found.await.map_err(what)?.map_ok(|check| (check.probe, check.at)).try_collect().await.map_err(what)
    }

    /// The checks that a query asks for. Asks again for what doubles have taken the place of.
    async fn page_of_checks(&self, query: &CheckQuery) -> Result<Vec<Check>, StoreError> {
        let mut found: Vec<Check> = Vec::new();
        let mut until = query.until;
        loop {
            let missing = query.limit.map(|limit| i64::from(limit).saturating_sub_unsigned(found.len() as u64));
            if missing == Some(0) {
                return Ok(found);
            }
            let options = FindOptions::builder().sort(doc! { "at": -1 }).limit(missing).build();
            let page = self.find_each(CHECKS, about_checks(query, until), options, check).await?;
            let is_last = missing.is_none_or(|missing| (page.len() as u64) < missing.unsigned_abs());
            found.extend(page);
            found.dedup_by_key(|check| check.at);
            if is_last {
                return Ok(found);
            }
            // Whatever else is of this instant is a double.
            until = found.last().map(|check| check.at);
        }
    }

    async fn put_rollup(&self, rollup: Rollup) -> Result<(), StoreError> {
        let record = RollupRecord::of(rollup);
        let collection = self.database.collection::<RollupRecord>(ROLLUPS);
        loop {
            let id = doc! { "target": record.probe.as_str(), "hour": date_of(record.hour) };
            match collection.replace_one(id, &record).upsert(true).await {
                // Somebody writes the same one for the first time, too.
                Err(error) if is_duplicate_key(&error) => {}
                put => return put.map(drop).map_err(|error| failed("write a roll-up", error)),
            }
        }
    }

    /// Deletes all checks and roll-ups of a probe.
    pub(super) async fn delete_measurements(&self, probe: &ProbeId) -> Result<(), StoreError> {
        for collection in [CHECKS, ROLLUPS] {
            let deleted = self.collection(collection).delete_many(doc! { "target": probe.as_str() }).await;
            deleted.map_err(|error| failed("delete what probes measured", error))?;
        }
        Ok(())
    }
}

fn about_checks(query: &CheckQuery, until: Option<Timestamp>) -> Document {
    let mut at = Document::new();
    if let Some(from) = query.from {
        at.insert("$gte", date_of(from));
    }
    if let Some(until) = until {
        at.insert("$lt", date_of(until));
    }
    let mut filter = doc! { "target": query.probe.as_str() };
    if !at.is_empty() {
        filter.insert("at", at);
    }
    filter
}

/// The check of a document.
pub(super) fn check(document: &RawDocument) -> Result<Check, StoreError> {
    let record: CheckRecord = decode(CHECKS, document)?;
    let CheckRecord { probe, at, status, latency_micros, sent, lost } = record;
    let what = || format!("the check of {probe} at {at}");
    let latency = latency_micros.map(|micros| latency::from_micros(micros, &what)).transpose()?;
    Ok(Check { probe, at, status, latency, sent, lost })
}

/// The roll-up of a document.
pub(super) fn rollup(document: &RawDocument) -> Result<Rollup, StoreError> {
    let record: RollupRecord = decode(ROLLUPS, document)?;
    let RollupRecord { probe, hour, checks, outages, sent, lost, latency_micros, classes } = record;
    let what = || format!("the roll-up of {probe} at {hour}");
    let latency = latency::from_micros(latency_micros, &what)?;
    let class = |(name, count): (String, u32)| match name.parse() {
        Ok(class) => Ok((class, count)),
        Err(error) => Err(StoreError::corrupt(what(), error)),
    };
    let classes = classes.into_iter().map(class).collect::<Result<_, _>>()?;
    Ok(Rollup { probe, hour, checks, outages, sent, lost, latency, classes })
}

impl CheckRecord {
    fn of(check: &Check) -> Self {
        Self {
            probe: check.probe.clone(),
            at: check.at,
            status: check.status,
            latency_micros: check.latency.map(latency::to_micros),
            sent: check.sent,
            lost: check.lost,
        }
    }
}

impl RollupRecord {
    pub(super) fn of(rollup: Rollup) -> Self {
        let Rollup { probe, hour, checks, outages, sent, lost, latency, classes } = rollup;
        let classes = classes.into_iter().map(|(class, count)| (class.to_string(), count)).collect();
        Self { probe, hour, checks, outages, sent, lost, latency_micros: latency::to_micros(latency), classes }
    }
}
